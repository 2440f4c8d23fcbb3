package dev.hark.app.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The key of a service: {@code hark_} and 43 characters of base64url, 256 random bits. What has so many of them needs no slow hash: nobody
 * finds it by trying. Stateless.
 */
public final class ApiKey {
    /** What tells a key from a token, and what scanners for leaked secrets can look for. */
    public static final String PREFIX = "hark_";

    /** Before the hash in the configuration. */
    public static final String HASH_PREFIX = "sha256:";

    private static final int RANDOM_BYTES = 32;

    private ApiKey() {}

    /** A new one. */
    public static String create() {
        return PREFIX + random();
    }

    /** 256 random bits, as base64url. */
    static String random() {
        var random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** The SHA-256 of {@code key}, in hexadecimal. */
    public static String hash(String key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
