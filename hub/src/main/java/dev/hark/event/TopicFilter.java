package dev.hark.event;

import java.util.List;

/**
 * A topic in which a segment may be {@code *} (exactly one segment) and the last one {@code **} (one or more). {@code **} alone matches
 * everything. Immutable.
 *
 * @param value the filter as text
 */
public record TopicFilter(String value) {
    static final String ONE = "*";
    static final String REST = "**";

    /** Matches every topic. */
    public static final TopicFilter ALL = new TopicFilter(REST);

    /** @throws InvalidEventException naming the rule that {@code value} breaks */
    public TopicFilter {
        TopicSyntax.check("topic filter", value);
        List<String> segments = TopicSyntax.segments(value);
        for (int i = 0; i < segments.size() - 1; i++) {
            if (segments.get(i).equals(REST)) {
                throw new InvalidEventException("topic filter '" + value + "' has '**' before its end; only the last segment may be '**'");
            }
        }
    }

    /** The segments in order, wildcards included. */
    public List<String> segments() {
        return TopicSyntax.segments(value);
    }

    /** Whether this filter is one topic, spelled out. */
    public boolean isExact() {
        for (String segment : segments()) {
            if (segment.equals(ONE) || segment.equals(REST)) {
                return false;
            }
        }
        return true;
    }

    /** Whether {@code topic} is one of this filter's. */
    public boolean matches(Topic topic) {
        return covers(segments(), topic.segments());
    }

    /** Whether every topic that {@code other} matches, this filter matches too. */
    public boolean covers(TopicFilter other) {
        return covers(segments(), other.segments());
    }

    /** One walk serves topics and filters: a topic is a filter without wildcards. */
    private static boolean covers(List<String> wide, List<String> narrow) {
        for (int i = 0; i < wide.size(); i++) {
            String segment = wide.get(i);
            if (segment.equals(REST)) {
                return narrow.size() > i;
            }
            if (i >= narrow.size() || narrow.get(i).equals(REST)) {
                return false;
            }
            if (!segment.equals(ONE) && !segment.equals(narrow.get(i))) {
                return false;
            }
        }
        return narrow.size() == wide.size();
    }

    @Override
    public String toString() {
        return value;
    }
}
