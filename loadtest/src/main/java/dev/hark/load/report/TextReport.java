package dev.hark.load.report;

import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.ledger.Spread;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Unit;
import dev.hark.load.measure.Verdict;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** A run in one screen of text. */
public final class TextReport {
    private TextReport() {}

    public static String of(RunReport report) {
        FanoutPlan plan = report.plan();
        FanoutResult result = report.result();
        Verdict verdict = report.verdict();
        var text = new StringBuilder(2048);
        Measurements measured = result.measurements();
        text.append(String.format(Locale.ROOT, "%n%s: %,d streams on %,d topic(s)%s, %s%s, %,d B%n",
                plan.target().authority(), plan.streams().subscribers(), plan.topics(),
                plan.streams().spread() == Spread.ZIPF ? " by Zipf's law" : "",
                Unit.PER_SECOND.format(plan.publish().perSecond()),
                plan.publish().batch() > 1 ? " in batches of " + plan.publish().batch() : "", plan.publish().payloadBytes()));
        text.append(String.format("%n  %-12s %10s %10s %10s %10s %10s %12s%n", "", "p50", "p90", "p99", "p99.9", "max", "count"));
        for (Timing timing : Timing.values()) {
            Histogram histogram = measured.get(timing);
            if (histogram.getTotalCount() > 0) {
                text.append(String.format(Locale.ROOT, "  %-12s %10s %10s %10s %10s %10s %,12d%n", timing.key(),
                        nanos(histogram, 50), nanos(histogram, 90), nanos(histogram, 99), nanos(histogram, 99.9), nanos(histogram, 100),
                        histogram.getTotalCount()));
            }
        }
        text.append('\n');
        for (var entry : measured.metrics().entrySet()) {
            text.append(String.format("  %-22s %14s   %s%n", entry.getKey().key(),
                    entry.getKey().unit().format(entry.getValue()), entry.getKey().sentence()));
        }
        text.append('\n');
        result.failures().forEach((failure, entry) -> text.append(String.format(Locale.ROOT, "  %,d x %s (%s): %s%n",
                entry.count(), failure.name().toLowerCase(Locale.ROOT).replace('_', ' '), entry.example(), failure.advice())));
        if (result.lossExample() != null) {
            text.append("  ").append(result.lossExample()).append('\n');
        }
        for (String sentence : verdict.incorrect()) {
            text.append("  INCORRECT  ").append(sentence).append('\n');
        }
        for (String sentence : verdict.unserved()) {
            text.append("  UNSERVED   ").append(sentence).append('\n');
        }
        for (String sentence : verdict.invalid()) {
            text.append("  INVALID    ").append(sentence).append('\n');
        }
        for (Slo.Outcome outcome : verdict.objectives()) {
            text.append(String.format("  %-10s %s (%s)%n", outcome.holds() ? "holds" : "MISSED", outcome.objective().text(),
                    outcome.value().isPresent()
                            ? outcome.objective().quantity().unit().format(outcome.value().getAsDouble())
                            : "nothing measured"));
        }
        text.append(String.format("%nverdict: %s%n", report.conclusion()));
        if (measured.orZero(Metric.SILENT_LOSS) == 0 && measured.orZero(Metric.OWED) > 0) {
            text.append(String.format("%s deliveries owed, none lost silently%n", Metric.OWED.unit().format(measured.orZero(Metric.OWED))));
        }
        return text.toString();
    }

    private static String nanos(Histogram histogram, double percentile) {
        return Unit.NANOS.format(histogram.getValueAtPercentile(percentile));
    }
}
