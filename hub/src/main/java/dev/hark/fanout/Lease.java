package dev.hark.fanout;

import dev.hark.event.CloseReason;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Until when a stream may be given events: it ends at a time, or when whoever gave it takes it back. Why it was given is not the core's
 * business. Thread-safe.
 */
public final class Lease {
    private static final long NEVER = Long.MAX_VALUE;

    private final long untilMillis;
    private volatile boolean revoked;

    private Lease(long untilMillis) {
        this.untilMillis = untilMillis;
    }

    /** One that ends only when it is taken back. */
    public static Lease endless() {
        return new Lease(NEVER);
    }

    /** One that ends at {@code end}, by the clock of the log. */
    public static Lease until(Instant end) {
        return new Lease(end.toEpochMilli());
    }

    /** Takes it back, for good. No event is written from then on, and the stream ends within a sweep. */
    public void revoke() {
        revoked = true;
    }

    /** Whether it is over by {@code clock}, that of the log. */
    public boolean isOver(InstantSource clock) {
        return over(clock) != null;
    }

    /** Why it is over by {@code clock}; null where it is not. One that has no end of its own does not ask for the time. */
    @Nullable CloseReason over(InstantSource clock) {
        if (revoked) {
            return CloseReason.REVOKED;
        }
        return untilMillis != NEVER && clock.millis() >= untilMillis ? CloseReason.TOKEN_EXPIRED : null;
    }
}
