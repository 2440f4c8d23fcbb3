package dev.hark.load.report;

import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.NodeResult;
import dev.hark.load.ledger.Spread;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** What a run amounts to, in sentences that all of its reports share. */
final class Conclusions {
    /** Below this nobody asks where the time went. */
    private static final double WORTH_ASKING_NANOS = 20e6;

    /** A part that is this share of the whole is named. */
    private static final double MOST = 0.7;

    private Conclusions() {}

    /** The verdict, and what it rests on: {@code holds: 450,000 deliveries owed, none lost silently}. */
    static String headline(RunReport report) {
        Measurements measured = report.result().measurements();
        double owed = measured.orZero(Metric.OWED);
        double lost = measured.orZero(Metric.SILENT_LOSS);
        if (owed == 0) {
            return report.conclusion();
        }
        return report.conclusion() + ": " + Unit.COUNT.format(owed) + " deliveries owed, "
                + (lost == 0 ? "none lost silently" : Unit.COUNT.format(lost) + " lost silently");
    }

    /** What was run: {@code 127.0.0.1:8080: 2,000 streams on 1 topic, 5/s, 200 B}. */
    static String load(FanoutPlan plan) {
        String credentials = plan.target().credentials().inWords();
        return String.format(Locale.ROOT, "%s: %s on %,d topic%s%s, %s%s, %,d B%s%s", plan.target().authorities(),
                Unit.COUNT.format(plan.streams().subscribers()) + " streams",
                plan.topics(), plan.topics() == 1 ? "" : "s",
                plan.streams().spread() == Spread.ZIPF ? " by Zipf's law" : "",
                Unit.PER_SECOND.format(plan.publish().perSecond()),
                plan.publish().batch() > 1 ? " in batches of " + plan.publish().batch() : "", plan.publish().payloadBytes(),
                (plan.stages().isEmpty() ? "" : "; in stages: " + plan.stages())
                        + (plan.outage().isNone() ? "" : "; halfway " + plan.outage().inWords()),
                credentials.isEmpty() ? "" : "; " + credentials);
    }

    /** Why the verdict is not better, the worst first: what went wrong, what was missed, and which failures were met. */
    static List<String> reasons(RunReport report) {
        var reasons = new ArrayList<String>();
        report.verdict().incorrect().forEach(sentence -> reasons.add("INCORRECT  " + sentence));
        String loss = report.result().lossExample();
        if (loss != null) {
            reasons.add("           such as: " + loss);
        }
        report.verdict().invalid().forEach(sentence -> reasons.add("INVALID    " + sentence));
        report.verdict().unserved().forEach(sentence -> reasons.add("UNSERVED   " + sentence));
        report.verdict().objectives().stream().filter(outcome -> !outcome.holds()).forEach(outcome -> reasons.add(objective(outcome)));
        reasons.addAll(failures(report));
        return reasons;
    }

    /** What stood in the way of a run that did not begin. */
    static List<String> whyItDidNotStart(RunReport report) {
        var reasons = new ArrayList<>(failures(report));
        // The others follow from it.
        report.verdict().invalid().stream().limit(1).forEach(reasons::add);
        return reasons;
    }

