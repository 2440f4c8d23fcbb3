package dev.hark.app.access;

import dev.hark.app.access.AccessException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The tickets that were given and not yet used. Thread-safe. */
final class Tickets {
    /** Of all callers together: some 50 MB. */
    private static final int MAX = 100_000;

    /** Of one caller: a backend may ask for those of all its users with one key. */
    static final int MAX_OF_ONE = 10_000;

    /** How often those that are over are looked for at most, where there are too many. */
    private static final Duration BETWEEN_SWEEPS = Duration.ofSeconds(1);

    /** What is said to whoever brings one that is none. */
    static final String INVALID = "the ticket is not valid, or not any more";

    private final InstantSource clock;

    /** By the hash of its text: how long a look-up takes says nothing of it. */
    private final Map<String, Given> given = new ConcurrentHashMap<>();

    /** How many each caller has there; callers that are nobody in particular have none. */
    private final Map<String, Integer> counts = new ConcurrentHashMap<>();

    private final AtomicReference<Instant> swept = new AtomicReference<>(Instant.MIN);

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
        String caller = caller(grant);
        if (isFull(caller)) {
            forgetOver(now);
            if (isFull(caller)) {
                throw new AccessException(Kind.UNAVAILABLE, "there are too many tickets that nobody has used yet",
                        "too many tickets, " + counts.getOrDefault(caller, 0) + " of them of " + grant.caller());
            }
        }
        Instant longest = now.plus(age);
        Instant until = longest.isBefore(grant.until()) ? longest : grant.until();
        String text = ApiKey.random();
        counts.merge(caller, 1, Integer::sum);
        given.put(ApiKey.hash(text), new Given(grant, until));
        return new Ticket(text, until);
    }

    private boolean isFull(String caller) {
        return given.size() >= MAX || (!caller.isEmpty() && counts.getOrDefault(caller, 0) >= MAX_OF_ONE);
    }

    /** In a hub that is open to all everybody is the same one. */
    private static String caller(Grant grant) {
        return grant.caller() instanceof Caller.Anybody ? "" : grant.caller().id();
    }

    private void forgetOver(Instant now) {
        Instant last = swept.get();
        if (!now.isBefore(last.plus(BETWEEN_SWEEPS)) && swept.compareAndSet(last, now)) {
            removeIf(each -> !now.isBefore(each.until()));
        }
    }

    private void removeIf(Predicate<Given> over) {
        given.forEach((hash, each) -> {
            if (over.test(each)) {
                remove(hash);
            }
        });
    }

    private @Nullable Given remove(String hash) {
        Given removed = given.remove(hash);
        if (removed != null) {
            counts.computeIfPresent(caller(removed.grant()), (caller, count) -> count > 1 ? count - 1 : null);
        }
        return removed;
    }

    /** What it stands for; empty where it is none, or not any more. */
    Optional<Grant> find(String text) {
        return Optional.ofNullable(given.get(ApiKey.hash(text))).filter(this::isGood).map(Given::grant);
    }

    /** Uses it up; whether it still was one. */
    boolean use(String text) {
        Given used = remove(ApiKey.hash(text));
        return used != null && isGood(used);
    }

    private boolean isGood(Given each) {
        return clock.instant().isBefore(each.until());
    }

    /** Takes back those whose grant is {@code over}. */
    void forget(Predicate<Grant> over) {
        removeIf(each -> over.test(each.grant()));
    }

    int size() {
        return given.size();
    }
}
