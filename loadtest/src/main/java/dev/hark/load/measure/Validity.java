package dev.hark.load.measure;

import java.util.ArrayList;
import java.util.List;

/** The limits within which the generator can be believed. */
public final class Validity {
    /** The publisher's thread looked at 99 of 100 events no later than this after they were due. */
    static final long MAX_LATENESS_P99_NANOS = 10_000_000;

    /** A reader thread with less idle time than this measures its own queue. */
    static final double MAX_READER_BUSY = 0.9;

    /** A reader thread that is away from its selector for longer than this makes seconds of its own. */
    static final long MAX_ROUND_NANOS = 1_000_000_000;

    /** Where most reads fill the buffer, streams wait for the reader, not for the server. */
    static final double MAX_FULL_READ_SHARE = 0.5;

    /** Of the measured time, what garbage collection may take. */
    static final double MAX_GC_SHARE = 0.02;

    private Validity() {}

    /** Whether the generator is beyond a limit in this second; the publisher's lateness is judged by its percentile in the end. */
    public static boolean isAtItsLimit(Second.Load load) {
        return load.readerBusy() > MAX_READER_BUSY || load.lateNanos() > MAX_ROUND_NANOS;
    }

    /** Sentences about all that makes a run's numbers doubtful; empty if it can be believed. */
    public static List<String> doubts(Measurements measured) {
        var doubts = new ArrayList<>(ofGenerator(measured));
        doubts.addAll(ofLoad(measured));
        return doubts;
    }

    /** Where a part of the generator was missing: then not even what it says of correctness is to be believed. */
    static List<String> ofThreads(Measurements measured) {
        double ended = measured.orZero(Metric.THREADS_ENDED);
        return ended == 0
                ? List.of()
                : List.of((ended == 1 ? "a thread of the generator" : Unit.COUNT.format(ended) + " threads of the generator")
                        + " ended before the run did: nobody saw what came after that");
    }

    /** Where this process itself was beyond a limit. */
    public static List<String> ofGenerator(Measurements measured) {
        var doubts = new ArrayList<>(ofThreads(measured));
        long lateness = measured.get(Timing.LATENESS).getValueAtPercentile(99);
        if (lateness > MAX_LATENESS_P99_NANOS) {
            doubts.add("the publisher's thread was late: lateness.p99 is %s; the limit is %s"
                    .formatted(Unit.NANOS.format(lateness), Unit.NANOS.format(MAX_LATENESS_P99_NANOS)));
        }
        double busy = measured.orZero(Metric.READER_BUSY);
        if (busy > MAX_READER_BUSY) {
            doubts.add("a reader thread had no time left: readerBusy is %s; the limit is %s"
                    .formatted(Unit.RATIO.format(busy), Unit.RATIO.format(MAX_READER_BUSY)));
        }
        double round = measured.orZero(Metric.LONGEST_ROUND);
        if (round > MAX_ROUND_NANOS) {
            doubts.add("a reader thread did not look at its streams for a while: longestRound is %s; the limit is %s"
                    .formatted(Unit.NANOS.format(round), Unit.NANOS.format(MAX_ROUND_NANOS)));
        }
        double full = measured.orZero(Metric.FULL_READ_SHARE);
        if (full > MAX_FULL_READ_SHARE) {
            doubts.add("more waited in the streams than the reader threads took: fullReadShare is %s; the limit is %s"
                    .formatted(Unit.RATIO.format(full), Unit.RATIO.format(MAX_FULL_READ_SHARE)));
        }
        double wall = measured.orZero(Metric.MEASURED);
        double gc = measured.orZero(Metric.GENERATOR_GC);
        if (wall > 0 && gc > wall * MAX_GC_SHARE) {
            doubts.add("garbage collection took %s of %s; the limit is %s".formatted(
                    Unit.NANOS.format(gc), Unit.NANOS.format(wall), Unit.RATIO.format(MAX_GC_SHARE)));
        }
        return doubts;
    }

    /** Where fewer streams were there than were asked for. */
    static List<String> ofStreams(Measurements measured) {
        double failed = measured.orZero(Metric.STREAMS_FAILED);
        return failed == 0
                ? List.of()
                : List.of("%s of %s streams did not start".formatted(
                        Unit.COUNT.format(failed), Unit.COUNT.format(measured.orZero(Metric.STREAMS_ASKED))));
    }

    /** Where the load was not the planned one, whoever was to blame. */
    private static List<String> ofLoad(Measurements measured) {
        var doubts = new ArrayList<>(ofStreams(measured));
        double unsent = measured.orZero(Metric.UNSENT);
        // Where the server takes no connections any more, it is not the generator that could not send.
        if (unsent > 0 && measured.orZero(Metric.PUBLISHERS_AWAY) == 0) {
            doubts.add("%s events never left: the planned rate was not reached".formatted(Unit.COUNT.format(unsent)));
        }
        return doubts;
    }
}
