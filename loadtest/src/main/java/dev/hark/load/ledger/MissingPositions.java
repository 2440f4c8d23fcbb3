package dev.hark.load.ledger;

import java.util.Arrays;

/**
 * A small set of positions that were skipped and may still come, kept as sorted, disjoint ranges; each range knows which of the
 * server's gap notices may be about it, if any.
 *
 * <p>Confined to the reader thread of its subscriber.
 */
final class MissingPositions {
    /** What a position was in the set. */
    enum Kind {
        ABSENT,
        UNDECLARED,
        DECLARED
    }

    /**
     * Gap notices of one subscriber that may be about the same range: from the first that was not followed by the next event of the flow,
     * to the last before the jump. Numbered as they came; none where {@code first} is above {@code last}.
     */
    record Gaps(int first, int last) {
        static final Gaps NONE = new Gaps(0, -1);

        boolean isNone() {
            return first > last;
        }
    }

    private int[] from = new int[4];
    private int[] to = new int[4];
    private Gaps[] gaps = new Gaps[4];
    private int size;

    /** Adds {@code [rangeFrom, rangeTo)}, which lies above everything that was added before. */
    void add(int rangeFrom, int rangeTo, Gaps about) {
        if (rangeFrom >= rangeTo || (size > 0 && rangeFrom < to[size - 1])) {
            throw new IllegalArgumentException("range " + rangeFrom + " to " + rangeTo + " is empty or not above the last");
        }
        insert(size, rangeFrom, rangeTo, about);
    }

    /** Removes a position and says what it was. */
    Kind remove(int position) {
        int range = find(position);
        if (range < 0) {
            return Kind.ABSENT;
        }
        Gaps about = gaps[range];
        int end = to[range];
        to[range] = position;
        if (position + 1 < end) {
            insert(range + 1, position + 1, end, about);
        }
        if (from[range] == position) {
            delete(range);
        }
        return about.isNone() ? Kind.UNDECLARED : Kind.DECLARED;
    }

    int ranges() {
        return size;
    }

    int from(int range) {
        return from[range];
    }

    int to(int range) {
        return to[range];
    }

    Gaps gaps(int range) {
        return gaps[range];
    }

    private int find(int position) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (position < from[middle]) {
                high = middle - 1;
            } else if (position >= to[middle]) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        return -1;
    }

    private void insert(int at, int rangeFrom, int rangeTo, Gaps about) {
        if (size == from.length) {
            from = Arrays.copyOf(from, 2 * size);
            to = Arrays.copyOf(to, 2 * size);
            gaps = Arrays.copyOf(gaps, 2 * size);
        }
        System.arraycopy(from, at, from, at + 1, size - at);
        System.arraycopy(to, at, to, at + 1, size - at);
        System.arraycopy(gaps, at, gaps, at + 1, size - at);
        from[at] = rangeFrom;
        to[at] = rangeTo;
        gaps[at] = about;
        size++;
    }

    private void delete(int at) {
        System.arraycopy(from, at + 1, from, at, size - at - 1);
        System.arraycopy(to, at + 1, to, at, size - at - 1);
        System.arraycopy(gaps, at + 1, gaps, at, size - at - 1);
        size--;
    }
}
