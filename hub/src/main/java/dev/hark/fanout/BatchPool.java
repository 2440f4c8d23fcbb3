package dev.hark.fanout;

import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Batches for the subscribers that are awake. Ten thousand streams share a few, because only those that write hold one.
 *
 * <p>When all are out, a new one is made: one for each stream that is writing at most. Thread-safe.
 */
final class BatchPool {
    private static final int KEPT = 256;

    private final ArrayBlockingQueue<Batch> idle = new ArrayBlockingQueue<>(KEPT);

    Batch borrow() {
        @Nullable Batch batch = idle.poll();
        return batch == null ? new Batch() : batch;
    }

    void giveBack(Batch batch) {
        batch.clear();
        // A full pool drops it. Whether it is still full afterwards nobody can say: others borrow meanwhile.
        boolean _ = idle.offer(batch);
    }
}
