package dev.hark.log.replicated;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.data;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.inParallel;
import static dev.hark.log.EngineTest.readAll;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.Append;
import dev.hark.log.Bounds;
import dev.hark.log.EngineTest;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.SqliteReplica;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.thread.VitalThreads;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
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
import org.junit.jupiter.api.io.TempDir;

/** Several nodes that share a journal, each with a replica of its own. */
@Timeout(120)
public class ReplicatedNodesTest {
    static final long SEED = Long.getLong("hark.seed", 20261129L);

    /** One class that keeps the newest of each key, one of which nothing is stored, and all others. */
    public static final LogConfig CONFIG = new LogConfig(
            TopicClasses.of(
                    List.of(
                            new TopicClasses.Rule(new TopicFilter("l/*"), new Keep(new Retention(20, Duration.ofHours(1), 1L << 30), true)),
                            new TopicClasses.Rule(new TopicFilter("n/*"), Keep.NOTHING)),
                    new Retention(100, Duration.ofHours(1), 1L << 30)),
            new HotLimits(50, 1 << 20),
            new IdempotencyLimits(40, Duration.ofMinutes(1)),
            Duration.ofSeconds(10));

    /** Keeps less. */
    private static final LogConfig OTHER_CONFIG = new LogConfig(
            TopicClasses.of(List.of(), new Retention(10, Duration.ofHours(1), 1L << 30)),
            CONFIG.hot(), CONFIG.idempotency(), CONFIG.stall());

    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();
    private final FakeClock otherClock = new FakeClock();
    private final LocalJournal journal = new LocalJournal(clock);
    private final List<EventLog> nodes = new ArrayList<>();
    private ReplicatedLog one;
    private ReplicatedLog two;

    @BeforeEach
    void open() {
        one = node("one", clock);
        two = node("two", otherClock);
    }

    private ReplicatedLog node(String name, FakeClock itsClock) {
        ReplicatedLog node = ReplicatedLogTest.open(journal, folder.resolve(name + ".db"), CONFIG, itsClock, nodes.size() + 1);
        nodes.add(node);
        return node;
    }

    @AfterEach
    void close() {
        nodes.forEach(EventLog::close);
    }

    // ---- equal states

    @Test
    void comeToTheSameState() throws Exception {
        publishAtRandom();
        one.maintain();
        await().untilAsserted(() -> assertThat(two.applied()).isEqualTo(one.applied()));
        assertThat(one.tail().era().lostStored(1)).as("retention took part").isPositive();
        assertThat(state(two)).as("seed %s", SEED).isEqualTo(state(one)).hasSizeGreaterThan(100);
        assertThat(two.state().checksum()).as("seed %s", SEED).isEqualTo(one.state().checksum()).isNotEqualTo(Checksum.NONE);
        // A node that comes later makes the same of it, as does one that was away, and one that was killed in the middle.
        ReplicatedLog three = node("three", clock);
        assertThat(state(three)).as("seed %s", SEED).isEqualTo(state(one));
        assertThat(three.state().checksum()).as("seed %s", SEED).isEqualTo(one.state().checksum());
        two.close();
        publishAtRandom();
        ReplicatedLog twoAgain = node("two", otherClock);
        await().untilAsserted(() -> assertThat(one.applied()).isEqualTo(twoAgain.applied()));
        await().untilAsserted(() -> assertThat(three.applied()).isEqualTo(twoAgain.applied()));
        assertThat(state(twoAgain)).as("seed %s", SEED).isEqualTo(state(one)).isEqualTo(state(three));
        assertThat(three.state().checksum()).as("seed %s", SEED).isEqualTo(one.state().checksum());
        assertThat(twoAgain.state().checksum()).as("seed %s", SEED).isIn(one.state().checksum(), Checksum.NONE);
    }

    @Test
    void comeToAnotherChecksumByOtherRules() throws Exception {
        ReplicatedLog other = ReplicatedLogTest.open(journal, folder.resolve("other.db"), OTHER_CONFIG, clock, 9);
        nodes.add(other);
        for (int i = 0; i < Checksum.EVERY; i++) {
            append(one, draft("a", "x"));
        }
        for (ReplicatedLog node : List.of(one, two, other)) {
            await().until(() -> node.state().checksum().position() == Checksum.EVERY);
        }
        assertThat(two.state().checksum()).isEqualTo(one.state().checksum());
        assertThat(other.state().checksum()).isNotEqualTo(one.state().checksum());
    }

