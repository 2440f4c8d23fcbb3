package dev.hark.load.drive;

import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * What connecting and leaving brought.
 *
 * @param completed cycles whose stream started and was left
 * @param tookNanos for all of them
 * @param connect from the start of a connection to the stream's confirmed start
 * @param kept what the server's process holds more than before, if it could be looked at
 * @param failures what went wrong
 */
public record ChurnResult(
        int completed, long tookNanos, Histogram connect, Optional<Kept> kept, Map<Failure, Failures.Entry> failures) {
    /** What a process holds more than before. */
    public record Kept(int threads, int descriptors, long memoryBytes) {}

    public ChurnResult {
        failures = Map.copyOf(failures);
    }
}
