package dev.hark.load.measure;

import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * One second of a run.
 *
 * @param at seconds since the run began
 * @param phase what the run was doing
 * @param counts what had happened until then, in all
 * @param latency the deliveries of this second
 * @param load what it cost
 */
public record Second(double at, String phase, Counts counts, Latency latency, Load load) {
    /**
     * Counters since the run began.
     *
     * @param live streams that are up
     * @param failed streams that could not be opened
     * @param ended streams that ended without our doing
     * @param dropped streams that we cut ourselves
     * @param resumed streams that were opened again
     * @param published events sent
     * @param acknowledged events the server took
     * @param refused events the server refused
     * @param delivered deliveries
     * @param errors duplicates, disorder, corruption, wrong recipients and wrong ids
     * @param gaps gap notices
     * @param skipped deliveries that a later event of the same flow came before, without a gap notice, and that did not come since
     */
    public record Counts(
            long live,
            long failed,
            long ended,
            long dropped,
            long resumed,
            long published,
            long acknowledged,
            long refused,
            long delivered,
            long errors,
            long gaps,
            long skipped) {}

    /**
     * Latencies from due, in nanoseconds; 0 where nothing was delivered.
     *
     * @param heat deliveries by latency, in the classes of {@link HeatScale}
     */
    public record Latency(long p50, long p90, long p99, long max, List<Long> heat) {
        public Latency {
            heat = List.copyOf(heat);
        }

        /** The latencies of a histogram in nanoseconds. */
        public static Latency of(Histogram recent) {
            if (recent.getTotalCount() == 0) {
                return new Latency(0, 0, 0, 0, List.of());
            }
            return new Latency(
                    recent.getValueAtPercentile(50),
                    recent.getValueAtPercentile(90),
                    recent.getValueAtPercentile(99),
                    recent.getMaxValue(),
                    HeatScale.classes(recent));
        }
    }

    /**
     * Processors and memory during this second; the server's are negative where its process is not known.
     *
     * @param serverCores the server's processors
     * @param serverBytes the server's resident memory
     * @param generatorCores this process's processors
     * @param readerBusy the busiest reader thread's share of time at work
     * @param lateNanos how late the publisher's own thread was at most, since the run began
     */
    public record Load(double serverCores, long serverBytes, double generatorCores, double readerBusy, long lateNanos) {}
}