    @Test
    void sayHowFarTheyAre() {
        NodeState before = one.state();
        append(one, draft("a", "1"));
        // A publisher has its answer a moment before.
        await().until(() -> one.state().position() > before.position());
        NodeState after = one.state();
        assertThat(after.position()).isGreaterThan(before.position());
        assertThat(after.behind()).isZero();
        assertThat(after.lag()).isZero();
        assertThat(after.trouble()).isEmpty();
        assertThat(after.epoch()).isEqualTo(one.tail().epoch());
        assertThat(after.node()).isNotEqualTo(two.state().node());
        assertThat(after.appends().groups()).isEqualTo(before.appends().groups() + 1);
        assertThat(after.appends().bytes()).isGreaterThan(before.appends().bytes());
    }

    private void publishAtRandom() throws Exception {
        publishAtRandom(List.of(one, two), List.of(clock, otherClock));
    }

    /** Four publishers, of whatever there is. */
    public static void publishAtRandom(List<ReplicatedLog> open, List<FakeClock> clocks) throws Exception {
        var seeds = new AtomicLong(SEED);
        inParallel(4, () -> {
            var random = new SplittableRandom(seeds.incrementAndGet());
            for (int i = 0; i < 100; i++) {
                ReplicatedLog node = open.get(random.nextInt(open.size()));
                clocks.get(random.nextInt(clocks.size())).advance(Duration.ofMillis(random.nextInt(200)));
                Append append = node.append(IntStream.range(0, 1 + random.nextInt(4)).mapToObj(n -> any(random)).toList());
                assertThat(append).isInstanceOfAny(Append.Stored.class, Append.KeyReused.class, Append.Unavailable.class);
                if (random.nextInt(20) == 0) {
                    node.maintain();
                }
            }
        });
    }

    private static Draft any(SplittableRandom random) {
        String topic = switch (random.nextInt(4)) {
            case 0 -> "l/" + random.nextInt(3);
            case 1 -> "n/" + random.nextInt(3);
            default -> "t/" + random.nextInt(3);
        };
        String key = random.nextBoolean() ? null : "key" + random.nextInt(5);
        String idempotencyKey = random.nextInt(12) > 0 ? null : "once" + random.nextInt(30);
        if (topic.startsWith("l/") && random.nextInt(5) == 0) {
            return Draft.deleted(new Topic(topic), key, idempotencyKey);
        }
        EventKind kind = random.nextInt(10) == 0 ? EventKind.END : EventKind.PLAIN;
        return new Draft(new Topic(topic), "message", key, ("x" + random.nextInt()).getBytes(UTF_8), idempotencyKey, kind);
    }

    /** All that a client of a node may be shown. */
    public static List<String> state(ReplicatedLog log) {
        var state = new ArrayList<String>();
        Bounds bounds = log.tail().bounds();
        state.add(log.tail().epoch() + ' ' + bounds);
        for (Event event : readAll(log, bounds.floor(), Filters.ALL)) {
            state.add(line(event));
        }
        log.latest(0, bounds.newest(), Filters.ALL, 5_000).events().forEach(event -> state.add("latest " + line(event)));
        log.kept().forEach(each -> state.add(each.toString()));
        for (int i = 0; i < 3; i++) {
            for (String topic : List.of("l/" + i, "t/" + i)) {
                state.add(topic + " ends at " + log.tail().era().ended().of(topic));
            }
        }
        return state;
    }

    private static String line(Event event) {
        return event.sequence() + " " + event.topic() + ' ' + event.key() + ' ' + event.timeMillis() + ' '
                + new String(event.frame().bytes(), 0, event.frame().length(), UTF_8);
    }

    @Test
    void numberAnEventByItsGroupAndItsPlaceInIt() {
        // The first group began the history.
        assertThat(append(one, draft("a", "1"), draft("a", "2"))).containsExactly(2_048L, 2_049L);
        assertThat(append(two, draft("a", "3"))).containsExactly(3_072L);
        List<Long> many = append(one, IntStream.range(0, 1_030).mapToObj(i -> draft("a", "x")).toArray(Draft[]::new));
        assertThat(many).startsWith(4 * 1_024L).endsWith(5 * 1_024L + 5).isSorted();
        assertThat(append(two, draft("a", "4"))).as("behind the batch that was larger than its share").containsExactly(5 * 1_024L + 6);
        assertThat(append(two, draft("a", "5"))).containsExactly(6 * 1_024L);
    }

