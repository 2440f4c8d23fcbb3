package dev.hark.app.access;

import dev.hark.app.access.AccessException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** The tickets that were given and not yet used. Thread-safe. */
final class Tickets {
    /** Of all callers together: some 50 MB. */
    private static final int MAX = 100_000;

    /** What is said to whoever brings one that is none. */
    static final String INVALID = "the ticket is not valid, or not any more";

    private final InstantSource clock;

    /** By the hash of its text: how long a look-up takes says nothing of it. */
    private final Map<String, Given> given = new ConcurrentHashMap<>();

    private record Given(Grant grant, Instant until) {}

    Tickets(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * One for {@code grant}, of which {@code age} passes at most.
     *
     * @throws AccessException if there are too many
     */
    Ticket create(Grant grant, Duration age) {
        Instant now = clock.instant();
        if (given.size() >= MAX) {
            given.values().removeIf(each -> !now.isBefore(each.until()));
            if (given.size() >= MAX) {
                throw new AccessException(Kind.UNAVAILABLE, "there are too many tickets that nobody has used yet", "too many tickets");
            }
        }
        Instant longest = now.plus(age);
        Instant until = longest.isBefore(grant.until()) ? longest : grant.until();
        String text = ApiKey.random();
        given.put(ApiKey.hash(text), new Given(grant, until));
        return new Ticket(text, until);
    }

    /** What it stands for; empty where it is none, or not any more. */
    Optional<Grant> find(String text) {
        return Optional.ofNullable(given.get(ApiKey.hash(text))).filter(this::isGood).map(Given::grant);
    }

    /** Uses it up; whether it still was one. */
    boolean use(String text) {
        Given used = given.remove(ApiKey.hash(text));
        return used != null && isGood(used);
    }

    private boolean isGood(Given each) {
        return clock.instant().isBefore(each.until());
    }

    /** Takes back those whose grant is {@code over}. */
    void forget(Predicate<Grant> over) {
        given.values().removeIf(each -> over.test(each.grant()));
    }

    int size() {
        return given.size();
    }
}
