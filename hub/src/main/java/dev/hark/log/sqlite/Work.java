package dev.hark.log.sqlite;

import dev.hark.event.Draft;
import dev.hark.log.Append;
import dev.hark.log.IdempotencyWindow.Fingerprint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the log's writer is asked to do. */
sealed interface Work {
    /** Tells whoever waits that it will not be done. */
    void refuse(String why);

    /**
     * Store these.
     *
     * @param fingerprints one for each draft that has an idempotency key: hashing is the publisher's work, not the writer's
     */
    record Publish(List<Draft> drafts, List<@Nullable Fingerprint> fingerprints, CompletableFuture<Append> answer) implements Work {
        static Publish of(List<Draft> drafts) {
            var fingerprints = new ArrayList<@Nullable Fingerprint>(drafts.size());
            for (Draft draft : drafts) {
                fingerprints.add(draft.idempotencyKey() == null ? null : Fingerprint.of(draft));
            }
            return new Publish(drafts, fingerprints, new CompletableFuture<>());
        }

        @Override
        public void refuse(String why) {
            answer.complete(new Append.Unavailable(why));
        }
    }

    /** Do what time asks for. */
    record Upkeep(CompletableFuture<Boolean> done) implements Work {
        @Override
        public void refuse(String why) {
            done.complete(false);
        }
    }

    /** Do what came before this, and end. */
    record Stop() implements Work {
        @Override
        public void refuse(String why) {
            // Nobody waits for an answer.
        }
    }
}
