package dev.hark.load.agent;

import dev.hark.load.drive.Failure;
import dev.hark.load.drive.Failures;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.drive.FanoutResult.Ending;
import dev.hark.load.drive.NodeResult;
import dev.hark.load.drive.Timeline;
import dev.hark.load.ledger.DueSecond;
import dev.hark.load.measure.Laggard;
import dev.hark.load.measure.Mark;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Second;
import dev.hark.load.measure.Slopes;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Validity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * Several agents' results as one: counts and rates add up, histograms too; of what each has its own of, such as a reader thread's share of
 * time at work, the worst counts.
 */
final class Merge {
    private Merge() {}

    static FanoutResult of(List<FanoutResult> parts, List<String> names) {
        var failures = new EnumMap<Failure, Failures.Entry>(Failure.class);
        var doubts = new ArrayList<String>();
        var intervals = new ArrayList<Histogram>();
        var seconds = new ArrayList<Second>();
        for (int i = 0; i < parts.size(); i++) {
            FanoutResult part = parts.get(i);
            part.failures().forEach((failure, entry) -> failures.merge(
                    failure, entry, (one, other) -> new Failures.Entry(one.count() + other.count(), one.example())));
            for (String doubt : Validity.ofGenerator(part.measurements())) {
                doubts.add("agent " + names.get(i) + ": " + doubt);
            }
        }
        List<Timeline> times = parts.stream().map(FanoutResult::timeline).toList();
        int length = times.stream().mapToInt(time -> time.seconds().size()).min().orElse(0);
        for (int second = 0; second < length; second++) {
            int at = second;
            Histogram interval = sum(times.stream().map(time -> time.intervals().get(at)).toList());
            intervals.add(interval);
            seconds.add(with(Second.Latency.of(interval), secondOf(times.stream().map(time -> time.seconds().get(at)).toList())));
        }
        String example = parts.stream().map(FanoutResult::lossExample).filter(Objects::nonNull).findFirst().orElse(null);
        Measurements measured = measurements(parts);
        Slopes.into(measured, seconds, List.of());
        return new FanoutResult(
                ending(parts), measured, failures, example, new Timeline(seconds, intervals, due(times), marks(times, seconds)),
                Laggard.slowestOf(parts.stream().flatMap(part -> part.laggards().stream())), nodes(parts), doubts);
    }

    /** What each had of every node, added up. */
    private static List<NodeResult> nodes(List<FanoutResult> parts) {
        var merged = new ArrayList<>(parts.getFirst().nodes());
        for (FanoutResult part : parts.subList(1, parts.size())) {
            for (int node = 0; node < Math.min(merged.size(), part.nodes().size()); node++) {
                merged.set(node, merged.get(node).and(part.nodes().get(node)));
            }
        }
        return merged;
    }

    /** All agents began to publish at the same time, so their seconds are the same ones; of percentiles the worst, as above. */
    private static List<DueSecond> due(List<Timeline> times) {
        int length = times.stream().mapToInt(time -> time.due().size()).min().orElse(0);
        var merged = new ArrayList<DueSecond>();
        for (int second = 0; second < length; second++) {
            int at = second;
            List<DueSecond> all = times.stream().map(time -> time.due().get(at)).toList();
            merged.add(new DueSecond(
                    all.getFirst().at(),
                    total(all, DueSecond::events),
                    worst(all.stream().map(DueSecond::completion).toList()),
                    worst(all.stream().map(DueSecond::spread).toList()),
                    total(all, DueSecond::silent),
                    total(all, DueSecond::declared)));
        }
        return merged;
    }

    private static DueSecond.Span worst(List<DueSecond.Span> all) {
        return new DueSecond.Span(most(all, DueSecond.Span::p50), most(all, DueSecond.Span::p99), most(all, DueSecond.Span::max));
    }

    /** What agents do they do together, so one of them tells it; what they see is counted for all. */
    private static List<Mark> marks(List<Timeline> times, List<Second> seconds) {
        return Stream.concat(
                        times.stream().limit(1).flatMap(time -> time.marks().stream()).filter(mark -> mark.kind() != Mark.Kind.SEEN),
                        Mark.seenIn(seconds).stream())
                .sorted(Comparator.comparingDouble(Mark::at))
                .toList();
    }

    private static Ending ending(List<FanoutResult> parts) {
        List<Ending> endings = parts.stream().map(FanoutResult::ending).toList();
        if (endings.contains(Ending.INTERRUPTED)) {
            return Ending.INTERRUPTED;
        }
        return endings.contains(Ending.NOT_STARTED) ? Ending.NOT_STARTED : Ending.COMPLETE;
    }

    private static Histogram sum(List<Histogram> all) {
        Histogram sum = all.getFirst().copy();
        all.stream().skip(1).forEach(sum::add);
        return sum;
    }

    private static Second with(Second.Latency latency, Second second) {
        return new Second(second.at(), second.phase(), second.counts(), latency, second.load());
    }

