package dev.hark.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The wall clock, but for its jumps: one that leaps by days and comes back, as after the resumption of a virtual machine or a bad time
 * server, must not take what the log retains by age, nor stamp events with a time that was never.
 *
 * <p>A difference of up to a minute between the wall clock and the time that really passed is followed at once. A larger one
 * is doubted for an hour: until then time goes on as it passes, and if the clock comes back nothing has happened. After that
 * the clock is believed. Thread-safe.
 */
public final class SteadyClock implements InstantSource {
    /** What may be corrected at once. */
    public static final Duration TOLERATED = Duration.ofMinutes(1);

    /** For how long a larger correction is doubted. */
    public static final Duration DOUBT = Duration.ofHours(1);

    private static final System.Logger LOGGER = System.getLogger(SteadyClock.class.getName());

    private final InstantSource wall;
    private final LongSupplier nanoTime;

    // What the time was, and when.
    @GuardedBy("this")
    private long baseMillis;

    @GuardedBy("this")
    private long baseNanos;

    /** By how much the wall clock is off, and since when; 0 where it is believed. */
    @GuardedBy("this")
    private long doubtedMillis;

    @GuardedBy("this")
    private long doubtedNanos;

    @GuardedBy("this")
    private long jumps;

    /** @param nanoTime a monotonic clock, in nanoseconds */
    public SteadyClock(InstantSource wall, LongSupplier nanoTime) {
        this.wall = wall;
        this.nanoTime = nanoTime;
        this.baseMillis = wall.millis();
        this.baseNanos = nanoTime.getAsLong();
    }

    /** The system's clock. */
    public static SteadyClock ofSystem() {
        return new SteadyClock(InstantSource.system(), System::nanoTime);
    }

    @Override
    public synchronized long millis() {
        long now = nanoTime.getAsLong();
        long said = wall.millis();
        long passed = baseMillis + Duration.ofNanos(now - baseNanos).toMillis();
        long off = said - passed;
        if (isTolerated(off)) {
            if (doubtedMillis != 0) {
                LOGGER.log(System.Logger.Level.WARNING, "the clock came back; nothing was removed because of it");
            }
            return believe(said, now);
        }
        if (doubtedMillis == 0 || !isTolerated(off - doubtedMillis)) {
            jumps++;
            doubtedNanos = now;
            doubtedMillis = off;
            LOGGER.log(System.Logger.Level.WARNING, doubted() + "; it is believed if it stays so for " + DOUBT.toMinutes()
                    + " minutes. Until then events bear the time that passed, and nothing is removed because of it");
        }
        if (now - doubtedNanos >= DOUBT.toNanos()) {
            LOGGER.log(System.Logger.Level.WARNING, "the clock stayed as it is, and is believed from now on");
            return believe(said, now);
        }
        return passed;
    }

    private static boolean isTolerated(long millis) {
        return Math.abs(millis) <= TOLERATED.toMillis();
    }

    @GuardedBy("this")
    private long believe(long said, long now) {
        baseMillis = said;
        baseNanos = now;
        doubtedMillis = 0;
        return said;
    }

    @GuardedBy("this")
    private String doubted() {
        return "the clock jumped " + (doubtedMillis > 0 ? "forward" : "back") + " by "
                + Duration.ofMillis(Math.abs(doubtedMillis)).toSeconds() + " s";
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    /** What is doubted now: a sentence; empty where the clock is believed. */
    public synchronized Optional<String> doubt() {
        return doubtedMillis == 0 ? Optional.empty() : Optional.of(doubted());
    }

    /** How often the clock jumped. */
    public synchronized long jumps() {
        return jumps;
    }
}
