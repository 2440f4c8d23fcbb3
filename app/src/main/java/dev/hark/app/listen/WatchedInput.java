package dev.hark.app.listen;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What comes over a connection, each read of which is noted in its {@link Connection}. Confined to the connection's thread.
 */
public final class WatchedInput {
    private final HelidonSocket socket;

    /** Null where it was not noted: then nobody watches it. */
    private final @Nullable Connection connection;

    /** The read that was begun before it was needed; null where there is none. */
    private @Nullable ReadAhead ahead;

    WatchedInput(HelidonSocket socket, @Nullable Connection connection) {
        this.socket = socket;
        this.connection = connection;
    }

    /** What is known of the connection below. */
    public Optional<Connection> connection() {
        return Optional.ofNullable(connection);
    }

    /**
     * {@code limit}, which Helidon asks where a request has been read and tells where it has been answered.
     *
     * @param behindHead how many bytes of a request's body came along with its head
     */
    public Limit noting(Limit limit, IntSupplier behindHead) {
        return connection == null ? limit : new RequestMarks(limit, behindHead, connection);
    }

    /**
     * The next bytes; null where there will be none.
     *
     * @param begun whether a part of what is waited for is there already
     * @throws UncheckedIOException if the connection cannot be read, or was closed
     * @throws BodyTooSlowException if too little of a body has come
     */
    public byte @Nullable [] read(boolean begun) {
        if (connection == null) {
            return socket.get();
        }
        try {
            connection.beforeRead(begun);
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
        byte[] bytes = take(connection);
        connection.afterRead(bytes == null ? 0 : bytes.length);
        return bytes;
    }

    /** Begins the next read now, on a thread of its own. One that was begun for the request before goes on, for this one now. */
    void readAhead(Runnable gone) {
        ReadAhead begun = ahead;
        if (begun == null) {
            begun = new ReadAhead(socket, gone);
            ahead = begun;
            begun.begin();
        } else {
            begun.tell(gone);
        }
    }

    private byte @Nullable [] take(Connection watched) {
        ReadAhead begun = ahead;
        ahead = null;
        try {
            return begun == null ? socket.get() : begun.take();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof SocketTimeoutException) {
                throw watched.bodyTooSlow();
            }
            throw e;
        }
    }
}
