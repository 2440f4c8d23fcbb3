package dev.hark.load.drive;

import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What came of streams that came back.
 *
 * @param caughtUp streams that were given all that they had missed
 * @param tookNanos from the first connection to the last stream's last event, or to the timeout
 * @param each from the first connection to each stream's last event
 * @param delivered events that were the next of their stream
 * @param unexpected events that were not: missing ones before them, repeated ones, or foreign ones
 * @param gaps gap notices
 * @param failures what went wrong
 */
public record CatchUpResult(
        int caughtUp, long tookNanos, Histogram each, long delivered, long unexpected, long gaps, Map<Failure, Failures.Entry> failures) {
    public CatchUpResult {
        failures = Map.copyOf(failures);
    }
}
