package dev.hark.thread;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long a thread has been at what it is doing. The thread says when it begins and ends; anybody asks.
 *
 * <p>Begun and ended by one thread at a time; thread-safe for those who ask.
 */
public final class Pulse {
    private static final long IDLE = Long.MIN_VALUE;

    private final LongSupplier nanoTime;
    private volatile long since = IDLE;

    public Pulse(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** What comes now begins now, even if something was under way. */
    public void begin() {
        since = nanoTime.getAsLong();
    }

    /** There is nothing to do. */
    public void end() {
        since = IDLE;
    }

    /** For how long something has been under way; zero where nothing is. */
    public Duration busy() {
        long began = since;
        return began == IDLE ? Duration.ZERO : Duration.ofNanos(nanoTime.getAsLong() - began);
    }

    /** Whether something has been under way for longer than {@code limit}. */
    public boolean isStuck(Duration limit) {
        return busy().compareTo(limit) > 0;
    }
}
