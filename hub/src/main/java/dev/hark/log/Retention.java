package dev.hark.log;

import java.time.Duration;

/**
 * How much of the log stays readable: the newest events, as long as none of the three bounds is passed.
 *
 * @param events how many events at most, at least 1
 * @param age    how old an event may be, positive
 * @param bytes  how many bytes of frames at most, at least 1
 */
public record Retention(long events, Duration age, long bytes) {
    /** @throws IllegalArgumentException naming the bound that is out of range */
    public Retention {
        if (events < 1) {
            throw new IllegalArgumentException("retention of " + events + " events; at least 1 must stay");
        }
        if (age.isNegative() || age.isZero()) {
            throw new IllegalArgumentException("retention age " + age + " is not positive");
        }
        if (bytes < 1) {
            throw new IllegalArgumentException("retention of " + bytes + " bytes; at least 1 must stay");
        }
    }
}
