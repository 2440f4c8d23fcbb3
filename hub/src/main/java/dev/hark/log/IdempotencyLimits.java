package dev.hark.log;

import java.time.Duration;

/**
 * How long the log remembers idempotency keys.
 *
 * @param keys how many keys at most, at least 1; the oldest are forgotten first
 * @param age  for how long, positive
 */
public record IdempotencyLimits(int keys, Duration age) {
    /** @throws IllegalArgumentException naming the bound that is out of range */
    public IdempotencyLimits {
        if (keys < 1) {
            throw new IllegalArgumentException("idempotency window of " + keys + " keys; at least 1 is needed");
        }
        if (age.isNegative() || age.isZero()) {
            throw new IllegalArgumentException("idempotency window of " + age + " is not positive");
        }
    }
}
