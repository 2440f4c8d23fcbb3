package dev.hark.load.wire;

import java.net.ProtocolException;
import java.util.Arrays;

/**
 * An incremental reader of {@code text/event-stream} bytes, after the WHATWG HTML standard, "9.2.6 Interpreting an event stream".
 *
 * <p>Lines end with CR, LF or CRLF; a leading byte order mark is dropped; bytes may arrive split anywhere, also inside CRLF or the mark. An
 * id that holds NUL is ignored, as is a {@code retry} that is not all digits. Bytes are passed on as they are: for valid UTF-8 the result
 * is what a decoding reader would find.
 *
 * <p>Confined to one thread.
 */
public final class SseScanner {
    /*
     * A line that lies whole in the caller's buffer is looked at there, and its fields stay ranges of that buffer until the block ends or
     * the buffer does. Only what is unfinished when feed() returns is copied: the last, partial line into `line`, the fields of a begun
     * block into their own arrays. So an event that arrived in one read costs no copy, and a stream between two events holds no bytes.
     */
    private static final byte[] NO_BYTES = {};
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final int KEPT_LINE_BYTES = 1024;
    private static final int MARK_DONE = -1;

    private final int maxEventBytes;

    private byte[] line = NO_BYTES;
    private int lineLength;
    private boolean skipLineFeed;
    private int markMatched;

    private final ByteField type = new ByteField();
    private final ByteField data = new ByteField();
    private final ByteField id = new ByteField();

    /** A scanner that refuses an event (or a line) of more than so many bytes. */
    public SseScanner(int maxEventBytes) {
        if (maxEventBytes < 1) {
            throw new IllegalArgumentException("maxEventBytes is " + maxEventBytes + "; it must be at least 1");
        }
        this.maxEventBytes = maxEventBytes;
    }

    /**
     * Reads on, calling the listener for whatever became complete.
     *
     * @throws ProtocolException if an event or a line is larger than the limit; the scanner is of no use afterwards
     */
    public void feed(byte[] bytes, int from, int to, SseListener listener) throws ProtocolException {
        int at = markMatched == MARK_DONE ? from : skipMark(bytes, from, to);
        if (skipLineFeed && at < to) {
            skipLineFeed = false;
            if (bytes[at] == '\n') {
                at++;
            }
        }
        while (at < to) {
            int end = lineEnd(bytes, at, to);
            if (end == to) {
                carry(bytes, at, to);
                break;
            }
            if (lineLength > 0) {
                carry(bytes, at, end);
                onLine(line, 0, lineLength, listener);
                holdFields();
                lineLength = 0;
            } else {
                onLine(bytes, at, end, listener);
            }
            at = end + 1;
            if (bytes[end] == '\r') {
                if (at == to) {
                    skipLineFeed = true;
                } else if (bytes[at] == '\n') {
                    at++;
                }
            }
        }
        holdFields();
        if (lineLength == 0 && line.length > KEPT_LINE_BYTES) {
            line = NO_BYTES;
        }
    }

    private static int lineEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != '\n' && bytes[at] != '\r') {
            at++;
        }
        return at;
    }

    private int skipMark(byte[] bytes, int from, int to) throws ProtocolException {
        int at = from;
        while (at < to && bytes[at] == BYTE_ORDER_MARK[markMatched]) {
            at++;
            if (++markMatched == BYTE_ORDER_MARK.length) {
                markMatched = MARK_DONE;
                return at;
            }
        }
        if (at < to) {
            int begun = markMatched;
            markMatched = MARK_DONE;
            carry(BYTE_ORDER_MARK, 0, begun);
        }
        return at;
    }

    private void carry(byte[] bytes, int from, int to) throws ProtocolException {
        int length = lineLength + to - from;
        if (length > maxEventBytes) {
            throw tooLarge("line", length);
        }
        if (line.length < length) {
            line = Arrays.copyOf(line, Math.max(64, Integer.highestOneBit(Math.max(1, length - 1)) << 1));
        }
        System.arraycopy(bytes, from, line, lineLength, to - from);
        lineLength = length;
    }

    private void holdFields() {
        type.hold();
        data.hold();
        id.hold();
    }

    private void onLine(byte[] bytes, int from, int to, SseListener listener) throws ProtocolException {
        if (from == to) {
            onBlockEnd(listener);
            return;
        }
        int colon = from;
        while (colon < to && bytes[colon] != ':') {
            colon++;
        }
        int value = Math.min(colon + 1, to);
        if (value < to && bytes[value] == ' ') {
            value++;
        }
        switch (colon - from) {
            case 2 -> {
                if (is("id", bytes, from) && !holdsNul(bytes, value, to)) {
                    id.set(bytes, value, to);
                }
            }
            case 4 -> {
                if (is("data", bytes, from)) {
                    data.join(bytes, value, to);
                    if (data.length() > maxEventBytes) {
                        throw tooLarge("event", data.length());
                    }
                }
            }
            case 5 -> {
                if (is("event", bytes, from)) {
                    type.set(bytes, value, to);
                } else if (is("retry", bytes, from)) {
                    onRetry(bytes, value, to, listener);
                }
            }
            default -> {
                // A comment, or a field that the standard says to ignore.
            }
        }
    }

    private void onBlockEnd(SseListener listener) {
        if (id.present) {
            listener.onId(id.bytes, id.from, id.to);
        }
        if (data.present) {
            listener.onEvent(type.bytes, type.from, type.to, data.bytes, data.from, data.to);
        }
        id.clear();
        data.clear();
        type.clear();
    }

    private static void onRetry(byte[] bytes, int from, int to, SseListener listener) {
        long millis = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || millis > Integer.MAX_VALUE) {
                return;
            }
            millis = millis * 10 + digit;
        }
        if (from < to) {
            listener.onRetry(millis);
        }
    }

    private static boolean is(String name, byte[] bytes, int from) {
        for (int i = 0; i < name.length(); i++) {
            if (bytes[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean holdsNul(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == 0) {
                return true;
            }
        }
        return false;
    }

    private ProtocolException tooLarge(String what, int length) {
        return new ProtocolException("%s of an event stream is %d bytes or longer; the limit is %d".formatted(what, length, maxEventBytes));
    }
}
