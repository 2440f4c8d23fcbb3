package dev.hark.app.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * Seals what only who knows a random text may read: AES-256-GCM (NIST SP 800-38D) with a key that HKDF (RFC 5869) makes from the text.
 * Stateless.
 */
final class Seal {
    private static final byte[] PURPOSE = "hark ticket".getBytes(StandardCharsets.UTF_8);
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private Seal() {}

    /** @param random at least 256 random bits, which seal nothing else */
    static String close(String random, byte[] content) {
        var nonce = new byte[NONCE_BYTES];
        new SecureRandom().nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, random, nonce).doFinal(content);
            byte[] both = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
            System.arraycopy(sealed, 0, both, NONCE_BYTES, sealed.length);
            return Base64.getEncoder().encodeToString(both);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM can do this", e);
        }
    }

    /** What was sealed; empty where it was not with {@code random}, or was changed. */
    static Optional<byte[]> open(String random, String sealed) {
        try {
            byte[] both = Base64.getDecoder().decode(sealed);
            if (both.length < NONCE_BYTES) {
                return Optional.empty();
            }
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, random, Arrays.copyOf(both, NONCE_BYTES));
            return Optional.of(cipher.doFinal(both, NONCE_BYTES, both.length - NONCE_BYTES));
        } catch (AEADBadTagException | IllegalArgumentException e) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM can do this", e);
        }
    }

    private static Cipher cipher(int mode, String random, byte[] nonce) throws GeneralSecurityException {
        var from = HKDFParameterSpec.ofExtract().addIKM(random.getBytes(StandardCharsets.UTF_8)).thenExpand(PURPOSE, KEY_BYTES);
        SecretKey key = KDF.getInstance("HKDF-SHA256").deriveKey("AES", from);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }
}
