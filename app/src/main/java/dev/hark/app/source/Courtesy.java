package dev.hark.app.source;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Makes room for whoever else publishes at this hub while a source is behind: a portion is as large as what hundreds of them publish, and
 * all of them wait for it. Where somebody did while a portion was read and stored, the source rests for as long as that took, so that
 * others have half of the time at least; where nobody did, it does not.
 *
 * <p>Confined to the thread of its source.
 */
final class Courtesy {
    private static final Duration MOST = Duration.ofMillis(200);

    private final LongSupplier published;
    private final LongSupplier nanoTime;
    private long before;
    private long begun;

    /** @param published how many events this hub has stored so far, of all publishers */
    Courtesy(LongSupplier published, LongSupplier nanoTime) {
        this.published = published;
        this.nanoTime = nanoTime;
        begin();
    }

    /** A portion is about to be read. */
    void begin() {
        before = published.getAsLong();
        begun = nanoTime.getAsLong();
    }

    /**
     * How long to rest behind a portion.
     *
     * @param own how many events of it were stored
     */
    Duration rest(long own) {
        if (published.getAsLong() - before <= own) {
            return Duration.ZERO;
        }
        Duration took = Duration.ofNanos(nanoTime.getAsLong() - begun);
        return took.compareTo(MOST) < 0 ? took : MOST;
    }
}
