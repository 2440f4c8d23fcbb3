package dev.hark.load.drive;

import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Second;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a run brought.
 *
 * @param ending how it ended
 * @param measurements what was measured
 * @param failures what went wrong with connections and publishes, by cause
 * @param lossExample one silent loss in words, or null
 * @param seconds the run, second by second
 * @param intervals the latencies of each of these seconds, with the time of day
 * @param doubts sentences about generators that were at their limit, where there were several
 */
public record FanoutResult(
        Ending ending,
        Measurements measurements,
        Map<Failure, Failures.Entry> failures,
        @Nullable String lossExample,
        List<Second> seconds,
        List<Histogram> intervals,
        List<String> doubts) {
    /** How a run ended. */
    public enum Ending {
        COMPLETE,
        /** Stopped from outside: what was measured until then is there. */
        INTERRUPTED,
        /** Not one stream started, or not one publish was answered, or this process had no descriptors left. */
        NOT_STARTED
    }

    public FanoutResult {
        failures = Map.copyOf(failures);
        seconds = List.copyOf(seconds);
        intervals = List.copyOf(intervals);
        doubts = List.copyOf(doubts);
    }
}
