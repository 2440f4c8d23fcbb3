package dev.hark.app.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who makes tokens, and what its tokens let do.
 *
 * @param name       by which the log knows it
 * @param issuer     the {@code iss} of its tokens, compared exactly
 * @param audience   what their {@code aud} must contain
 * @param algorithms what it signs with (RFC 7518, section 3.1); nothing else is tried
 * @param keys       where its keys are
 * @param claim      the name of the claim with the rights of one token
 * @param publish    what all of its tokens let publish to
 * @param subscribe  what all of its tokens let subscribe to
 */
public record IssuerSettings(
        String name,
        String issuer,
        String audience,
        List<String> algorithms,
        Keys keys,
        String claim,
        List<FilterTemplate> publish,
        List<FilterTemplate> subscribe) {
    /** What tokens may be signed with here. */
    public static final List<String> ALGORITHMS = List.of(
            "ES256", "ES384", "ES512", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "HS256", "HS384", "HS512");

    /** Where the keys of an issuer are: at an address, or in a file. */
    public record Keys(Optional<URI> jwks, Optional<Path> file) {}

    /** @throws ConfigException if the address of its keys and its algorithms do not fit */
    public IssuerSettings {
        algorithms = List.copyOf(algorithms);
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
        if (algorithms.isEmpty()) {
            throw new ConfigException("auth.issuers has no algorithms for '" + name + "'; name what it signs with, such as [ES256]");
        }
        if (keys.jwks().isPresent() == keys.file().isPresent()) {
            throw new ConfigException("auth.issuers needs either jwks or key-file for '" + name + "'");
        }
        if (keys.jwks().isPresent() && algorithms.stream().anyMatch(IssuerSettings::isSecret)) {
            throw new ConfigException("auth.issuers has " + algorithms + " for '" + name + "', whose keys everybody can fetch:"
                    + " what HS algorithms sign with is a secret, and stands in a key-file");
        }
        if (algorithms.stream().map(IssuerSettings::isSecret).distinct().count() > 1) {
            throw new ConfigException("auth.issuers has " + algorithms + " for '" + name + "': a secret and public keys do not mix");
        }
    }

    private static boolean isSecret(String algorithm) {
        return algorithm.startsWith("HS");
    }

    /** Whether it shares a secret with the hub. */
    public boolean hasSecret() {
        return isSecret(algorithms.getFirst());
    }
}
