package dev.hark.app.config;

import dev.hark.event.TopicFilter;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Every key of the section {@code auth}, as {@link Schema} has those of all others. Stateless. */
final class AuthSchema {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern KEY_HASH = Pattern.compile("sha256:([0-9a-fA-F]{64})");

    /** RFC 6265, section 4.1.1: a token of RFC 9110. */
    private static final Pattern COOKIE = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]*");

    private static final String FILTER = "a topic filter such as orders/**";

    private AuthSchema() {}

    static AuthSettings read(Section auth) {
        boolean open = auth.flag("open", false);
        Rights anonymous = rights(auth.section("anonymous"));
        List<IssuerSettings> issuers = issuers(auth);
        List<KeySettings> keys = keys(auth);
        String cookie = auth.parsed("cookie", "", "the name of a cookie, or \"\",", AuthSchema::cookie);
        boolean queryToken = auth.flag("query-token", false);
        var ticketAge = auth.duration("ticket-age", "PT60S", "PT1S", "PT1H");
        var tokenAge = auth.duration("token-age", "P366D", "PT1M", "P3660D");
        return new AuthSettings(open, anonymous, issuers, keys, cookie, queryToken, ticketAge, tokenAge);
    }

    private static List<IssuerSettings> issuers(Section auth) {
        List<IssuerSettings> issuers = new ArrayList<>();
        for (Section issuer : auth.sections("issuers", 0)) {
            Optional<String> name = issuer.item(() -> issuer.parsed("name", null, "a name such as shop", AuthSchema::name));
            Optional<String> iss = issuer.item(
                    () -> issuer.parsed("issuer", null, "what `iss` says, such as https://shop.example.com", AuthSchema::text));
            String audience = issuer.parsed("audience", "hark", "what `aud` must contain, such as hark", AuthSchema::text);
            List<String> algorithms =
                    issuer.list("algorithms", String.join(" | ", IssuerSettings.ALGORITHMS), AuthSchema::algorithm);
            Optional<URI> jwks = issuer.item(() -> issuer.optional(
                    "jwks", "an address such as https://shop.example.com/jwks.json, over http only on loopback,", AuthSchema::jwks));
            Optional<Path> file = issuer.item(() -> issuer.optional("key-file", "the path of a file", AuthSchema::file));
            String claim = issuer.parsed("claim", "hark", "the name of a claim", AuthSchema::text);
            Section grants = issuer.section("grants");
            List<FilterTemplate> publish = grants.list("publish", "a topic filter such as users/{sub}/**", FilterTemplate::new);
            List<FilterTemplate> subscribe = grants.list("subscribe", "a topic filter such as users/{sub}/**", FilterTemplate::new);
            if (name.isPresent() && iss.isPresent()) {
                issuer.item(() -> new IssuerSettings(name.get(), iss.get(), audience, algorithms, new IssuerSettings.Keys(jwks, file),
                        claim, publish, subscribe)).ifPresent(issuers::add);
            }
        }
        return issuers;
    }

    private static List<KeySettings> keys(Section auth) {
        List<KeySettings> keys = new ArrayList<>();
        for (Section key : auth.sections("keys", 0)) {
            Optional<String> name = key.item(() -> key.parsed("name", null, "a name such as shop-backend", AuthSchema::name));
            Optional<String> hash = key.item(
                    () -> key.optional("hash", "what `hark key new` prints: sha256: and 64 hexadecimal digits", AuthSchema::keyHash));
            Optional<String> certificate = key.item(() -> key.optional(
                    "certificate", "the fingerprint of a client certificate: sha256: and 64 hexadecimal digits", AuthSchema::fingerprint));
            Rights rights = rights(key);
            boolean admin = key.flag("admin", false);
            int rate = key.number("publish-rate", 0, 0, 100_000_000);
            if (name.isPresent()) {
                keys.add(new KeySettings(name.get(), hash.orElse(""), certificate.orElse(""), rights, admin, rate));
            }
        }
        return keys;
    }

    private static Rights rights(Section section) {
        return new Rights(section.list("publish", FILTER, TopicFilter::new), section.list("subscribe", FILTER, TopicFilter::new));
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("of 1 to 64 letters, digits, and . _ -");
        }
        return text;
    }

    private static String text(String text) {
        if (text.isBlank() || text.length() > 1_000) {
            throw new IllegalArgumentException("");
        }
        return text;
    }

    private static String cookie(String text) {
        if (!COOKIE.matcher(text).matches()) {
            throw new IllegalArgumentException("");
        }
        return text;
    }

    private static String algorithm(String text) {
        if (!IssuerSettings.ALGORITHMS.contains(text)) {
            throw new IllegalArgumentException("");
        }
        return text;
    }

    /** Whoever stands between could give keys of his own: https, or this machine. */
    private static URI jwks(String text) {
        URI uri = URI.create(text);
        boolean secure = "https".equalsIgnoreCase(uri.getScheme());
        boolean plain = "http".equalsIgnoreCase(uri.getScheme());
        if (uri.getHost() == null || uri.getRawUserInfo() != null || !(secure || (plain && isLoopback(uri.getHost())))) {
            throw new IllegalArgumentException("");
        }
        return uri;
    }

    private static boolean isLoopback(@Nullable String host) {
        if (host == null) {
            return false;
        }
        try {
            return host.toLowerCase(Locale.ROOT).equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Path file(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("");
        }
        return Path.of(text);
    }

    /** Colons, as openssl prints them, are passed over. */
    private static String fingerprint(String text) {
        return keyHash("sha256:" + text.replaceFirst("^sha256:", "").replace(":", ""));
    }

    private static String keyHash(String text) {
        Matcher hash = KEY_HASH.matcher(text);
        if (!hash.matches()) {
            throw new IllegalArgumentException("");
        }
        return hash.group(1).toLowerCase(Locale.ROOT);
    }
}
