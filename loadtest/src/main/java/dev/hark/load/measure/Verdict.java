package dev.hark.load.measure;

import java.util.ArrayList;
import java.util.List;

/**
 * What a run's numbers amount to.
 *
 * @param decision the one that outranks the others
 * @param objectives every objective and what became of it
 * @param incorrect sentences about what broke correctness
 * @param invalid sentences about why the generator, not the server, may have been the limit
 */
public record Verdict(Decision decision, List<Slo.Outcome> objectives, List<String> incorrect, List<String> invalid) {
    /** From best to worst: the worst that applies is the decision. */
    public enum Decision {
        HOLDS,
        MISSED,
        INVALID,
        INCORRECT
    }

    /** What breaks correctness when it is not 0. */
    private static final List<Metric> ERRORS = List.of(
            Metric.SILENT_LOSS, Metric.DUPLICATES, Metric.DISORDER, Metric.CORRUPT, Metric.WRONG_RECIPIENT, Metric.WRONG_ID);

    public Verdict {
        objectives = List.copyOf(objectives);
        incorrect = List.copyOf(incorrect);
        invalid = List.copyOf(invalid);
    }

    /**
     * Judges a run.
     *
     * @param checksValidity whether the generator's own limits count: not where a run is meant to saturate, or only correctness matters
     */
    public static Verdict of(Measurements measured, List<Slo> objectives, boolean checksValidity) {
        return of(measured, objectives, checksValidity, List.of());
    }

    /** The same, with more sentences about why a generator may have been the limit. */
    public static Verdict of(Measurements measured, List<Slo> objectives, boolean checksValidity, List<String> doubts) {
        List<Slo.Outcome> outcomes = objectives.stream().map(objective -> objective.judge(measured)).toList();
        var incorrect = new ArrayList<String>();
        for (Metric metric : ERRORS) {
            double count = measured.orZero(metric);
            if (count > 0) {
                incorrect.add("%s is %s; the limit is 0 (%s)".formatted(metric.key(), metric.unit().format(count), metric.sentence()));
            }
        }
        var invalid = new ArrayList<String>();
        if (checksValidity) {
            invalid.addAll(Validity.doubts(measured));
            invalid.addAll(doubts);
        }
        boolean missed = outcomes.stream().anyMatch(outcome -> !outcome.holds());
        Decision decision = !incorrect.isEmpty()
                ? Decision.INCORRECT
                : !invalid.isEmpty() ? Decision.INVALID : missed ? Decision.MISSED : Decision.HOLDS;
        return new Verdict(decision, outcomes, incorrect, invalid);
    }
}
