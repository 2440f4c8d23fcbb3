package dev.hark.log;

import dev.hark.event.Event;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The newest events of any log, in memory: what lanes follow and what most reconnects are served from.
 *
 * <p>The log's writer adds; lanes and subscribers read through {@link #ring}. Thread-safe for one writer at a time.
 */
public final class HotEvents {
    private final EventRing ring;
    private final List<Runnable> followers = new CopyOnWriteArrayList<>();

    /** @param position the sequence number after which the first event will come */
    public HotEvents(HotLimits limits, long position) {
        this.ring = new EventRing(limits.events(), limits.bytes(), position);
    }

    /** The events, for reading. */
    public EventRing ring() {
        return ring;
    }

    /** Calls {@code follower} after every batch, on the log's writer thread: it must return at once. */
    public void follow(Runnable follower) {
        followers.add(follower);
    }

    /** Adds a committed batch and tells the followers once. */
    public void add(List<Event> batch) {
        for (Event event : batch) {
            ring.add(event);
        }
        for (Runnable follower : followers) {
            follower.run();
        }
    }
}
