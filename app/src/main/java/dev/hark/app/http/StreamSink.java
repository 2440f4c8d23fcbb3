package dev.hark.app.http;

import dev.hark.app.listen.Connection;
import dev.hark.event.Margin;
import dev.hark.fanout.StreamOutput;
import io.helidon.common.GenericType;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.http.Header;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http.spi.Sink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * A response's socket, written to directly: the head goes out with the first bytes of the body. Where the head says so, each write is a
 * chunk, and a stream that ends on purpose ends with the last chunk; otherwise the body ends with the connection. The connection serves
 * nothing else afterwards.
 *
 * <p>Helidon's own {@code SseSink} formats and allocates for each subscriber and event, and changes data; here bytes that were encoded once
 * are written as they are. Confined to the subscriber's thread, but for {@link #awaitEnd} and {@link #cut}.
 */
final class StreamSink implements Sink<byte[]>, StreamOutput {
    static final GenericType<StreamSink> TYPE = GenericType.create(StreamSink.class);

    /** How many bytes after its request a client may send before it is taken for a flood. A pipelined request is one; nobody answers it. */
    private static final int MAX_IGNORED_BYTES = 16 << 10;

    private static final byte[] NOTHING = {};
    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    private final HelidonSocket socket;
    private final Optional<Connection> connection;
    private final boolean chunked;
    private byte[] head;

    /** @param connection what {@code socket} is of, where that is known: without it nothing can be reset */
    StreamSink(HelidonSocket socket, Optional<Connection> connection, ServerResponse response) {
        this.socket = socket;
        this.connection = connection;
        this.chunked = response.headers().contains(HeaderValues.TRANSFER_ENCODING_CHUNKED);
        this.head = head(response);
    }

    private static byte[] head(ServerResponse response) {
        var head = new StringBuilder(256).append("HTTP/1.1 200 OK\r\n");
        for (Header header : response.headers()) {
            for (String value : header.allValues()) {
                head.append(header.name()).append(": ").append(value).append("\r\n");
            }
        }
        return head.append("Connection: close\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        send(bytes, offset, length, NOTHING);
    }

    @Override
    public void finish(byte[] bytes, int offset, int length) throws IOException {
        send(bytes, offset, length, chunked ? LAST_CHUNK : NOTHING);
    }

    /** In one write: bytes with their margins are a chunk. */
    private void send(byte[] bytes, int offset, int length, byte[] end) throws IOException {
        int from = chunked ? 0 : offset;
        int to = offset + length + (chunked ? Margin.AFTER : 0);
        // Helidon writes too much of a buffer that does not begin at its array's start: what does not is copied.
        if (from == 0 && head.length == 0 && end.length == 0) {
            send(BufferData.create(bytes, 0, to));
            return;
        }
        byte[] all = Arrays.copyOf(head, head.length + to - from + end.length);
        System.arraycopy(bytes, from, all, head.length, to - from);
        System.arraycopy(end, 0, all, all.length - end.length, end.length);
        head = NOTHING;
        send(BufferData.create(all));
    }

    private void send(BufferData bytes) throws IOException {
        try {
            socket.write(bytes);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Writes {@code bytes}, or for none the head alone, which is all that an answer to HEAD has. */
    @Override
    public StreamSink emit(byte[] bytes) {
        try {
            if (bytes.length > 0) {
                write(Margin.around(bytes, 0, bytes.length), Margin.before(bytes.length), bytes.length);
            } else {
                byte[] alone = head;
                head = NOTHING;
                send(BufferData.create(alone));
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Blocks in {@code read} until the client is gone, or {@link #end} was called, or the thread is interrupted: without it, a client that
     * went is noticed at a later write. A client that closes its sending half is gone too: no SSE client does that and reads on.
     */
    void awaitEnd() {
        ReadBuffer.shrink(socket);
        try {
            int ignored = 0;
            for (byte[] bytes = socket.get(); bytes != null; bytes = socket.get()) {
                ignored += bytes.length;
                if (ignored > MAX_IGNORED_BYTES) {
                    break;
                }
            }
        } catch (UncheckedIOException e) {
            // Reset, or closed here: at its end either way.
        }
    }

    /** Resets the connection. */
    @Override
    public void cut() {
        connection.ifPresent(Connection::reset);
    }

    /** Closes the connection, behind what was written. */
    void end() {
        connection.ifPresent(Connection::finish);
        try {
            socket.close();
        } catch (UncheckedIOException e) {
            // The client closed it first, or it was cut.
        }
    }

    /** Nothing: the connection closes when its handler ends. */
    @Override
    public void close() {}
}
