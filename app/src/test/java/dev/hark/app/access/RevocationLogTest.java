package dev.hark.app.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.Hub;
import dev.hark.app.config.AuthSettings;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.KeySettings;
import dev.hark.app.config.Rights;
import dev.hark.event.Filters;
import dev.hark.log.EventLog;
import dev.hark.log.HotLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.SteadyClock;
import dev.hark.log.UnusableLogException;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Revocations of two nodes that share a log, and of those that are started later. */
@Timeout(120)
class RevocationLogTest {
    private static final String KEY = ApiKey.create();

    private final HarkConfig config = new ConfigSource(Path.of("..", "application.yaml"), List.of(), Map.of()).load();
    private final SteadyClock clock = SteadyClock.ofSystem();
    private final Hub hub = Hub.start(config.hub(), new MemoryLog("7k3q9x2m", config.log().config(), clock), clock, new VitalThreads());

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-30T12:00:00Z"));

    @AfterEach
    void end() {
        hub.close();
    }

    private AccessControl node() {
        var key = new KeySettings("reader", ApiKey.hash(KEY), "", Rights.ALL, false, 0);
        return new AccessControl(new AuthSettings(
                false, Rights.NONE, List.of(), List.of(key), "", false, Duration.ofMinutes(1), Duration.ofDays(1)), now::get);
    }

    private Instant soon() {
        return now.get().plusSeconds(1);
    }

    private static Revocation ofToken(String id, Instant until) {
        return new Revocation(id, null, null, null, null, until);
    }

    private static Revocation ofKey(@Nullable Instant until) {
        return new Revocation(null, null, null, "reader", null, until == null ? Instant.MAX : until);
    }

    private static boolean isLetIn(AccessControl access) {
        try {
            access.identify(Credentials.of(List.of("Bearer " + KEY)));
            return true;
        } catch (AccessException e) {
            return false;
        }
    }

    @Test
    void whatIsOverConcernsNobodyThoughNobodyForgetsIt() {
        AccessControl access = node();
        access.revoke(ofKey(soon()));
        assertThat(isLetIn(access)).isFalse();
        now.set(soon());
        assertThat(isLetIn(access)).isTrue();
        assertThat(access.revocations()).isEmpty();
    }

    @Test
    void whatIsOverMakesRoom() {
        var revocations = new Revocations(now::get);
        for (int i = 0; i < Revocations.MAX; i++) {
            revocations.add(ofToken("t" + i, soon()));
        }
        assertThatThrownBy(() -> revocations.add(ofToken("more", soon()))).isInstanceOf(IllegalStateException.class);
        revocations.add(ofToken("t1", soon().plusSeconds(1)));
        now.set(soon());
        revocations.add(ofToken("more", soon()));
        assertThat(revocations.all()).extracting(Revocation::tokenId).containsExactly("more", "t1");
    }

    @Test
    void moreThanHoldAtATimeMayHaveBeen() {
        AccessControl first = node();
        RevocationLog log = RevocationLog.load(hub, first);
        for (int i = 0; i < 300; i++) {
            // Each is over when the next one comes, but for the last ones.
            log.add(ofToken("t" + i, soon()));
            now.set(soon());
        }
        log.add(ofKey(null));
        assertThat(first.revocations()).hasSize(1);
        assertThat(log.said()).as("kept in mind beside them").isZero();
        AccessControl second = node();
        RevocationLog.load(hub, second);
        assertThat(isLetIn(second)).isFalse();
        assertThat(second.revocations()).isEqualTo(first.revocations());
    }

