package dev.hark.log;

import dev.hark.event.Draft;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a batch becomes: positions for what is new, the first positions of what was known by its idempotency key, or a refusal.
 *
 * <p>A pure function of the log's state and the batch, so that whoever places the same batches in the same order comes to the same log.
 *
 * @param answer what the publisher is told once the placing is stored
 * @param fresh  what is to be stored, in order; empty where the batch is refused
 * @param keys   the idempotency keys that are to be remembered, in order
 * @param next   the position after the last one that was given
 */
public record Placement(Append answer, List<Fresh> fresh, Map<String, KnownKey> keys, long next) {
    /**
     * A draft that was not known.
     *
     * @param sequence its position
     */
    public record Fresh(long sequence, Draft draft) {}

    /** The keys that the log knows, without those that are too old. */
    @FunctionalInterface
    public interface KnownKeys<E extends Exception> {
        @Nullable KnownKey find(String key) throws E;
    }

    /** Places all of {@code batch} in the history {@code epoch} from position {@code next} on, at {@code nowMillis}, or nothing of it. */
    public static <E extends Exception> Placement of(String epoch, DraftBatch batch, KnownKeys<E> known, long next, long nowMillis)
            throws E {
        var entries = new ArrayList<Append.Entry>(batch.drafts().size());
        var fresh = new ArrayList<Fresh>(batch.drafts().size());
        Map<String, KnownKey> inBatch = new LinkedHashMap<>();
        long sequence = next;
        for (int i = 0; i < batch.drafts().size(); i++) {
            Draft draft = batch.drafts().get(i);
            Fingerprint fingerprint = batch.fingerprints().get(i);
            String key = draft.idempotencyKey();
            if (key != null && fingerprint != null) {
                KnownKey first = inBatch.get(key);
                if (first == null) {
                    first = known.find(key);
                }
                if (first != null && !first.fingerprint().equals(fingerprint)) {
                    return new Placement(new Append.KeyReused(i), List.of(), Map.of(), next);
                }
                if (first != null) {
                    entries.add(new Append.Entry(epoch, first.sequence(), true));
                    continue;
                }
                inBatch.put(key, new KnownKey(sequence, fingerprint, nowMillis));
            }
            entries.add(new Append.Entry(epoch, sequence, false));
            fresh.add(new Fresh(sequence, draft));
            sequence++;
        }
        return new Placement(new Append.Stored(entries), fresh, inBatch, sequence);
    }
}
