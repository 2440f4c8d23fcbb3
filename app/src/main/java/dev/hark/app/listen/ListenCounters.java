package dev.hark.app.listen;

import java.util.concurrent.atomic.LongAdder;

/** What happened to the connections of all listeners of a node; the sentences stand in {@link ListenMeter}. Thread-safe. */
public final class ListenCounters {
    final LongAdder evicted = new LongAdder();
    final LongAdder failedHandshakes = new LongAdder();
    final LongAdder slowHandshakes = new LongAdder();
    final LongAdder slowHeads = new LongAdder();
    final LongAdder slowBodies = new LongAdder();
    final LongAdder slowEnds = new LongAdder();
    final LongAdder idle = new LongAdder();
    final LongAdder refusedBodies = new LongAdder();

    /** Notes that a body was refused because there is no room for it. */
    public void bodyRefused() {
        refusedBodies.increment();
    }
}
