package dev.hark.load.drive;

import dev.hark.load.measure.Measurements;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run brought.
 *
 * @param ending how it ended
 * @param measurements what was measured
 * @param failures what went wrong with connections and publishes, by cause
 * @param lossExample one silent loss in words, or null
 */
public record FanoutResult(
        Ending ending, Measurements measurements, Map<Failure, Failures.Entry> failures, @Nullable String lossExample) {
    /** How a run ended. */
    public enum Ending {
        COMPLETE,
        /** Stopped from outside: what was measured until then is there. */
        INTERRUPTED,
        /** Not one stream started, or not one publish was answered. */
        NO_TARGET
    }

    public FanoutResult {
        failures = Map.copyOf(failures);
    }
}
