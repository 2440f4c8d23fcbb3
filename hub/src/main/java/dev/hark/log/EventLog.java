package dev.hark.log;

import dev.hark.event.Draft;
import dev.hark.event.TopicFilter;
import java.util.List;
import java.util.Optional;

/**
 * The one totally ordered sequence of events, and the seam between a laptop and a cluster.
 *
 * <p>Sequence numbers only grow and are never used twice within an epoch. An event that {@code append} answered for is as durable as
 * {@link #durability} says, and is in {@link #hot} before it is answered for. Thread-safe; every method may be called on a virtual thread.
 */
public interface EventLog extends AutoCloseable {
    /** How many events a page holds at most. */
    int MAX_PAGE_EVENTS = 500;

    /** Which log this is: changes when its history is no longer the same. */
    String epoch();

    /** What an acknowledgement of this log means: {@code fsync}, {@code write} or {@code memory}. */
    String durability();

    /** Stores all of {@code batch} in order, or none of it; returns when that is as durable as configured. */
    Append append(List<Draft> batch);

    /**
     * The first events after position {@code after} that match any of {@code filters}, in order.
     *
     * @param after   a position: 0 or more
     * @param filters at least one
     * @param limit   how many events at most, 1 to {@value #MAX_PAGE_EVENTS}; a page may be shorter, and empty, before the end of the log
     */
    Page read(long after, List<TopicFilter> filters, int limit);

    /** The position before the first event that was stored at {@code timeMillis} or later. */
    Since since(long timeMillis);

    /** The position from which the last {@code count} retained events that match any of {@code filters} follow; all of them if there are fewer. */
    long beforeLast(List<TopicFilter> filters, int count);

    /** What is retained now. */
    Bounds bounds();

    /** The newest events, which lanes follow and from which most replays are served. */
    HotEvents hot();

    /** Why the log takes no events now: a sentence; empty when it does. */
    default Optional<String> notReady() {
        return Optional.empty();
    }

    /** Does what time asks for: retention by age. Called about once a second. */
    void maintain();

    /** Stops accepting events and releases what the log holds. */
    @Override
    void close();
}
