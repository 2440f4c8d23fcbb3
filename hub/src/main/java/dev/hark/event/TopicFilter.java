package dev.hark.event;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * A topic in which a segment may be {@code *} (exactly one segment) and the last one {@code **} (one or more). {@code **} alone matches
 * every topic but the hub's own. Like a topic it has at most {@value Topic#MAX_SEGMENTS} segments, wildcards included. Immutable.
 */
public final class TopicFilter {
    static final String ONE = "*";
    static final String REST = "**";

    private static final int ONE_NUMBER = 0;
    private static final int REST_NUMBER = 1;

    /** Matches every topic but the hub's own. */
    public static final TopicFilter ALL = new TopicFilter(REST);

    private final String value;

    /** @throws InvalidEventException naming the rule that {@code value} breaks */
    public TopicFilter(String value) {
        this(value, true);
    }

    private TopicFilter(String value, boolean isNew) {
        if (isNew) {
            check(value);
        }
        this.value = value;
    }

    /** One of the hub's own, or one that was checked before: it is not checked again. */
    public static TopicFilter stored(String value) {
        return new TopicFilter(value, false);
    }

    private static void check(String value) {
        TopicSyntax.check("topic filter", value);
        List<String> segments = TopicSyntax.segments(value);
        for (int i = 0; i < segments.size() - 1; i++) {
            if (segments.get(i).equals(REST)) {
                throw new InvalidEventException("topic filter '" + value + "' has '**' before its end; only the last segment may be '**'");
            }
        }
    }

    /** The filter as text. */
    public String value() {
        return value;
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

    /** As {@link #matches(Topic)}, of a topic that was checked before. */
    public boolean matches(String topic) {
        return covers(value, topic);
    }

    /** Whether every topic that {@code other} matches, this filter matches too. */
    public boolean covers(TopicFilter other) {
        return covers(value, other.value);
    }

    /** Whether there is a topic that both match. */
    public boolean overlaps(TopicFilter other) {
        if (Topic.isOwn(value) != Topic.isOwn(other.value)) {
            return false;
        }
        String mine = value;
        String theirs = other.value;
        int m = 0;
        int t = 0;
        while (true) {
            int mineEnd = segmentEnd(mine, m);
            int theirsEnd = segmentEnd(theirs, t);
            if (isSegment(mine, m, mineEnd, REST) || isSegment(theirs, t, theirsEnd, REST)) {
                return true;
            }
            boolean same = mineEnd - m == theirsEnd - t && mine.regionMatches(m, theirs, t, mineEnd - m);
            if (!same && !isSegment(mine, m, mineEnd, ONE) && !isSegment(theirs, t, theirsEnd, ONE)) {
                return false;
            }
            if (mineEnd == mine.length() || theirsEnd == theirs.length()) {
                return mineEnd == mine.length() && theirsEnd == theirs.length();
            }
            m = mineEnd + 1;
            t = theirsEnd + 1;
        }
    }

    /** One walk, segment by segment, serves topics and filters: a topic is a filter without wildcards. */
    private static boolean covers(String wide, String narrow) {
        if (Topic.isOwn(wide) != Topic.isOwn(narrow)) {
            return false;
        }
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

    /**
     * {@code filters} without those that another one covers, in their order; of equal ones the first stays. Compares numbers, one for each
     * segment, and the text of those pairs alone that seem to match.
     */
    public static List<TopicFilter> withoutCovered(List<TopicFilter> filters) {
        List<TopicFilter> distinct = List.copyOf(new LinkedHashSet<>(filters));
        int[][] numbers = distinct.stream().map(TopicFilter::segmentNumbers).toArray(int[][]::new);
        var kept = new ArrayList<TopicFilter>(distinct.size());
        for (int narrow = 0; narrow < numbers.length; narrow++) {
            boolean covered = false;
            for (int wide = 0; wide < numbers.length && !covered; wide++) {
                covered = wide != narrow && mayCover(numbers[wide], numbers[narrow]) && distinct.get(wide).covers(distinct.get(narrow));
            }
            if (!covered) {
                kept.add(distinct.get(narrow));
            }
        }
        return List.copyOf(kept);
    }

    /** One number for each segment: the same for the same text, and that of a wildcard for no other text. */
    private int[] segmentNumbers() {
        return segments().stream().mapToInt(segment -> switch (segment) {
            case ONE -> ONE_NUMBER;
            case REST -> REST_NUMBER;
            default -> segment.hashCode() | 2;
        }).toArray();
    }

    /** As {@link #covers}, with numbers: false only where that is false too. */
    private static boolean mayCover(int[] wide, int[] narrow) {
        for (int i = 0; i < wide.length; i++) {
            if (i == narrow.length) {
                return false;
            }
            if (wide[i] == REST_NUMBER) {
                return true;
            }
            if (narrow[i] == REST_NUMBER || (wide[i] != ONE_NUMBER && wide[i] != narrow[i])) {
                return false;
            }
        }
        return wide.length == narrow.length;
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

    @Override
    public boolean equals(Object other) {
        return other instanceof TopicFilter filter && value.equals(filter.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }
}
