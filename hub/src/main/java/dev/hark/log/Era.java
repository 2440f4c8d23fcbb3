package dev.hark.log;

import dev.hark.event.Event;
import java.util.List;

/**
 * One history of the log as this node knows it: an epoch, what is retained of it, and its newest events in memory. Another one begins where
 * the history is no longer the same ({@link Tail#reset}).
 *
 * <p>Changed by {@link Tail} alone. Thread-safe for readers.
 */
public final class Era {
    private final String epoch;
    private final EventRing hot;
    private volatile Bounds bounds;

    Era(String epoch, Bounds bounds, HotLimits limits, long hotAfter) {
        this.epoch = epoch;
        this.bounds = bounds;
        this.hot = new EventRing(limits.events(), limits.bytes(), hotAfter);
    }

    public String epoch() {
        return epoch;
    }

    /** What is retained and acknowledged. */
    public Bounds bounds() {
        return bounds;
    }

    /** The newest events, for reading: what lanes follow and what most reconnects are served from. */
    public EventRing hot() {
        return hot;
    }

    void commit(List<Event> events, long floor) {
        // The bounds first: who was given an event and comes back for what follows must not be told that its id is unknown.
        bounds = new Bounds(floor, events.isEmpty() ? bounds.newest() : events.getLast().sequence());
        for (int i = 0; i < events.size(); i++) {
            hot.add(events.get(i));
        }
    }
}