    @Test
    void answerForAKeyOfAnother() {
        long first = append(one, draft("a", "1", "key")).getFirst();
        assertThat(two.append(List.of(draft("a", "1", "key")))).isEqualTo(new Append.Stored(
                List.of(new Append.Entry(two.tail().epoch(), first, true))));
        assertThat(two.append(List.of(draft("a", "2", "key")))).isEqualTo(new Append.KeyReused(0));
    }

    @Test
    void showWhatIsNotStoredToThoseWhoAreThere() throws Exception {
        long position = append(one, draft("n/1", "unstored")).getFirst();
        assertThat(two.tail().awaitPosition(position, Duration.ofSeconds(20))).isTrue();
        assertThat(two.tail().era().hot().read(two.tail().epoch(), 0, Filters.of("n/1"), 10).events()).hasSize(1);
        // An id of it is known to a node that was away, too.
        two.close();
        assertThat(node("two", otherClock).tail().bounds().newest()).isEqualTo(position);
    }

    @Test
    void doNotBelieveAClockThatIsFarFromTheJournals() {
        otherClock.advance(Duration.ofDays(30));
        long position = append(two, draft("t/1", "from the future")).getFirst();
        await().until(() -> one.tail().bounds().newest() >= position);
        Event event = readAll(one, position - 1, Filters.of("t/1")).getFirst();
        assertThat(event.timeMillis()).isEqualTo(clock.millis() + 60_000);
    }

    // ---- what may fail

    /** As what hung in a socket for longer than the journal remembers ids. */
    @Test
    void applyAGroupOnceThatComesTwice() throws Exception {
        append(one, draft("a", "1"));
        Journal.Entry group = journal.copy().getLast();
        long again = append(two, draft("a", "2")).getFirst();
        appendRaw(group.id(), group.group());
        append(one, draft("a", "3"));
        await().until(() -> one.applied().equals(two.applied()));
        for (EventLog node : List.of(one, two)) {
            assertThat(readAll(node, 0, Filters.of("a"))).extracting(EngineTest::data).containsExactly("1", "2", "3");
            assertThat(node.tail().bounds().newest()).isGreaterThan(again);
        }
        two.close();
        appendRaw(group.id(), group.group());
        assertThat(readAll(node("two", otherClock), 0, Filters.of("a"))).as("after a restart").hasSize(3);
    }

    @Test
    void answerWhereTheJournalsAnswerIsLostAndTheGroupComes() {
        journal.loseAnswers(true);
        assertThat(append(one, draft("a", "1"))).hasSize(1);
    }

    @Test
    void sayThatItMayBeStoredWhereTheJournalIsAwayAndStoreItOnce() throws Exception {
        var answer = new CompletableFuture<Append>();
        journal.setAway(true);
        Thread.ofVirtual().start(() -> answer.complete(one.append(List.of(draft("a", "1", "key")))));
        await().untilAsserted(() -> assertThat(one.health().refusal()).contains("away"));
        assertThat(one.health().trouble()).as("what is here is served").isNull();
        assertThat(readAll(one, 0, Filters.ALL)).isEmpty();
        journal.setAway(false);
        assertThat(answer.get(30, TimeUnit.SECONDS)).isInstanceOf(Append.Stored.class);
        assertThat(one.append(List.of(draft("a", "1", "key")))).isInstanceOfSatisfying(
                Append.Stored.class, stored -> assertThat(stored.entries().getFirst().replayed()).isTrue());
        await().until(() -> two.applied().equals(one.applied()));
        assertThat(readAll(two, 0, Filters.of("a"))).hasSize(1);
    }

    @Test
    void endInOrderWhileTheJournalIsAway() throws Exception {
        var answer = new CompletableFuture<Append>();
        journal.setAway(true);
        Thread.ofVirtual().start(() -> answer.complete(one.append(List.of(draft("a", "1")))));
        await().untilAsserted(() -> assertThat(one.health().refusal()).contains("away"));
        one.close();
        assertThat(one.health().trouble()).isNull();
        assertThat(answer.get(30, TimeUnit.SECONDS)).isInstanceOfAny(Append.Unknown.class, Append.Unavailable.class);
        assertThat(one.append(List.of(draft("a", "2")))).isInstanceOf(Append.Unavailable.class);
    }

