package dev.hark.app.cluster;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Something that somebody who may do everything does to the stream. */
@FunctionalInterface
interface Deed {
    /** Longer than several elections. */
    Duration PATIENCE = Duration.ofSeconds(60);
    Duration PAUSE = Duration.ofMillis(50);

    /** JSClusterNotAvailErr: the servers have no leader among them. */
    int NOT_LED = 10_008;

    void on(Connection connection) throws IOException, JetStreamApiException;

    static void delete(Connection connection) throws IOException, JetStreamApiException {
        JetStreamManagement streams = connection.jetStreamManagement();
        whenLed(() -> streams.deleteStream(NatsServers.STREAM));
    }

    /** Removes all that is in it; what comes next has the next position. */
    static void purge(Connection connection) throws IOException, JetStreamApiException {
        JetStreamManagement streams = connection.jetStreamManagement();
        whenLed(() -> streams.purgeStream(NatsServers.STREAM));
    }

    /** Deletes it, and makes one like it, unless a node has been faster. */
    static void makeAnew(Connection connection) throws IOException, JetStreamApiException {
        JetStreamManagement streams = connection.jetStreamManagement();
        StreamConfiguration same = whenLed(() -> streams.getStreamInfo(NatsServers.STREAM)).getConfiguration();
        whenLed(() -> streams.deleteStream(NatsServers.STREAM));
        if (!whenLed(streams::getStreamNames).contains(NatsServers.STREAM)) {
            whenLed(() -> streams.addStream(same));
        }
    }

    /** One request to the servers. */
    @FunctionalInterface
    interface Ask<T> {
        T ask() throws IOException, JetStreamApiException;
    }

    /** Asks until the servers have one that leads them all: without it they do nothing, and say so. */
    private static <T> T whenLed(Ask<T> request) throws IOException, JetStreamApiException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return request.ask();
            } catch (JetStreamApiException e) {
                if (e.getApiErrorCode() != NOT_LED || System.nanoTime() > end) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }
}
