package dev.hark.load.report;

import dev.hark.load.drive.FanoutResult;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** A run in text: the verdict and what a person asks next, or all of it. */
public final class TextReport {
    /** With the line that names the report, what fits the lower part of a small terminal. Of several nodes each has one more. */
    public static final int MAX_LINES = 17;

    private static final List<Timing> ASKED_FOR = List.of(Timing.DELIVERY, Timing.COMPLETION, Timing.PUBLISH, Timing.CONNECT);

    /** Where a node was taken away. */
    private static final List<Timing> ASKED_FOR_THEN =
            List.of(Timing.DELIVERY, Timing.DELIVERY_DURING, Timing.DELIVERY_AFTER, Timing.PUBLISH);

    private static final int KEY_WIDTH = 12;
    private static final int MAX_REASONS = 6;

    private TextReport() {}

    /** The verdict first, and at most {@value #MAX_LINES} lines. */
    public static String of(RunReport report) {
        var lines = new ArrayList<String>();
        lines.add(Conclusions.headline(report));
        lines.add("  " + Conclusions.load(report.plan()));
        Measurements measured = report.result().measurements();
        if (report.result().ending() == FanoutResult.Ending.NOT_STARTED) {
            // A table of zeros would say nothing, and hide why.
            addReasons(lines, Conclusions.whyItDidNotStart(report));
            return text(lines);
        }
        var reasons = new ArrayList<>(Conclusions.reasons(report));
        report.verdict().objectives().stream().filter(Slo.Outcome::holds).map(Conclusions::objective).forEach(reasons::add);
        addReasons(lines, reasons);
        boolean isFailover = Conclusions.failover(measured).isPresent();
        addTimings(lines, isFailover ? ASKED_FOR_THEN : ASKED_FOR, measured);
        lines.add(String.format(
                Locale.ROOT, "  %-12s %s silent, %s announced, %s twice, %s out of order, %s changed, %s to others", "losses",
                count(measured, Metric.SILENT_LOSS), count(measured, Metric.DECLARED_LOSS), count(measured, Metric.DUPLICATES),
                count(measured, Metric.DISORDER), count(measured, Metric.CORRUPT), count(measured, Metric.WRONG_RECIPIENT)));
        addNodes(lines, report);
        Conclusions.server(measured).ifPresent(server -> lines.add(String.format(
                "  %-12s %s", report.result().nodes().isEmpty() ? "server" : "all nodes", server)));
        if (!isFailover) {
            Conclusions.whereTheTimeWent(measured).ifPresent(sentence -> lines.add("  " + sentence));
        }
        return text(lines);
    }

    /** Everything that was measured. */
    public static String full(RunReport report) {
        var lines = new ArrayList<String>();
        lines.add(Conclusions.headline(report));
        lines.add("  " + Conclusions.load(report.plan()));
        Conclusions.reasons(report).forEach(reason -> lines.add("  " + reason));
        report.verdict().objectives().stream().filter(Slo.Outcome::holds).forEach(each -> lines.add("  " + Conclusions.objective(each)));
        Measurements measured = report.result().measurements();
        lines.add("");
        addTimings(lines, List.of(Timing.values()), measured);
        addNodes(lines, report);
        Conclusions.whereTheTimeWent(measured).ifPresent(sentence -> lines.add("  " + sentence));
        lines.add("");
        measured.metrics().forEach((metric, value) -> lines.add(
                String.format("  %-22s %14s   %s", metric.key(), metric.unit().format(value), metric.sentence())));
        return text(lines);
    }

    private static void addNodes(List<String> lines, RunReport report) {
        Conclusions.failover(report.result().measurements())
                .ifPresent(sentence -> lines.add(String.format("  %-12s %s", "failover", sentence)));
        report.result().nodes().forEach(node -> lines.add(String.format("  %-21s %s", node.name(), Conclusions.node(node))));
    }

    private static void addReasons(List<String> lines, List<String> reasons) {
        boolean all = reasons.size() <= MAX_REASONS;
        reasons.stream().limit(all ? MAX_REASONS : MAX_REASONS - 1).forEach(reason -> lines.add("  " + reason));
        if (!all) {
            lines.add("  ... and " + (reasons.size() - MAX_REASONS + 1) + " more: -v shows them");
        }
    }

    private static void addTimings(List<String> lines, List<Timing> asked, Measurements measured) {
        List<Timing> shown = asked.stream().filter(timing -> measured.get(timing).getTotalCount() > 0).toList();
        int width = shown.stream().mapToInt(timing -> timing.key().length()).reduce(KEY_WIDTH, Math::max);
        lines.add(String.format("  %s %10s %10s %10s %10s %10s %12s", " ".repeat(width), "p50", "p90", "p99", "p99.9", "max", "count"));
        shown.forEach(timing -> lines.add(row(timing, width, measured)));
    }

    private static String row(Timing timing, int width, Measurements measured) {
        Histogram histogram = measured.get(timing);
        return String.format(Locale.ROOT, "  %-" + width + "s %10s %10s %10s %10s %10s %,12d", timing.key(),
                nanos(histogram, 50), nanos(histogram, 90), nanos(histogram, 99), nanos(histogram, 99.9), nanos(histogram, 100),
                histogram.getTotalCount());
    }

    private static String count(Measurements measured, Metric metric) {
        return Unit.COUNT.format(measured.orZero(metric));
    }

    private static String nanos(Histogram histogram, double percentile) {
        return Unit.NANOS.format(histogram.getValueAtPercentile(percentile));
    }

    private static String text(List<String> lines) {
        return String.join(System.lineSeparator(), lines) + System.lineSeparator();
    }
}
