package dev.hark.app.http;

import dev.hark.app.http.wire.RequestFront;
import dev.hark.app.listen.Connection;
import dev.hark.app.listen.WatchedInput;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is Helidon's until a request becomes a stream, and that stream's from then on. Run by the
 * connection's thread; ended by any.
 */
final class StreamConnection implements ServerConnection, InterruptableTask<Void> {
    /* A stream that was written from within its handler would keep, for hours, what Helidon needs for a request: some thirty frames of
       stack, which are copied to and from the heap at each wake-up, the headers of both sides, the parsed request line. A StreamHandover
       unwinds all that; what is left is this frame. */

    private final Duration idleTimeout;
    private final Optional<Connection> connection;

    /** Null once there is a stream; so are the others. */
    private volatile @Nullable ServerConnection http;

    private volatile @Nullable RequestFront front;

    private @Nullable WatchedInput input;

    private volatile @Nullable Thread streaming;

    /** @param front where {@code http} reads from */
    StreamConnection(ServerConnection http, RequestFront front, WatchedInput input, Duration idleTimeout) {
        this.input = input;
        this.connection = input.connection();
        this.http = http;
        this.front = front;
        this.idleTimeout = idleTimeout;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        try {
            @Nullable Runnable stream = requests(limit);
            if (stream != null) {
                stream.run();
                throw new CloseConnectionException("the stream has ended");
            }
        } finally {
            connection.ifPresent(Connection::finish);
        }
    }

    /** Answers requests until the connection is at its end; the stream, where one of them has become one. */
    private @Nullable Runnable requests(Limit limit) throws InterruptedException {
        RequestFront reader = front;
        try {
            answer(limit);
            return null;
        } catch (StreamHandover handover) {
            streaming = Thread.currentThread();
            http = null;
            front = null;
            input = null;
            connection.ifPresent(Connection::becomesStream);
            return handover.stream();
        } finally {
            if (reader != null) {
                reader.giveBack();
                if (front != null) {
                    reader.linger();
                }
            }
        }
    }

    private void answer(Limit limit) throws InterruptedException {
        ServerConnection requests = http;
        RequestFront reader = front;
        WatchedInput watched = input;
        if (requests == null || reader == null || watched == null) {
            return;
        }
        if (connection.isPresent()) {
            connection.get().serve(() -> requests.handle(watched.noting(limit, reader::behindHead)));
        } else {
            requests.handle(limit);
        }
    }

    /** Never idle once there is a stream, nor while its client is kept waiting. */
    @Override
    public Duration idleTime() {
        ServerConnection requests = http;
        return requests == null ? Duration.ZERO : idleTime(requests);
    }

    private Duration idleTime(ServerConnection requests) {
        Duration since = requests.idleTime();
        return connection.map(watched -> watched.idle(since)).orElse(since);
    }

    /**
     * Closes it, and spares a request that is being answered where {@code interrupt} does not say otherwise. Not one that has taken all the
     * time that an idle connection has: nothing that the hub does takes so long, save keeping a client waiting, which does not count. So it
     * waits for its client, and Helidon, which looks only whether the head is there, would let half a body wait for ever.
     */
    @Override
    public void close(boolean interrupt) {
        ServerConnection requests = http;
        Thread thread = streaming;
        if (requests != null) {
            boolean overdue = idleTime(requests).compareTo(idleTimeout) > 0;
            if (overdue) {
                connection.ifPresent(Connection::idleTooLong);
            }
            requests.close(interrupt || overdue);
        } else if (interrupt && thread != null) {
            thread.interrupt();
        }
    }

    /** Whether a stop that waits for requests need not wait for this connection: a stream is ended by the hub, or in the end by force. */
    @Override
    public boolean canInterrupt() {
        return http instanceof InterruptableTask<?> requests && requests.canInterrupt();
    }
}
