package dev.hark.app.access;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * When what holds here was stored, by the log's time: another history may begin with older words about the same, which must not undo it.
 * Guarded by the lock of the {@link RevocationWords}.
 */
final class HeldSince {
    private final Map<String, Instant> since = new HashMap<>();

    /** The log has a word of {@code time} about the revocation {@code id}, by which it {@code holds} or not. */
    void note(String id, Instant time, boolean holds) {
        if (holds) {
            since.put(id, time);
        } else {
            since.remove(id);
        }
    }

    /** Whether a word of {@code time} is older than the one by which the revocation {@code id} holds. */
    boolean isOlder(String id, Instant time) {
        Instant known = since.get(id);
        return known != null && time.isBefore(known);
    }

    int size() {
        return since.size();
    }

    /** Forgets all but these, which hold. */
    void retain(Set<String> ids) {
        since.keySet().retainAll(ids);
    }
}
