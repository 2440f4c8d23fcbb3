package dev.hark.fanout;

import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the subscriptions of a hub may cost its lanes: bytes of index, and shapes of filters to look each event up in. It is taken before a
 * stream is admitted, and given back when the lane has let go of it. Thread-safe.
 */
final class IndexBudget {
    /** How many shapes with more than one {@code *} there may be, over all streams. */
    static final int MAX_SHAPES = 1_024;

    /**
     * How many lookups an event costs each lane at most, whatever its topic and the filters are: one among exact topics, one in each shape
     * that is counted, and one in each simple shape that fits, which are those of the topic's own length and those that end in {@code **}.
     */
    static final int MAX_LOOKUPS = 1 + MAX_SHAPES + (Topic.MAX_SEGMENTS + 1) + Topic.MAX_SEGMENTS * (Topic.MAX_SEGMENTS + 1) / 2;

    /* The constants are bounds for objects with 12 bytes of head and compressed references, as the JVM lays them out up to 32 GiB of heap,
       with each growing array and table at its emptiest. IndexBudgetTest compares them with the heap. */

    /** The seat and its arrays. */
    private static final int SEAT_BYTES = 136;

    /** A filter, its set in a map, and its places in arrays. */
    private static final int FILTER_BYTES = 232;

    /** A filter with wildcards, where it is the only one of its shape. */
    private static final int SHAPE_BYTES = 320;

    /** A string without its characters. */
    private static final int TEXT_BYTES = 48;

    private final IndexLimits limits;
    private final LongAdder tooLarge = new LongAdder();
    private final LongAdder refused = new LongAdder();

    @GuardedBy("this")
    private final Map<Shape, Integer> shapes = new HashMap<>();
    /** Changed with the monitor held, and read without it. */
    private volatile long bytes;

    IndexBudget(IndexLimits limits) {
        this.limits = limits;
    }

    /**
     * What a subscription to {@code filters} costs the index at most, in bytes of heap: some for the stream, for each filter, and for its
     * text, which is counted twice, because the index may go on holding the equal text of a stream that has left.
     */
    static long cost(Filters filters) {
        long cost = SEAT_BYTES;
        for (TopicFilter filter : filters.asList()) {
            cost += FILTER_BYTES + 2L * textBytes(filter.value());
            if (!filter.isExact()) {
                cost += SHAPE_BYTES;
            }
        }
        return cost;
    }

    /** Two bytes for each character where one is beyond Latin-1. */
    private static long textBytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xFF) {
                return TEXT_BYTES + 2L * text.length();
            }
        }
        return TEXT_BYTES + (long) text.length();
    }

    /** @throws InvalidEventException if one subscription may not have so much, however empty the hub is */
    void requireFits(Filters filters) {
        long cost = cost(filters);
        if (cost > limits.subscriptionBytes()) {
            tooLarge.increment();
            throw new InvalidEventException("the subscription's " + filters.size() + " topic filters take " + cost
                    + " bytes of the index; the limit is " + limits.subscriptionBytes());
        }
    }

    /** Takes what {@code filters} cost; or nothing, and says in a sentence which limit is met. */
    Optional<String> take(Filters filters) {
        long cost = cost(filters);
        List<Shape> counted = countedShapes(filters);
        synchronized (this) {
            if (bytes + cost > limits.bytes()) {
                refused.increment();
                return Optional.of("the index of subscriptions takes " + bytes + " bytes, and this one " + cost
                        + " more; the limit is " + limits.bytes() + " (limits.index-bytes)");
            }
            counted.forEach(shape -> shapes.merge(shape, 1, Integer::sum));
            if (shapes.size() > MAX_SHAPES) {
                counted.forEach(this::giveBack);
                refused.increment();
                return Optional.of("the filters of all subscriptions have " + shapes.size()
                        + " shapes with more than one '*', and this one has others; the limit is " + MAX_SHAPES);
            }
            addBytes(cost);
        }
        return Optional.empty();
    }

    /** Gives back what {@link #take} took. */
    void giveBack(Filters filters) {
        long cost = cost(filters);
        List<Shape> counted = countedShapes(filters);
        synchronized (this) {
            counted.forEach(this::giveBack);
            addBytes(-cost);
        }
    }

    @GuardedBy("this")
    private void giveBack(Shape shape) {
        shapes.computeIfPresent(shape, (same, count) -> count == 1 ? null : count - 1);
    }

    @GuardedBy("this")
    private void addBytes(long difference) {
        long before = bytes;
        bytes = before + difference;
    }

    private static List<Shape> countedShapes(Filters filters) {
        var counted = new ArrayList<Shape>();
        for (TopicFilter filter : filters.asList()) {
            Shape shape = Shape.of(filter);
            if (!shape.isSimple()) {
                counted.add(shape);
            }
        }
        return counted;
    }

    /** What is taken now. */
    long bytes() {
        return bytes;
    }

    /** How many subscriptions {@link #requireFits} refused. */
    long tooLarge() {
        return tooLarge.sum();
    }

    /** How many times {@link #take} refused. */
    long refused() {
        return refused.sum();
    }
}
