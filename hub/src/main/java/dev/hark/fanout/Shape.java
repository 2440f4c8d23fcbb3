package dev.hark.fanout;

import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.util.List;

/**
 * What those filters have in common that can be looked up together: how many segments they have, and which of these are spelled out. The
 * filters {@code users/*}{@code /orders} and {@code shops/*}{@code /prices} have the same shape.
 *
 * @param exact  a bit for each segment that is spelled out, the first segment's lowest
 * @param length how many segments there are, {@code **} not counted: 0 to {@link Topic#MAX_SEGMENTS}
 * @param open   whether {@code **} follows
 */
record Shape(int exact, int length, boolean open) {
    private static final String ONE = "*";
    private static final String REST = "**";

    static Shape of(TopicFilter filter) {
        List<String> segments = filter.segments();
        boolean open = segments.getLast().equals(REST);
        int length = open ? segments.size() - 1 : segments.size();
        int exact = 0;
        for (int i = 0; i < length; i++) {
            if (!segments.get(i).equals(ONE)) {
                exact |= 1 << i;
            }
        }
        return new Shape(exact, length, open);
    }

    /** Whether it has one {@code *} at most. There are about a thousand such shapes. */
    boolean isSimple() {
        return length - Integer.bitCount(exact) <= 1;
    }

    /**
     * Whether {@code filter}, which has this shape, is what {@code topic} becomes when its other segments are replaced by wildcards.
     *
     * @param ends where the segments of {@code topic} end
     */
    boolean isOf(String filter, String topic, int[] ends) {
        int at = 0;
        int from = 0;
        for (int i = 0; i < length; ) {
            int spelledOut = Math.min(Integer.numberOfTrailingZeros(~(exact >>> i)), length - i);
            if (spelledOut > 0) {
                // Segments side by side, with the slashes between them, at once.
                i += spelledOut;
                int end = ends[i - 1];
                if (!filter.regionMatches(at, topic, from, end - from)) {
                    return false;
                }
                at += end - from;
                from = end + 1;
            } else {
                if (!isAt(filter, at, '*')) {
                    return false;
                }
                at++;
                from = ends[i] + 1;
                i++;
            }
            if (i < length || open) {
                if (!isAt(filter, at, '/')) {
                    return false;
                }
                at++;
            }
        }
        return open ? filter.length() - at == REST.length() && filter.endsWith(REST) : filter.length() == at;
    }

    private static boolean isAt(String text, int at, char expected) {
        return at < text.length() && text.charAt(at) == expected;
    }
}
