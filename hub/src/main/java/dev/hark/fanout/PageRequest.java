package dev.hark.fanout;

import dev.hark.event.InvalidEventException;
import java.time.Duration;

/**
 * What a client asks for that takes events page by page.
 *
 * @param subscription which events, from where on, in which shape
 * @param limit        how many at most, 1 to {@value #MAX_LIMIT}
 * @param longestWait  how long to wait where there is none, up to {@link #MAX_WAIT}
 */
public record PageRequest(Subscription subscription, int limit, Duration longestWait) {
    public static final int MAX_LIMIT = 500;
    public static final int DEFAULT_LIMIT = 100;

    /** Below what proxies and clients wait for an answer. */
    public static final Duration MAX_WAIT = Duration.ofSeconds(60);

    /** @throws InvalidEventException if {@code limit} or {@code longestWait} is out of range */
    public PageRequest {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new InvalidEventException("limit is " + limit + "; 1 to " + MAX_LIMIT + " are allowed");
        }
        if (longestWait.isNegative() || longestWait.compareTo(MAX_WAIT) > 0) {
            throw new InvalidEventException("wait is " + longestWait + "; up to " + MAX_WAIT.toSeconds() + " s are allowed");
        }
    }

    /** The same, which waits no longer than {@code lease} lasts. */
    public PageRequest under(Lease lease) {
        return new PageRequest(subscription.under(lease), limit, longestWait);
    }

    /** Whether it waits where there is nothing. */
    public boolean waits() {
        return longestWait.isPositive();
    }
}
