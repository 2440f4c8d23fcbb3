package dev.hark.app.crash;

import dev.hark.app.crash.History.Sent;
import java.util.TreeSet;

/**
 * One event from its first request to the moment at which its fate was settled.
 *
 * <p>Confined to the checker that made it.
 */
final class TrackedEvent {
    final Sent sent;
    final String publisher;
    long began = Long.MAX_VALUE;
    long settled = Long.MAX_VALUE;
    long lastEnd;
    boolean onlyRefused = true;

    /** Under which it was acknowledged or stands in the log. */
    final TreeSet<Long> sequences = new TreeSet<>();

    TrackedEvent(Sent sent, String publisher) {
        this.sent = sent;
        this.publisher = publisher;
    }

    /** Acknowledged first then; or, where it never was, given up then. */
    long ended() {
        return settled == Long.MAX_VALUE ? lastEnd : settled;
    }
}
