package dev.hark.app.access;

import dev.hark.event.EventId;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * By which word of which history each revocation holds here: another history may have older words about the same, which must not undo it.
 * Guarded by the lock of the {@link RevocationWords}.
 */
final class HeldSince {
    private final Map<String, Word> words = new HashMap<>();

    private record Word(String epoch, Instant time) {}

    /**
     * There is a word about the revocation {@code id}, by which it {@code holds} or not.
     *
     * @param at   where it stands, or will
     * @param time of it, by the log
     */
    void note(String id, EventId at, Instant time, boolean holds) {
        if (holds) {
            words.put(id, new Word(at.epoch(), time));
        } else {
            words.remove(id);
        }
    }

    /** Whether the word at {@code at} is of another history than the one by which the revocation {@code id} holds, and older. */
    boolean isOlder(String id, EventId at, Instant time) {
        Word known = words.get(id);
        return known != null && !known.epoch().equals(at.epoch()) && time.isBefore(known.time());
    }

    int size() {
        return words.size();
    }

    /** Forgets all but these, which hold. */
    void retain(Set<String> ids) {
        words.keySet().retainAll(ids);
    }
}
