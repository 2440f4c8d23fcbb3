package dev.hark.app.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Idempotency keys that belong to one publisher. As a hash: nobody can choose a key that looks like another's, and it is as long as any.
 * Stateless.
 */
final class OwnedKeys {
    private OwnedKeys() {}

    /** The key that the log knows for {@code key} of {@code publisher}. */
    static String of(String publisher, String key) {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            byte[] owner = publisher.getBytes(StandardCharsets.UTF_8);
            hash.update((owner.length + " ").getBytes(StandardCharsets.UTF_8));
            hash.update(owner);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash.digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
