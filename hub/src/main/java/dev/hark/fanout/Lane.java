package dev.hark.fanout;

import dev.hark.event.Event;
import dev.hark.event.Topic;
import dev.hark.log.Era;
import dev.hark.log.EventLog;
import dev.hark.log.EventRing;
import dev.hark.log.Page;
import dev.hark.log.Tail;
import dev.hark.log.UnusableLogException;
import dev.hark.thread.VitalThreads;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One fan-out thread's share of the subscribers. It sees every event of the log in order, so each of its subscribers does.
 * A lane without subscribers sleeps.
 *
 * <p>Everything but {@link #submit}, {@link #signal}, {@link #walked}, {@link #isBefore}, {@link #look} and the counts is confined
 * to the lane's own platform thread.
 */
final class Lane implements Runnable {
    private static final System.Logger LOGGER = System.getLogger(Lane.class.getName());

    /** Comes before every ordinal: the next event is to be read from the log. */
    private static final long READ_FROM_LOG = -1;

    /** Of topics, as a set. */
    private static final long ALL_CLASSES = -1;

    /** How long a lane that finds the history changed waits to be told of it. */
    private static final long PAUSE_NANOS = 1_000_000;

    private final EventLog log;
    private final Tail tail;
    private final SubscriberIndex index = new SubscriberIndex();
    private final IndexBudget budget;
    private final Thread thread;
    private final Lag lag = new Lag();

    // Confined to the lane's thread.
    private final Lingers lingers;

    /** Subscribers that come or go: at most two entries for each. */
    private final Queue<Seat> commands = new ConcurrentLinkedQueue<>();

    private volatile boolean parked;
    private volatile boolean stopped;
    private volatile long walked;

    // Written by the lane's thread.
    private volatile Era era;

    // Confined to the lane's thread.
    private long nextOrdinal;

    /**
     * @param budget  to which goes back what the subscribers took that have left
     * @param lingers what it holds back, which is this lane's alone
     * @param vital   what its thread is among
     */
    Lane(String name, EventLog log, IndexBudget budget, Lingers lingers, VitalThreads vital) {
        this.log = log;
        this.tail = log.tail();
        this.budget = budget;
        this.lingers = lingers;
        this.era = tail.era();
        EventRing hot = era.hot();
        this.walked = hot.bounds().newest();
        this.nextOrdinal = next(hot, walked);
        this.thread = vital.unstarted(name, this);
    }

    void start() {
        thread.start();
    }

    /** Tells its thread to end, which is returned. */
    Thread stop() {
        stopped = true;
        LockSupport.unpark(thread);
        return thread;
    }

    /** Takes {@code seat} in, or lets it go if it is abandoned. Thread-safe. */
    void submit(Seat seat) {
        commands.add(seat);
        wake();
    }

    /** Says that there are events, or another history. Thread-safe. */
    void signal() {
        if (index.size() > 0) {
            wake();
        }
    }

    private void wake() {
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /** The position up to which every event has been offered. Thread-safe. */
    long walked() {
        return walked;
    }

    /** Whether it still has to offer something up to {@code position} to somebody. Thread-safe. */
    boolean isBefore(long position) {
        return index.size() > 0 && walked < position;
    }

    /** How many positions it has not offered yet. Thread-safe. */
    long backlog() {
        return index.size() == 0 ? 0 : Math.max(0, tail.bounds().newest() - walked);
    }

    /** Notes how far it is. Called by the sweeper. */
    void look(long nowNanos) {
        if (index.size() == 0 || tail.era() != era) {
            lag.forget();
        }
        lag.look(tail.bounds().newest(), index.size() == 0 ? Long.MAX_VALUE : walked, nowNanos);
    }

    /** How long events wait for it. Thread-safe. */
    Duration lag() {
        return lag.age();
    }

    /** How many filters of the lane's subscribers match {@code topic}. Thread-safe. */
    int count(Topic topic) {
        return index.count(topic);
    }

    int subscribers() {
        return index.size();
    }

    @Override
    public void run() {
        while (!stopped) {
            if (tail.era() != era) {
                changeHistory();
            }
            if (index.size() == 0) {
                skip();
            }
            takeCommands();
            boolean walking = walk();
            // After the offer: an event that comes just when others are due goes with them.
            long untilDue = lingers.release();
            if (!walking) {
                // Whoever adds work after the second look sees `parked`.
                parked = true;
                if (commands.isEmpty() && !hasMore() && !stopped) {
                    park(untilDue);
                }
                parked = false;
            }
        }
    }

    private void park(long nanos) {
        if (nanos == Long.MAX_VALUE) {
            LockSupport.park(this);
        } else {
            LockSupport.parkNanos(this, nanos);
        }
    }

    private boolean hasMore() {
        return index.size() > 0 && (era.hot().endOrdinal() != nextOrdinal || tail.era() != era);
    }

    /** Every subscriber has to learn that its position is of another history, before it can take a position of this one for its own. */
    private void changeHistory() {
        Era changed = tail.era();
        long newest = changed.hot().bounds().newest();
        // First: who has been told must not take a position of the other history for one of this.
        walked = 0;
        index.forEach(seat -> seat.join(changed, newest));
        era = changed;
        walked = newest;
        nextOrdinal = next(changed.hot(), newest);
    }

    /** Where the walk goes on after {@code position}: what has left the hot events since is read from the log. */
    private static long next(EventRing hot, long position) {
        // In this order: what is covered after the search was covered during it.
        long ordinal = hot.ordinalAfter(position);
        return hot.covers(position) ? ordinal : READ_FROM_LOG;
    }

    /** Nobody is to be offered anything: whoever comes reads in the log what was before. */
    private void skip() {
        walked = era.hot().bounds().newest();
        nextOrdinal = next(era.hot(), walked);
    }

    private void takeCommands() {
        for (Seat seat = commands.poll(); seat != null; seat = commands.poll()) {
            if (tail.era() != era) {
                // Who has just come may know of it already, and would be told that it changed again.
                changeHistory();
            }
            if (seat.isAbandoned()) {
                index.remove(seat);
                if (seat.vacate()) {
                    budget.giveBack(seat.filters());
                }
            } else {
                index.add(seat);
                seat.join(era, walked);
            }
        }
    }

    /** Offers the next event; whether there was one. */
    private boolean walk() {
        EventRing hot = era.hot();
        Event event = hot.get(nextOrdinal);
        if (event != null) {
            nextOrdinal++;
            // What was read in the log may have been ahead of the hot events.
            if (event.sequence() > walked) {
                offer(event);
                walked = event.sequence();
            }
            return true;
        }
        if (nextOrdinal < hot.firstOrdinal() && index.size() > 0) {
            catchUp(hot);
            return true;
        }
        return false;
    }

    private void offer(Event event) {
        if (event.topic().isOwn()) {
            return;
        }
        @Nullable LingerQueue queue = lingers.queueFor(event);
        index.offer(event, queue);
        if (queue != null) {
            lingers.count(queue);
        }
    }

    /** Reads from the log what has left the hot events before this lane came by, page by page until they reach back to where it is. */
    private void catchUp(EventRing hot) {
        // The log may take its time, which nobody who is due waits for. What it brings is late by itself, and goes at once.
        lingers.releaseAll();
        Page page = readOn(hot);
        if (!page.epoch().equals(era.epoch())) {
            LockSupport.parkNanos(this, PAUSE_NANOS);
            return;
        }
        long gone = Math.max(page.from(), page.lost().highest(ALL_CLASSES));
        if (gone > walked) {
            // Some are gone, or cannot be read. Each subscriber looks into the log itself, finds what concerns it, and announces it.
            index.forEach(seat -> seat.join(era, gone));
        }
        for (Event event : page.events()) {
            if ((event.sequence() > gone || gone <= walked) && !event.topic().isOwn()) {
                index.offer(event);
            }
        }
        walked = Math.max(page.through(), gone);
        nextOrdinal = next(hot, walked);
    }

    private Page readOn(EventRing hot) {
        if (era.isUnstored(ALL_CLASSES)) {
            // The log has not all of it: each subscriber finds out by itself whether that concerns it.
            long from = Math.max(walked, hot.bounds().floor());
            return new Page(era.epoch(), from, List.of(), from);
        }
        try {
            return log.follow(walked);
        } catch (UnusableLogException e) {
            // Only those who need what is not hot are concerned: their streams end, and the lane goes on for all who come.
            long from = Math.max(walked, hot.bounds().floor());
            LOGGER.log(System.Logger.Level.WARNING, "a lane goes on at event " + from + " without what follows event " + walked, e);
            return new Page(era.epoch(), from, List.of(), from);
        }
    }
}
