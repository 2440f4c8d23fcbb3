package dev.hark.fanout;

import java.time.Duration;

/**
 * How streams are served.
 *
 * @param lanes          fan-out threads, 1 to {@value #MAX_LANES}
 * @param heartbeat      after how much silence a stream is written to, positive
 * @param heartbeatEvent the SSE event name of heartbeats; empty makes them comments, which no page sees
 * @param retry          the reconnection time that clients are told, not negative
 * @param writeTimeout   a socket that takes nothing for this long is cut, positive
 */
public record DeliverySettings(int lanes, Duration heartbeat, String heartbeatEvent, Duration retry, Duration writeTimeout) {
    public static final int MAX_LANES = 64;

    /** @throws IllegalArgumentException naming the setting that is out of range */
    public DeliverySettings {
        if (lanes < 1 || lanes > MAX_LANES) {
            throw new IllegalArgumentException("delivery.lanes is " + lanes + "; 1 to " + MAX_LANES + " are allowed");
        }
        requirePositive("delivery.heartbeat", heartbeat);
        requirePositive("delivery.write-timeout", writeTimeout);
        if (retry.isNegative()) {
            throw new IllegalArgumentException("delivery.retry is negative: " + retry);
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
