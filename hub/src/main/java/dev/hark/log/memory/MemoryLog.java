package dev.hark.log.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.Back;
import dev.hark.log.Capabilities;
import dev.hark.log.Capability;
import dev.hark.log.ClassUse;
import dev.hark.log.DraftBatch;
import dev.hark.log.EventLog;
import dev.hark.log.Floors;
import dev.hark.log.IdempotencyWindow;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.Placement;
import dev.hark.log.Retained;
import dev.hark.log.Since;
import dev.hark.log.Tail;
import dev.hark.log.TopicClasses;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A log in memory: rings of events that is gone with the process.
 *
 * <p>Publishers append on their own threads, one at a time. Readers take no lock. Thread-safe.
 */
public final class MemoryLog implements EventLog {
    private static final Capabilities CAPABILITIES = Capabilities.of(
            "memory", Capability.WHOLE_BATCHES, Capability.KEY_WINDOW, Capability.RETENTION, Capability.CLASSES, Capability.OWN_CLOCK);

    private final String epoch;
    private final InstantSource clock;
    private final Tail tail;

    private final ReentrantLock lock = new ReentrantLock();

    /** Written by who holds the lock; read by anybody. */
    private final ClassRings rings;

    private final LatestEvents latest;

    @GuardedBy("lock")
    private long newest;

    @GuardedBy("lock")
    private final IdempotencyWindow window;

    @GuardedBy("lock")
    private long lastTimeMillis = Long.MIN_VALUE;

    @GuardedBy("lock")
    private boolean closed;

    public MemoryLog(String epoch, LogConfig config, InstantSource clock) {
        this.epoch = epoch;
        this.clock = clock;
        TopicClasses classes = config.classes();
        this.latest = new LatestEvents(classes, config.latestKeys());
        this.rings = new ClassRings(classes, latest);
        Floors none = Floors.of(new long[classes.all().size()]);
        this.tail = new Tail(epoch, 0, new Retained(0, 0, none), classes, config.hot(), 0, List.of());
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
        Placement placed = Placement.of(epoch, batch, key -> known.find(key, now), newest + 1, now);
        List<Event> events = placed.fresh().stream().map(fresh -> Event.of(epoch, fresh.sequence(), now, fresh.draft())).toList();
        Floors floors = rings.floorsWith(events);
        announce(floors);
        events.forEach(this::add);
        placed.keys().forEach(known::remember);
        newest = placed.next() - 1;
        // The caller is the publisher itself.
        tail.commit(events, rings.retained(floors, newest), () -> {});
        return placed.answer();
    }

    /**
     * As {@link Tail#announce}, where there are several classes. With one, the beginning of a page says what is gone; whoever was told here
     * of more than the log's beginning says would not be told of the difference.
     */
    @GuardedBy("lock")
    private void announce(Floors floors) {
        if (tail.classes().areSeveral()) {
            tail.announce(floors);
        }
    }

    /** Never goes back, so that events are in the order of their times as well. */
    @GuardedBy("lock")
    private long nowMillis() {
        lastTimeMillis = Math.max(lastTimeMillis, clock.millis());
        return lastTimeMillis;
    }

    @Override
    public Page read(long after, Filters filters, int limit) {
        return rings.read(epoch, after, tail.bounds().newest(), filters, limit);
    }

    @Override
    public Page follow(long after) {
        return read(after, Filters.EVERYTHING, MAX_PAGE_EVENTS);
    }

    @Override
    public Since since(long timeMillis) {
        return rings.since(timeMillis);
    }

    @Override
    public Back back(Back search, Filters filters) {
        return rings.back(search, filters);
    }

    @GuardedBy("lock")
    private void add(Event event) {
        rings.add(event);
        if (tail.classes().latest() != 0) {
            latest.add(event);
        }
    }

    @Override
    public Page latest(long after, long through, Filters filters, int limit) {
        return latest.read(epoch, after, through, filters, limit);
    }

    @Override
    public List<ClassUse> kept() {
        return tail.classes().all().stream()
                .map(each -> new ClassUse(
                        each, rings.events(each.number()), rings.bytes(each.number()), tail.era().lost(each.number()),
                        latest.use(each.number())))
                .toList();
    }

    @Override
    public void maintain() {
        lock.lock();
        try {
            long now = nowMillis();
            Floors floors = rings.floorsAt(now);
            announce(floors);
            rings.removeOld(now);
            window.expire(now);
            tail.commit(List.of(), rings.retained(floors, newest), () -> {});
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
