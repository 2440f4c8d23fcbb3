package dev.hark.fanout;

import dev.hark.event.Shapes;
import dev.hark.log.EventLog;
import dev.hark.log.History;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * What all the subscribers of a hub share.
 *
 * @param log      what they are given
 * @param history  how they read it
 * @param settings how streams are served
 * @param counters what they count
 * @param batches  what they write from
 * @param shapes   what they write, where that is not the events' own data
 * @param clock    by which the log's events bear their times
 * @param nanoTime a monotonic clock, in nanoseconds
 * @param watch    who is told of them
 */
record Surroundings(
        EventLog log,
        History history,
        DeliverySettings settings,
        DeliveryCounters counters,
        BatchPool batches,
        Shapes shapes,
        InstantSource clock,
        LongSupplier nanoTime,
        StreamWatch watch) {
    /** With shapes of their own, of which nobody is told. */
    Surroundings(
            EventLog log,
            History history,
            DeliverySettings settings,
            DeliveryCounters counters,
            BatchPool batches,
            InstantSource clock,
            LongSupplier nanoTime) {
        this(log, history, settings, counters, batches, new Shapes(), clock, nanoTime, StreamWatch.NOBODY);
    }

    /** The same where what is done is counted as nobody's, and nobody is told of it. */
    Surroundings uncounted() {
        return new Surroundings(log, history, settings, new DeliveryCounters(), batches, shapes, clock, nanoTime, StreamWatch.NOBODY);
    }
}
