package dev.hark.app.access;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The revocations that hold. Thread-safe. */
final class Revocations {
    /** More than anybody writes by hand; a caller is compared with each. */
    static final int MAX = 10_000;

    private final Map<String, Revocation> byId = new ConcurrentHashMap<>();

    /** @throws IllegalStateException if there are too many */
    void add(Revocation revocation) {
        if (byId.size() >= MAX && !byId.containsKey(revocation.id())) {
            throw new IllegalStateException("there are " + MAX + " revocations, which is the limit;"
                    + " one of an issuer with issuedBefore stands for all of its tokens");
        }
        byId.put(revocation.id(), revocation);
    }

    boolean concern(Caller caller) {
        return !byId.isEmpty() && byId.values().stream().anyMatch(each -> each.concerns(caller));
    }

    /** Forgets those that can concern no token any more; their ids. */
    List<String> forgetBefore(Instant now) {
        List<String> over = byId.values().stream().filter(each -> !now.isBefore(each.until())).map(Revocation::id).toList();
        over.forEach(byId::remove);
        return over;
    }

    List<Revocation> all() {
        return byId.values().stream().sorted(Comparator.comparing(Revocation::id)).toList();
    }
}
