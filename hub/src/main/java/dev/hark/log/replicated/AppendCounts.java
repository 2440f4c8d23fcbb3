package dev.hark.log.replicated;

import java.util.concurrent.atomic.LongAdder;

/** Counts what a node appends. Thread-safe. */
final class AppendCounts {
    private final LongAdder groups = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAdder failed = new LongAdder();

    void appended(int groupBytes, long tookNanos) {
        groups.increment();
        bytes.add(groupBytes);
        nanos.add(tookNanos);
    }

    void failed() {
        failed.increment();
    }

    NodeState.Appends read() {
        return new NodeState.Appends(groups.sum(), bytes.sum(), nanos.sum(), failed.sum());
    }
}
