package dev.hark.log.memory;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.TopicFilter;
import dev.hark.log.Append;
import dev.hark.log.Bounds;
import dev.hark.log.EventLog;
import dev.hark.log.EventRing;
import dev.hark.log.HotEvents;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.IdempotencyWindow;
import dev.hark.log.IdempotencyWindow.Fingerprint;
import dev.hark.log.IdempotencyWindow.Known;
import dev.hark.log.Page;
import dev.hark.log.Retention;
import dev.hark.log.Since;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A log in memory: a ring of events that is gone with the process.
 *
 * <p>Publishers append on their own threads, one at a time. Readers take no lock. Thread-safe.
 */
public final class MemoryLog implements EventLog {
    private final String epoch;
    private final Retention retention;
    private final InstantSource clock;
    private final HotEvents hot;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by `lock` for writing.
    private final EventRing ring;
    private final IdempotencyWindow window;
    private long lastTimeMillis = Long.MIN_VALUE;
    private boolean closed;

    public MemoryLog(String epoch, Retention retention, HotLimits hotLimits, IdempotencyLimits idempotency, InstantSource clock) {
        this.epoch = epoch;
        this.retention = retention;
        this.clock = clock;
        this.hot = new HotEvents(hotLimits, 0);
        this.ring = new EventRing(retention.events(), retention.bytes(), 0);
        this.window = new IdempotencyWindow(idempotency);
    }

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public String durability() {
        return "memory";
    }

    @Override
    public Append append(List<Draft> batch) {
        lock.lock();
        try {
            return closed ? new Append.Unavailable("the log is closed") : appendLocked(batch);
        } finally {
            lock.unlock();
        }
    }

    private Append appendLocked(List<Draft> batch) {
        long now = nowMillis();
        long next = ring.bounds().newest() + 1;
        var entries = new ArrayList<Append.Entry>(batch.size());
        var events = new ArrayList<Event>(batch.size());
        Map<String, Known> fresh = new LinkedHashMap<>();
        for (int i = 0; i < batch.size(); i++) {
            Draft draft = batch.get(i);
            String key = draft.idempotencyKey();
            if (key != null) {
                Fingerprint fingerprint = Fingerprint.of(draft);
                Known known = find(fresh, key, now);
                if (known != null && !known.fingerprint().equals(fingerprint)) {
                    return new Append.KeyReused(i);
                }
                if (known != null) {
                    entries.add(new Append.Entry(known.sequence(), true));
                    continue;
                }
                fresh.put(key, new Known(next, fingerprint, now));
            }
            entries.add(new Append.Entry(next, false));
            events.add(Event.of(epoch, next, now, draft));
            next++;
        }
        events.forEach(ring::add);
        fresh.forEach(window::remember);
        hot.add(events);
        return new Append.Stored(entries);
    }

    private @Nullable Known find(Map<String, Known> fresh, String key, long nowMillis) {
        Known inBatch = fresh.get(key);
        return inBatch != null ? inBatch : window.find(key, nowMillis);
    }

    /** Never goes back, so that events are in the order of their times as well. */
    private long nowMillis() {
        lastTimeMillis = Math.max(lastTimeMillis, clock.millis());
        return lastTimeMillis;
    }

    @Override
    public Page read(long after, List<TopicFilter> filters, int limit) {
        return ring.read(after, filters, limit);
    }

    @Override
    public Since since(long timeMillis) {
        return ring.since(timeMillis);
    }

    @Override
    public long beforeLast(List<TopicFilter> filters, int count) {
        return ring.beforeLast(filters, count);
    }

    @Override
    public Bounds bounds() {
        return ring.bounds();
    }

    @Override
    public HotEvents hot() {
        return hot;
    }

    @Override
    public void maintain() {
        lock.lock();
        try {
            long now = nowMillis();
            ring.removeBefore(now - retention.age().toMillis());
            window.expire(now);
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
