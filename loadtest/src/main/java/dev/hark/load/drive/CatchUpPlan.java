package dev.hark.load.drive;

import java.time.Duration;

/**
 * Streams that come back at once with an old id.
 *
 * @param streams how many come back
 * @param behind how many events of their topic were published since they left
 * @param payloadBytes how large each event's data is
 * @param topic theirs alone: nobody else may publish to it
 * @param timeout for all of them together
 */
public record CatchUpPlan(Target target, int streams, int behind, int payloadBytes, String topic, Duration timeout) {
    private static final int MAX_BEHIND = 10_000_000;
    private static final int MAX_PAYLOAD_BYTES = 1 << 20;

    public CatchUpPlan {
        target.requireNoTickets("catch-up");
        check("streams", streams, StreamPlan.MAX_SUBSCRIBERS);
        check("events behind", behind, MAX_BEHIND);
        check("payload in bytes", payloadBytes, MAX_PAYLOAD_BYTES);
        if (!target.isHark()) {
            throw new IllegalArgumentException("target 'generic' does not say what ids its events get; catch-up needs target 'hark'");
        }
    }

    private static void check(String subject, int value, int max) {
        if (value < 1 || value > max) {
            throw new IllegalArgumentException("%s is %d; it must be from 1 to %d".formatted(subject, value, max));
        }
    }
}
