package dev.hark.app.crash;

import dev.hark.app.ChunkedInput;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A stream that may break at any byte: as in every client, a block that did not end was not received. Confined to one thread.
 */
public final class EventStream implements AutoCloseable {
    private final Socket socket;
    private InputStream in;

    /** Another answer than a stream. */
    public static final class NoStreamException extends IOException {
        private final String head;

        NoStreamException(String head) {
            super("no stream: " + head);
            this.head = head;
        }
    }

    private EventStream(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
    }

    /** @param lastId what to resume after, or null */
    static EventStream open(URI server, String target, @Nullable String lastId) throws IOException {
        return openIfAllowed(server, target, lastId == null ? List.of() : List.of("Last-Event-ID: " + lastId), 0)
                .orElseThrow(() -> new AssertionError("not allowed: " + target));
    }

    /**
     * The stream at {@code target}; empty where it is answered 401 or 403.
     *
     * @param receiveBytes the kernel's receive buffer; 0 leaves it as it is
     */
    static Optional<EventStream> openIfAllowed(URI server, String target, List<String> headers, int receiveBytes) throws IOException {
        try {
            return Optional.of(openWithin(Wire.PATIENCE, server, target, headers, receiveBytes));
        } catch (NoStreamException e) {
            if (e.head.startsWith("HTTP/1.1 401 ") || e.head.startsWith("HTTP/1.1 403 ")) {
                return Optional.empty();
            }
            throw new AssertionError("no stream at " + target + ": " + e.head, e);
        }
    }

    /**
     * The stream at {@code target}.
     *
     * @param silence      how long nothing may come, heartbeats included
     * @param receiveBytes the kernel's receive buffer; 0 leaves it as it is
     * @throws IOException if there is none, {@link NoStreamException} where the server says so
     */
    public static EventStream openWithin(Duration silence, URI server, String target, List<String> headers, int receiveBytes)
            throws IOException {
        var socket = new Socket();
        try {
            if (receiveBytes > 0) {
                // Before it connects: later it no longer bounds the window.
                socket.setReceiveBufferSize(receiveBytes);
            }
            socket.setSoTimeout((int) silence.toMillis());
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), (int) silence.toMillis());
            var request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n");
            headers.forEach(header -> request.append(header).append("\r\n"));
            socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
            var stream = new EventStream(socket);
            String head = stream.readTo("\r\n\r\n").orElseThrow(EOFException::new);
            if (!head.startsWith("HTTP/1.1 200 ")) {
                throw new NoStreamException(head);
            }
            stream.in = ChunkedInput.body(stream.in, List.of(head.split("\r\n")));
            return stream;
        } catch (IOException | RuntimeException | Error e) {
            socket.close();
            throw e;
        }
    }

    /** The next whole block; empty where there is none any more. Comments are passed over. */
    public Optional<SseBlock> next() throws IOException {
        Optional<String> block = readTo("\n\n");
        while (block.isPresent() && block.get().startsWith(SseBlock.COMMENT)) {
            block = Optional.of(block.get().substring(SseBlock.COMMENT.length()));
        }
        return block.map(SseBlock::parse);
    }

    private Optional<String> readTo(String end) throws IOException {
        var raw = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < end.length()) {
            int b = in.read();
            if (b < 0) {
                return Optional.empty();
            }
            raw.write(b);
            matched = b == end.charAt(matched) ? matched + 1 : b == end.charAt(0) ? 1 : 0;
        }
        return Optional.of(raw.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