    /** Those of which the log does not say that they are over: the hub was not there then. */
    @Test
    void whatWasOverAtTheStartTakesNoRoom() {
        AccessControl first = node();
        RevocationLog log = RevocationLog.load(hub, first);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < Revocations.MAX / 3; j++) {
                log.add(ofToken(i + "-" + j, soon()));
            }
            // By another node that forgets nothing.
            now.set(soon());
            first = node();
            log = RevocationLog.load(hub, first);
        }
        log.add(ofKey(null));
        long stored = hub.newest().sequence();
        AccessControl second = node();
        RevocationLog.load(hub, second);
        assertThat(isLetIn(second)).isFalse();
        assertThat(second.revocations()).hasSize(1);
        assertThat(hub.newest().sequence()).as("that they are over was said at the starts before").isEqualTo(stored);
    }

    @Test
    void whatIsTakenBackAtOneNodeLetsInAtAll() throws Exception {
        AccessControl one = node();
        AccessControl two = node();
        RevocationLog ofOne = RevocationLog.load(hub, one);
        try (AutoCloseable followsOne = ofOne.follow(new VitalThreads());
                AutoCloseable followsTwo = RevocationLog.load(hub, two).follow(new VitalThreads())) {
            ofOne.add(ofKey(null));
            await().untilAsserted(() -> assertThat(List.of(one, two)).noneMatch(RevocationLogTest::isLetIn));
            ofOne.add(ofKey(now.get().minusSeconds(1)));
            assertThat(isLetIn(one)).isTrue();
            await().until(() -> isLetIn(two));
            Held held = one.hold(Credentials.of(List.of("Bearer " + KEY)), Filters.ALL);
            // Said once more: it ends nobody.
            ofOne.add(ofKey(now.get().minusSeconds(1)));
            // Both have read all of that once they know of what came behind it, which a third node says.
            RevocationLog.load(hub, node()).add(ofToken("later", soon()));
            await().until(() -> one.revocations().size() == 1 && two.revocations().size() == 1);
            assertThat(List.of(one, two)).allMatch(RevocationLogTest::isLetIn);
            assertThat(held.lease().isOver(now::get)).isFalse();
        }
    }

    /** The node that takes it back has read of it, and has not taken that in yet. */
    @Test
    void whatIsTakenBackStaysSoBesideAPageThatWasReadBefore() throws Exception {
        var read = new Gate("read");
        try (Hub held = Hub.start(config.hub(), read.before(colderLog()), clock, new VitalThreads())) {
            AccessControl access = node();
            RevocationLog log = RevocationLog.load(held, access);
            log.add(ofKey(null));
            log.add(ofToken("behind it", soon()));
            read.close();
            try (AutoCloseable follows = log.follow(new VitalThreads())) {
                read.awaitSomebody();
                log.add(ofKey(now.get().minusSeconds(1)));
                Held right = access.hold(Credentials.of(List.of("Bearer " + KEY)), Filters.ALL);
                read.open();
                awaitReadThrough(held, access);
                assertThat(right.lease().isOver(now::get)).isFalse();
                assertThat(isLetIn(access)).isTrue();
            }
        }
    }

    /** It is not stored yet, and holds here already. */
    @Test
    void whatIsTakenBackStaysSoWhileTheLogTakesItsTime() throws Exception {
        var append = new Gate("append");
        try (Hub held = Hub.start(config.hub(), append.before(colderLog()), clock, new VitalThreads())) {
            AccessControl access = node();
            RevocationLog log = RevocationLog.load(held, access);
            log.add(ofKey(null));
            append.close();
            Thread adding = Thread.ofVirtual().start(() -> log.add(ofKey(now.get().minusSeconds(1))));
            append.awaitSomebody();
            Held right = access.hold(Credentials.of(List.of("Bearer " + KEY)), Filters.ALL);
            try (AutoCloseable follows = log.follow(new VitalThreads())) {
                awaitReadThrough(held, access);
                assertThat(right.lease().isOver(now::get)).isFalse();
                append.open();
                adding.join();
                // What is said after it, at any node, counts.
                RevocationLog.load(held, node()).add(ofKey(null));
                await().until(() -> right.lease().isOver(now::get));
                assertThat(isLetIn(access)).isFalse();
            }
        }
    }

    /** Two at once, of a hub with a log of its own: what holds is what the log says last, as after a restart. */
    @Test
    void whatIsSaidAtOnceHoldsAsTheLogHasIt() throws Exception {
        var append = new Gate("append");
        try (Hub held = Hub.start(config.hub(), append.before(colderLog()), clock, new VitalThreads())) {
            AccessControl access = node();
            RevocationLog log = RevocationLog.load(held, access);
            append.close();
            // It is said first, and stored last.
            Thread takingBack = Thread.ofVirtual().start(() -> log.add(ofKey(now.get().minusSeconds(1))));
            append.awaitSomebody();
            log.add(ofKey(null));
            assertThat(isLetIn(access)).isFalse();
            append.open();
            takingBack.join();
            AccessControl restarted = node();
            RevocationLog.load(held, restarted);
            assertThat(isLetIn(restarted)).isTrue();
            assertThat(isLetIn(access)).isTrue();
            assertThat(log.said()).isZero();
        }
    }

    /** What another node had stored before this one's word is not the last one, whenever it is read. */
    @Test
    void whatIsSaidHoldsOnceItIsAcknowledged() throws Exception {
        var append = new Gate("append");
        MemoryLog shared = colderLog();
        try (Hub held = Hub.start(config.hub(), append.before(shared), clock, new VitalThreads())) {
            AccessControl access = node();
            RevocationLog log = RevocationLog.load(held, access);
            append.close();
            Thread adding = Thread.ofVirtual().start(() -> log.add(ofKey(null)));
            append.awaitSomebody();
            try (AutoCloseable follows = log.follow(new VitalThreads())) {
                RevocationLog ofOther = RevocationLog.load(held, node());
                ofOther.add(ofKey(null));
                ofOther.add(ofKey(now.get().minusSeconds(1)));
                awaitReadThrough(held, access);
                append.open();
                adding.join();
                assertThat(isLetIn(access)).isFalse();
                await("nothing is kept in mind").until(() -> log.said() == 0);
            }
        }
    }

    /** Awaits that {@code access} knows of what another node says now. */
    private void awaitReadThrough(Hub of, AccessControl access) {
        RevocationLog.load(of, node()).add(ofToken("later", soon()));
        await().until(() -> access.revocations().stream().anyMatch(each -> "later".equals(each.tokenId())));
    }

    /** One whose older events are read from the log, and not from what is hot. */
    private MemoryLog colderLog() {
        LogConfig usual = config.log().config();
        return new MemoryLog("7k3q9x2m",
                new LogConfig(usual.classes(), new HotLimits(1, usual.hot().bytes()), usual.idempotency(), usual.stall()), clock);
    }

    /** Holds one call of a log: a read with what it has found, an append before it begins. */
    private static final class Gate {
        private final String name;
        private final AtomicBoolean closed = new AtomicBoolean();
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        Gate(String name) {
            this.name = name;
        }

        EventLog before(EventLog log) {
            return (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), new Class<?>[] {EventLog.class},
                    (proxy, method, arguments) -> {
                        boolean holds = method.getName().equals(name) && closed.compareAndSet(true, false);
                        Object found = holds && name.equals("read") ? method.invoke(log, arguments) : null;
                        if (holds) {
                            arrived.countDown();
                            open.await();
                        }
                        return found == null ? method.invoke(log, arguments) : found;
                    });
        }

        /** For the next one. */
        void close() {
            closed.set(true);
        }

        void awaitSomebody() throws InterruptedException {
            assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();
        }

        void open() {
            open.countDown();
        }
    }

    /** The log may take its time, or take nothing: the right is over all the same. */
    @Test
    void holdsBeforeTheLogHasAnything() throws Exception {
        var log = new MemoryLog("7k3q9x2m", config.log().config(), clock);
        var open = new CountDownLatch(1);
        var waits = new AtomicBoolean();
        EventLog slow = (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), new Class<?>[] {EventLog.class},
                (proxy, method, arguments) -> {
                    if (waits.get() && method.getName().equals("append")) {
                        open.await();
                    }
                    return method.invoke(log, arguments);
                });
        try (Hub slowHub = Hub.start(config.hub(), slow, clock, new VitalThreads())) {
            AccessControl access = node();
            RevocationLog revocations = RevocationLog.load(slowHub, access);
            revocations.add(ofToken("old", soon()));
            now.set(soon());
            waits.set(true);
            Thread adding = Thread.ofVirtual().start(() -> revocations.add(ofKey(null)));
            await().until(() -> !isLetIn(access));
            open.countDown();
            adding.join();
        }
    }

    /** As where the log has another history: streams that were let in since stay. */
    @Test
    void whatWasTakenBackEndsNobodyWhereAllIsReadAnew() {
        AccessControl access = node();
        RevocationLog log = RevocationLog.load(hub, access);
        log.add(ofKey(null));
        log.add(ofKey(now.get().minusSeconds(1)));
        Held held = access.hold(Credentials.of(List.of("Bearer " + KEY)), Filters.ALL);
        RevocationLog.load(hub, access);
        assertThat(held.lease().isOver(now::get)).isFalse();
        assertThat(isLetIn(access)).isTrue();
    }

    /** Nobody knows then who is to be kept out. */
    @Test
    @Tag("long")
    void aHubDoesNotStartWhereTheyCannotBeReadInTime() {
        MemoryLog log = colderLog();
        try (Hub before = Hub.start(config.hub(), stuck(log, false), clock, new VitalThreads())) {
            RevocationLog all = RevocationLog.load(before, node());
            // The newest is not read from the log.
            all.add(ofKey(null));
            all.add(ofToken("newest", soon()));
        }
        try (Hub after = Hub.start(config.hub(), stuck(log, true), clock, new VitalThreads())) {
            assertThatThrownBy(() -> RevocationLog.load(after, node())).isInstanceOf(UnusableLogException.class)
                    .hasMessageContaining("it takes too long to find them");
        }
    }

    /** A log that outlives its hub, and whose search comes no further where it is {@code stuck}. */
    private static EventLog stuck(EventLog log, boolean stuck) {
        return (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), new Class<?>[] {EventLog.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    return stuck && method.getName().equals("read")
                            ? new Page(log.tail().epoch(), (long) arguments[0], List.of(), (long) arguments[0])
                            : method.invoke(log, arguments);
                });
    }
}
