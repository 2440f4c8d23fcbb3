package dev.hark.load.report;

import dev.hark.load.drive.FanoutResult;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Unit;
import java.util.List;
import org.HdrHistogram.Histogram;

/** {@code summary.md}: the verdict as a heading, and tables; what build servers show of a job. */
final class MarkdownReport {
    private MarkdownReport() {}

    static String of(RunReport report) {
        var text = new StringBuilder(2048);
        text.append("## ").append(cell(report.title())).append(": ").append(report.conclusion()).append("\n\n");
        text.append(cell(Conclusions.headline(report))).append(".  \n").append(cell(Conclusions.load(report.plan()))).append(".\n\n");
        if (report.result().ending() == FanoutResult.Ending.NOT_STARTED) {
            addReasons(text, Conclusions.whyItDidNotStart(report));
            return text.toString();
        }
        // What was missed is in the table.
        addReasons(text, Conclusions.reasons(report).stream().filter(reason -> !reason.startsWith("MISSED")).toList());
        if (!report.verdict().objectives().isEmpty()) {
            row(text, List.of("\nobjective", "measured", ""));
            text.append("|---|---:|---|\n");
            for (Slo.Outcome outcome : report.verdict().objectives()) {
                row(text, List.of("`" + outcome.objective().text().replace("|", "\\|") + "`", Conclusions.value(outcome),
                        outcome.holds() ? "holds" : "**missed**"));
            }
        }
        Measurements measured = report.result().measurements();
        row(text, List.of("\ntime", "p50", "p90", "p99", "p99.9", "max"));
        text.append("|---|---:|---:|---:|---:|---:|\n");
        for (Timing timing : Timing.values()) {
            Histogram histogram = measured.get(timing);
            if (histogram.getTotalCount() > 0) {
                row(text, List.of(timing.key(), nanos(histogram, 50), nanos(histogram, 90), nanos(histogram, 99), nanos(histogram, 99.9),
                        nanos(histogram, 100)));
            }
        }
        text.append('\n');
        Conclusions.whereTheTimeWent(measured).ifPresent(sentence -> text.append(sentence).append(".\n\n"));
        Conclusions.failover(measured).ifPresent(sentence -> text.append("Failover: ").append(sentence).append(".\n\n"));
        report.result().nodes().forEach(
                node -> text.append("- ").append(cell(node.name())).append(": ").append(Conclusions.node(node)).append('\n'));
        text.append(report.result().nodes().isEmpty() ? "" : "\n");
        Conclusions.server(measured).ifPresent(server -> text.append("The server: ").append(server).append(".\n\n"));
        text.append("`").append(report.environment().command().replace('`', '\'')).append("`, ")
                .append(report.environment().finished()).append('\n');
        return text.toString();
    }

    private static void addReasons(StringBuilder text, List<String> reasons) {
        reasons.forEach(reason -> text.append("- ").append(cell(reason.strip().replaceAll(" +", " "))).append('\n'));
    }

    static void row(StringBuilder text, List<String> cells) {
        // A table begins after an empty line, which its first cell may bring with it.
        boolean begins = cells.getFirst().startsWith("\n");
        text.append(begins ? "\n| " : "| ").append(String.join(" | ", cells).strip()).append(" |\n");
    }

    /** Text that stays in its cell, and is nothing but text. */
    static String cell(String text) {
        return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ");
    }

    private static String nanos(Histogram histogram, double percentile) {
        return Unit.NANOS.format(histogram.getValueAtPercentile(percentile));
    }
}
