package dev.hark.app.http;

import dev.hark.app.http.wire.RequestFront;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;
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

    /** Null once there is a stream; so is the other. */
    private volatile @Nullable ServerConnection http;

    private volatile @Nullable RequestFront front;

    private volatile @Nullable Thread streaming;

    /** @param front where {@code http} reads from */
    StreamConnection(ServerConnection http, RequestFront front, Duration idleTimeout) {
        this.http = http;
        this.front = front;
        this.idleTimeout = idleTimeout;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        @Nullable Runnable stream = requests(limit);
        if (stream != null) {
            stream.run();
            throw new CloseConnectionException("the stream has ended");
        }
    }

    /** Answers requests until the connection is at its end; the stream, where one of them has become one. */
    private @Nullable Runnable requests(Limit limit) throws InterruptedException {
        ServerConnection requests = http;
        try {
            if (requests != null) {
                requests.handle(limit);
            }
            return null;
        } catch (StreamHandover handover) {
            streaming = Thread.currentThread();
            http = null;
            front = null;
            return handover.stream();
        } finally {
            RequestFront reader = front;
            if (reader != null) {
                reader.linger();
            }
        }
    }

    /** Never idle once there is a stream. */
    @Override
    public Duration idleTime() {
        ServerConnection requests = http;
        return requests == null ? Duration.ZERO : requests.idleTime();
    }

    /**
     * Closes it, and spares a request that is being answered where {@code interrupt} does not say otherwise. Not one that has taken all the
     * time that an idle connection has: nothing that the hub does takes so long, so it waits for its client, and Helidon, which looks only
     * whether the request line is there, would let half a head or half a body wait for ever.
     */
    @Override
    public void close(boolean interrupt) {
        ServerConnection requests = http;
        Thread thread = streaming;
        if (requests != null) {
            requests.close(interrupt || requests.idleTime().compareTo(idleTimeout) > 0);
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