    @Test
    void beginAnotherHistoryWhereTheJournalIsPutBack() {
        append(one, draft("a", "kept"));
        List<Journal.Entry> yesterday = journal.copy();
        append(one, draft("a", "lost"));
        await().until(() -> two.applied().equals(one.applied()));
        String before = one.tail().epoch();
        List<String> shown = new CopyOnWriteArrayList<>();
        one.tail().follow(() -> shown.add(one.tail().epoch()));
        journal.restore(yesterday);
        await().until(() -> !one.tail().epoch().equals(before) && one.tail().epoch().equals(two.tail().epoch())
                && one.applied().equals(two.applied()) && one.tail().bounds().newest() > 0);
        assertThat(shown).as("whoever follows was told").isNotEmpty();
        assertThat(shown).as("never what is over, though the copy begins with it").doesNotContain(before);
        for (EventLog node : List.of(one, two)) {
            assertThat(readAll(node, 0, Filters.of("a"))).extracting(EngineTest::data).containsExactly("kept");
        }
        assertThat(append(two, draft("a", "new"))).hasSize(1);
        assertThat(readAll(two, 0, Filters.of("a"))).extracting(event -> data(event)).containsExactly("kept", "new");
        await().until(() -> two.applied().equals(one.applied()));
        assertThat(state(one)).isEqualTo(state(two));
    }

    @Test
    void beginAnotherHistoryWhereTheJournalWasPutBackWhileANodeWasAway() {
        append(one, draft("a", "kept"));
        List<Journal.Entry> yesterday = journal.copy();
        append(one, draft("a", "lost"));
        String before = one.tail().epoch();
        one.close();
        two.close();
        journal.restore(yesterday);
        ReplicatedLog again = node("one", clock);
        assertThat(again.tail().epoch()).isNotEqualTo(before);
        assertThat(readAll(again, 0, Filters.of("a"))).extracting(EngineTest::data).containsExactly("kept");
    }

    @Test
    void beginAnotherHistoryWhereTheJournalIsMadeAnew() {
        append(one, draft("a", "lost"));
        String before = one.tail().epoch();
        one.close();
        two.close();
        journal.restore(List.of());
        ReplicatedLog again = node("one", clock);
        assertThat(again.tail().epoch()).isNotEqualTo(before);
        assertThat(readAll(again, 0, Filters.ALL)).isEmpty();
        assertThat(append(again, draft("a", "new"))).hasSize(1);
        ReplicatedLog other = node("two", otherClock);
        assertThat(state(other)).isEqualTo(state(again));
    }

    @Test
    void agreeOnTheHistoryOfAJournalWhoseFirstGroupBeginsNone() {
        append(one, draft("a", "lost"));
        String before = one.tail().epoch();
        // Made anew, and appended to before anybody has noticed.
        var first = new Journal.Entry(1, "somebody-7", clock.millis(), GroupCodec.encodeTime(clock.millis()));
        journal.restore(List.of(first));
        await().until(() -> one.applied().position() > 0 && one.applied().equals(two.applied())
                && !one.tail().epoch().equals(before) && !two.tail().epoch().equals(before));
        assertThat(append(one, draft("a", "new"))).hasSize(1);
        await().until(() -> two.applied().equals(one.applied()));
        assertThat(one.tail().epoch()).isEqualTo(two.tail().epoch());
        ReplicatedLog three = node("three", clock);
        assertThat(three.tail().epoch()).isEqualTo(one.tail().epoch());
        assertThat(state(three)).isEqualTo(state(one));
        // It is not that of any other journal whose first group begins none.
        var other = new Journal.Entry(1, "somebody-8", clock.millis(), GroupCodec.encodeTime(clock.millis()));
        String named = one.tail().epoch();
        journal.restore(List.of(other));
        await().until(() -> !one.tail().epoch().equals(named) && one.tail().epoch().equals(two.tail().epoch())
                && one.tail().epoch().equals(three.tail().epoch()) && one.applied().equals(three.applied()));
    }

