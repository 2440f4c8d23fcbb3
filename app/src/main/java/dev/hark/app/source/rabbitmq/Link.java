package dev.hark.app.source.rabbitmq;

import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;

/**
 * A connection, and the socket below it: a broker that is short of memory reads nothing, so a write has no end of its own, and the client
 * holds a lock meanwhile that it needs for its own end as well. Thread-safe.
 */
record Link(Connection connection, Socket socket) {
    /** How long a connection that ends waits for the broker, in milliseconds. */
    static final int LAST_STEPS_MILLIS = 2_000;

    private static final Duration LAST_STEPS = Duration.ofMillis(LAST_STEPS_MILLIS + 500);

    /** Has whatever hangs in it fail at once. */
    void abort() {
        try {
            // Or TLS would wait to say goodbye, behind the write that hangs.
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is closed.
        }
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more, closed or not.
        }
    }

    /** Ends it in order, or else at once. */
    void close() {
        Thread end = Thread.ofPlatform().daemon().name("hark-amqp-end").start(() -> connection.abort(LAST_STEPS_MILLIS));
        try {
            if (!end.join(LAST_STEPS)) {
                abort();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abort();
        }
    }
}
