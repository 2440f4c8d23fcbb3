package dev.hark.log.journal;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.inParallel;
import static dev.hark.log.EngineTest.readAll;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventId;
import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.Bounds;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.Retention;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes that share a journal: what one is told, the other knows as well, sooner or later. */
@Timeout(60)
class JournalNodesTest {
    private static final String EPOCH = "7k3q9x2m";
    private static final String OTHER = "00000001";
    private static final long SEED = Long.getLong("hark.seed", 20261128L);
    private static final Duration BEHIND = Duration.ofSeconds(5);
    private static final LogConfig CONFIG = new LogConfig(
            new Retention(300, Duration.ofHours(1), 1L << 30),
            new HotLimits(50, 1 << 20),
            new IdempotencyLimits(40, Duration.ofMinutes(1)));

    private final Journal journal = new Journal(EPOCH);
    private final FakeClock clock = new FakeClock();
    private final FakeClock otherClock = new FakeClock();
    private JournalLog one;
    private JournalLog two;

    @BeforeEach
    void open() throws InterruptedException {
        one = JournalLog.open(journal, CONFIG, clock, BEHIND);
        two = JournalLog.open(journal, CONFIG, otherClock, BEHIND);
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
    }

    // ---- equal states

    @Test
    void comesToTheSameStateOnEveryNode() throws Exception {
        var seeds = new AtomicLong(SEED);
        otherClock.advance(Duration.ofSeconds(-30));
        inParallel(4, () -> {
            var random = new SplittableRandom(seeds.incrementAndGet());
            for (int i = 0; i < 150; i++) {
                EventLog node = random.nextBoolean() ? one : two;
                (node == one ? clock : otherClock).advance(Duration.ofMillis(random.nextInt(200)));
                Draft[] batch = IntStream.range(0, random.nextInt(4))
                        .mapToObj(n -> random.nextInt(3) == 0
                                ? draft("t/" + random.nextInt(3), "x" + random.nextInt(2), "key" + random.nextInt(30))
                                : draft("t/" + random.nextInt(3), "y" + random.nextInt()))
                        .toArray(Draft[]::new);
                assertThat(node.append(List.of(batch))).isInstanceOfAny(Append.Stored.class, Append.KeyReused.class);
                if (random.nextInt(20) == 0) {
                    node.maintain();
                }
            }
        });
        // A node that comes later makes the same of it.
        try (JournalLog three = JournalLog.open(journal, CONFIG, clock, BEHIND)) {
            await().untilAsserted(() -> assertThat(one.tail().bounds()).as("seed %s", SEED).isEqualTo(two.tail().bounds()));
            assertThat(one.tail().bounds().floor()).as("retention took part").isPositive();
            assertThat(state(two)).as("seed %s", SEED).isEqualTo(state(one)).isNotEmpty();
            assertThat(state(three)).as("seed %s", SEED).isEqualTo(state(one));
            // Keys as well: as answered by any, so by all.
            for (int i = 0; i < 30; i++) {
                Draft asked = draft("t/0", "another body", "key" + i);
                one.hold();
                Append byTwo = two.append(List.of(asked));
                one.letGo();
                if (byTwo instanceof Append.KeyReused) {
                    assertThat(one.append(List.of(asked))).isEqualTo(byTwo);
                }
            }
        }
    }

    private static List<String> state(EventLog log) {
        var state = new ArrayList<String>();
        Bounds bounds = log.tail().bounds();
        state.add(log.tail().epoch() + ' ' + bounds);
        for (Event event : readAll(log, bounds.floor(), Filters.ALL)) {
            state.add(event.sequence() + " " + event.topic() + ' ' + event.key() + ' ' + event.timeMillis() + ' '
                    + new String(event.frame().bytes(), 0, event.frame().length(), UTF_8));
        }
        return state;
    }

    @Test
    void numbersAnEventByItsGroupAndItsPlaceInIt() {
        assertThat(append(one, draft("a", "1"), draft("a", "2"))).containsExactly(1_024L, 1_025L);
        assertThat(append(two, draft("a", "3"))).containsExactly(2_048L);
        assertThat(append(one, IntStream.range(0, 1_025).mapToObj(i -> draft("a", "x")).toArray(Draft[]::new)))
                .startsWith(3L * 1_024).endsWith(4L * 1_024);
        assertThat(append(two, draft("a", "4"))).containsExactly(5L * 1_024);
    }

    @Test
    void answersOnOneNodeForAKeyOfAnother() {
        long first = append(one, draft("a", "1", "key")).getFirst();
        assertThat(two.append(List.of(draft("a", "1", "key")))).isEqualTo(stored(two.tail().epoch(), first, true));
        assertThat(two.append(List.of(draft("a", "2", "key")))).isEqualTo(new Append.KeyReused(0));
    }

    // ---- a node that is behind

