package dev.hark.load.wire;

import java.util.Arrays;

/**
 * One field of a block: a range of somebody's buffer for as long as that is possible, and a copy from then on.
 *
 * <p>Confined to the scanner that holds it.
 */
final class ByteField {
    /** A copy larger than this is let go when the block ends, so that one large event does not stay in memory for a stream's life. */
    private static final int KEPT_BYTES = 1024;

    private static final byte[] NONE = {};

    private byte[] own = NONE;
    byte[] bytes = NONE;
    int from;
    int to;
    boolean present;
    private boolean held;

    void clear() {
        if (own.length > KEPT_BYTES) {
            own = NONE;
        }
        bytes = NONE;
        from = 0;
        to = 0;
        present = false;
        held = false;
    }

    void set(byte[] source, int sourceFrom, int sourceTo) {
        bytes = source;
        from = sourceFrom;
        to = sourceTo;
        present = true;
        held = false;
    }

    /** Joins another line to the field, with LF between the two. */
    void join(byte[] source, int sourceFrom, int sourceTo) {
        if (!present) {
            set(source, sourceFrom, sourceTo);
            return;
        }
        hold();
        int length = to + 1 + sourceTo - sourceFrom;
        reserve(length);
        own[to] = '\n';
        System.arraycopy(source, sourceFrom, own, to + 1, sourceTo - sourceFrom);
        set(own, 0, length);
        held = true;
    }

    /** Copies the range, so that the buffer that it points into may change. */
    void hold() {
        if (!present || held) {
            return;
        }
        int length = to - from;
        reserve(length);
        System.arraycopy(bytes, from, own, 0, length);
        set(own, 0, length);
        held = true;
    }

    int length() {
        return to - from;
    }

    private void reserve(int length) {
        if (own.length < length) {
            own = Arrays.copyOf(own, Math.max(64, Integer.highestOneBit(Math.max(1, length - 1)) << 1));
        }
    }
}
