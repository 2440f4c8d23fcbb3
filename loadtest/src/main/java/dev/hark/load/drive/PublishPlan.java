package dev.hark.load.drive;

import dev.hark.load.wire.Stamp;

/**
 * How events are published.
 *
 * @param perSecond events per second, over all topics and connections; 0 for a run of idle streams
 * @param payloadBytes the size of each event's data
 * @param connections how many connections carry them
 * @param pipeline how many requests one connection may have unanswered
 */
public record PublishPlan(double perSecond, int payloadBytes, int connections, int pipeline) {
    /** Beyond what a hub accepts, so that its refusal can be seen. */
    public static final int MAX_PAYLOAD_BYTES = 1 << 20;

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
        if (!(perSecond >= 0)) {
            throw new IllegalArgumentException("rate is " + perSecond + "/s; it must not be below 0");
        }
    }

    PublishPlan withConnections(int count) {
        return new PublishPlan(perSecond, payloadBytes, count, pipeline);
    }
}
