package dev.hark.app.listen;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.ServerConnectionException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * A connection as Helidon's HTTP sees it, each read of which is noted in its {@link Connection}. Confined to the connection's thread, but
 * for what Helidon's own context lets others ask.
 */
public final class WatchedContext implements ConnectionContext {
    private final ConnectionContext context;
    private final HelidonSocket socket;
    private final DataReader reader;

    /** Null where it was not noted: then nobody watches it. */
    private final @Nullable Connection connection;

    WatchedContext(ConnectionContext context, @Nullable Connection connection) {
        this.context = context;
        this.socket = context.serverSocket();
        this.connection = connection;
        this.reader = DataReader.create(this::read);
    }

    /** What is known of the connection below. */
    public Optional<Connection> connection() {
        return Optional.ofNullable(connection);
    }

    /** {@code limit}, which Helidon asks where a request has been read and tells where it has been answered. */
    public Limit noting(Limit limit) {
        return connection == null ? limit : new RequestMarks(limit, reader, connection);
    }

    private byte @Nullable [] read() {
        if (connection == null) {
            return take();
        }
        try {
            connection.beforeRead(reader.available() > 0);
        } catch (SocketException e) {
            throw new ServerConnectionException("the connection was closed", e);
        }
        byte[] bytes = take();
        connection.afterRead(bytes == null ? 0 : bytes.length);
        return bytes;
    }

    private byte @Nullable [] take() {
        try {
            return socket.get();
        } catch (UncheckedIOException e) {
            if (connection != null && e.getCause() instanceof SocketTimeoutException) {
                throw connection.bodyTooSlow();
            }
            throw new ServerConnectionException("the connection cannot be read", e);
        }
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public ListenerContext listenerContext() {
        return context.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return context.executor();
    }

    @Override
    public DataWriter dataWriter() {
        return context.dataWriter();
    }

    @Override
    public Router router() {
        return context.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return context.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return socket;
    }

    @Override
    public PeerInfo remotePeer() {
        return context.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return context.localPeer();
    }

    @Override
    public boolean isSecure() {
        return context.isSecure();
    }

    @Override
    public String socketId() {
        return context.socketId();
    }

    @Override
    public String childSocketId() {
        return context.childSocketId();
    }
}