    @Test
    void waitsForAPositionThatAnotherNodeGave() throws Exception {
        two.hold();
        long given = append(one, draft("a", "1")).getFirst();
        assertThat(two.tail().bounds().newest()).isLessThan(given);
        var reached = new CompletableFuture<Boolean>();
        Thread waiter = Thread.ofVirtual().start(() -> reached.complete(awaitPosition(two, given, Duration.ofSeconds(20))));
        await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
        assertThat(reached).isNotDone();
        two.letGo();
        assertThat(reached.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(two.tail().bounds().newest()).isEqualTo(given);
        assertThat(two.tail().era().hot().bounds().newest()).isEqualTo(given);
    }

    @Test
    void givesUpWaitingWhenPatienceEnds() {
        two.hold();
        long given = append(one, draft("a", "1")).getFirst();
        assertThat(awaitPosition(two, given, Duration.ZERO)).isFalse();
        assertThat(awaitPosition(two, given, Duration.ofMillis(20))).isFalse();
        assertThat(awaitPosition(one, given, Duration.ZERO)).isTrue();
        assertThat(awaitPosition(one, given + 1, Duration.ofMillis(20))).isFalse();
        two.letGo();
    }

    private static boolean awaitPosition(EventLog log, long position, Duration patience) {
        try {
            return log.tail().awaitPosition(position, patience);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Append stored(String epoch, long sequence, boolean replayed) {
        return new Append.Stored(List.of(new Append.Entry(epoch, sequence, replayed)));
    }

    @Test
    void answersAPublisherOnceItsOwnNodeHasItsEvent() throws Exception {
        two.hold();
        var answer = new CompletableFuture<Append>();
        Thread.ofVirtual().start(() -> answer.complete(two.append(List.of(draft("a", "1")))));
        await().until(() -> one.tail().bounds().newest() > 0);
        assertThat(answer).as("stored elsewhere, not here").isNotDone();
        two.letGo();
        assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(stored(two.tail().epoch(), 1_024, false));
        assertThat(two.tail().bounds().newest()).isEqualTo(1_024);
    }

    @Test
    void saysThatABatchMayBeStoredWhereItsNodeDoesNotFollow() throws Exception {
        var hasty = new LogConfig(CONFIG.retention(), CONFIG.hot(), CONFIG.idempotency(), Duration.ofMillis(50));
        try (JournalLog three = JournalLog.open(journal, hasty, clock, BEHIND)) {
            three.hold();
            assertThat(three.append(List.of(draft("a", "1", "key")))).isInstanceOf(Append.Unknown.class);
            three.letGo();
            // However often: a retry, too, waits for no longer than the node's patience.
            await().untilAsserted(() -> assertThat(three.append(List.of(draft("a", "1", "key"))))
                    .as("the key makes the retry safe").isEqualTo(stored(three.tail().epoch(), 1_024, true)));
        }
    }

    // ---- another history

    @Test
    void givesTheNewHistoryAloneOnceTheJournalWasReplaced() {
        append(one, draft("a", "old 1"));
        append(one, draft("a", "old 2"));
        var told = new CopyOnWriteArrayList<String>();
        one.tail().follow(() -> told.add(one.tail().epoch()));
        journal.replace(OTHER, 1, clock.millis(), List.of(List.of(draft("a", "new"))));
        await().until(() -> one.tail().epoch().equals(OTHER) && two.tail().epoch().equals(OTHER));
        await().untilAsserted(() -> assertThat(told).contains(OTHER));
        for (EventLog node : List.of(one, two)) {
            assertThat(node.tail().bounds()).isEqualTo(new Bounds(0, 1_024));
            Page page = node.read(0, Filters.ALL, 10);
            assertThat(page.epoch()).isEqualTo(OTHER);
            assertThat(page.events()).hasSize(1);
        }
        assertThat(state(one)).isEqualTo(state(two));
        // What was known before is not known any more.
        assertThat(append(two, draft("a", "new 2")).getFirst()).isEqualTo(2_048);
    }

    /** The same position of another history is another event's. */
    @Test
    void answersWithAnIdOfTheHistoryThatTheEventIsIn() {
        String old = one.tail().epoch();
        Append before = one.append(List.of(draft("a", "old", "key")));
        journal.replace(OTHER, 1, clock.millis(), List.of(List.of(draft("a", "new"))));
        await().until(() -> one.tail().epoch().equals(OTHER));
        assertThat(before).isInstanceOfSatisfying(
                Append.Stored.class, stored -> assertThat(stored.entries().getFirst().id()).isEqualTo(new EventId(old, 1_024)));
        assertThat(one.append(List.of(draft("a", "old", "key")))).isInstanceOfSatisfying(
                Append.Stored.class, stored -> assertThat(stored.entries().getFirst().id()).isEqualTo(new EventId(OTHER, 2_048)));
    }

    @Test
    void tellsAPublisherWhoseGroupTheNewHistoryLacksThatItMayBeStored() throws Exception {
        one.hold();
        var answer = new CompletableFuture<Append>();
        Thread.ofVirtual().start(() -> answer.complete(one.append(List.of(draft("a", "lost", "key")))));
        await().until(() -> two.tail().bounds().newest() > 0);
        journal.replace(OTHER, 5, clock.millis(), List.of());
        var later = new CompletableFuture<Append>();
        Thread.ofVirtual().start(() -> later.complete(one.append(List.of(draft("a", "kept", "other")))));
        await().until(() -> two.tail().bounds().newest() == 5 * 1_024);
        one.letGo();
        assertThat(answer.get(10, TimeUnit.SECONDS)).isInstanceOf(Append.Unknown.class);
        assertThat(later.get(10, TimeUnit.SECONDS))
                .as("appended to the new history before this node knew it")
                .isEqualTo(stored(OTHER, 5 * 1_024, false));
        assertThat(one.tail().epoch()).isEqualTo(OTHER);
        assertThat(append(one, draft("a", "lost", "key")).getFirst()).as("a retry").isEqualTo(6 * 1_024);
        assertThat(state(one)).hasSize(3);
    }
}
