package dev.hark.load.measure;

import java.util.ArrayList;
import java.util.List;

/**
 * What a run's numbers amount to.
 *
 * @param decision the one that outranks the others
 * @param objectives every objective and what became of it
 * @param incorrect sentences about what broke correctness
 * @param unserved sentences about what the server did not do, whatever the objectives are
 * @param invalid sentences about why the generator, not the server, may have been the limit
 * @param validityChecked whether anybody looked for such reasons
 */
public record Verdict(
        Decision decision, List<Slo.Outcome> objectives, List<String> incorrect, List<String> unserved, List<String> invalid,
        boolean validityChecked) {
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
        unserved = List.copyOf(unserved);
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
        } else {
            invalid.addAll(Validity.ofThreads(measured));
        }
        List<String> unserved = unserved(measured, checksValidity);
        boolean saysHowManyMayFail = objectives.stream()
                .anyMatch(objective -> objective.quantity().equals(new Slo.Quantity.Single(Metric.STREAMS_FAILED)));
        if (!checksValidity && !saysHowManyMayFail) {
            // Otherwise it is a reason why the run is invalid.
            unserved.addAll(Validity.ofStreams(measured));
        }
        boolean missed = !unserved.isEmpty() || outcomes.stream().anyMatch(outcome -> !outcome.holds());
        Decision decision = !incorrect.isEmpty()
                ? Decision.INCORRECT
                : !invalid.isEmpty() ? Decision.INVALID : missed ? Decision.MISSED : Decision.HOLDS;
        return new Verdict(decision, outcomes, incorrect, unserved, invalid, checksValidity);
    }

    /** A run that means to saturate has events that were refused, and some that wait for their answer at its end. */
    private static List<String> unserved(Measurements measured, boolean mindsBackpressure) {
        var unserved = new ArrayList<String>();
        double away = measured.orZero(Metric.STREAMS_AWAY);
        if (away > 0) {
            unserved.add(Metric.STREAMS_AWAY.unit().format(away) + " streams had ended and were not back at the end");
        }
        double down = measured.orZero(Metric.PUBLISHERS_AWAY);
        double undone = measured.orZero(Metric.UNSENT) + measured.orZero(Metric.UNANSWERED);
        if (down > 0) {
            unserved.add("%s publishing connections were down at the end; %s events were never sent, or never answered"
                    .formatted(Metric.PUBLISHERS_AWAY.unit().format(down), Unit.COUNT.format(undone)));
        } else if (mindsBackpressure && measured.orZero(Metric.UNANSWERED) > 0) {
            unserved.add(Unit.COUNT.format(measured.orZero(Metric.UNANSWERED)) + " events were never answered");
        }
        if (mindsBackpressure && measured.orZero(Metric.REFUSED) > 0) {
            unserved.add(Unit.COUNT.format(measured.orZero(Metric.REFUSED)) + " events were refused");
        }
        return unserved;
    }
}