    /** Which failures were met, how often, and what to do about them. */
    static List<String> failures(RunReport report) {
        return report.result().failures().entrySet().stream()
                .sorted(java.util.Map.Entry.comparingByKey())
                .map(each -> String.format(Locale.ROOT, "%,d x %s (%s): %s", each.getValue().count(),
                        each.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' '), each.getValue().example(), each.getKey().advice()))
                .toList();
    }

    static String objective(Slo.Outcome outcome) {
        return String.format("%-10s %s (%s)", outcome.holds() ? "holds" : "MISSED", outcome.objective().text(), value(outcome));
    }

    static String value(Slo.Outcome outcome) {
        return outcome.value().isPresent()
                ? outcome.objective().quantity().unit().format(outcome.value().getAsDouble())
                : "nothing measured";
    }

    /** Whether the acknowledgement, or the way round the subscribers, was most of a slow delivery; nothing where that cannot be said. */
    static Optional<String> whereTheTimeWent(Measurements measured) {
        double delivery = measured.get(Timing.DELIVERY).getValueAtPercentile(99);
        double publish = measured.get(Timing.PUBLISH).getValueAtPercentile(99);
        double spread = measured.get(Timing.SPREAD).getValueAtPercentile(99);
        if (delivery < WORTH_ASKING_NANOS) {
            return Optional.empty();
        }
        if (publish >= MOST * delivery) {
            return Optional.of("publish p99 is %s of delivery's %s: the time goes into the acknowledgement, not into the fan-out"
                    .formatted(Unit.NANOS.format(publish), Unit.NANOS.format(delivery)));
        }
        if (spread >= MOST * delivery) {
            return Optional.of("spread p99 is %s of delivery's %s: the time goes into the way from the first subscriber to the last"
                    .formatted(Unit.NANOS.format(spread), Unit.NANOS.format(delivery)));
        }
        return Optional.empty();
    }

    /** What became of the streams of a node that was taken away; nothing where none was. */
    static Optional<String> failover(Measurements measured) {
        OptionalDouble streams = measured.get(Metric.FAILOVER_STREAMS);
        if (streams.isEmpty()) {
            return Optional.empty();
        }
        String back = streams.getAsDouble() == 0
                ? "no stream ended: was the node taken away?"
                : measured.get(Metric.FAILOVER_ALL).isPresent()
                        ? "%s streams ended, all live again after %s".formatted(
                                Unit.COUNT.format(streams.getAsDouble()), Unit.NANOS.format(measured.orZero(Metric.FAILOVER_ALL)))
                        : Unit.COUNT.format(streams.getAsDouble()) + " streams ended, and not all are live again";
        if (streams.getAsDouble() == 0) {
            return Optional.of(back);
        }
        return Optional.of(back + measured.get(Metric.PUBLISH_RETRIES)
                .stream().mapToObj(retries -> "; " + Unit.COUNT.format(retries) + " publishes sent again").findFirst().orElse(""));
    }

    /** A node in a line: what it had of the run, and what that took of it. */
    static String node(NodeResult node) {
        var parts = new ArrayList<String>();
        parts.add(node.streams() == node.streamsAtEnd()
                ? Unit.COUNT.format(node.streams()) + " streams"
                : Unit.COUNT.format(node.streams()) + " streams, " + Unit.COUNT.format(node.streamsAtEnd()) + " at the end");
        if (node.lost() > 0) {
            parts.add(Unit.COUNT.format(node.lost()) + " lost");
        }
        parts.add(Unit.COUNT.format(node.delivered()) + " delivered");
        node.cores().ifPresent(cores -> parts.add(Unit.CORES.format(cores)));
        node.memoryBytes().ifPresent(bytes -> parts.add(Unit.BYTES.format(bytes)));
        return String.join(", ", parts);
    }

    /** What the server took, as far as it was seen; memory per stream only of a server that had not served before. */
    static Optional<String> server(Measurements measured) {
        var parts = new ArrayList<String>();
        measured.get(Metric.SERVER_CPU).ifPresent(cores -> parts.add(Unit.CORES.format(cores)));
        measured.get(Metric.SERVER_CPU_PER_DELIVERY).ifPresent(nanos -> parts.add(Unit.NANOS.format(nanos) + " per delivery"));
        measured.get(Metric.SERVER_MEMORY).ifPresent(bytes -> parts.add(Unit.BYTES.format(bytes)));
        if (measured.isOfColdServer()) {
            measured.get(Metric.SERVER_MEMORY_PER_STREAM).ifPresent(bytes -> parts.add(Unit.BYTES.format(bytes) + " per stream"));
        }
        return parts.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", parts));
    }
}
