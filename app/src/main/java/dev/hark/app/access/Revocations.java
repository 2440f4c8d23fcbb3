package dev.hark.app.access;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The revocations that hold: one that is over concerns nobody any more, forgotten or not. Thread-safe. */
final class Revocations {
    /** More than anybody writes by hand; a caller is compared with each. */
    static final int MAX = 10_000;

    private final Map<String, Revocation> byId = new ConcurrentHashMap<>();
    private final InstantSource clock;

    Revocations(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Has {@code revocation} hold, in the place of one that is told from others by the same; one that is over takes that back.
     *
     * @return whether it holds
     * @throws IllegalStateException if too many do
     */
    boolean add(Revocation revocation) {
        if (revocation.isOver(clock.instant())) {
            byId.remove(revocation.id());
            return false;
        }
        if (byId.size() >= MAX && !byId.containsKey(revocation.id())) {
            forgetOver();
            if (byId.size() >= MAX) {
                throw new IllegalStateException("there are " + MAX + " revocations, which is the limit;"
                        + " one of an issuer with issuedBefore stands for all of its tokens");
            }
        }
        byId.put(revocation.id(), revocation);
        return true;
    }

    /** Whether this very one was added, and nothing since that is told from others by the same. */
    boolean has(Revocation revocation) {
        return revocation.equals(byId.get(revocation.id()));
    }

    /** The one that holds and is told from others by {@code id}; null where none does. */
    @Nullable Revocation of(String id) {
        Revocation held = byId.get(id);
        return held == null || held.isOver(clock.instant()) ? null : held;
    }

    boolean concern(Caller caller) {
        if (byId.isEmpty()) {
            return false;
        }
        Instant now = clock.instant();
        return byId.values().stream().anyMatch(each -> each.concerns(caller) && !each.isOver(now));
    }

    /** Forgets those that can concern no token any more; their ids. */
    List<String> forgetOver() {
        Instant now = clock.instant();
        // Not one that has come in its place meanwhile.
        return byId.values().stream().filter(each -> each.isOver(now) && byId.remove(each.id(), each)).map(Revocation::id).toList();
    }

    List<Revocation> all() {
        Instant now = clock.instant();
        return byId.values().stream().filter(each -> !each.isOver(now)).sorted(Comparator.comparing(Revocation::id)).toList();
    }
}
