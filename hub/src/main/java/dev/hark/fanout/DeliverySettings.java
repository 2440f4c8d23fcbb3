package dev.hark.fanout;

import java.time.Duration;

/**
 * How streams are served.
 *
 * @param lanes          fan-out threads, 1 to {@value #MAX_LANES}
 * @param heartbeat      after how much silence a stream is written to, positive
 * @param heartbeatEvent the SSE event name of heartbeats; empty makes them comments, which no page sees, or {@code hark.position}
 * @param retry          the reconnection time that clients are told, at least {@value #MIN_RETRY_MILLIS} ms
 * @param writeTimeout   a socket that takes nothing for this long is cut, positive
 */
public record DeliverySettings(int lanes, Duration heartbeat, String heartbeatEvent, Duration retry, Duration writeTimeout) {
    public static final int MAX_LANES = 64;

    /** Below it a full hub would have every client that it refuses come back hundreds of times in a second. */
    public static final long MIN_RETRY_MILLIS = 100;

    /** @throws IllegalArgumentException naming the setting that is out of range */
    public DeliverySettings {
        if (lanes < 1 || lanes > MAX_LANES) {
            throw new IllegalArgumentException("delivery.lanes is " + lanes + "; 1 to " + MAX_LANES + " are allowed");
        }
        requirePositive("delivery.heartbeat", heartbeat);
        requirePositive("delivery.write-timeout", writeTimeout);
        if (retry.toMillis() < MIN_RETRY_MILLIS) {
            throw new IllegalArgumentException("delivery.retry is " + retry + "; at least " + MIN_RETRY_MILLIS + " ms are needed");
        }
        if (heartbeatEvent.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("delivery.heartbeat-event holds a control character");
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be positive");
        }
    }
}
