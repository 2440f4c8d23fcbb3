package dev.hark.app.http.wire;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * What Helidon writes its answers to. Passes them on as they are, but for those that must not leave so: without what an answer to HEAD, a
 * 204 or a 304 must not have (RFC 9110, sections 8.6 and 9.3.2), and with {@code Connection: close} where the connection ends behind it.
 * Confined to the connection's thread.
 */
final class AnswerWriter implements DataWriter {
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String CONNECTION = "connection:";
    private static final String CONTENT_LENGTH = "content-length:";

    /** Where the status is in a status line. */
    private static final int STATUS = "HTTP/1.1 ".length();

    private final DataWriter socket;
    private final Consumer<UncheckedIOException> failed;

    private boolean head;
    private boolean close;
    private boolean begun;
    private boolean ended;

    /** @param failed told when the client could not be written to */
    AnswerWriter(DataWriter socket, Consumer<UncheckedIOException> failed) {
        this.socket = socket;
        this.failed = failed;
    }

    /**
     * Expects the answer to another request.
     *
     * @param head whether it asks for the head alone
     * @param close whether the connection ends behind the answer
     */
    void expect(boolean head, boolean close) {
        this.head = head;
        this.close = close;
        begun = false;
    }

    /** Has an answer that has not begun say whether the connection ends behind it. */
    void closeBehind(boolean close) {
        this.close = close;
    }

    /** Whether anything of the answer has been written. */
    boolean begun() {
        return begun;
    }

    /** Writes {@code bytes}, which are not a part of what Helidon answers. */
    void writeOwn(byte[] bytes) {
        pass(BufferData.create(bytes));
    }

    /** Forgets whatever is written from now on. */
    void end() {
        ended = true;
    }

    @Override
    public void write(BufferData... buffers) {
        for (BufferData buffer : buffers) {
            write(buffer);
        }
    }

    @Override
    public void write(BufferData buffer) {
        if (buffer.available() == 0) {
            return;
        }
        if (!begun) {
            begun = true;
            pass(close || head || mayHaveNoLength(buffer) ? corrected(buffer) : buffer);
        } else if (!head) {
            pass(buffer);
        }
    }

    @Override
    public void writeNow(BufferData... buffers) {
        write(buffers);
    }

    @Override
    public void writeNow(BufferData buffer) {
        write(buffer);
    }

    @Override
    public void flush() {
        socket.flush();
    }

    private void pass(BufferData buffer) {
        if (ended) {
            return;
        }
        try {
            socket.writeNow(buffer);
        } catch (UncheckedIOException e) {
            // Not let through: Helidon would log what an error handler throws. Where it reads on, it hears of it.
            ended = true;
            failed.accept(e);
        }
    }

    /** Whether {@code answer} is a 204 or a 304. */
    private static boolean mayHaveNoLength(BufferData answer) {
        return answer.available() > STATUS + 3
                && answer.get(STATUS + 1) == '0'
                && answer.get(STATUS + 2) == '4'
                && (answer.get(STATUS) == '2' || answer.get(STATUS) == '3');
    }

    /** The first part of an answer, which holds all of its head, as Helidon writes it. */
    private BufferData corrected(BufferData answer) {
        boolean withoutLength = mayHaveNoLength(answer);
        byte[] in = answer.readBytes();
        byte[] out = new byte[in.length + CLOSE.length];
        int size = 0;
        int line = 0;
        for (int next = lineEnd(in, 0); next - line > 2; line = next, next = lineEnd(in, line)) {
            boolean left = (close && begins(in, line, next, CONNECTION)) || (withoutLength && begins(in, line, next, CONTENT_LENGTH));
            if (!left) {
                System.arraycopy(in, line, out, size, next - line);
                size += next - line;
            }
        }
        if (close) {
            System.arraycopy(CLOSE, 0, out, size, CLOSE.length);
            size += CLOSE.length;
        }
        int to = head ? Math.min(in.length, line + 2) : in.length;
        System.arraycopy(in, line, out, size, to - line);
        size += to - line;
        return BufferData.create(out, 0, size);
    }

    /** Behind the LF. */
    private static int lineEnd(byte[] bytes, int from) {
        int i = from;
        while (i < bytes.length && bytes[i] != '\n') {
            i++;
        }
        return Math.min(i + 1, bytes.length);
    }

    private static boolean begins(byte[] bytes, int from, int to, String lower) {
        return Octets.spell(bytes, from, Math.min(to, from + lower.length()), lower);
    }
}
