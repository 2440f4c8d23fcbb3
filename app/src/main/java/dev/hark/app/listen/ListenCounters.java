package dev.hark.app.listen;

import java.util.concurrent.atomic.LongAdder;

/**
 * What happened to the connections of all listeners of a node, and what was refused for whom it came from; the sentences stand in
 * {@link ListenMeter}. Thread-safe.
 */
public final class ListenCounters {
    final LongAdder evicted = new LongAdder();
    final LongAdder failedHandshakes = new LongAdder();
    final LongAdder slowHandshakes = new LongAdder();
    final LongAdder slowHeads = new LongAdder();
    final LongAdder slowBodies = new LongAdder();
    final LongAdder slowEnds = new LongAdder();
    final LongAdder idle = new LongAdder();
    final LongAdder refusedBodies = new LongAdder();
    final LongAdder refusedHeads = new LongAdder();
    final LongAdder streamsBeyondAddress = new LongAdder();
    final LongAdder streamsBeyondSubject = new LongAdder();
    final LongAdder publishesBeyondRate = new LongAdder();

    /** Notes that a body was refused because there is no room for it. */
    public void bodyRefused() {
        refusedBodies.increment();
    }

    /** Notes that a connection was closed because there is no room for its long head. */
    public void headRefused() {
        refusedHeads.increment();
    }

    /** Notes that a stream was refused because its address holds as many as it may. */
    public void streamBeyondAddress() {
        streamsBeyondAddress.increment();
    }

    /** Notes that a stream was refused because its subject or key holds as many as it may. */
    public void streamBeyondSubject() {
        streamsBeyondSubject.increment();
    }

    /** Notes that a publish was refused because its publisher has used its rate up. */
    public void publishBeyondRate() {
        publishesBeyondRate.increment();
    }
}
