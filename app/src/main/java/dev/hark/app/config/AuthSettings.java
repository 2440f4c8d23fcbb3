package dev.hark.app.config;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Who may use the hub.
 *
 * @param open       whether everybody may do everything
 * @param anonymous  what a caller without credentials may do
 * @param issuers    who makes tokens
 * @param keys       of services
 * @param cookie     the name of the cookie that may hold a token of who subscribes; empty where none does
 * @param queryToken whether {@code ?access_token=} may hold a token of who subscribes
 * @param ticketAge  how long a ticket can be used
 * @param tokenAge   how long a token can be used at most, however late it says that it expires
 */
public record AuthSettings(
        boolean open,
        Rights anonymous,
        List<IssuerSettings> issuers,
        List<KeySettings> keys,
        String cookie,
        boolean queryToken,
        Duration ticketAge,
        Duration tokenAge) {
    /** Nothing is said. */
    public static final AuthSettings NONE =
            new AuthSettings(false, Rights.NONE, List.of(), List.of(), "", false, Duration.ofMinutes(1), Duration.ofDays(366));

    public AuthSettings {
        issuers = List.copyOf(issuers);
        keys = List.copyOf(keys);
    }

    /** @throws ConfigException if two issuers or keys cannot be told apart */
    void requireDistinct() {
        Set<String> names = new HashSet<>();
        Set<String> issued = new HashSet<>();
        for (IssuerSettings issuer : issuers) {
            if (!names.add(issuer.name()) || !issued.add(issuer.issuer())) {
                throw new ConfigException("auth.issuers has '" + issuer.name() + "' twice, by its name or its issuer; each has its own");
            }
        }
        names.clear();
        Set<String> hashes = new HashSet<>();
        for (KeySettings key : keys) {
            if (key.hash().isEmpty() && key.certificate().isEmpty()) {
                throw new ConfigException(
                        "auth.keys has no hash for '" + key.name() + "'; what `hark key new` prints is needed, or a certificate");
            }
            if (!names.add(key.name()) || isTwice(key.hash(), hashes) || isTwice(key.certificate(), hashes)) {
                throw new ConfigException("auth.keys has '" + key.name() + "' twice, by its name or its hash; each has its own");
            }
        }
    }

    private static boolean isTwice(String hash, Set<String> hashes) {
        return !hash.isEmpty() && !hashes.add(hash);
    }

    /** Whether it says who may do what. Where it does not, a hub on a loopback address is open. */
    public boolean saysWho() {
        return !anonymous.equals(Rights.NONE) || !keys.isEmpty() || !issuers.isEmpty();
    }

    /** Whether there is a key that the admin listener answers to. */
    public boolean hasAdminKey() {
        return keys.stream().anyMatch(KeySettings::admin);
    }

    /** Whether everybody may do everything that this hub lets anybody reach. */
    public boolean letsAll() {
        return open || !saysWho();
    }
}
