package dev.hark.fanout;

import java.time.Duration;

/**
 * How long a lane takes to come where the log was, by looks a few times a second: exact to the distance between two of
 * them, and at no cost to the lane.
 *
 * <p>Looked at by the sweeper; read by anybody.
 */
final class Lag {
    /* A lane that is always twelve seconds behind is twelve seconds late all the time, and not only just before it comes where the log was
       twelve seconds ago. So what the last target took holds until the next one took less, or more. */

    private long target = Long.MIN_VALUE;
    private long sinceNanos;
    private boolean looked;
    private volatile long nanos;

    /**
     * Notes that the lane is at {@code reached}.
     *
     * @param newest   the position of the newest event
     * @param nowNanos when that is
     */
    void look(long newest, long reached, long nowNanos) {
        long took = nowNanos - sinceNanos;
        if (reached < target) {
            looked = true;
            nanos = Math.max(nanos, took);
            return;
        }
        nanos = looked ? took : 0;
        target = newest;
        sinceNanos = nowNanos;
        looked = false;
    }

    /** Begins anew: positions of before mean nothing any more. */
    void forget() {
        target = Long.MIN_VALUE;
        looked = false;
        nanos = 0;
    }

    Duration age() {
        return Duration.ofNanos(nanos);
    }
}
