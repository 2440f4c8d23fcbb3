package dev.hark.event;

import java.util.Optional;

/**
 * A position in the log, and the id of the event that stands there: {@code <epoch>-<sequence>}.
 *
 * <p>The epoch is {@value #EPOCH_LENGTH} characters of {@code a-z0-9}, chosen when a log is created; the sequence is a decimal from 0
 * (before the first event) without leading zeros. Immutable.
 *
 * @param epoch    which log
 * @param sequence which position in it
 */
public record EventId(String epoch, long sequence) {
    public static final int EPOCH_LENGTH = 8;

    private static final int MAX_DIGITS = 19;

    /** @throws IllegalArgumentException if {@code epoch} or {@code sequence} is out of its range */
    public EventId {
        if (!isEpoch(epoch)) {
            throw new IllegalArgumentException("epoch '" + epoch + "' is not " + EPOCH_LENGTH + " characters of a-z0-9");
        }
        if (sequence < 0) {
            throw new IllegalArgumentException("sequence " + sequence + " is negative");
        }
    }

    /** Reads an id as {@link #toString} prints it; empty for anything else, an overflowing or zero-padded sequence included. */
    public static Optional<EventId> parse(String text) {
        int dash = EPOCH_LENGTH;
        int digits = text.length() - dash - 1;
        if (digits < 1 || digits > MAX_DIGITS || text.charAt(dash) != '-' || !isEpoch(text.substring(0, dash))) {
            return Optional.empty();
        }
        long sequence = 0;
        for (int i = dash + 1; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || sequence > (Long.MAX_VALUE - digit) / 10) {
                return Optional.empty();
            }
            sequence = sequence * 10 + digit;
        }
        boolean padded = digits > 1 && text.charAt(dash + 1) == '0';
        return padded ? Optional.empty() : Optional.of(new EventId(text.substring(0, dash), sequence));
    }

    private static boolean isEpoch(String text) {
        return text.length() == EPOCH_LENGTH && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
    }

    @Override
    public String toString() {
        return epoch + '-' + sequence;
    }
}
