package dev.hark.load.drive;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes tokens (JWT, RFC 7519) as an issuer would, signed with a secret (HS256), each with its own subject and with no other rights than
 * its stream or publisher needs. Immutable, and so safe from any thread. Does not print its secret.
 *
 * @param secret at least 256 bits
 * @param issuer {@code iss}
 * @param audience {@code aud}
 * @param subject what every {@code sub} begins with; a number follows
 * @param age how long a token of a stream holds
 */
public record SignedTokens(SecretKey secret, String issuer, String audience, String subject, Duration age) {
    /** RFC 7518, section 3.2. */
    private static final int MIN_SECRET_BYTES = 32;

    /** A publisher's token is made once, for the whole run. */
    private static final Duration PUBLISHER_AGE = Duration.ofDays(1);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HEADER = base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8));
    private static final String MAC = "HmacSHA256";

    public SignedTokens {
        if (age.toSeconds() < 1) {
            throw new IllegalArgumentException("--token-age is " + age + "; it must be 1s or more");
        }
    }

    /**
     * The key that a secret of a file is.
     *
     * @throws IllegalArgumentException if it is too short
     */
    public static SecretKey key(byte[] secret) {
        if (secret.length < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException(
                    "the secret has %d bytes; HS256 needs %d or more".formatted(secret.length, MIN_SECRET_BYTES));
        }
        return new SecretKeySpec(secret, MAC);
    }

    /** For a stream, which may subscribe to {@code filter} with it. */
    String forStream(long number, String filter) {
        return sign(subject + number, "subscribe", filter, age);
    }

    /** For publishing to what {@code filter} matches. */
    String forPublisher(String filter) {
        return sign(subject + "publisher", "publish", filter, PUBLISHER_AGE);
    }

    private String sign(String sub, String use, String filter, Duration holds) {
        long now = Instant.now().getEpochSecond();
        ObjectNode claims = JSON.createObjectNode()
                .put("iss", issuer).put("aud", audience).put("sub", sub).put("iat", now).put("exp", now + holds.toSeconds());
        claims.putObject("hark").putArray(use).add(filter);
        String signed = HEADER + '.' + base64(claims.toString().getBytes(StandardCharsets.UTF_8));
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(secret);
            return signed + '.' + base64(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + MAC, e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public String toString() {
        return "HS256 tokens of " + issuer;
    }
}
