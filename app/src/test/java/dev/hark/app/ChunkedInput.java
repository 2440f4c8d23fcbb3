package dev.hark.app;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A chunked body (RFC 9112, section 7.1), strictly: a size in hexadecimal without leading zeros or extensions, no trailers. Ends with the
 * last chunk, or where the connection is cut. Confined to one thread.
 */
public final class ChunkedInput extends InputStream {
    private static final int NONE = -1;

    private final InputStream in;
    private final List<Integer> sizes = new ArrayList<>();
    private int left;
    private boolean begun;
    private boolean finished;
    private boolean cut;

    public ChunkedInput(InputStream in) {
        this.in = in;
    }

    /** The body of an answer with {@code head}, chunked or not. */
    public static InputStream body(InputStream in, List<String> head) {
        return head.contains("Transfer-Encoding: chunked") ? new ChunkedInput(in) : in;
    }

    @Override
    public int read() throws IOException {
        if (left == 0 && !nextChunk()) {
            return NONE;
        }
        int b = in.read();
        if (b < 0) {
            cut = true;
            return NONE;
        }
        left--;
        return b;
    }

    /** What is there now of a chunk: never waits for more. */
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        int first = read();
        if (first < 0) {
            return NONE;
        }
        bytes[offset] = (byte) first;
        int there = Math.min(left, Math.min(length - 1, in.available()));
        int more = there == 0 ? 0 : Math.max(0, in.read(bytes, offset + 1, there));
        left -= more;
        return 1 + more;
    }

    private boolean nextChunk() throws IOException {
        if (finished || cut || (begun && !lineEnd())) {
            return false;
        }
        begun = true;
        var digits = new StringBuilder();
        int b = in.read();
        for (; b >= 0 && b != '\r'; b = in.read()) {
            digits.append((char) b);
        }
        if (b < 0 || in.read() != '\n') {
            cut = true;
            return false;
        }
        if (!digits.toString().matches("0|[1-9a-f][0-9a-f]{0,6}")) {
            throw new AssertionError("no size of a chunk: '" + digits + "'");
        }
        left = Integer.parseInt(digits.toString(), 16);
        if (left > 0) {
            sizes.add(left);
            return true;
        }
        finished = lineEnd();
        return false;
    }

    private boolean lineEnd() throws IOException {
        int first = in.read();
        int second = first < 0 ? NONE : in.read();
        cut = second < 0;
        if (!cut && (first != '\r' || second != '\n')) {
            throw new AssertionError("a chunk ends in " + first + ", " + second);
        }
        return !cut;
    }

    /** The sizes of the chunks so far, but for the last one. */
    public List<Integer> sizes() {
        return List.copyOf(sizes);
    }

    /** Whether the last chunk has come: the body ended on purpose. */
    public boolean isFinished() {
        return finished;
    }
}
