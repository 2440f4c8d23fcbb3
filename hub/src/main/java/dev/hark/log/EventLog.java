package dev.hark.log;

import dev.hark.event.Draft;
import dev.hark.event.Filters;
import java.util.List;

/**
 * The one totally ordered sequence of events, and the seam between a laptop and a cluster: what orders, stores and finds events. What is
 * known of them on this node, and who follows, is {@link Tail}'s.
 *
 * <p>Sequence numbers only grow and are never used twice within an epoch. An event that {@code append} answered for is as durable as
 * {@link Capabilities#durability} says. Every wait has an end. Thread-safe; every method may be called on a virtual thread.
 */
public interface EventLog extends AutoCloseable {
    /** How many events a page of some topics holds at most. */
    int MAX_PAGE_EVENTS = 500;

    /** How many events one read or one step of a search passes at most: what a question costs before others have their turn. */
    int MAX_SCAN_EVENTS = 5_000;

    /** What is committed. */
    Tail tail();

    /** What this engine can do. The same as long as it lives. */
    Capabilities capabilities();

    /** Stores {@code batch} in order; returns when that is as durable as configured, when it was refused, or when it takes too long. */
    Append append(List<Draft> batch);

    /**
     * The first events after position {@code after} that match any of {@code filters}, in order.
     *
     * @param after a position: 0 or more
     * @param limit how many events at most, 1 to {@value #MAX_SCAN_EVENTS}; a page may be shorter, and empty, before the end of the log
     * @throws UnusableLogException if it cannot be read, or not in time
     */
    Page read(long after, Filters filters, int limit);

    /**
     * As {@link #read}, of every topic, for a lane that fell behind the hot events: no other read stands before it.
     *
     * @throws UnusableLogException if it cannot be read, or not in time
     */
    Page follow(long after);

    /**
     * The position before the first event that was stored at {@code timeMillis} or later.
     *
     * @throws UnusableLogException if it cannot be read, or not in time
     */
    Since since(long timeMillis);

    /**
     * Goes one step on with a search for the last retained events that match any of {@code filters}.
     *
     * @param search where it is: not ended
     * @throws UnusableLogException if it cannot be read, or not in time
     */
    Back back(Back search, Filters filters);

    /**
     * The newest events of their topics and keys, of classes that keep those, that match any of {@code filters} and stand after position
     * {@code after}, up to {@code through}, in the order of the log. One that was replaced or taken back since is not among them.
     *
     * @param limit how many events at most
     * @throws UnusableLogException if it cannot be read, or not in time
     */
    Page latest(long after, long through, Filters filters, int limit);

    /** What is retained of each class of topics, by number. Answers at once. */
    List<ClassUse> kept();

    /** How it is. Answers at once. */
    default LogHealth health() {
        return LogHealth.GOOD;
    }

    /** Does what time asks for: retention by age. Called about once a second. */
    void maintain();

    /** Stops accepting events and releases what the log holds. */
    @Override
    void close();
}
