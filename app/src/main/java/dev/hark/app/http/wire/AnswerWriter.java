package dev.hark.app.http.wire;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What Helidon writes its answers to. Passes them on as they are, but for those that must not leave so: without what an answer to HEAD, a
 * 204 or a 304 must not have (RFC 9110, sections 8.6 and 9.3.2), without chunks where the client is HTTP/1.0's, and with
 * {@code Connection: close} where the connection ends behind it. Confined to the connection's thread.
 */
final class AnswerWriter implements DataWriter {
    private static final byte[] CLOSE = "Connection: close\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String CONNECTION = "connection:";
    private static final String CONTENT_LENGTH = "content-length:";
    private static final String TRANSFER_ENCODING = "transfer-encoding:";

    /** What Helidon writes is as long as it is. */
    private static final WireRules UNBOUNDED = new WireRules(0, Integer.MAX_VALUE, Long.MAX_VALUE, false);

    /** Where the status is in a status line. */
    private static final int STATUS = "HTTP/1.1 ".length();

    private final DataWriter socket;
    private final Consumer<UncheckedIOException> failed;

    private boolean head;
    private boolean close;
    private boolean http10;
    private boolean begun;

    /** Takes the answer out of its chunks; null where it is to stay as it is. */
    private @Nullable ChunkReader chunks;
    private boolean ended;

    /** @param failed told when the client could not be written to; throws what ends the connection */
    AnswerWriter(DataWriter socket, Consumer<UncheckedIOException> failed) {
        this.socket = socket;
        this.failed = failed;
    }

    /**
     * Expects the answer to another request.
     *
     * @param head whether it asks for the head alone
     * @param close whether the connection ends behind the answer
     * @param http10 whether the client knows nothing of chunks
     */
    void expect(boolean head, boolean close, boolean http10) {
        this.head = head;
        this.close = close;
        this.http10 = http10;
        begun = false;
        chunks = null;
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

    /** Takes nothing more. */
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
            pass(chunks == null ? buffer : withoutChunks(buffer, chunks));
        }
    }

    private static BufferData withoutChunks(BufferData answer, ChunkReader chunks) {
        byte[] in = answer.readBytes();
        byte[] out = new byte[in.length];
        chunks.read(in, 0, in.length, out, 0);
        return BufferData.create(out, 0, chunks.size());
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
            throw new ConnectionEnd("the connection is at its end");
        }
        try {
            socket.writeNow(buffer);
        } catch (UncheckedIOException e) {
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
            if (http10 && begins(in, line, next, TRANSFER_ENCODING)) {
                chunks = new ChunkReader(UNBOUNDED);
                left = true;
            }
            if (!left) {
                System.arraycopy(in, line, out, size, next - line);
                size += next - line;
            }
        }
        if (close) {
            System.arraycopy(CLOSE, 0, out, size, CLOSE.length);
            size += CLOSE.length;
        }
        int body = Math.min(in.length, line + 2);
        System.arraycopy(in, line, out, size, body - line);
        size += body - line;
        if (!head && chunks != null) {
            chunks.read(in, body, in.length, out, size);
            size += chunks.size();
        } else if (!head) {
            System.arraycopy(in, body, out, size, in.length - body);
            size += in.length - body;
        }
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
