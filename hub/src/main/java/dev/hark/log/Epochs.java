package dev.hark.log;

import dev.hark.event.EventId;
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
}
