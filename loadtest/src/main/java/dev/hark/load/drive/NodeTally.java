package dev.hark.load.drive;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one reader thread's streams had of each node. One thread writes, others read, without a lock.
 */
final class NodeTally {
    private final AtomicLongArray started;
    private final AtomicLongArray over;
    private final AtomicLongArray lost;
    private final AtomicLongArray delivered;

    NodeTally(int nodes) {
        started = new AtomicLongArray(nodes);
        over = new AtomicLongArray(nodes);
        lost = new AtomicLongArray(nodes);
        delivered = new AtomicLongArray(nodes);
    }

    /** A stream's start was confirmed there. */
    void onStart(int node) {
        add(started, node);
    }

    /** A stream ended there, without our doing. */
    void onEnd(int node) {
        add(over, node);
        add(lost, node);
    }

    /** We ended a stream there. */
    void onCut(int node) {
        add(over, node);
    }

    /** A stream was given an event there. */
    void onDelivery(int node) {
        add(delivered, node);
    }

    private static void add(AtomicLongArray counts, int node) {
        counts.setRelease(node, counts.getPlain(node) + 1);
    }

    int nodes() {
        return delivered.length();
    }

    /** Streams that are there. */
    long live(int node) {
        return started.getAcquire(node) - over.getAcquire(node);
    }

    /** Streams that ended there without our doing. */
    long lost(int node) {
        return lost.getAcquire(node);
    }

    long delivered(int node) {
        return delivered.getAcquire(node);
    }
}
