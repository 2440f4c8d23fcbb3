package dev.hark.app.access;

import dev.hark.event.EventId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The positions from which on the log has something to say of revocations that were said at this node: what it held before must not undo
 * them. Bounded by what is said at once, or between two readings of the log. Guarded by the lock of the {@link RevocationWords}.
 */
final class SaidHere {
    /** Of one revocation, or several that name the same. */
    private static final class Said {
        private EventId firstThatCounts;

        /** How many of them wait for the log. */
        private int open;

        Said(EventId firstThatCounts) {
            this.firstThatCounts = firstThatCounts;
        }
    }

    private final Map<String, Said> all = new HashMap<>();

    /** Whether somebody reads on: what waits for no answer is needed until that has been read, and else not at all. */
    private boolean followed;

    /** From now on the log is read on, and {@link #forget} called behind each reading. */
    void follow() {
        followed = true;
    }

    /** One is said, and given to the log. What the log holds up to before {@code first}, read or not, was said before. */
    void begin(String id, EventId first) {
        Said said = all.computeIfAbsent(id, absent -> new Said(first));
        said.firstThatCounts = later(said.firstThatCounts, first);
        said.open++;
    }

    /**
     * The log has answered.
     *
     * @param stored where it stands; null where it may not be stored
     * @return whether it is the last word: no other one stands behind it that is known here
     */
    boolean end(String id, @Nullable EventId stored) {
        Said said = all.get(id);
        if (said == null) {
            return false;
        }
        said.open--;
        boolean isLast = false;
        if (stored != null) {
            said.firstThatCounts = later(said.firstThatCounts, stored);
            isLast = said.firstThatCounts.equals(stored);
        }
        if (!followed && said.open == 0) {
            all.remove(id);
        }
        return isLast;
    }

    /** The event at {@code at} was taken in: what stands before it does not count any more. */
    void taken(String id, EventId at) {
        Said said = all.get(id);
        if (said != null) {
            said.firstThatCounts = later(said.firstThatCounts, at);
        }
    }

    /** Whether the event at {@code at} does not count for the revocation {@code id}. Positions of another history say nothing here. */
    boolean isOlder(String id, EventId at) {
        Said said = all.get(id);
        return said != null && isBefore(at, said.firstThatCounts);
    }

    /**
     * Forgets what is needed no more.
     *
     * @param through the log has been read, and taken in, up to here
     * @param epoch   of the log now
     */
    void forget(EventId through, String epoch) {
        var next = new EventId(through.epoch(), through.sequence() + 1);
        all.values().removeIf(said -> said.open == 0
                && (!said.firstThatCounts.epoch().equals(epoch) || !isBefore(next, said.firstThatCounts)));
    }

    /** How many it knows. */
    int size() {
        return all.size();
    }

    /** Of two of the same history the later one; of another the newer word. */
    private static EventId later(EventId before, EventId now) {
        return isBefore(now, before) ? before : now;
    }

    private static boolean isBefore(EventId one, EventId other) {
        return one.epoch().equals(other.epoch()) && one.sequence() < other.sequence();
    }
}
