package dev.hark.event;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The name of a stream of events: 1 to {@value #MAX_SEGMENTS} segments joined by {@code /}, 1 to {@value #MAX_BYTES} bytes of UTF-8.
 *
 * <p>Refused: control characters, format characters (Unicode Cf), white space, lone surrogates; an empty segment, save the {@code //} after
 * a URI scheme ({@code https://example.com/books/1} is a topic, of five segments); a segment that is {@code *} or {@code **}; a segment
 * that begins with {@code hark.} or {@code $}, which are the hub's own. Immutable.
 */
public final class Topic implements Comparable<Topic> {
    public static final int MAX_BYTES = 512;

    /** What matching a topic costs is bounded by this. */
    public static final int MAX_SEGMENTS = 32;

    private final String value;

    /** @throws InvalidEventException naming the rule that {@code value} breaks */
    public Topic(String value) {
        this(value, true);
    }

    private Topic(String value, boolean isNew) {
        if (isNew) {
            check(value);
        }
        this.value = value;
    }

    /**
     * A topic that a log holds. It was checked when it was published, by the rules of the version that took it, and is not checked again.
     */
    public static Topic stored(String value) {
        return new Topic(value, false);
    }

    /** Whether {@code topic} is one of the hub's own, which no wildcard of anybody else matches. */
    static boolean isOwn(String topic) {
        return topic.charAt(0) == '$';
    }

    /** Whether it is one of the hub's own: nobody is given its events. */
    public boolean isOwn() {
        return isOwn(value);
    }

    private static void check(String value) {
        TopicSyntax.check("topic", value);
        for (String segment : TopicSyntax.segments(value)) {
            if (segment.equals(TopicFilter.ONE) || segment.equals(TopicFilter.REST)) {
                throw new InvalidEventException(
                        "topic '" + value + "' has the segment '" + segment + "', which only a topic filter may have");
            }
        }
    }

    /** The topic as text. */
    public String value() {
        return value;
    }

    /** The segments in order; a {@code //} after a URI scheme leaves one empty segment. */
    public List<String> segments() {
        return TopicSyntax.segments(value);
    }

    /** The length of the topic in bytes of UTF-8. */
    public int bytes() {
        return value.getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public int compareTo(Topic other) {
        return value.compareTo(other.value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Topic topic && value.equals(topic.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
