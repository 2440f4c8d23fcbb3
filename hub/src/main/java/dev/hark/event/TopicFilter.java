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

    /** Whether {@code topic} is one of this filter's. Allocates nothing: replays ask it of every event they pass. */
    public boolean matches(Topic topic) {
        return matches(topic.value());
    }

    boolean matches(String topic) {
        return covers(value, topic);
    }

    /** Whether every topic that {@code other} matches, this filter matches too. */
    public boolean covers(TopicFilter other) {
        return covers(value, other.value);
    }

    /** One walk, segment by segment, serves topics and filters: a topic is a filter without wildcards. */
    private static boolean covers(String wide, String narrow) {
        int w = 0;
        int n = 0;
        while (true) {
            int wideEnd = segmentEnd(wide, w);
            if (isSegment(wide, w, wideEnd, REST)) {
                return true;
            }
            int narrowEnd = segmentEnd(narrow, n);
            if (isSegment(narrow, n, narrowEnd, REST)) {
                return false;
            }
            boolean same = wideEnd - w == narrowEnd - n && wide.regionMatches(w, narrow, n, wideEnd - w);
            if (!same && !isSegment(wide, w, wideEnd, ONE)) {
                return false;
            }
            if (wideEnd == wide.length() || narrowEnd == narrow.length()) {
                return wideEnd == wide.length() && narrowEnd == narrow.length();
            }
            w = wideEnd + 1;
            n = narrowEnd + 1;
        }
    }

    private static int segmentEnd(String value, int from) {
        int slash = value.indexOf('/', from);
        return slash < 0 ? value.length() : slash;
    }

    private static boolean isSegment(String value, int from, int end, String segment) {
        return end - from == segment.length() && value.startsWith(segment, from);
    }

    @Override
    public String toString() {
        return value;
    }
}