    @Test
    void makeAReplicaAnewThatIsDamaged() throws Exception {
        append(one, draft("a", "1"), draft("t/1", "2"));
        one.close();
        byte[] bytes = Files.readAllBytes(folder.resolve("one.db"));
        for (int i = 4_096; i < bytes.length; i++) {
            bytes[i] ^= (byte) 0x5a;
        }
        Files.write(folder.resolve("one.db"), bytes);
        ReplicatedLog again = node("one", clock);
        assertThat(readAll(again, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("1", "2");
        assertThat(again.tail().epoch()).isEqualTo(two.tail().epoch());
    }

    /** A server may say too soon that its stream is another one; nobody is told anything then. */
    @Test
    void followAgainWhereNothingThatWasAppliedIsOver() throws Exception {
        append(one, draft("a", "1"));
        await().until(() -> two.applied().equals(one.applied()));
        String epoch = one.tail().epoch();
        journal.restore(journal.copy());
        append(one, draft("a", "2"));
        await().until(() -> two.applied().equals(one.applied()));
        // A history that is to be begun is begun before anything else is appended.
        append(two, draft("a", "3"));
        await().until(() -> two.applied().equals(one.applied()));
        for (ReplicatedLog node : List.of(one, two)) {
            assertThat(node.tail().epoch()).isEqualTo(epoch);
            assertThat(readAll(node, 0, Filters.of("a"))).extracting(EngineTest::data).containsExactly("1", "2", "3");
        }
    }

    /** The copy is from before the history that is over: its name is another one too, and its positions have been given out. */
    @Test
    void beginAnotherHistoryEachTimeTheSameCopyIsPutBack() {
        append(one, draft("a", "kept"));
        List<Journal.Entry> yesterday = journal.copy();
        append(one, draft("a", "lost"));
        await().until(() -> two.applied().equals(one.applied()));
        var epochs = new ArrayList<String>(List.of(one.tail().epoch()));
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofHours(1));
            otherClock.advance(Duration.ofHours(1));
            journal.restore(yesterday);
            await().untilAsserted(() -> {
                assertThat(one.health().trouble()).isNull();
                assertThat(two.health().trouble()).isNull();
                assertThat(epochs).doesNotContain(one.tail().epoch());
                assertThat(two.tail().epoch()).isEqualTo(one.tail().epoch());
            });
            epochs.add(one.tail().epoch());
            append(one, draft("a", "lost again"));
            await().until(() -> two.applied().equals(one.applied()));
        }
    }

