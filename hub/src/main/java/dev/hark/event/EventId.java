package dev.hark.event;

import java.util.Optional;

/**
 * A position in the log, and the id of the event that stands there: {@code <epoch>-<sequence>}.
 *
 * <p>Within a snapshot of the newest events of all topics and keys the id is {@code <epoch>-<sequence>.<within>}: the snapshot was made at
 * position {@code sequence}, and has been given up to the event that stands at {@code within}, 0 before its first.
 *
 * <p>The epoch is {@value #EPOCH_LENGTH} characters of {@code a-z0-9}, chosen when a log is created; the numbers are decimals from 0
 * (before the first event) without leading zeros. Ordered as a client is given them. Immutable.
 *
 * @param epoch    which log
 * @param sequence which position in it
 * @param within   up to where the snapshot at that position has been given; {@link #WHOLE} where there is none, or all of it has
 */
public record EventId(String epoch, long sequence, long within) implements Comparable<EventId> {
    public static final int EPOCH_LENGTH = 8;

    /** What {@link #within} is outside of snapshots: after all that one may hold. */
    public static final long WHOLE = Long.MAX_VALUE;

    private static final int MAX_DIGITS = 19;
    private static final long NO_NUMBER = -1;

    /** @throws IllegalArgumentException if a component is out of its range */
    public EventId {
        if (!isEpoch(epoch)) {
            throw new IllegalArgumentException("epoch '" + epoch + "' is not " + EPOCH_LENGTH + " characters of a-z0-9");
        }
        if (sequence < 0) {
            throw new IllegalArgumentException("sequence " + sequence + " is negative");
        }
        if (within < 0 || (within > sequence && within != WHOLE)) {
            throw new IllegalArgumentException("a snapshot at " + sequence + " holds nothing at " + within);
        }
    }

    /** Outside of snapshots. */
    public EventId(String epoch, long sequence) {
        this(epoch, sequence, WHOLE);
    }

    /** Reads an id as {@link #toString} prints it; empty for anything else, an overflowing or zero-padded number included. */
    public static Optional<EventId> parse(String text) {
        int dash = EPOCH_LENGTH;
        if (text.length() <= dash || text.charAt(dash) != '-' || !isEpoch(text.substring(0, dash))) {
            return Optional.empty();
        }
        int dot = text.indexOf('.', dash);
        long sequence = number(text, dash + 1, dot < 0 ? text.length() : dot);
        long within = dot < 0 ? WHOLE : number(text, dot + 1, text.length());
        boolean valid = sequence != NO_NUMBER && within != NO_NUMBER && (dot < 0 || within <= sequence);
        return valid ? Optional.of(new EventId(text.substring(0, dash), sequence, within)) : Optional.empty();
    }

    private static long number(String text, int from, int to) {
        int digits = to - from;
        if (digits < 1 || digits > MAX_DIGITS || (digits > 1 && text.charAt(from) == '0')) {
            return NO_NUMBER;
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || number > (Long.MAX_VALUE - digit) / 10) {
                return NO_NUMBER;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    private static boolean isEpoch(String text) {
        return text.length() == EPOCH_LENGTH && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
    }

    /** Whether a snapshot has not been given as a whole yet. */
    public boolean isWithinSnapshot() {
        return within != WHOLE;
    }

    /** By position, and before all that follows a snapshot what is in it. */
    @Override
    public int compareTo(EventId other) {
        int byEpoch = epoch.compareTo(other.epoch);
        if (byEpoch != 0) {
            return byEpoch;
        }
        return sequence == other.sequence ? Long.compare(within, other.within) : Long.compare(sequence, other.sequence);
    }

    @Override
    public String toString() {
        return epoch + '-' + sequence + (isWithinSnapshot() ? "." + within : "");
    }
}
