package dev.hark.load.drive;

import dev.hark.load.measure.Laggard;
import dev.hark.load.measure.Measurements;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run brought.
 *
 * @param ending how it ended
 * @param measurements what was measured
 * @param failures what went wrong with connections and publishes, by cause
 * @param lossExample one silent loss in words, or null
 * @param timeline the run over time
 * @param laggards the streams with the slowest deliveries, the slowest first
 * @param nodes what there was of each node, where there are several; empty where there is one
 * @param doubts sentences about why the run says less than it seems: generators that were at their limit, where there were several; a
 *     command that did not do its work
 */
public record FanoutResult(
        Ending ending,
        Measurements measurements,
        Map<Failure, Failures.Entry> failures,
        @Nullable String lossExample,
        Timeline timeline,
        List<Laggard> laggards,
        List<NodeResult> nodes,
        List<String> doubts) {
    /** How a run ended. */
    public enum Ending {
        COMPLETE,
        /** Stopped from outside: what was measured until then is there. */
        INTERRUPTED,
        /** Not one stream started, or not one publish was answered, or this process had no descriptors left. */
        NOT_STARTED
    }

    public FanoutResult {
        failures = Map.copyOf(failures);
        nodes = List.copyOf(nodes);
        laggards = List.copyOf(laggards);
        doubts = List.copyOf(doubts);
    }
}
