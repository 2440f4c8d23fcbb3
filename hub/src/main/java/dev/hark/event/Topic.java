package dev.hark.event;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The name of a stream of events: segments joined by {@code /}, 1 to {@value #MAX_BYTES} bytes of UTF-8.
 *
 * <p>Refused: control characters, format characters (Unicode Cf), white space, lone surrogates; an empty segment, save the {@code //} after a
 * URI scheme ({@code https://example.com/books/1} is a topic); a segment that is {@code *} or {@code **}; a segment that begins with
 * {@code hark.} or {@code $}, which are the hub's own. Immutable.
 *
 * @param value the topic as text
 */
public record Topic(String value) implements Comparable<Topic> {
    public static final int MAX_BYTES = 512;

    /** @throws InvalidEventException naming the rule that {@code value} breaks */
    public Topic {
        TopicSyntax.check("topic", value);
        for (String segment : TopicSyntax.segments(value)) {
            if (segment.equals(TopicFilter.ONE) || segment.equals(TopicFilter.REST)) {
                throw new InvalidEventException("topic '" + value + "' has the segment '" + segment + "', which only a topic filter may have");
            }
        }
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
    public String toString() {
        return value;
    }
}
