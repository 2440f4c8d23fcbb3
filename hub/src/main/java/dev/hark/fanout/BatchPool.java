package dev.hark.fanout;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Batches for the subscribers that are awake. Ten thousand streams share a few, because only those that write several events at
 * once hold one: not those that sleep, wait for the log, or write a single event.
 *
 * <p>When all are out, a new one is made: one for each stream that writes at most, for as long as that write may take. Thread-safe, without
 * a lock.
 */
final class BatchPool {
    /* A lock here would be contended at every wake-up, and a virtual thread that contends parks. As many batches are out as threads run, so
       the first few slots are enough, and the first is the one that is still in the processor's cache. */

    private static final int SLOTS = 64;

    private final AtomicReferenceArray<@Nullable Batch> slots = new AtomicReferenceArray<>(SLOTS);

    Batch borrow() {
        for (int slot = 0; slot < SLOTS; slot++) {
            if (slots.getPlain(slot) != null) {
                Batch batch = slots.getAndSet(slot, null);
                if (batch != null) {
                    return batch;
                }
            }
        }
        return new Batch();
    }

    void giveBack(Batch batch) {
        batch.clear();
        for (int slot = 0; slot < SLOTS; slot++) {
            if (slots.getPlain(slot) == null && slots.compareAndSet(slot, null, batch)) {
                return;
            }
        }
        // There are enough: the collector may have this one.
    }
}
