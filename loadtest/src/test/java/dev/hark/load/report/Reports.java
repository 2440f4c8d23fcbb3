package dev.hark.load.report;

import dev.hark.load.drive.Failure;
import dev.hark.load.drive.Failures;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.drive.FanoutResult.Ending;
import dev.hark.load.drive.Timeline;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.ServerWatch;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Verdict;
import dev.hark.load.scenario.Scenario;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Reports of runs that never were. */
final class Reports {
    private Reports() {}

    /** All that a run may measure, nothing of it as it should be. */
    static Measurements everything() {
        var measured = new Measurements();
        for (Metric metric : Metric.values()) {
            measured.put(metric, 1e6);
        }
        for (Timing timing : Timing.values()) {
            measured.put(timing, times(5_000_000, 1000));
        }
        return measured;
    }

    static Histogram times(long nanos, long count) {
        var histogram = new Histogram(3);
        histogram.recordValueWithCount(nanos, count);
        return histogram;
    }

    static RunReport of(Ending ending, Measurements measured, Map<Failure, Failures.Entry> failures, String... objectives) {
        var result = new FanoutResult(
                ending, measured, failures, measured.orZero(Metric.SILENT_LOSS) > 0 ? "subscriber 3 never got event 5" : null,
                new Timeline(List.of(), List.of(), List.of(), List.of()), List.of(), List.of(), List.of());
        Verdict verdict = Verdict.of(measured, Arrays.stream(objectives).map(Slo::parse).toList(), true);
        var environment = new Environment("hark-load fanout -n 2000", Instant.EPOCH, Map.of("machine", "here"), ServerFacts.NONE);
        return new RunReport("fanout", Scenario.named("fanout").streams(2000).plan(ServerWatch.NONE), result, verdict, environment);
    }
}
