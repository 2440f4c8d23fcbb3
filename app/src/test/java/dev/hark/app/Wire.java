package dev.hark.app;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A connection to a hub on which every byte is the test's: what is sent, what comes back, and how it ends.
 * Confined to one thread at a time.
 *
 * <p>Every read is bounded by {@link #PATIENCE}; a test that waits longer has failed.
 */
public final class Wire implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Socket socket;
    private final InputStream in;
    private final long connectedMillis;
    private final List<String> head = new ArrayList<>();

    /** What follows the head, taken out of its chunks. */
    private InputStream body = InputStream.nullInputStream();

    private Wire(Socket socket, long connectedMillis) throws IOException {
        this.connectedMillis = connectedMillis;
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    public static Wire connect(URI hub) {
        return connect(hub, 0);
    }

    /** @param receiveBytes the kernel's receive buffer; 0 leaves it as it is */
    public static Wire connect(URI hub, int receiveBytes) {
        long began = System.currentTimeMillis();
        try {
            var socket = new Socket();
            if (receiveBytes > 0) {
                socket.setReceiveBufferSize(receiveBytes); // before connect: later it no longer bounds the window
            }
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(hub.getHost(), hub.getPort()), (int) PATIENCE.toMillis());
            return new Wire(socket, began);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Over TLS, which the hub speaks: the handshake is done, but for what the hub says of this side's certificate. */
    public static Wire connect(URI hub, SSLContext client) {
        long began = System.currentTimeMillis();
        try {
            var socket = (SSLSocket) client.getSocketFactory().createSocket(hub.getHost(), hub.getPort());
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.startHandshake();
            return new Wire(socket, began);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether this TLS connection goes on with the session of an earlier one. */
    public boolean isResumed() {
        return ((SSLSocket) socket).getSession().getCreationTime() < connectedMillis;
    }

    /** What the hub has shown, over TLS. */
    public Certificate certificate() {
        try {
            return ((SSLSocket) socket).getSession().getPeerCertificates()[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks for the stream at {@code target}. Nothing is read yet. */
    public static Wire subscribe(URI hub, String target, String... headers) {
        return connect(hub).request("GET", target, headers);
    }

    /** Asks, and reads up to {@code hark.open}: from then on the stream is open. */
    public static Wire open(URI hub, String target, String... headers) {
        return subscribe(hub, target, headers).opened(target);
    }

    /** Asks for a stream, and reads up to {@code hark.open}. */
    public Wire open(String target, String... headers) {
        return request("GET", target, headers).opened(target);
    }

    /** Reads up to {@code hark.open} what was asked for at {@code target}. */
    Wire opened(String target) {
        if (!head().getFirst().equals("HTTP/1.1 200 OK")) {
            throw new AssertionError("no stream at " + target + ": " + answer());
        }
        while (!block().is("hark.open")) {
            // It begins with a gap, or with signs of life.
        }
        return this;
    }

    public Wire request(String method, String target, String... headers) {
        var lines = new StringBuilder(method + ' ' + target + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            lines.append(header).append("\r\n");
        }
        if (TestAccess.isAsked(socket.getPort()) && Stream.of(headers).noneMatch(header -> header.startsWith("Authorization"))) {
            lines.append("Authorization: ").append(TestAccess.bearer()).append("\r\n");
        }
        return send(lines.append("\r\n").toString());
    }

    public Wire send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    public Wire send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The status line and the headers, in order. */
    public List<String> head() {
        if (head.isEmpty()) {
            for (String line = headLine(); !line.isEmpty(); line = headLine()) {
                head.add(line);
            }
            body = ChunkedInput.body(in, head);
        }
        return List.copyOf(head);
    }

    private String headLine() {
        var line = new ByteArrayOutputStream();
        for (int b = read(in); b != '\n'; b = read(in)) {
            if (b < 0) {
                throw new AssertionError("the connection ended inside the head, after " + head + ' ' + line);
            }
            line.write(b);
        }
        String text = line.toString(StandardCharsets.UTF_8);
        if (!text.endsWith("\r")) {
            throw new AssertionError("a line of the head does not end in CR LF: " + text);
        }
        return text.substring(0, text.length() - 1);
    }

    /** A whole answer that is no stream. */
    public Answer answer() {
        List<String> lines = head();
        Answer bare = Answer.of(lines, "");
        int length = bare.header("Content-Length").map(Integer::parseInt).orElse(-1);
        return Answer.of(lines, length < 0 ? rest() : new String(bytes(length), StandardCharsets.UTF_8));
    }

    /** Whether an answer, or the end, begins to come within {@code patience}. Reads none of it. */
    public boolean isAnsweredWithin(Duration patience) {
        in.mark(1);
        try {
            socket.setSoTimeout((int) patience.toMillis());
            in.read();
            in.reset();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            patient();
        }
    }

    private void patient() {
        try {
            socket.setSoTimeout((int) PATIENCE.toMillis());
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Forgets the head that was read: another answer is to come on the same connection. */
    public Wire nextHead() {
        head.clear();
        return this;
    }

    private byte[] bytes(int length) {
        try {
            return in.readNBytes(length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next block of a stream, heartbeats included. */
    public SseBlock block() {
        return blockOrEnd().orElseThrow(() -> new AssertionError("the stream ended instead of going on"));
    }

    /** The next block, or empty where the stream ends properly, between blocks. A comment line between blocks is one too. */
    public Optional<SseBlock> blockOrEnd() {
        head();
        var raw = new ByteArrayOutputStream();
        int before = 0;
        for (int b = read(body); b >= 0; b = read(body)) {
            raw.write(b);
            if (b == '\n' && (before == '\n' || raw.toString(StandardCharsets.UTF_8).equals(SseBlock.COMMENT))) {
                return Optional.of(SseBlock.parse(raw.toString(StandardCharsets.UTF_8)));
            }
            before = b;
        }
        if (raw.size() > 0) {
            throw new AssertionError("the stream ended inside a block: " + raw.toString(StandardCharsets.UTF_8));
        }
        return Optional.empty();
    }

    /** The next {@code count} blocks. */
    public List<SseBlock> blocks(int count) {
        var blocks = new ArrayList<SseBlock>(count);
        for (int i = 0; i < count; i++) {
            blocks.add(block());
        }
        return blocks;
    }

    /** The next event that says more than where the stream stands: signs of life are passed over. */
    public SseBlock event() {
        SseBlock block = block();
        while (!block.isEvent() || block.isPosition()) {
            block = block();
        }
        return block;
    }

    /** The data of the next {@code count} blocks. */
    public List<String> data(int count) {
        return blocks(count).stream().map(SseBlock::data).toList();
    }

    /** Whether the stream ended on purpose, and not because it was cut. */
    public boolean isFinished() {
        return body instanceof ChunkedInput chunks && chunks.isFinished();
    }

    /** How large the chunks of the stream were so far. */
    public List<Integer> chunks() {
        return body instanceof ChunkedInput chunks ? chunks.sizes() : List.of();
    }

    /** Everything until the stream or the connection ends. */
    public String rest() {
        try {
            return new String((head.isEmpty() ? in : body).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same, where each piece of it comes within {@code patience}. */
    public String rest(Duration patience) {
        try {
            socket.setSoTimeout((int) patience.toMillis());
            return rest();
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether nothing follows on the connection, which is at its end. */
    public boolean isAtEnd() {
        return read(in) < 0;
    }

    private static int read(InputStream in) {
        try {
            return in.read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int localPort() {
        return socket.getLocalPort();
    }

    /** Sends FIN, and could go on reading. */
    public void closeSendingHalf() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends RST, as a process that was killed with unread data does. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
