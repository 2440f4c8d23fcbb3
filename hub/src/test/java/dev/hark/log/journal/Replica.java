package dev.hark.log.journal;

import dev.hark.event.Event;
import dev.hark.log.Append;
import dev.hark.log.Bounds;
import dev.hark.log.EventRing;
import dev.hark.log.IdempotencyWindow;
import dev.hark.log.LogConfig;
import dev.hark.log.Placement;
import dev.hark.log.Retention;
import java.util.List;

/**
 * What placing has made of the groups of one history: a function of them alone, so that it is the same on every node. Changed by the node's
 * follower; readers take no lock.
 */
final class Replica {
    private final Journal.History history;
    private final Retention retention;
    private final EventRing ring;

    // The follower's.
    private final IdempotencyWindow window;
    private long timeMillis = Long.MIN_VALUE;
    private int applied;

    /** What became of a group. */
    record Applied(List<Event> events, Append answer) {}

    Replica(Journal.History history, LogConfig config) {
        this.history = history;
        this.retention = config.retention();
        this.ring = new EventRing(retention.events(), retention.bytes(), history.base());
        this.window = new IdempotencyWindow(config.idempotency());
    }

    Applied apply(Journal.Group group) {
        // The clocks of several nodes, and each event in the order of its time.
        timeMillis = Math.max(timeMillis, group.timeMillis());
        applied++;
        long now = timeMillis;
        if (group.batch() == null) {
            ring.removeBefore(now - retention.age().toMillis());
            window.expire(now);
            return new Applied(List.of(), new Append.Stored(List.of()));
        }
        Placement placed = Placement.of(
                history.epoch(), group.batch(), key -> window.find(key, now), group.firstSequence(), now);
        List<Event> events =
                placed.fresh().stream().map(fresh -> Event.of(history.epoch(), fresh.sequence(), now, fresh.draft())).toList();
        events.forEach(ring::add);
        placed.keys().forEach(window::remember);
        return new Applied(events, placed.answer());
    }

    Journal.History history() {
        return history;
    }

    int applied() {
        return applied;
    }

    EventRing ring() {
        return ring;
    }

    Bounds bounds() {
        return ring.bounds();
    }
}
