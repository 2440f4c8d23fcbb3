package dev.hark.log;

import dev.hark.event.Event;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/**
 * The committed end of the log as this node knows it, and who follows it: epoch, bounds, the newest events in memory, lanes,
 * and those who wait for a position.
 *
 * <p>Every engine has one and hands it what it has stored; whatever depends on the order of the steps after a commit stands here once. One
 * thread at a time commits or resets, which the engine sees to; everything else is thread-safe.
 */
public final class Tail {
    /* The order within a commit is what the hub rests on. Bounds, then hot events: a position that a client may know is never unknown here.
       Both before the answer: a publisher that has its answer finds its event. The answer before the lanes: who waits for a disk has waited
       longest. Nothing of it does I/O or calls what may fail, so a stored event is always acknowledged and always delivered. */

    private static final TopicClasses ONE_CLASS = TopicClasses.one(new Retention(1, Duration.ofDays(1), 1));

    private final HotLimits limits;
    private final TopicClasses classes;
    private final List<Runnable> followers = new CopyOnWriteArrayList<>();
    private volatile Era era;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();

    /** Who waits for a position: a commit that finds nobody takes no lock. */
    private final AtomicInteger waiting = new AtomicInteger();

    /**
     * A tail that begins with some of what is retained.
     *
     * @param newest   the position of the newest event, which may be a later one than the newest that is stored
     * @param hotAfter the position that {@code hot} begins after
     * @param hot      the newest events, in order and all of them from there on that are stored
     */
    public Tail(
            String epoch, long newest, Retained retained, TopicClasses classes, HotLimits limits, long hotAfter, List<Event> hot) {
        this.limits = limits;
        this.classes = classes;
        this.era = new Era(epoch, new Bounds(retained.floor(), newest), retained, classes, limits, hotAfter);
        hot.forEach(era.hot()::add);
        // Positions of what was never stored: whoever reads on from the last event comes to the newest position all the same.
        era.hot().pass(newest);
    }

    /** The same where one class holds all topics. */
    public Tail(String epoch, Bounds bounds, HotLimits limits, long hotAfter, List<Event> hot) {
        this(epoch, bounds.newest(), retained(bounds.floor(), bounds.newest()), ONE_CLASS, limits, hotAfter, hot);
    }

    /** One whose hot events are still to come: nothing that is retained is in memory. */
    public Tail(String epoch, Bounds bounds, HotLimits limits) {
        this(epoch, bounds, limits, bounds.newest(), List.of());
    }

    private static Retained retained(long floor, long stored) {
        return new Retained(floor, stored, Floors.of(floor));
    }

    /** Which topics are kept how. */
    public TopicClasses classes() {
        return classes;
    }

    /** The history as it is now. */
    public Era era() {
        return era;
    }

    /** Which log this is: changes when its history is no longer the same. */
    public String epoch() {
        return era.epoch();
    }

    /** What is retained and acknowledged. */
    public Bounds bounds() {
        return era.bounds();
    }

    /**
     * Takes in which topics had ended before a restart. Called once, before anything is committed.
     *
     * @param ends      in the order of positions
     * @param forgotten is told of each end of this history that is forgotten, of these too, although its topic was not opened anew: on the
     *                  thread that commits
     */
    public void begin(List<EndedTopics.End> ends, LongConsumer forgotten) {
        load(era, ends, forgotten);
    }

    private static void load(Era begun, List<EndedTopics.End> ends, LongConsumer forgotten) {
        begun.ended().onForgotten(forgotten);
        begun.ended().load(ends);
        begun.ended().forgetLost(begun.retained().floors(), begun.hotLost());
    }

    /** Calls {@code follower} after every commit of events and every reset, on the engine's thread: it must return at once. */
    public void follow(Runnable follower) {
        followers.add(follower);
    }

    /**
     * Makes known what the engine has stored, and cannot fail: from here on the events are retained, hot, acknowledged and delivered.
     *
     * @param events in order, all after the newest before; may be empty
     * @param retained what is retained with them
     * @param answer   tells the publishers; must neither block nor throw
     */
    public void commit(List<Event> events, Retained retained, Runnable answer) {
        era.commit(events, retained);
        answer.run();
        if (!events.isEmpty()) {
            tell();
        }
    }

    /** The same where one class holds all topics, and every event is stored. */
    public void commit(List<Event> events, long floor, Runnable answer) {
        long stored = events.isEmpty() ? era.retained().stored() : events.getLast().sequence();
        commit(events, retained(floor, stored), answer);
    }

    /** Makes known events that no engine stores, as {@link #commit(List, Retained, Runnable)}. */
    public void pass(List<Event> events, Runnable answer) {
        commit(events, era.retained(), answer);
    }

    /**
     * Says that classes are about to lose events: before any of them is gone, so that whoever finds them missing knows why. What is
     * retained otherwise stays as it was said.
     */
    public void announce(Floors floors) {
        Retained now = era.retained();
        if (!now.floors().equals(floors)) {
            era.retain(new Retained(now.floor(), now.stored(), floors));
        }
    }

    /**
     * Begins another history: every stream is told {@code reset}, and goes on with all that it retains.
     *
     * <p>The engine reads from the new history before it calls this, and gives no page of the old one afterwards.
     *
     * @param bounds of the new history, none of whose events are hot yet
     */
    public void reset(String epoch, Bounds bounds) {
        reset(epoch, bounds.newest(), retained(bounds.floor(), bounds.newest()), List.of(), position -> {}, () -> {});
    }

    /**
     * The same with topics that have ended.
     *
     * @param newest    the position of the newest event, which may be a later one than the newest that is stored
     * @param ends      as for {@link #begin}
     * @param forgotten as for {@link #begin}
     * @param begin     what has to be done between the end of the last history and the moment from which on others are told of this one;
     *                  must neither block nor throw
     */
    public void reset(
            String epoch, long newest, Retained retained, List<EndedTopics.End> ends, LongConsumer forgotten, Runnable begin) {
        var begun = new Era(epoch, new Bounds(retained.floor(), newest), retained, classes, limits, newest);
        load(begun, ends, forgotten);
        era = begun;
        begin.run();
        tell();
    }

    private void tell() {
        if (waiting.get() > 0) {
            lock.lock();
            try {
                moved.signalAll();
            } finally {
                lock.unlock();
            }
        }
        for (Runnable follower : followers) {
            follower.run();
        }
    }

    /**
     * Waits until this node has come as far as {@code position} of the present history, as another one has that gave it to a client.
     *
     * @return whether it has; false once {@code patience} is over, or the history is
     */
    public boolean awaitPosition(long position, Duration patience) throws InterruptedException {
        Era begun = era;
        if (begun.bounds().newest() >= position) {
            return true;
        }
        long nanos = patience.toNanos();
        if (nanos <= 0) {
            return false;
        }
        lock.lockInterruptibly();
        waiting.incrementAndGet();
        try {
            // In another history the same position says nothing.
            while (begun.bounds().newest() < position) {
                if (nanos <= 0 || era != begun) {
                    return false;
                }
                nanos = moved.awaitNanos(nanos);
            }
            return true;
        } finally {
            waiting.decrementAndGet();
            lock.unlock();
        }
    }
}
