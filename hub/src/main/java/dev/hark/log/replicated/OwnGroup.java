package dev.hark.log.replicated;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.log.Append;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A group of this node's that is on its way: its publishers are answered once the journal has said that it has it, and this node has
 * applied it, in whichever order. Thread-safe.
 */
final class OwnGroup implements Replica.Told {
    private final List<Handed> batches;
    private final long sinceNanos;

    @GuardedBy("this")
    private boolean acknowledged;

    @GuardedBy("this")
    private @Nullable List<Append> answers;

    OwnGroup(List<Handed> batches, long sinceNanos) {
        this.batches = List.copyOf(batches);
        this.sinceNanos = sinceNanos;
    }

    long sinceNanos() {
        return sinceNanos;
    }

    /** The journal has it, or may have it: then that it is applied is proof. */
    void acknowledge() {
        List<Append> known;
        synchronized (this) {
            acknowledged = true;
            known = answers;
        }
        answer(known);
    }

    @Override
    public void tell(List<Append> placed) {
        boolean known;
        synchronized (this) {
            answers = List.copyOf(placed);
            known = acknowledged;
        }
        answer(known ? placed : null);
    }

    private void answer(@Nullable List<Append> known) {
        if (known != null) {
            for (int i = 0; i < batches.size(); i++) {
                batches.get(i).answer(known.get(i));
            }
        }
    }

    /** Nothing of it was stored, nor will be. */
    void refuse(String why) {
        batches.forEach(batch -> batch.answer(new Append.Unavailable(why)));
    }
}
