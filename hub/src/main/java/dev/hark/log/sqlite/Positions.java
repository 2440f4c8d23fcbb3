package dev.hark.log.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.event.Event;
import dev.hark.log.Append;
import dev.hark.log.DraftBatch;
import dev.hark.log.Floors;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.IdempotencyWindow;
import dev.hark.log.Placement;
import dev.hark.log.Retained;
import dev.hark.log.Tail;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Who is given which positions: the writer for its groups, and publishers of what is not stored for themselves, while a group is on its way
 * to the disk too. Thread-safe.
 */
final class Positions {
    /* Events are delivered in the order of their positions, and what is not stored must not wait for a disk. So a group takes its positions
       some way ahead, and leaves those before it to what comes while it is stored. How many that may be follows from how many there were
       during the last groups. Where they are used up, publishers wait for the group's end, as all others do.

       Times follow positions: an event that passes a group bears no later time than the group has. */

    private static final int MIN_LEAD = 64;
    private static final int MAX_LEAD = 1 << 16;

    private final String epoch;
    private final Tail tail;
    private final InstantSource clock;
    private final boolean leads;
    private final BooleanSupplier reserve;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition free = lock.newCondition();

    @GuardedBy("lock")
    private final IdempotencyWindow window;

    /** The next one that is not given. */
    @GuardedBy("lock")
    private long next;

    /** Where the positions end that need no group to wait for. */
    @GuardedBy("lock")
    private long limit;

    /** The last one that the disk knows to be reserved. */
    @GuardedBy("lock")
    private long ceiling;

    @GuardedBy("lock")
    private boolean turn;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private boolean asked;

    @GuardedBy("lock")
    private long timeMillis;

    @GuardedBy("lock")
    private int lead = MIN_LEAD;

    @GuardedBy("lock")
    private int passed;

    /**
     * @param next    the first position to be given
     * @param leads   whether there are events that are not stored
     * @param reserve has more positions reserved, unless it cannot say so now; must return at once
     */
    Positions(Tail tail, IdempotencyLimits limits, InstantSource clock, long next, long timeMillis, boolean leads,
            BooleanSupplier reserve) {
        this.epoch = tail.epoch();
        this.tail = tail;
        this.clock = clock;
        this.window = new IdempotencyWindow(limits);
        this.next = next;
        this.limit = next;
        this.ceiling = next - 1;
        this.timeMillis = timeMillis;
        this.leads = leads;
        this.reserve = reserve;
    }

    /**
     * What a group is given.
     *
     * @param first      the position of its first event
     * @param timeMillis when it is stored
     */
    record Turn(long first, long timeMillis) {}

    /** Whether a group of {@code events} needs more positions than are reserved. */
    long needed(int events) {
        lock.lock();
        try {
            long last = next + events + (leads ? MAX_LEAD : 0);
            return last > ceiling ? last : 0;
        } finally {
            lock.unlock();
        }
    }

    /** Says that the disk knows positions up to {@code higher} to be reserved. */
    void reserved(long higher) {
        lock.lock();
        try {
            ceiling = higher;
            asked = false;
            limit = turn ? limit : ceiling + 1;
            free.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Begins a group, which {@link #end} or {@link #fail} ends. What it needs is reserved. */
    Turn begin(int events) {
        lock.lock();
        try {
            if (events == 0) {
                // Upkeep alone: nobody needs to wait for its end.
                return new Turn(next, timeMillis);
            }
            turn = true;
            lead = Math.clamp(2L * passed + MIN_LEAD, Math.max(MIN_LEAD, lead / 2), MAX_LEAD);
            passed = 0;
            timeMillis = Math.max(timeMillis, clock.millis());
            limit = leads ? next + lead : next;
            return new Turn(limit, timeMillis);
        } finally {
            lock.unlock();
        }
    }

    /** Makes a group known that is stored; {@code after} comes after its last position. */
    void end(long after, List<Event> events, Retained retained, Runnable answer) {
        lock.lock();
        try {
            tail.commit(events, retained, answer);
            over(after);
        } finally {
            lock.unlock();
        }
    }

    /** The same for one that was not stored, or may not have been: its positions are not given again. */
    void fail(long after, Floors floors) {
        lock.lock();
        try {
            tail.announce(floors);
            over(after);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void over(long after) {
        turn = false;
        next = Math.max(next, after);
        limit = ceiling + 1;
        free.signalAll();
    }

    /** As {@link Tail#announce}. */
    void announce(Floors floors) {
        lock.lock();
        try {
            tail.announce(floors);
        } finally {
            lock.unlock();
        }
    }

    /** Gives {@code batch}, of which nothing is stored, its positions, and makes it known; waits at most for {@code patience}. */
    Append pass(DraftBatch batch, Duration patience) {
        int count = batch.drafts().size();
        lock.lock();
        try {
            long nanos = patience.toNanos();
            while (closed || next + count > limit) {
                if (closed) {
                    return new Append.Unavailable("the log is closed");
                }
                if (!turn && !asked) {
                    asked = reserve.getAsBoolean();
                }
                passed += turn ? count : 0;
                if (nanos <= 0) {
                    return new Append.Unavailable("the disk of the log does not answer; nothing of this was published");
                }
                nanos = free.awaitNanos(nanos);
            }
            if (!asked && ceiling - next < 2 * MAX_LEAD) {
                asked = reserve.getAsBoolean();
            }
            return place(batch);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Append.Unavailable("the publish was interrupted; nothing of this was published");
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private Append place(DraftBatch batch) {
        timeMillis = turn ? timeMillis : Math.max(timeMillis, clock.millis());
        long now = timeMillis;
        IdempotencyWindow known = window;
        Placement placed = Placement.of(epoch, batch, key -> known.find(key, now), next, now);
        List<Event> events = placed.fresh().stream().map(fresh -> Event.of(epoch, fresh.sequence(), now, fresh.draft())).toList();
        placed.keys().forEach(known::remember);
        next = placed.next();
        passed += turn ? events.size() : 0;
        // The caller is the publisher itself.
        tail.pass(events, () -> {});
        return placed.answer();
    }

    /** Forgets idempotency keys that are too old. */
    void expire() {
        lock.lock();
        try {
            window.expire(clock.millis());
        } finally {
            lock.unlock();
        }
    }

    /** Gives no more positions, and says which was the last. */
    long close() {
        lock.lock();
        try {
            closed = true;
            free.signalAll();
            return next - 1;
        } finally {
            lock.unlock();
        }
    }

    /** The last position that was given. */
    long last() {
        lock.lock();
        try {
            return next - 1;
        } finally {
            lock.unlock();
        }
    }
}
