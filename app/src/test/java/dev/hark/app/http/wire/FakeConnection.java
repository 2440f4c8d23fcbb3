package dev.hark.app.http.wire;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutorService;

/** A connection whose client has sent pieces, and then the end. Confined to one thread. */
final class FakeConnection implements ConnectionContext, HelidonSocket, DataWriter {
    private final Queue<byte[]> pieces;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    FakeConnection(List<byte[]> pieces) {
        this.pieces = new ArrayDeque<>(pieces);
    }

    /** What the client has been sent. */
    String written() {
        return written.toString(StandardCharsets.ISO_8859_1);
    }

    /** Whether all that was sent has been read. */
    boolean isRead() {
        return pieces.isEmpty();
    }

    @Override
    public byte[] get() {
        return pieces.poll();
    }

    @Override
    public void write(BufferData buffer) {
        written.writeBytes(buffer.readBytes());
    }

    @Override
    public void write(BufferData... buffers) {
        for (BufferData buffer : buffers) {
            write(buffer);
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
    public HelidonSocket serverSocket() {
        return this;
    }

    @Override
    public DataWriter dataWriter() {
        return this;
    }

    @Override
    public PeerInfo remotePeer() {
        return (PeerInfo) Proxy.newProxyInstance(
                PeerInfo.class.getClassLoader(), new Class<?>[] {PeerInfo.class}, (proxy, method, arguments) -> "192.0.2.1");
    }

    @Override
    public PeerInfo localPeer() {
        return remotePeer();
    }

    @Override
    public boolean isSecure() {
        return false;
    }

    @Override
    public String socketId() {
        return "fake";
    }

    @Override
    public String childSocketId() {
        return "fake";
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public void close() {}

    @Override
    public void idle() {}

    @Override
    @Deprecated(forRemoval = true)
    @SuppressWarnings("removal")
    public int read(BufferData buffer) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ListenerContext listenerContext() {
        throw new UnsupportedOperationException();
    }

    @Override
    public ExecutorService executor() {
        throw new UnsupportedOperationException();
    }

    @Override
    public DataReader dataReader() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Router router() {
        throw new UnsupportedOperationException();
    }
}
