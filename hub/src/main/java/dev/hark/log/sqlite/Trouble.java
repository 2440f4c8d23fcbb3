package dev.hark.log.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a disk, for as long as nobody may rely on it: until nothing has failed for {@link #CALM}, and then something that
 * began after that has succeeded.
 *
 * <p>Thread-safe.
 */
final class Trouble {
    /** For how long nothing may have failed: a disk that fails now and then would otherwise be well in between. */
    static final Duration CALM = Duration.ofSeconds(3);

    private final LongSupplier nanoTime;

    /** Written with the monitor held, read by anybody. */
    private volatile @Nullable String why;

    @GuardedBy("this")
    private long failedNanos;

    Trouble(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Notes that something failed now: {@code sentence} says what; whether that is another sentence than before. */
    synchronized boolean note(String sentence) {
        boolean news = !sentence.equals(why);
        failedNanos = nanoTime.getAsLong();
        why = sentence;
        return news;
    }

    /** A sentence; empty where all is well. */
    Optional<String> why() {
        return Optional.ofNullable(why);
    }

    /** When something begins that may prove that it is over, for {@link #isOver}. */
    long begin() {
        return nanoTime.getAsLong();
    }

    /** Whether something that began at {@code beganNanos} proves that it is over, if it succeeds. */
    synchronized boolean isProof(long beganNanos) {
        return why != null && beganNanos - failedNanos >= CALM.toNanos();
    }

    /** Says that something succeeded that began at {@code beganNanos}; whether that is the end of it. */
    synchronized boolean isOver(long beganNanos) {
        boolean over = isProof(beganNanos);
        why = over ? null : why;
        return over;
    }
}
