package dev.hark.app.access;

import dev.hark.event.EventId;
import java.util.HashMap;
import java.util.Map;

/**
 * The positions from which on the log has something to say of revocations that were said at this node: a page of it that was read before
 * must not undo them. Guarded by the lock of the {@link RevocationLog}.
 */
final class SaidHere {
    private final Map<String, EventId> firstThatCounts = new HashMap<>();

    /** Has events about the revocation {@code id} count from the position {@code first} on. */
    void note(String id, EventId first) {
        firstThatCounts.merge(id, first, (before, now) -> isBefore(now, before) ? before : now);
    }

    /** Whether the event at {@code at} does not count for the revocation {@code id}. Positions of another history say nothing here. */
    boolean isOlder(String id, EventId at) {
        EventId first = firstThatCounts.get(id);
        return first != null && isBefore(at, first);
    }

    /**
     * Forgets what is needed no more, so that it is bounded by what is said between two readings.
     *
     * @param read  the log has been read, and taken in, up to here
     * @param epoch of the log now
     */
    void forget(EventId read, String epoch) {
        var next = new EventId(read.epoch(), read.sequence() + 1);
        firstThatCounts.values().removeIf(first -> !first.epoch().equals(epoch) || first.equals(next) || isBefore(first, next));
    }

    private static boolean isBefore(EventId one, EventId other) {
        return one.epoch().equals(other.epoch()) && one.sequence() < other.sequence();
    }
}
