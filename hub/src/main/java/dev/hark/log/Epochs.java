package dev.hark.log;

import dev.hark.event.EventId;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.random.RandomGenerator;

/** Makes the names of new logs. */
public final class Epochs {
    private static final String ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";

    private Epochs() {}

    /** A new epoch: one of 36⁸, so that a client that comes back to another log is all but sure to be told so. */
    public static String next(RandomGenerator random) {
        var epoch = new StringBuilder(EventId.EPOCH_LENGTH);
        for (int i = 0; i < EventId.EPOCH_LENGTH; i++) {
            epoch.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return epoch.toString();
    }

    /** The epoch that everybody makes of {@code id}, which nothing else has: all of the 36⁸ are about as likely. */
    public static String of(String id) {
        byte[] digest;
        try {
            digest = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has it", e);
        }
        BigInteger rest = new BigInteger(1, digest);
        BigInteger letters = BigInteger.valueOf(ALPHABET.length());
        var epoch = new StringBuilder(EventId.EPOCH_LENGTH);
        for (int i = 0; i < EventId.EPOCH_LENGTH; i++) {
            BigInteger[] parts = rest.divideAndRemainder(letters);
            epoch.append(ALPHABET.charAt(parts[1].intValue()));
            rest = parts[0];
        }
        return epoch.toString();
    }
}
