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

    /** How names begin that no log has. */
    private static final String INTERIM = "zzz";

    private Epochs() {}

    /** A new epoch: one of some 36⁸, so that a client that comes back to another log is all but sure to be told so. */
    public static String next(RandomGenerator random) {
        String epoch = letters(EventId.EPOCH_LENGTH, random);
        while (isInterim(epoch)) {
            epoch = letters(EventId.EPOCH_LENGTH, random);
        }
        return epoch;
    }

    /** A name for what a node shows between the end of one history and the beginning of the next. */
    public static String interim(RandomGenerator random) {
        return INTERIM + letters(EventId.EPOCH_LENGTH - INTERIM.length(), random);
    }

    /** Whether {@code epoch} names no log, but what a node shows until there is one. */
    public static boolean isInterim(String epoch) {
        return epoch.startsWith(INTERIM);
    }

    private static String letters(int count, RandomGenerator random) {
        var letters = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            letters.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return letters.toString();
    }

    /** The epoch that everybody makes of {@code id}, which nothing else has: all of them are about as likely. */
    public static String of(String id) {
        String epoch = hashed(id);
        return isInterim(epoch) ? of(epoch) : epoch;
    }

    private static String hashed(String id) {
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
