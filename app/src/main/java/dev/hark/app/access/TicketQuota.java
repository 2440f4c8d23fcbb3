package dev.hark.app.access;

import dev.hark.app.access.AccessException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/** Bounds how many tickets one caller is given at this node while one of them can be used: each is an event of the log. Thread-safe. */
final class TicketQuota {
    /** A backend may ask for those of all its users with one key. */
    static final int MAX = 10_000;

    private final InstantSource clock;

    // Guarded by this.
    private final Map<String, Integer> counts = new HashMap<>();
    private Instant end = Instant.MIN;

    TicketQuota(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Counts one more of {@code caller}.
     *
     * @param age how long a ticket can be used
     * @throws AccessException if there are too many
     */
    synchronized void count(Caller caller, Duration age) {
        Instant now = clock.instant();
        if (!now.isBefore(end)) {
            counts.clear();
            end = now.plus(age);
        }
        if (counts.merge(caller.id(), 1, Integer::sum) > MAX) {
            throw new AccessException(Kind.UNAVAILABLE, "this caller has asked for too many tickets", "too many tickets of " + caller);
        }
    }
}