    /** The same second of all agents; of percentiles the worst, since from those alone no other can be had. */
    static Second secondOf(List<Second> all) {
        List<Second.Counts> counts = all.stream().map(Second::counts).toList();
        List<Second.Latency> latencies = all.stream().map(Second::latency).toList();
        List<Second.Load> loads = all.stream().map(Second::load).toList();
        return new Second(
                all.getFirst().at(),
                all.getFirst().phase(),
                new Second.Counts(
                        total(counts, Second.Counts::live),
                        total(counts, Second.Counts::failed),
                        total(counts, Second.Counts::ended),
                        total(counts, Second.Counts::dropped),
                        total(counts, Second.Counts::resumed),
                        total(counts, Second.Counts::published),
                        total(counts, Second.Counts::acknowledged),
                        total(counts, Second.Counts::refused),
                        total(counts, Second.Counts::delivered),
                        total(counts, Second.Counts::errors),
                        total(counts, Second.Counts::gaps),
                        total(counts, Second.Counts::skipped)),
                new Second.Latency(
                        most(latencies, Second.Latency::p50),
                        most(latencies, Second.Latency::p90),
                        most(latencies, Second.Latency::p99),
                        most(latencies, Second.Latency::max),
                        List.of()),
                new Second.Load(
                        worst(loads, Second.Load::serverCores),
                        most(loads, Second.Load::serverBytes),
                        loads.stream().mapToDouble(load -> Math.max(0, load.generatorCores())).sum(),
                        worst(loads, Second.Load::readerBusy),
                        most(loads, Second.Load::lateNanos)));
    }

    private static <T> long total(List<T> all, ToLongFunction<T> read) {
        return all.stream().mapToLong(read).sum();
    }

    private static <T> long most(List<T> all, ToLongFunction<T> read) {
        return all.stream().mapToLong(read).max().orElse(0);
    }

    private static <T> double worst(List<T> all, ToDoubleFunction<T> read) {
        return all.stream().mapToDouble(read).max().orElse(0);
    }

    private static Measurements measurements(List<FanoutResult> parts) {
        List<Measurements> all = parts.stream().map(FanoutResult::measurements).toList();
        var merged = new Measurements();
        for (Timing timing : Timing.values()) {
            merged.put(timing, sum(all.stream().map(each -> each.get(timing)).toList()));
        }
        for (Metric metric : Metric.values()) {
            double[] values = all.stream()
                    .map(each -> each.get(metric))
                    .filter(OptionalDouble::isPresent)
                    .mapToDouble(OptionalDouble::getAsDouble)
                    .toArray();
            if (values.length > 0) {
                merged.put(metric, merged(metric, DoubleStream.of(values)));
            }
        }
        shareServersCost(all, merged);
        return merged;
    }

    private static double merged(Metric metric, DoubleStream values) {
        return switch (metric) {
            case STREAMS_ASKED, STREAMS_CONFIRMED, STREAMS_FAILED, STREAMS_ENDED, STREAMS_DROPPED,
                    STREAMS_RESUMED, STREAMS_AWAY, FAILOVER_STREAMS, PUBLISH_ERRORS, PUBLISH_RETRIES,
                    PUBLISHERS_AWAY, PUBLISHED, ACKNOWLEDGED, REFUSED, UNANSWERED, UNSENT, PUBLISH_RATE,
                    DELIVERED, DELIVERY_RATE, OWED, SILENT_LOSS, DECLARED_LOSS, DUPLICATES, DISORDER, CORRUPT, WRONG_RECIPIENT, WRONG_ID,
                    AMBIGUOUS, FOREIGN, GAPS, CLOSE_NOTICES, FULL_READS, GENERATOR_CPU, THREADS_ENDED -> values.sum();
            // Each agent's own, so the worst of them; the server is watched by one agent at most.
            case RECONNECT_ALL, CONNECT_ALL, FAILOVER_ALL, MEASURED, READER_BUSY, LONGEST_ROUND, FULL_READ_SHARE, GENERATOR_GC,
                    STALLED_HIDDEN,
                    SERVER_CPU, SERVER_CPU_PER_DELIVERY, SERVER_CPU_PER_PUBLISH, SERVER_CPU_BEFORE, SERVER_IDLE, SERVER_MEMORY,
                    SERVER_MEMORY_EMPTY,
                    SERVER_MEMORY_PER_STREAM, SERVER_CPU_SLOPE, SERVER_MEMORY_SLOPE, SERVER_THREADS, SERVER_DESCRIPTORS ->
                            values.max().orElse(0);
        };
    }

    /** The agent that watched the server divided its cost by its own streams and events; all of them caused it. */
    private static void shareServersCost(List<Measurements> all, Measurements merged) {
        for (Map.Entry<Metric, Metric> each : Map.of(
                        Metric.SERVER_MEMORY_PER_STREAM, Metric.STREAMS_CONFIRMED,
                        Metric.SERVER_MEMORY_SLOPE, Metric.STREAMS_CONFIRMED,
                        Metric.SERVER_CPU_PER_DELIVERY, Metric.DELIVERY_RATE,
                        Metric.SERVER_CPU_PER_PUBLISH, Metric.PUBLISH_RATE)
                .entrySet()) {
            for (Measurements own : all) {
                OptionalDouble cost = own.get(each.getKey());
                double total = merged.orZero(each.getValue());
                if (cost.isPresent() && total > 0) {
                    merged.put(each.getKey(), cost.getAsDouble() * own.orZero(each.getValue()) / total);
                }
            }
        }
    }
}
