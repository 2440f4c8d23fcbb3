package dev.hark.fanout;

import dev.hark.event.CloseReason;
import java.time.Instant;
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

    /** Takes it back, for good. The stream ends within a sweep. */
    public void revoke() {
        revoked = true;
    }

    /** Whether it is over at {@code nowMillis}, by the clock of the log. */
    public boolean isOver(long nowMillis) {
        return over(nowMillis) != null;
    }

    /** Why it is over at {@code nowMillis}; null where it is not. */
    @Nullable CloseReason over(long nowMillis) {
        if (revoked) {
            return CloseReason.REVOKED;
        }
        return nowMillis >= untilMillis ? CloseReason.TOKEN_EXPIRED : null;
    }
}
