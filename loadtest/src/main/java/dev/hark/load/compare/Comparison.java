package dev.hark.load.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What changed from one run to another.
 *
 * @param rows every number that both have, or that one has and that matters
 * @param differences sentences about plans that are not the same, which makes the numbers hard to compare
 */
public record Comparison(List<Row> rows, List<String> differences) {
    /** What a change means. */
    public enum Change {
        BETTER,
        SAME,
        WORSE
    }

    /**
     * One number in both runs.
     *
     * @param name such as {@code delivery.p99}
     * @param unit how it is written
     * @param base the earlier value
     * @param fresh the later one
     * @param change what that means, given the tolerance
     */
    public record Row(String name, Unit unit, double base, double fresh, Change change) {
        /** By how much it changed, as a share of the earlier value; infinite where that was 0. */
        public double ratio() {
            return base == fresh ? 0 : fresh / base - 1;
        }
    }

    private static final List<String> PERCENTILES = List.of("p50", "p90", "p99", "p99.9");
    private static final List<String> PLAN = List.of(
            "profile", "subscribers", "stalled", "topics", "spread", "ratePerSecond", "payloadBytes", "batch", "publishConnections",
            "measureMillis");
    private static final Set<Metric> MORE_IS_BETTER = Set.of(Metric.DELIVERY_RATE, Metric.PUBLISH_RATE, Metric.STREAMS_CONFIRMED);
    private static final Set<Metric> LESS_IS_BETTER = Set.of(
            Metric.CONNECT_ALL,
            Metric.STREAMS_FAILED,
            Metric.STREAMS_ENDED,
            Metric.REFUSED,
            Metric.UNANSWERED,
            Metric.SERVER_CPU_PER_DELIVERY,
            Metric.SERVER_CPU_PER_PUBLISH,
            Metric.SERVER_MEMORY_PER_STREAM,
            Metric.SERVER_MEMORY);

    /** Where any at all is too many: no tolerance. */
    private static final Set<Metric> ERRORS = Set.of(
            Metric.SILENT_LOSS, Metric.DUPLICATES, Metric.DISORDER, Metric.CORRUPT, Metric.WRONG_RECIPIENT, Metric.WRONG_ID);

    public Comparison {
        rows = List.copyOf(rows);
        differences = List.copyOf(differences);
    }

    /** Compares; a change of no more than the tolerance (0.1 is 10 %) is none. */
    public static Comparison of(SavedReport base, SavedReport fresh, double tolerance) {
        if (!(tolerance >= 0)) {
            throw new IllegalArgumentException("tolerance is " + tolerance + "; it must be 0 or more");
        }
        var rows = new ArrayList<Row>();
        for (Timing timing : Timing.values()) {
            for (String percentile : PERCENTILES) {
                JsonNode before = base.root().path("timings").path(timing.key()).path(percentile);
                JsonNode after = fresh.root().path("timings").path(timing.key()).path(percentile);
                if (timing != Timing.LATENESS && before.isNumber() && after.isNumber()) {
                    String name = timing.key() + "." + percentile;
                    rows.add(row(name, Unit.NANOS, before.asDouble(), after.asDouble(), tolerance, false));
                }
            }
        }
        for (Metric metric : Metric.values()) {
            JsonNode before = base.root().path("metrics").path(metric.key());
            JsonNode after = fresh.root().path("metrics").path(metric.key());
            boolean counts = MORE_IS_BETTER.contains(metric) || LESS_IS_BETTER.contains(metric) || ERRORS.contains(metric);
            if (counts && before.isNumber() && after.isNumber()) {
                double allowed = ERRORS.contains(metric) ? 0 : tolerance;
                rows.add(row(metric.key(), metric.unit(), before.asDouble(), after.asDouble(), allowed, MORE_IS_BETTER.contains(metric)));
            }
        }
        return new Comparison(rows, differences(base.root().path("plan"), fresh.root().path("plan")));
    }

    private static Row row(String name, Unit unit, double before, double after, double tolerance, boolean moreIsBetter) {
        double slack = Math.abs(before) * tolerance;
        Change change = Math.abs(after - before) <= slack
                ? Change.SAME
                : (after > before) == moreIsBetter ? Change.BETTER : Change.WORSE;
        return new Row(name, unit, before, after, change);
    }

    private static List<String> differences(JsonNode base, JsonNode fresh) {
        return PLAN.stream()
                .filter(name -> !base.path(name).equals(fresh.path(name)))
                .map(name -> "plan differs: %s was %s and is %s".formatted(name, base.path(name), fresh.path(name)))
                .toList();
    }

    /** Whether anything became worse. */
    public boolean isWorse() {
        return rows.stream().anyMatch(row -> row.change() == Change.WORSE);
    }
}
