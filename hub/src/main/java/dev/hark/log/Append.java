package dev.hark.log;

import dev.hark.event.EventId;
import java.util.List;

/** What became of a batch that was handed to the log. */
public sealed interface Append {
    /**
     * Stored, or found stored before.
     *
     * @param entries one for each draft, in the batch's order
     */
    record Stored(List<Entry> entries) implements Append {
        public Stored {
            entries = List.copyOf(entries);
        }
    }

    /**
     * Where a draft stands in the log.
     *
     * @param epoch    of which history: another may have begun before the publisher has its answer
     * @param sequence its position
     * @param replayed whether an earlier publish with the same idempotency key put it there
     */
    record Entry(String epoch, long sequence, boolean replayed) {
        public EventId id() {
            return new EventId(epoch, sequence);
        }
    }

    /**
     * Nothing was stored: the draft at {@code index} has the idempotency key of another event.
     *
     * @param index which draft of the batch, from 0
     */
    record KeyReused(int index) implements Append {}

    /**
     * Nothing was stored: an event with the idempotency key of the draft at {@code index} is being stored right now.
     *
     * @param index which draft of the batch, from 0
     */
    record KeyInFlight(int index) implements Append {}

    /**
     * Nothing was stored: the log cannot store so much at once.
     *
     * @param bytes how large the batch is, as it would be stored
     * @param limit how large it may be
     */
    record TooLarge(long bytes, long limit) implements Append {}

    /**
     * It may have been stored, or may still be: the log did not say in time, or failed in the middle. The same
     * idempotency key makes a retry safe.
     *
     * @param why a sentence for the operator and the publisher
     */
    record Unknown(String why) implements Append {}

    /**
     * Nothing was stored: the log takes no events now.
     *
     * @param why a sentence for the operator and the publisher
     */
    record Unavailable(String why) implements Append {}
}
