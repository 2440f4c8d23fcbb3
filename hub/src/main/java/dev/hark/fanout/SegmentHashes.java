package dev.hark.fanout;

import dev.hark.event.Topic;
import java.util.concurrent.ThreadLocalRandom;

/** The segments of a topic or a filter as numbers, of which a shape takes the ones that it spells out. Not thread-safe; reused. */
final class SegmentHashes {
    /** Odd, and another one in each process: nobody outside can choose topics that meet in one hash. */
    private static final long MULTIPLIER = ThreadLocalRandom.current().nextLong() | 1;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long[] hashes = new long[Topic.MAX_SEGMENTS];
    private final int[] ends = new int[Topic.MAX_SEGMENTS];
    private int count;

    void read(String text) {
        count = 0;
        long hash = 0;
        for (int i = 0; i < text.length(); i++) {
            char next = text.charAt(i);
            if (next == '/') {
                add(hash, i);
                hash = 0;
            } else {
                hash = (hash + next + 1) * MULTIPLIER;
            }
        }
        add(hash, text.length());
    }

    private void add(long hash, int end) {
        // A topic that an older version stored may have more; no filter looks at those.
        if (count < hashes.length) {
            long mixed = (hash + count) * GOLDEN;
            mixed = (mixed ^ mixed >>> 32) * MULTIPLIER;
            ends[count] = end;
            hashes[count] = mixed ^ mixed >>> 29;
        }
        count++;
    }

    /** How many segments there are. */
    int count() {
        return count;
    }

    /** Where in the text each of the first segments ends; changed by the next {@link #read}. */
    int[] ends() {
        return ends;
    }

    /** One number for those segments whose bits are set in {@code exact}. */
    int of(int exact) {
        long sum = 0;
        for (int left = exact; left != 0; left &= left - 1) {
            sum += hashes[Integer.numberOfTrailingZeros(left)];
        }
        return (int) (sum ^ sum >>> 32);
    }
}
