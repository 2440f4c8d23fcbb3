package dev.hark.load.drive;

import dev.hark.load.wire.Stamp;

/**
 * How events are published.
 *
 * @param perSecond events per second, over all topics and connections; 0 for a run of idle streams
 * @param payloadBytes the size of each event's data
 * @param connections how many connections carry them
 * @param pipeline how many requests one connection may have unanswered
 * @param batch how many events one request carries; all of them are due when the last is
 * @param retries whether what broke, or was answered with an error that may pass, is sent again at the next node, under the same
 *     idempotency key: the server stores it once, however often it comes
 */
public record PublishPlan(double perSecond, int payloadBytes, int connections, int pipeline, int batch, boolean retries) {
    /** Beyond what a hub accepts, so that its refusal can be seen. */
    public static final int MAX_PAYLOAD_BYTES = 1 << 20;

    /** What a hub accepts in one request, unless it is told otherwise. */
    public static final int MAX_BATCH = 1_000;

    /** Bounds what one request takes here; beyond what a hub accepts, unless it is told otherwise. */
    public static final int MAX_REQUEST_BYTES = 2 << 20;

    private static final int MAX_UNANSWERED = 4 << 20;

    public PublishPlan {
        if (payloadBytes < Stamp.MIN_BYTES || payloadBytes > MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("payload is %d bytes; it must be from %d (the stamp) to %d"
                    .formatted(payloadBytes, Stamp.MIN_BYTES, MAX_PAYLOAD_BYTES));
        }
        if (connections < 1 || connections > 1024) {
            throw new IllegalArgumentException("publishing connections is " + connections + "; it must be from 1 to 1024");
        }
        if (pipeline < 1 || pipeline > 1024) {
            throw new IllegalArgumentException("pipeline is " + pipeline + "; it must be from 1 to 1024");
        }
        if (batch < 1 || batch > MAX_BATCH) {
            throw new IllegalArgumentException("batch is " + batch + "; it must be from 1 to " + MAX_BATCH);
        }
        if ((long) batch * payloadBytes > MAX_REQUEST_BYTES) {
            throw new IllegalArgumentException("a batch of %d events of %d bytes; one request may hold %d bytes"
                    .formatted(batch, payloadBytes, MAX_REQUEST_BYTES));
        }
        if ((long) connections * pipeline * batch > MAX_UNANSWERED) {
            throw new IllegalArgumentException(
                    "%d connections with %d unanswered requests of %d events each; all together may hold %d events"
                    .formatted(connections, pipeline, batch, MAX_UNANSWERED));
        }
        if (retries && pipeline > 1) {
            throw new IllegalArgumentException(("pipeline is %d; with retries it must be 1: what is sent again would come behind what was"
                    + " sent after it, and the order of a connection's events be lost").formatted(pipeline));
        }
        if (!(perSecond >= 0)) {
            throw new IllegalArgumentException("rate is " + perSecond + "/s; it must not be below 0");
        }
    }

    /** Without retries. */
    public PublishPlan(double perSecond, int payloadBytes, int connections, int pipeline, int batch) {
        this(perSecond, payloadBytes, connections, pipeline, batch, false);
    }

    PublishPlan withConnections(int count) {
        return new PublishPlan(perSecond, payloadBytes, count, pipeline, batch, retries);
    }
}
