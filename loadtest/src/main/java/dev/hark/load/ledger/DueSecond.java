package dev.hark.load.ledger;

import java.util.Arrays;

/**
 * What became of the events that were due in one second of a run, as the audit found it.
 *
 * @param at when that second ended, in seconds since the run began
 * @param events how many of this generator's events were due in it and acknowledged
 * @param completion from due to the last subscriber of an event
 * @param spread from the first to the last subscriber of an event
 * @param silent deliveries of events due in it that were owed, not made, and never announced as lost
 * @param declared deliveries that were owed and not made, but announced by a gap notice
 */
public record DueSecond(double at, long events, Span completion, Span spread, long silent, long declared) {
    /** Percentiles in nanoseconds; all 0 where nothing was timed. */
    public record Span(long p50, long p99, long max) {
        static final Span NONE = new Span(0, 0, 0);

        /** The nearest ranks of the first {@code count} values, which are sorted in place. */
        static Span of(long[] values, int count) {
            if (count == 0) {
                return NONE;
            }
            Arrays.sort(values, 0, count);
            return new Span(atRank(values, count, 0.50), atRank(values, count, 0.99), values[count - 1]);
        }

        private static long atRank(long[] values, int count, double share) {
            return values[Math.max(0, (int) Math.ceil(share * count) - 1)];
        }
    }
}
