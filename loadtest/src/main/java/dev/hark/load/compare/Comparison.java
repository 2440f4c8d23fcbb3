package dev.hark.load.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Unit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What changed from one run to another.
 *
 * @param rows every number that both have, what became worse first, then what became better
 * @param differences in what the loads were not the same, so that the numbers say nothing about the server
 */
public record Comparison(List<Row> rows, List<String> differences) {
    /** What a change means. */
    public enum Change {
        WORSE,
        BETTER,
        SAME
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
            "measureMillis", "stages", "credentials");
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
        JsonNode before = base.root();
        JsonNode after = fresh.root();
        if (isSearch(before) && isSearch(after)) {
            rows.add(row("capacity", Unit.COUNT, before.path("capacity").asDouble(), after.path("capacity").asDouble(), tolerance, true));
            OptionalInt common = highestPassedByBoth(before, after);
            if (common.isPresent()) {
                // Another level is another load.
                addNumbers(rows, passed(before, common.getAsInt()), passed(after, common.getAsInt()), tolerance);
            }
        } else if (!isSearch(before) && !isSearch(after)) {
            addNumbers(rows, before, after, tolerance);
        }
        rows.sort(Comparator.comparing(Row::change));
        return new Comparison(rows, differences(before, after));
    }

    private static boolean isSearch(JsonNode report) {
        return report.path("kind").asText("").equals("capacity");
    }

    private static OptionalInt highestPassedByBoth(JsonNode base, JsonNode fresh) {
        Set<Integer> passed = passedLevels(base);
        passed.retainAll(passedLevels(fresh));
        return passed.stream().mapToInt(Integer::intValue).max();
    }

    private static Set<Integer> passedLevels(JsonNode search) {
        var levels = new HashSet<Integer>();
        for (JsonNode each : search.path("levels")) {
            if (each.path("outcome").asText("").equals("passed")) {
                levels.add(each.path("level").asInt());
            }
        }
        return levels;
    }

    /** Of several attempts the last, when the server was warmest. */
    private static JsonNode passed(JsonNode search, int level) {
        JsonNode last = search.path("nothing");
        for (JsonNode each : search.path("levels")) {
            if (each.path("level").asInt() == level && each.path("outcome").asText("").equals("passed")) {
                last = each;
            }
        }
        return last;
    }

    private static void addNumbers(List<Row> rows, JsonNode base, JsonNode fresh, double tolerance) {
        for (Timing timing : Timing.values()) {
            for (String percentile : PERCENTILES) {
                JsonNode before = base.path("timings").path(timing.key()).path(percentile);
                JsonNode after = fresh.path("timings").path(timing.key()).path(percentile);
                if (timing != Timing.LATENESS && before.isNumber() && after.isNumber()) {
                    String name = timing.key() + "." + percentile;
                    rows.add(row(name, Unit.NANOS, before.asDouble(), after.asDouble(), tolerance, false));
                }
            }
        }
        for (Metric metric : Metric.values()) {
            JsonNode before = base.path("metrics").path(metric.key());
            JsonNode after = fresh.path("metrics").path(metric.key());
            boolean counts = MORE_IS_BETTER.contains(metric) || LESS_IS_BETTER.contains(metric) || ERRORS.contains(metric);
            if (counts && before.isNumber() && after.isNumber()) {
                double allowed = ERRORS.contains(metric) ? 0 : tolerance;
                rows.add(row(metric.key(), metric.unit(), before.asDouble(), after.asDouble(), allowed, MORE_IS_BETTER.contains(metric)));
            }
        }
    }

    private static Row row(String name, Unit unit, double before, double after, double tolerance, boolean moreIsBetter) {
        double slack = Math.abs(before) * tolerance;
        Change change = Math.abs(after - before) <= slack
                ? Change.SAME
                : (after > before) == moreIsBetter ? Change.BETTER : Change.WORSE;
        return new Row(name, unit, before, after, change);
    }

    private static List<String> differences(JsonNode base, JsonNode fresh) {
        var differences = new ArrayList<String>();
        if (isSearch(base) != isSearch(fresh)) {
            return List.of(isSearch(base) ? "the first is a search for a capacity, the second one run"
                    : "the first is one run, the second a search for a capacity");
        }
        if (isSearch(base)) {
            differ(differences, "by", base.path("by"), fresh.path("by"));
            differ(differences, "objectives", base.path("objectives"), fresh.path("objectives"));
        }
        for (String name : PLAN) {
            // What a search raises is another from level to level.
            if (!isSearch(base) || !(name.equals("subscribers") || name.equals("ratePerSecond"))) {
                differ(differences, name, base.path("plan").path(name), fresh.path("plan").path(name));
            }
        }
        return differences;
    }

    private static void differ(List<String> differences, String name, JsonNode base, JsonNode fresh) {
        if (!base.equals(fresh)) {
            differences.add("%s was %s and is %s".formatted(name, said(base), said(fresh)));
        }
    }

    private static String said(JsonNode value) {
        return value.isMissingNode() ? "not said" : value.toString();
    }

    /** Whether both are of the same load, so that their numbers can be compared. */
    public boolean isOfLikes() {
        return differences.isEmpty() && !rows.isEmpty();
    }

    /** Whether anything became worse. */
    public boolean isWorse() {
        return rows.stream().anyMatch(row -> row.change() == Change.WORSE);
    }
}
