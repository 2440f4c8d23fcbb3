package dev.hark.app.access;

import dev.hark.Hub;
import dev.hark.event.Draft;
import dev.hark.log.Append;
import dev.hark.log.Epochs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * The revocations that hold at this node and of which another history of the log knows nothing: they are stored once more, or a restart
 * would let in again whom they keep out. Confined to who reads the log.
 */
final class SayingAgain {
    private static final System.Logger LOGGER = System.getLogger(SayingAgain.class.getName());

    /* What is stored between two readings: so little that nobody waits for the next one, that what others say meanwhile is heard before
       more is said, and that it fits into any group of the journal. */
    private static final int MAX_AT_ONCE = 500;
    private static final int MAX_BYTES = 128 << 10;

    private final Hub hub;
    private final AccessControl access;

    /** From the end. */
    private final List<Revocation> left = new ArrayList<>();

    private int stored;
    private boolean refused;

    SayingAgain(Hub hub, AccessControl access) {
        this.hub = hub;
        this.access = access;
    }

    /** The log has another history, which says nothing yet but under the keys {@code said}. */
    void begin(Set<String> said) {
        left.clear();
        left.addAll(access.revocations());
        // Not in one order: or nodes that begin together would all store all of it.
        Collections.shuffle(left);
        stored = 0;
        isSaid(said);
    }

    /** The log says something under these keys now, whoever it was. */
    void isSaid(Set<String> keys) {
        if (!left.isEmpty() && !keys.isEmpty()) {
            left.removeIf(each -> keys.contains(RevocationJson.key(each)));
        }
    }

    /** Stores a part of what is left, where the log takes it. */
    void goOn() {
        if (left.isEmpty() || Epochs.isInterim(hub.newest().epoch())) {
            return;
        }
        List<Revocation> some = new ArrayList<>();
        List<Draft> drafts = new ArrayList<>();
        for (int bytes = 0; !left.isEmpty() && some.size() < MAX_AT_ONCE && bytes < MAX_BYTES; ) {
            Revocation next = left.removeLast();
            // What was taken back meanwhile, changed, or is over is not to come back.
            if (access.hasRevoked(next) && !access.isOver(next)) {
                Draft draft = RevocationJson.draft(next);
                some.add(next);
                drafts.add(draft);
                bytes += draft.data().length;
            }
        }
        if (!drafts.isEmpty()) {
            store(some, drafts);
        }
    }

    /** What was said here while these were on their way stands before them, and counts. */
    private void correct(List<Revocation> some) {
        List<Draft> drafts = new ArrayList<>();
        for (Revocation each : some) {
            if (!access.hasRevoked(each)) {
                Revocation holds = access.revocation(each.id());
                drafts.add(RevocationJson.draft(holds == null ? each.takenBack() : holds));
            }
        }
        if (!drafts.isEmpty()) {
            hub.keep(drafts);
        }
    }

    private void store(List<Revocation> some, List<Draft> drafts) {
        Append kept = hub.keep(drafts);
        if (kept instanceof Append.Stored) {
            stored += some.size();
            refused = false;
            correct(some);
            if (left.isEmpty()) {
                LOGGER.log(System.Logger.Level.INFO, "the log has {0} revocations again that it had lost", stored);
            }
            return;
        }
        left.addAll(some);
        if (!refused) {
            refused = true;
            LOGGER.log(System.Logger.Level.WARNING, "{0} revocations that the log has lost cannot be stored again now; until they are, a"
                    + " restart of this node forgets them", left.size());
        }
    }
}
