package dev.hark.load.capacity;

import dev.hark.load.capacity.CapacitySearch.Attempt;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Second;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Unit;
import dev.hark.load.measure.Validity;
import dev.hark.load.measure.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a level passed, and why not.
 *
 * @param attempt what the search is told
 * @param reasons sentences; empty if it passed
 */
public record LevelJudgement(Attempt attempt, List<String> reasons) {
    /** A backlog that is worth the name delays the typical event by so much more at the end than at the beginning. */
    private static final double BACKLOG_FACTOR = 2;

    private static final double BACKLOG_NANOS = 50e6;

    /** What fails a level when it is not 0, besides what breaks correctness. */
    private static final List<Metric> ZERO = List.of(
            Metric.DECLARED_LOSS, Metric.STREAMS_FAILED, Metric.STREAMS_ENDED, Metric.UNSENT, Metric.UNANSWERED, Metric.REFUSED);

    public LevelJudgement {
        reasons = List.copyOf(reasons);
    }

    /**
     * A level passes if the objectives hold, nothing is lost or wrong, the planned load was reached, no backlog grows and the generator had
     * time. What the server declared as lost is lost, too, unless an objective says how much of it may be.
     */
    public static LevelJudgement of(FanoutResult result, List<Slo> objectives) {
        Measurements measured = result.measurements();
        List<String> generator = new ArrayList<>(Validity.ofGenerator(measured));
        result.failures().forEach((failure, entry) -> {
            if (failure.isOurs()) {
                generator.add(failure.advice());
            }
        });
        var reasons = new ArrayList<>(Verdict.of(measured, objectives, false).incorrect());
        for (Slo objective : objectives) {
            Slo.Outcome outcome = objective.judge(measured);
            if (!outcome.holds()) {
                reasons.add(objective.text() + " is missed: " + (outcome.value().isPresent()
                        ? objective.quantity().unit().format(outcome.value().getAsDouble())
                        : "nothing measured"));
            }
        }
        for (Metric metric : ZERO) {
            if (measured.orZero(metric) > 0 && !(metric == Metric.DECLARED_LOSS && isSpokenOf(metric, objectives))) {
                reasons.add(metric.key() + " is " + Unit.COUNT.format(measured.orZero(metric)) + "; the limit is 0");
            }
        }
        if (backlogGrows(result.timeline().seconds())) {
            reasons.add("a backlog grows: the typical delivery took longer from second to second");
        }
        if (!generator.isEmpty()) {
            generator.addAll(reasons);
            return new LevelJudgement(Attempt.GENERATOR_BOUND, generator);
        }
        return new LevelJudgement(reasons.isEmpty() ? Attempt.PASSED : Attempt.FAILED, reasons);
    }

    private static boolean isSpokenOf(Metric metric, List<Slo> objectives) {
        return objectives.stream().anyMatch(objective -> objective.quantity().equals(new Slo.Quantity.Single(metric)));
    }

    /** Compares the typical delivery in the first and the last third of measuring. */
    static boolean backlogGrows(List<Second> seconds) {
        List<Second> measuring = seconds.stream()
                .filter(second -> second.phase().equals("measuring") && second.latency().p50() > 0).toList();
        int third = measuring.size() / 3;
        if (third == 0) {
            return false;
        }
        double early = measuring.subList(0, third).stream().mapToLong(second -> second.latency().p50()).average().orElse(0);
        double late = measuring.subList(measuring.size() - third, measuring.size()).stream()
                .mapToLong(second -> second.latency().p50()).average().orElse(0);
        return late > BACKLOG_FACTOR * early && late - early > BACKLOG_NANOS;
    }
}
