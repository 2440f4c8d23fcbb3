package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.access.ApiKey;
import dev.hark.app.crash.History.Right;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives rights to the streams of a hub, and ends them: by time, by revocation, and by a configuration that is written anew. Of each it
 * notes when it was known to be over. Thread-safe.
 */
final class GivenRights {
    static final String REVOKED = "revoked";
    static final String EXPIRED = "token-expired";
    private static final Duration LONG = Duration.ofHours(1);

    private final Path folder;
    private final InstantSource clock;
    private final AtomicLong ticks;
    private final Queue<Given> given = new ConcurrentLinkedQueue<>();

    // Guarded by this.
    private final Map<Giver, State> givers = new EnumMap<>(Giver.class);

    /** Who gives rights: two issuers of tokens, and a key. */
    enum Giver {
        ONE,
        TWO,
        KEY;

        boolean isIssuer() {
            return this != KEY;
        }
    }

    /** What a reload does to a giver. All but the last end what it gave. */
    enum Change {
        OTHER_KEY,
        OTHER_KEY_IN_THE_SAME_PLACE,
        FEWER_RIGHTS,
        TAKEN_OUT,
        RESTORED
    }

    /** What ends a right. */
    enum Cause {
        TIME,
        TOKEN,
        SUBJECT,
        RELOAD
    }

    /**
     * @param version which of its secrets it gives with
     * @param place   in the name of the file where that is
     * @param change  that was made last
     */
    private record State(int version, int place, String secret, Change change) {
        boolean givesNothing() {
            return change == Change.FEWER_RIGHTS || change == Change.TAKEN_OUT;
        }
    }

    /** A right that was given to one client for one stream. */
    static final class Given {
        final Giver giver;
        final String subject;
        final String credential;
        final Instant until;
        private final int version;
        private final Set<String> reasons = ConcurrentHashMap.newKeySet();
        private volatile Cause cause = Cause.TIME;
        private volatile long endedAt = Right.NEVER;

        private Given(Giver giver, int version, String subject, String credential, Instant until) {
            this.giver = giver;
            this.version = version;
            this.subject = subject;
            this.credential = credential;
            this.until = until;
        }

        private void mayEnd(Cause why) {
            if (reasons.add(REVOKED) && !hasEnded()) {
                cause = why;
            }
        }

        private synchronized void end(long tick) {
            endedAt = Math.min(endedAt, tick);
        }

        /** Whether it is known to be over. */
        boolean hasEnded() {
            return endedAt != Right.NEVER;
        }

        /** What ended it, where a stream was told {@code reason}; or may have, where it was told nothing. */
        Cause cause(String reason) {
            return reason.equals(EXPIRED) ? Cause.TIME : cause;
        }

        Right right(boolean told) {
            return new Right(endedAt, reasons, told);
        }
    }

    /**
     * @param clock the hub's
     * @param ticks the publishers'
     */
    GivenRights(Path folder, InstantSource clock, AtomicLong ticks) {
        this.folder = folder;
        this.clock = clock;
        this.ticks = ticks;
        for (Giver giver : Giver.values()) {
            givers.put(giver, new State(0, 0, ApiKey.create(), Change.RESTORED));
        }
        write();
    }

    /** The hub's configuration. */
    Path file() {
        return folder.resolve("application.yaml");
    }

    private synchronized State state(Giver giver) {
        return Objects.requireNonNull(givers.get(giver));
    }

    private synchronized void write() {
        var issuers = new StringBuilder();
        var keys = new StringBuilder();
        try {
            for (Map.Entry<Giver, State> each : givers.entrySet()) {
                String name = each.getKey().name();
                State state = each.getValue();
                String rights = state.change() == Change.FEWER_RIGHTS ? "elsewhere" : "**";
                if (state.change() == Change.TAKEN_OUT) {
                    continue;
                }
                if (each.getKey().isIssuer()) {
                    Path secret = Files.writeString(folder.resolve(name + state.place()), state.secret());
                    issuers.append("  - {name: %s, issuer: %s, algorithms: [HS256], key-file: \"%s\", grants: {subscribe: [\"%s\"]}}%n"
                            .formatted(name, name, secret, rights));
                } else {
                    keys.append("  - {name: %s, hash: \"sha256:%s\", subscribe: [\"%s\"]}%n"
                            .formatted(name, ApiKey.hash(state.secret()), rights));
                }
            }
            Files.writeString(file(), "auth:\n  anonymous: {publish: [\"**\"]}\n  issuers:\n" + issuers + "  keys:\n" + keys);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A right for {@code subject}, whose name nobody else has, for about {@code age}; a key's is without an end. */
    synchronized Given give(Giver giver, String subject, Duration age) {
        State state = state(giver);
        // What a token says of time it says in seconds.
        Instant until = giver.isIssuer() ? clock.instant().plus(age).truncatedTo(ChronoUnit.SECONDS) : Instant.MAX;
        String credential = giver.isIssuer() ? token(giver, state, subject, until) : state.secret();
        var fresh = new Given(giver, state.version(), subject, credential, until);
        if (state.givesNothing()) {
            // The hub may not know yet, and is about to.
            fresh.mayEnd(Cause.RELOAD);
        }
        given.add(fresh);
        return fresh;
    }

    /** One that lasts. */
    Given giveLasting(Giver giver, String subject) {
        return give(giver, subject, LONG);
    }

    private static String token(Giver giver, State state, String subject, Instant until) {
        try {
            var token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), new JWTClaimsSet.Builder()
                    .issuer(giver.name()).audience("hark").subject(subject).jwtID(subject).expirationTime(Date.from(until)).build());
            token.sign(new MACSigner(state.secret()));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether the time of {@code right} is over. */
    boolean isOver(Given right) {
        return !clock.instant().isBefore(right.until);
    }

    /** Notes whose time is over, by the hub's clock. Called all the time. */
    void lookAtTheTime() {
        given.stream().filter(this::isOver).forEach(each -> {
            each.reasons.add(EXPIRED);
            end(each);
        });
    }

    /** What ended at an unknown time before ended now. */
    private void end(Given right) {
        if (!right.hasEnded()) {
            right.end(ticks.incrementAndGet());
        }
    }

    /** Revokes {@code right} by the id of its token, or by its subject. */
    void revoke(RunningHub hub, Given right, Cause how) {
        right.mayEnd(how);
        String body = how == Cause.TOKEN ? "{\"tokenId\":\"%s\"}".formatted(right.subject)
                : "{\"issuer\":\"%s\",\"subject\":\"%s\"}".formatted(right.giver, right.subject);
        Answer answer = hub.postAdmin("/api/revocations", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        end(right);
    }

    /** Ends all that {@code giver} gave, by a reload that makes {@code change}. */
    void reload(RunningHub hub, Giver giver, Change change) {
        State before;
        synchronized (this) {
            before = state(giver);
            boolean sameSecret = change == Change.FEWER_RIGHTS || change == Change.TAKEN_OUT;
            int version = before.version() + (sameSecret ? 0 : 1);
            int place = sameSecret || change == Change.OTHER_KEY_IN_THE_SAME_PLACE ? before.place() : version;
            String secret = sameSecret ? before.secret() : ApiKey.create();
            givers.put(giver, new State(version, place, secret, change));
            given.stream().filter(each -> each.giver == giver).forEach(each -> each.mayEnd(Cause.RELOAD));
            write();
        }
        Answer answer = hub.postAdmin("/api/reload", "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        given.stream().filter(each -> each.giver == giver && each.version <= before.version()).forEach(this::end);
    }
}
