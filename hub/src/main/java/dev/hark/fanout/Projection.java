package dev.hark.fanout;

import dev.hark.event.TopicFilter;
import org.jspecify.annotations.Nullable;

/**
 * A filter as the key of a map of filters that have one shape, or a topic that is looked up there: it equals the filter that it becomes
 * when the segments are replaced by wildcards that the shape does not spell out.
 *
 * <p>A filter's does not change. A topic's does, from shape to shape; it is confined to its thread.
 */
final class Projection {
    private static final Shape NO_SHAPE = new Shape(0, 0, true);

    private Shape shape;
    private String text;
    private int hash;

    /** Where the topic's segments end; null for a filter. */
    private final int @Nullable [] ends;

    private Projection(Shape shape, String text, int hash, int @Nullable [] ends) {
        this.shape = shape;
        this.text = text;
        this.hash = hash;
        this.ends = ends;
    }

    static Projection of(Shape shape, TopicFilter filter) {
        var hashes = new SegmentHashes();
        hashes.read(filter.value());
        return new Projection(shape, filter.value(), hashes.of(shape.exact()), null);
    }

    /** Of the topics that {@code hashes} will read. */
    static Projection ofTopics(SegmentHashes hashes) {
        return new Projection(NO_SHAPE, "", 0, hashes.ends());
    }

    /** Makes this the projection of a topic into a shape. */
    void change(Shape newShape, String topic, int newHash) {
        shape = newShape;
        text = topic;
        hash = newHash;
    }

    /* A map asks the key that it is given, never the one that it holds: so a topic may equal a filter that does not know of it. */

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Projection filter) || hash != filter.hash) {
            return false;
        }
        return ends == null ? text.equals(filter.text) : shape.isOf(filter.text, text, ends);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
