package dev.hark.log;

import dev.hark.event.Draft;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one publisher hands in at once, hashed on its own thread: that is not the writer's work.
 *
 * @param drafts       in their order
 * @param fingerprints one for each draft, null for those without an idempotency key
 */
public record DraftBatch(List<Draft> drafts, List<@Nullable Fingerprint> fingerprints) {
    public static DraftBatch of(List<Draft> drafts) {
        var fingerprints = new ArrayList<@Nullable Fingerprint>(drafts.size());
        for (Draft draft : drafts) {
            fingerprints.add(draft.idempotencyKey() == null ? null : Fingerprint.of(draft));
        }
        return new DraftBatch(drafts, Collections.unmodifiableList(fingerprints));
    }
}
