package dev.hark.app.cli;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When to come back to a hub: not before the {@code retry} that it asked for, later after each failure in a row, and never at the same
 * moment as everybody else. Confined to the thread that subscribes.
 */
final class Reconnection {
    private static final Duration FLOOR = Duration.ofMillis(50);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    private static final int MAX_DOUBLINGS = 6;

    private final RandomGenerator random;
    private Duration retry = Duration.ofSeconds(2);
    private int failures;

    Reconnection(RandomGenerator random) {
        this.random = random;
    }

    void retry(Duration asked) {
        retry = asked;
    }

    void succeeded() {
        failures = 0;
    }

    void failed() {
        failures = Math.min(failures + 1, MAX_DOUBLINGS + 1);
    }

    /** How long to wait now: the reconnection time and up to half as much again. */
    Duration delay() {
        Duration least = longer(retry, FLOOR);
        if (failures > 0) {
            Duration backoff = longer(retry, FIRST_BACKOFF).multipliedBy(1L << (failures - 1));
            least = longer(least, backoff.compareTo(LONGEST_BACKOFF) < 0 ? backoff : LONGEST_BACKOFF);
        }
        return least.plusMillis(random.nextLong(least.toMillis() / 2 + 1));
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