    /** Much of a database is not looked at before it is written to. */
    @Test
    void makeAReplicaAnewThatWasFoundDamagedWhenItWasWritten() throws Exception {
        append(one, draft("a", "1", "key"));
        one.close();
        damageTable("one.db", "idempotency");
        append(two, draft("a", "2", "other"));
        var vital = new VitalThreads();
        var settings = new SqliteSettings(folder.resolve("one.db"), SqliteSettings.Durability.WRITE, CONFIG);
        SnapshotSettings snapshots = SnapshotSettings.of(Duration.ofHours(1), 1L << 30, Duration.ofDays(1), "test");
        // How long it is tried; the damage itself does not pass.
        Duration stall = Duration.ofSeconds(2);
        assertThatThrownBy(() -> ReplicatedLog.open(
                        journal, SqliteReplica.open(settings, new Random(9), vital), stall, clock, new Random(9), vital, snapshots))
                .isInstanceOf(UnusableLogException.class).hasMessageContaining("damaged");
        ReplicatedLog again = node("one", clock);
        assertThat(readAll(again, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("1", "2");
        assertThat(folder.resolve("one.db-damaged")).doesNotExist();
    }

    /** A node has ended while it removed its replica. */
    @Test
    void makeAReplicaAnewOfWhichSomethingIsLeft() throws Exception {
        append(one, draft("a", "1"));
        one.close();
        Files.delete(folder.resolve("one.db"));
        Files.writeString(folder.resolve("one.db-wal"), "what is left");
        Files.writeString(folder.resolve("one.db-damaged"), "damaged");
        one = node("one", clock);
        assertThat(readAll(one, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("1");
        assertThat(folder.resolve("one.db-damaged")).doesNotExist();
    }

    /** What lies beside it is its own: nobody else had it open. */
    @Test
    void makeAReplicaAnewThatWasRemovedWhileItWasOpen() throws Exception {
        append(one, draft("a", "1"));
        Files.delete(folder.resolve("one.db"));
        await().until(() -> {
            one.maintain();
            return one.health().alarms().stream().anyMatch(alarm -> alarm.contains("was removed or replaced"));
        });
        one.close();
        assertThat(folder.resolve("one.db-wal")).exists();
        one = node("one", clock);
        assertThat(readAll(one, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("1");
    }

    /** The newest events of a log that was moved away alone may be there. */
    @Test
    void leaveWhatMayBeSomebodyElses() throws Exception {
        one.close();
        Files.delete(folder.resolve("one.db"));
        Path wal = Files.writeString(folder.resolve("one.db-wal"), "somebody's newest events");
        assertThatThrownBy(() -> node("one", clock))
                .isInstanceOf(UnusableLogException.class).hasMessageContaining("remove that file as well");
        assertThat(wal).hasContent("somebody's newest events");
    }

    /** On a full disk there is no room for the note that it is to be made anew: what is removed makes that room. */
    @Test
    void makeADamagedReplicaAnewWhereThatCannotBeNoted() throws Exception {
        append(one, draft("a", "1"));
        one.close();
        byte[] bytes = Files.readAllBytes(folder.resolve("one.db"));
        Arrays.fill(bytes, 4_096, bytes.length, (byte) 0x5a);
        Files.write(folder.resolve("one.db"), bytes);
        // It cannot be written, and is there.
        Files.createDirectory(folder.resolve("one.db-damaged"));
        one = node("one", clock);
        assertThat(readAll(one, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("1");
    }

    /** Overwrites the first pages of a table and of its index. */
    private void damageTable(String file, String table) throws Exception {
        Path database = folder.resolve(file);
        byte[] bytes = Files.readAllBytes(database);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                ResultSet roots = connection.createStatement().executeQuery(
                        "SELECT rootpage FROM sqlite_schema WHERE rootpage > 0 AND tbl_name = '" + table + "'");
                ResultSet size = connection.createStatement().executeQuery("PRAGMA page_size")) {
            int page = size.getInt(1);
            while (roots.next()) {
                int root = roots.getInt(1);
                Arrays.fill(bytes, (root - 1) * page, root * page, (byte) 0x5a);
            }
        }
        Files.write(database, bytes);
    }

    @Test
    void refuseWhatIsLargerThanAGroup() {
        assertThat(one.append(List.of(draft("a", "x".repeat(900_000))))).isInstanceOfSatisfying(
                Append.TooLarge.class, refused -> assertThat(refused.bytes()).isGreaterThan(900_000).isGreaterThan(refused.limit()));
    }

    @Test
    void stopAtAGroupOfANewerVersionAndSaySo() {
        byte[] newer = GroupCodec.encodeTime(clock.millis());
        newer[2] = 9;
        appendRaw("raw", newer);
        await().untilAsserted(() -> assertThat(one.health().trouble()).contains("of format 9"));
        assertThat(one.append(List.of(draft("a", "1")))).isInstanceOf(Append.Unavailable.class);
    }

    /** A stray publish into the stream's subject must not stop a cluster. */
    @Test
    void passOverWhatIsNoGroupAndSaySo() throws Exception {
        append(one, draft("a", "1"));
        appendRaw("", "hello".getBytes(UTF_8));
        appendRaw("x", new byte[0]);
        append(two, draft("a", "2"));
        await().until(() -> one.applied().equals(two.applied()));
        for (ReplicatedLog node : List.of(one, two, node("three", clock))) {
            await().until(() -> node.applied().equals(one.applied()));
            assertThat(state(node)).isEqualTo(state(one));
            assertThat(node.health().trouble()).isNull();
            assertThat(node.health().alarms()).anyMatch(alarm -> alarm.startsWith("2 entries of the journal are not of a hub"));
        }
        assertThat(readAll(one, 0, Filters.of("a")).stream().map(EngineTest::data)).containsExactly("1", "2");
    }

    private void appendRaw(String id, byte[] group) {
        try (Journal connection = journal.open()) {
            assertThat(connection.append(id, group, Duration.ofSeconds(1))).isInstanceOf(Journal.Appended.At.class);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
