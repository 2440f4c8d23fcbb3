package dev.hark.fanout;

import dev.hark.event.Event;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.EventLog;
import dev.hark.log.EventRing;
import dev.hark.log.Page;
import dev.hark.log.UnusableLogException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * One fan-out thread's share of the subscribers. It sees every event of the log in order, so each of its subscribers does.
 *
 * <p>Everything but {@link #submit}, {@link #signal}, {@link #walked} and the counts is confined to the lane's own platform thread.
 */
final class Lane implements Runnable {
    private static final System.Logger LOGGER = System.getLogger(Lane.class.getName());
    private static final List<TopicFilter> ALL = List.of(TopicFilter.ALL);

    /** Comes before every ordinal: the next event is to be read from the log. */
    private static final long NOT_HOT = -1;

    private final EventLog log;
    private final EventRing hot;
    private final SubscriberIndex index = new SubscriberIndex();
    private final IndexBudget budget;
    private final Thread thread;

    /** Subscribers that come or go: at most two entries for each. */
    private final Queue<Subscriber> commands = new ConcurrentLinkedQueue<>();

    private volatile boolean parked;
    private volatile boolean stopped;
    private volatile long walked;

    // Confined to the lane's thread.
    private long nextOrdinal;

    /** @param budget to which goes back what the subscribers took that have left */
    Lane(String name, EventLog log, IndexBudget budget) {
        this.log = log;
        this.budget = budget;
        this.hot = log.hot().ring();
        this.walked = hot.bounds().newest();
        this.nextOrdinal = hot.ordinalAfter(walked);
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this);
    }

    void start(Thread.UncaughtExceptionHandler onFailure) {
        thread.setUncaughtExceptionHandler(onFailure);
        thread.start();
    }

    void stop() throws InterruptedException {
        stopped = true;
        LockSupport.unpark(thread);
        thread.join();
    }

    /** Takes {@code subscriber} in, or lets it go if it has left. Thread-safe. */
    void submit(Subscriber subscriber) {
        commands.add(subscriber);
        signal();
    }

    /** Says that there is something to do. Thread-safe. */
    void signal() {
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /** The position up to which every event has been offered. Thread-safe. */
    long walked() {
        return walked;
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
            takeCommands();
            if (!walk()) {
                // Whoever adds work after the second look sees `parked`.
                parked = true;
                if (commands.isEmpty() && hot.endOrdinal() == nextOrdinal && !stopped) {
                    LockSupport.park(this);
                }
                parked = false;
            }
        }
    }

    private void takeCommands() {
        for (Subscriber subscriber = commands.poll(); subscriber != null; subscriber = commands.poll()) {
            Seat seat = subscriber.seat();
            if (subscriber.hasLeft()) {
                index.remove(seat);
                if (seat.vacate()) {
                    budget.giveBack(seat.filters());
                }
            } else {
                index.add(seat);
                seat.join(walked);
            }
        }
    }

    /** Offers the next event; whether there was one. */
    private boolean walk() {
        Event event = hot.get(nextOrdinal);
        if (event != null) {
            nextOrdinal++;
            // What was read in the log may have been ahead of the hot events.
            if (event.sequence() > walked) {
                index.offer(event);
                walked = event.sequence();
            }
            return true;
        }
        if (nextOrdinal < hot.firstOrdinal()) {
            catchUp();
            return true;
        }
        return false;
    }

    /** Reads from the log what has left the hot events before this lane came by, page by page until they reach back to where it is. */
    private void catchUp() {
        Page page = readOn();
        if (page.from() > walked) {
            // They are gone, or cannot be read. Each subscriber looks into the log itself, finds the same, and announces it.
            index.forEach(seat -> seat.join(page.from()));
        }
        page.events().forEach(index::offer);
        walked = page.through();
        // In this order: what is covered after the search was covered during it.
        long ordinal = hot.ordinalAfter(walked);
        nextOrdinal = hot.covers(walked) ? ordinal : NOT_HOT;
    }

    private Page readOn() {
        try {
            return log.read(walked, ALL, EventLog.MAX_PAGE_EVENTS);
        } catch (UnusableLogException e) {
            // Only those who need what is not hot are concerned: their streams end, and the lane goes on for all who come.
            long from = Math.max(walked, hot.bounds().floor());
            LOGGER.log(System.Logger.Level.WARNING, "a lane goes on at event " + from + " without what follows event " + walked, e);
            return new Page(from, List.of(), from);
        }
    }
}
