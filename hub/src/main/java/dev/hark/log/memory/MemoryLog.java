package dev.hark.log.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.Back;
import dev.hark.log.Bounds;
import dev.hark.log.Capabilities;
import dev.hark.log.Capability;
import dev.hark.log.DraftBatch;
import dev.hark.log.EventLog;
import dev.hark.log.EventRing;
import dev.hark.log.IdempotencyWindow;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.Placement;
import dev.hark.log.Retention;
import dev.hark.log.Since;
import dev.hark.log.Tail;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A log in memory: a ring of events that is gone with the process.
 *
 * <p>Publishers append on their own threads, one at a time. Readers take no lock. Thread-safe.
 */
public final class MemoryLog implements EventLog {
    private static final Capabilities CAPABILITIES = Capabilities.of(
            "memory", Capability.WHOLE_BATCHES, Capability.KEY_WINDOW, Capability.RETENTION, Capability.OWN_CLOCK);

    private final String epoch;
    private final Retention retention;
    private final InstantSource clock;
    private final Tail tail;

    private final ReentrantLock lock = new ReentrantLock();

    /** Written by who holds the lock; read by anybody. */
    private final EventRing ring;

    @GuardedBy("lock")
    private final IdempotencyWindow window;

    @GuardedBy("lock")
    private long lastTimeMillis = Long.MIN_VALUE;

    @GuardedBy("lock")
    private boolean closed;

    public MemoryLog(String epoch, LogConfig config, InstantSource clock) {
        this.epoch = epoch;
        this.retention = config.retention();
        this.clock = clock;
        this.tail = new Tail(epoch, new Bounds(0, 0), config.hot());
        this.ring = new EventRing(retention.events(), retention.bytes(), 0);
        this.window = new IdempotencyWindow(config.idempotency());
    }

    @Override
    public Tail tail() {
        return tail;
    }

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Append append(List<Draft> batch) {
        DraftBatch hashed = DraftBatch.of(batch);
        lock.lock();
        try {
            return closed ? new Append.Unavailable("the log is closed") : appendLocked(hashed);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private Append appendLocked(DraftBatch batch) {
        long now = nowMillis();
        IdempotencyWindow known = window;
        Placement placed = Placement.of(epoch, batch, key -> known.find(key, now), ring.bounds().newest() + 1, now);
        List<Event> events = placed.fresh().stream().map(fresh -> Event.of(epoch, fresh.sequence(), now, fresh.draft())).toList();
        events.forEach(ring::add);
        placed.keys().forEach(known::remember);
        // The caller is the publisher itself.
        tail.commit(events, ring.bounds().floor(), () -> {});
        return placed.answer();
    }

    /** Never goes back, so that events are in the order of their times as well. */
    @GuardedBy("lock")
    private long nowMillis() {
        lastTimeMillis = Math.max(lastTimeMillis, clock.millis());
        return lastTimeMillis;
    }

    @Override
    public Page read(long after, Filters filters, int limit) {
        return ring.read(epoch, after, filters, limit);
    }

    @Override
    public Page follow(long after) {
        return ring.read(epoch, after, Filters.ALL, MAX_PAGE_EVENTS);
    }

    @Override
    public Since since(long timeMillis) {
        return ring.since(timeMillis);
    }

    @Override
    public Back back(Back search, Filters filters) {
        return ring.back(search, filters);
    }

    @Override
    public void maintain() {
        lock.lock();
        try {
            long now = nowMillis();
            ring.removeBefore(now - retention.age().toMillis());
            window.expire(now);
            tail.commit(List.of(), ring.bounds().floor(), () -> {});
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }
}
