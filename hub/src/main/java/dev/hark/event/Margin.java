package dev.hark.event;

/**
 * The room around bytes that are written at once, in the same array: their count stands before them, an end after them.
 *
 * <p>A stream whose client is to know where each write ends is written with the margins, any other without them. So a frame that all
 * streams share is copied for neither. The count is hexadecimal without leading zeros, then CR and LF; the end is CR and LF. (What HTTP
 * calls a chunk: RFC 9112, 7.1.) The array begins with the count. Stateless.
 */
public final class Margin {
    /** How many bytes the end takes. */
    public static final int AFTER = 2;

    private static final int LINE_END = 2;
    private static final int DIGIT_BITS = 4;
    private static final byte[] DIGITS = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private Margin() {}

    /** How many bytes the count of {@code length} bytes takes: there the bytes themselves begin. */
    public static int before(int length) {
        return digits(length) + LINE_END;
    }

    /** An array with room for {@code length} bytes, and its margins written. */
    static byte[] around(int length) {
        var bytes = new byte[before(length) + length + AFTER];
        mark(bytes, length);
        return bytes;
    }

    /** {@code length} of the bytes from {@code offset} on, in an array of their own with margins. */
    public static byte[] around(byte[] bytes, int offset, int length) {
        byte[] copy = around(length);
        System.arraycopy(bytes, offset, copy, before(length), length);
        return copy;
    }

    /** Writes the margins of {@code length} bytes, which stand in {@code bytes} from {@link #before} on, or will. */
    public static void mark(byte[] bytes, int length) {
        if (length <= 0) {
            throw new IllegalArgumentException("a write of " + length + " bytes has no margin: a count of nothing would end the stream");
        }
        int at = digits(length);
        lineEnd(bytes, at);
        for (int rest = length; rest > 0; rest >>>= DIGIT_BITS) {
            bytes[--at] = DIGITS[rest & (1 << DIGIT_BITS) - 1];
        }
        lineEnd(bytes, before(length) + length);
    }

    private static int digits(int length) {
        return (Integer.SIZE - Integer.numberOfLeadingZeros(length) + DIGIT_BITS - 1) / DIGIT_BITS;
    }

    private static void lineEnd(byte[] bytes, int at) {
        bytes[at] = '\r';
        bytes[at + 1] = '\n';
    }
}
