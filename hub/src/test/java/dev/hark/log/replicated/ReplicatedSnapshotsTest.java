package dev.hark.log.replicated;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.readAll;
import static dev.hark.log.replicated.ReplicatedNodesTest.CONFIG;
import static dev.hark.log.replicated.ReplicatedNodesTest.publishAtRandom;
import static dev.hark.log.replicated.ReplicatedNodesTest.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.EngineTest;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.LogConfig;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.SqliteReplica;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.log.sqlite.tools.LogFile;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that make snapshots of their replicas, a journal that forgets what those cover, and nodes that begin from them. */
@Timeout(120)
class ReplicatedSnapshotsTest {
    private static final Duration EVERY = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();
    private final LocalJournal journal = new LocalJournal(clock);
    private final List<EventLog> nodes = new ArrayList<>();
    private ReplicatedLog one;
    private ReplicatedLog two;

    @BeforeEach
    void open() {
        one = maker("one", Duration.ZERO);
        two = node("two");
    }

    /** Where there is no snapshot it has made one, and makes no more until time passes. */
    private ReplicatedLog maker(String name, Duration margin) {
        ReplicatedLog node = failingMaker(name, margin);
        await().until(() -> node.snapshots().newest().isPresent());
        return node;
    }

    private ReplicatedLog failingMaker(String name, Duration margin) {
        return node(name, journal, new SnapshotSettings(EVERY, Long.MAX_VALUE, margin, Duration.ofMillis(20), "test"));
    }

    private ReplicatedLog node(String name) {
        return node(name, journal, null);
    }

    private ReplicatedLog node(String name, ReplicatedLog.Journals journals, @Nullable SnapshotSettings snapshots) {
        ReplicatedLog node = ReplicatedLogTest.open(journals, folder.resolve(name + ".db"), CONFIG, clock, nodes.size() + 1, snapshots);
        nodes.add(node);
        return node;
    }

    @AfterEach
    void close() {
        nodes.forEach(EventLog::close);
    }

    /** Has one more made, of at least all that is there. */
    private Snapshot snapshot(ReplicatedLog maker) {
        long position = journal.copy().getLast().position();
        // Publishers are answered before this is said.
        await().until(() -> maker.applied().position() >= position);
        clock.advance(EVERY);
        // Not until another one is counted: that may be the one before.
        await().until(() -> maker.snapshots().newest().map(Snapshot::position).orElse(0L) >= position);
        Snapshot newest = newest();
        assertThat(newest.position()).isGreaterThanOrEqualTo(position);
        return newest;
    }

    private Snapshot newest() {
        return journal.snapshots().all().stream().max(Comparator.comparingLong(Snapshot::position)).orElseThrow();
    }

    private void awaitSame(ReplicatedLog... others) {
        for (ReplicatedLog other : others) {
            await().until(() -> other.applied().equals(one.applied()));
            assertThat(state(other)).isEqualTo(state(one));
        }
    }

    private void trimmedTo(long position) {
        await().untilAsserted(() -> assertThat(journal.copy().getFirst().position()).isEqualTo(position));
    }

    // ---- new nodes

    @Test
    void aNewNodeComesToTheSameStateFromASnapshotAndTheGroupsAfterIt() throws Exception {
        publishAtRandom(List.of(one, two), List.of(clock));
        append(one, draft("t/once", "before", "once"));
        Snapshot older = snapshot(one);
        publishAtRandom(List.of(one, two), List.of(clock));
        List<Journal.Entry> all = journal.copy();
        snapshot(one);
        trimmedTo(older.position());
        publishAtRandom(List.of(one, two), List.of(clock));
        ReplicatedLog three = node("three");
        assertThat(three.snapshots().restored()).isEqualTo(1);
        assertThat(one.tail().era().lostStored(1)).as("retention took part").isPositive();
        awaitSame(two, three);
        assertThat(state(three)).hasSizeGreaterThan(100);
        // It publishes as well, and goes on from its own file when it is opened again.
        publishAtRandom(List.of(one, two, three), List.of(clock));
        awaitSame(two, three);
        three.close();
        ReplicatedLog again = node("three");
        assertThat(again.snapshots().restored()).isZero();
        awaitSame(again);
        // A group that comes twice is passed over by who has not seen it itself.
        Journal.Entry repeated = all.reversed().stream().filter(each -> each.group().length > 100).findFirst().orElseThrow();
        try (Journal connection = journal.open()) {
            connection.append(repeated.id(), repeated.group(), Duration.ofSeconds(1));
        }
        append(one, draft("t/1", "after"));
        awaitSame(two, again);
    }

    @Test
    void aSnapshotKnowsIdempotencyKeys() {
        long first = append(one, draft("t/1", "1", "key")).getFirst();
        snapshot(one);
        clock.advance(EVERY.negated());
        ReplicatedLog three = node("three");
        assertThat(three.snapshots().restored()).isEqualTo(1);
        assertThat(three.append(List.of(draft("t/1", "1", "key")))).isEqualTo(new Append.Stored(
                List.of(new Append.Entry(one.tail().epoch(), first, true))));
    }

    @Test
    void anotherNodesRulesAreCountedAnew() {
        append(one, draft("t/1", "1"), draft("l/1", "2"));
        snapshot(one);
        ReplicatedLog plain = ReplicatedLogTest.open(
                journal, folder.resolve("plain.db"), new LogConfig(EngineTest.KEEPS_ALL, EngineTest.HOT, EngineTest.KEYS), clock,
                9, null);
        nodes.add(plain);
        assertThat(plain.snapshots().restored()).isEqualTo(1);
        append(plain, draft("t/1", "3"), draft("l/1", "4"));
        assertThat(readAll(plain, 0, Filters.ALL)).extracting(EngineTest::data).containsExactly("1", "2", "3", "4");
    }

    @Test
    void toolsReadASnapshotAsTheyReadALog() throws Exception {
        publishAtRandom(List.of(one, two), List.of(clock));
        Path file = folder.resolve("backup.db");
        SnapshotFile.unpack(journal.snapshots(), snapshot(one), folder.resolve("backup.gz"), file);
        var findings = new ArrayList<String>();
        try (LogFile log = LogFile.open(file)) {
            log.verify(findings::add);
            assertThat(log.summary(1).events()).isPositive();
        }
        assertThat(findings).isEmpty();
    }

    // ---- nodes that were away

    @Test
    void aNodeThatWasAwayWithinTheMarginGoesOnByGroups() throws Exception {
        one.close();
        one = maker("one", Duration.ofHours(1));
        publishAtRandom(List.of(one, two), List.of(clock));
        two.close();
        for (int i = 0; i < 3; i++) {
            append(one, draft("t/1", "while it was away"));
            snapshot(one);
        }
        assertThat(journal.copy().getFirst().position()).isEqualTo(1);
        ReplicatedLog again = node("two");
        assertThat(again.snapshots().restored()).isZero();
        awaitSame(again);
        // An hour later what is older is gone.
        clock.advance(Duration.ofHours(2));
        append(one, draft("t/1", "later"));
        snapshot(one);
        await().until(() -> journal.copy().getFirst().position() > 1);
        awaitSame(again);
    }

    @Test
    void aNodeThatWasAwayForLongerBeginsFromASnapshot() throws Exception {
        publishAtRandom(List.of(one, two), List.of(clock));
        two.close();
        String epoch = one.tail().epoch();
        append(one, draft("t/1", "while it was away"));
        append(one, draft("t/1", "and more"));
        snapshot(one);
        append(one, draft("t/1", "and more"));
        snapshot(one);
        await().until(() -> journal.copy().getFirst().position() > two.applied().position() + 1);
        append(one, draft("t/1", "the end"));
        ReplicatedLog again = node("two");
        assertThat(again.snapshots().restored()).isEqualTo(1);
        assertThat(again.tail().epoch()).as("the same history").isEqualTo(epoch);
        awaitSame(again);
    }

    @Test
    void aRunningNodeThatIsTooFarBehindBeginsFromASnapshot() throws Exception {
        var gate = new Gate();
        ReplicatedLog slow = node("slow", gate, null);
        String epoch = one.tail().epoch();
        var told = new AtomicLong();
        slow.tail().follow(told::incrementAndGet);
        gate.shut();
        for (int i = 0; i < 300; i++) {
            append(one, draft("t/1", "x" + i));
        }
        snapshot(one);
        append(one, draft("l/1", "y"));
        snapshot(one);
        await().until(() -> journal.copy().getFirst().position() > 250);
        assertThat(slow.applied().position()).isLessThan(150);
        long restored = slow.snapshots().restored();
        gate.open.countDown();
        await().until(() -> slow.snapshots().restored() == restored + 1);
        await().until(() -> slow.health().trouble() == null);
        assertThat(slow.tail().epoch()).isEqualTo(epoch);
        assertThat(told).as("whoever follows was told").hasPositiveValue();
        append(slow, draft("t/1", "goes on"));
        await().until(() -> one.applied().equals(slow.applied()));
        awaitSame(slow, two);
    }

    /** Somebody has deleted one message of the stream, which one node did not have yet. */
    @Test
    void aNodeThatComesToATornPlaceGoesOnBehindItFromASnapshot() throws Exception {
        var gate = new Gate();
        ReplicatedLog slow = node("slow", gate, null);
        await().until(() -> slow.applied().equals(one.applied()));
        gate.shut();
        for (int i = 0; i < 300; i++) {
            append(one, draft("t/1", "x" + i));
        }
        await().until(() -> two.applied().equals(one.applied()));
        String epoch = one.tail().epoch();
        long restored = slow.snapshots().restored();
        long torn = slow.applied().position() + 150;
        journal.remove(torn);
        gate.open.countDown();
        await().until(() -> String.valueOf(slow.health().trouble()).contains("lacks what stood at " + torn));
        assertThat(slow.applied().position()).as("what it has stays").isEqualTo(torn - 1);
        assertThat(slow.tail().epoch()).isEqualTo(epoch);
        assertThat(one.health().trouble()).as("those who have it go on").isNull();

        snapshot(one);
        await().until(() -> slow.health().trouble() == null);
        assertThat(slow.snapshots().restored()).isEqualTo(restored + 1);
        append(slow, draft("t/1", "goes on"));
        await().until(() -> one.applied().equals(slow.applied()));
        awaitSame(slow, two);
        assertThat(slow.tail().epoch()).as("the same history").isEqualTo(epoch);
    }

    /** A journal that gives nothing for a while. */
    private final class Gate implements ReplicatedLog.Journals {
        private final CountDownLatch open = new CountDownLatch(1);
        private volatile boolean shut;

        void shut() {
            shut = true;
        }

        @Override
        public Journal open() {
            return new GivingJournal(journal.open(), () -> {
                if (shut) {
                    open.await();
                }
            });
        }
    }

    // ---- snapshots that are not what they should be

    @Test
    void theOlderOneIsTakenWhereTheNewestIsDamagedOrNewer() {
        append(one, draft("t/1", "1"));
        Snapshot older = snapshot(one);
        append(one, draft("t/1", "2"));
        Snapshot newest = snapshot(one);
        trimmedTo(older.position());
        journal.snapshots().damage(newest);
        ReplicatedLog three = node("three");
        assertThat(three.snapshots().restored()).isEqualTo(1);
        awaitSame(three);
        journal.snapshots().forge(newest, each -> new Snapshot(each.name(), each.position(), each.id(), each.epoch(), 9, each.timeMillis(),
                each.bytes(), each.contentBytes(), each.digest(), "of tomorrow"));
        ReplicatedLog four = node("four");
        assertThat(four.snapshots().restored()).isEqualTo(1);
        awaitSame(four);
    }

    /** While servers choose a leader nobody says which there are, for some seconds. */
    @Test
    void aNodeThatNeedsOneWaitsForWhomItAsks() throws Exception {
        append(one, draft("t/1", "1"));
        Snapshot older = snapshot(one);
        append(one, draft("t/1", "2"));
        snapshot(one);
        trimmedTo(older.position());
        journal.snapshots().setAway(true);
        SqliteReplica replica = SqliteReplica.open(
                new SqliteSettings(folder.resolve("short.db"), SqliteSettings.Durability.WRITE, CONFIG), new Random(9), new VitalThreads());
        try (replica) {
            assertThatThrownBy(() -> Start.of(journal.open(), replica, clock, new Random(9), Duration.ZERO, Duration.ofSeconds(1),
                    new SnapshotFigures())).isInstanceOf(UnusableLogException.class).hasMessageContaining("nobody answers");
        }
        var asked = new CompletableFuture<Void>();
        journal.snapshots().whileListing(() -> asked.complete(null));
        CompletableFuture<ReplicatedLog> three = CompletableFuture.supplyAsync(() -> node("three"));
        asked.get(10, TimeUnit.SECONDS);
        assertThat(three).isNotDone();
        journal.snapshots().setAway(false);
        assertThat(three.get(10, TimeUnit.SECONDS).snapshots().restored()).isEqualTo(1);
        awaitSame(three.get());
    }

    @Test
    void aNodeDoesNotStartWithAPart() throws Exception {
        append(one, draft("t/1", "1"));
        Snapshot older = snapshot(one);
        append(one, draft("t/1", "2"));
        Snapshot newest = snapshot(one);
        trimmedTo(older.position());
        journal.snapshots().damage(newest);
        journal.snapshots().forge(older, each -> new Snapshot(each.name(), each.position(), each.id(), "another", each.format(),
                each.timeMillis(), each.bytes(), each.contentBytes(), each.digest(), each.version()));
        assertThatThrownBy(() -> node("three")).isInstanceOf(UnusableLogException.class)
                .hasMessageContaining("there is no snapshot of a replica to begin from").hasMessageContaining("it is damaged")
                .hasMessageContaining("says that it is");
        assertThat(folder).isDirectoryNotContaining("glob:**snapshot-*");
        // The next one of a node that has the log mends it.
        append(two, draft("t/1", "3"));
        snapshot(one);
        awaitSame(node("three"));
    }

    @Test
    void theWholeJournalIsTakenWhereNoSnapshotCan() {
        one.close();
        one = maker("one", Duration.ofDays(1));
        append(one, draft("t/1", "1"));
        snapshot(one);
        journal.snapshots().all().forEach(journal.snapshots()::damage);
        ReplicatedLog three = node("three");
        assertThat(three.snapshots().restored()).isZero();
        awaitSame(three);
    }

    @Test
    void aSnapshotOfAnotherHistoryIsNotTaken() {
        append(one, draft("t/1", "old"), draft("l/1", "old"));
        Snapshot foreign = snapshot(one);
        one.close();
        two.close();
        journal.restore(List.of());
        one = node("one");
        assertThat(one.snapshots().restored()).as("it is beyond the end").isZero();
        while (one.applied().position() <= foreign.position() + 2) {
            append(one, draft("t/1", "new"));
        }
        // Now another group stands there.
        ReplicatedLog three = maker("three", Duration.ofDays(1));
        assertThat(three.snapshots().restored()).isZero();
        assertThat(readAll(three, 0, Filters.ALL)).extracting(EngineTest::data).isNotEmpty().containsOnly("new");
        assertThat(three.tail().epoch()).isNotEqualTo(foreign.epoch());
        awaitSame(three);
        // Who makes one removes those.
        await().untilAsserted(() -> assertThat(journal.snapshots().all()).hasSize(1).noneMatch(foreign::equals));
    }

    @Test
    void aTrimmedJournalThatIsPutBackIsBegunFromASnapshotWithAnotherEpoch() {
        append(one, draft("t/1", "kept"));
        Snapshot older = snapshot(one);
        append(one, draft("t/1", "kept, too"));
        snapshot(one);
        trimmedTo(older.position());
        List<Journal.Entry> yesterday = journal.copy();
        String before = one.tail().epoch();
        append(one, draft("t/1", "lost"));
        await().until(() -> two.applied().equals(one.applied()));
        journal.restore(yesterday);
        await().until(() -> !one.tail().epoch().equals(before) && one.tail().epoch().equals(two.tail().epoch())
                && one.applied().equals(two.applied()) && one.health().trouble() == null && two.health().trouble() == null);
        for (EventLog node : List.of(one, two)) {
            assertThat(readAll(node, 0, Filters.of("t/1"))).extracting(EngineTest::data).containsExactly("kept", "kept, too");
        }
        append(two, draft("t/1", "new"));
        awaitSame(two, node("three"));
    }

    // ---- making them

    @Test
    void nothingIsLeftOfOneThatWasCutShort() throws Exception {
        append(one, draft("t/1", "1"));
        snapshot(one);
        List<Snapshot> before = journal.snapshots().all();
        var tries = new AtomicInteger();
        journal.snapshots().whileKeeping(() -> {
            tries.incrementAndGet();
            throw new IllegalStateException("cut short");
        });
        append(one, draft("t/1", "2"));
        clock.advance(EVERY);
        await().until(() -> one.snapshots().failed() > 0);
        assertThat(journal.snapshots().all()).isEqualTo(before);
        assertThat(one.snapshots().failure()).hasValueSatisfying(why -> assertThat(why).contains("cut short"));
        await().untilAsserted(() -> assertThat(files()).noneMatch(name -> name.contains("snapshot")));
        clock.advance(EVERY.multipliedBy(3));
        assertThat(one.health().alarms()).anySatisfy(alarm -> assertThat(alarm).contains("no snapshot").contains("cut short"));
        long made = one.snapshots().made();
        journal.snapshots().whileKeeping(null);
        await().until(() -> one.snapshots().made() > made);
        assertThat(one.health().alarms()).isEmpty();
        // What a killed process has left goes at the next start.
        two.close();
        Files.writeString(folder.resolve("two.db.snapshot-copy"), "half a copy");
        Files.writeString(folder.resolve("two.db.snapshot-restoring.gz"), "half of one");
        awaitSame(node("two"));
        assertThat(files()).noneMatch(name -> name.contains("snapshot"));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    @Test
    void aStoreThatIsFullLeavesTheJournalAsItIs() {
        append(one, draft("t/1", "1"));
        Snapshot older = snapshot(one);
        append(one, draft("t/1", "2"));
        snapshot(one);
        trimmedTo(older.position());
        journal.snapshots().setTrouble("there is no room");
        append(one, draft("t/1", "3"));
        clock.advance(EVERY);
        await().until(() -> one.snapshots().failed() > 0);
        assertThat(journal.copy().getFirst().position()).isEqualTo(older.position());
        assertThat(append(one, draft("t/1", "4"))).as("publishing goes on").hasSize(1);
        assertThat(one.health().trouble()).isNull();
        awaitSame(node("three"));
    }

    /** Nothing was tried that would have to rest: a node that lacks a snapshot may wait for this one. */
    @Test
    void whereNobodySaidWhetherOneIsDueTheNextLookTells() {
        one.close();
        journal.snapshots().clear();
        journal.snapshots().setAway(true);
        // A failure to make one has half a minute until the next try.
        one = node("one", journal, new SnapshotSettings(EVERY, Long.MAX_VALUE, Duration.ZERO, Duration.ofSeconds(1), "test"));
        append(one, draft("t/1", "1"));
        await().until(() -> one.snapshots().failed() > 0);
        assertThat(one.snapshots().failure()).hasValueSatisfying(why -> assertThat(why).contains("nobody answers"));
        journal.snapshots().setAway(false);
        await().atMost(Duration.ofSeconds(25)).until(() -> one.snapshots().made() == 1);
        assertThat(one.snapshots().failure()).isEmpty();
    }

    /** A thread more than the process may have, say: nobody would be told that no snapshot is made any more. */
    @Test
    void whateverGoesWrongTheyAreLookedAtAgain() {
        append(one, draft("t/1", "1"));
        journal.snapshots().whileListing(() -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        clock.advance(EVERY);
        await().until(() -> one.snapshots().failed() > 0);
        assertThat(one.snapshots().failure()).hasValueSatisfying(why -> assertThat(why).contains("native thread"));
        clock.advance(EVERY.multipliedBy(3));
        assertThat(one.health().alarms()).anySatisfy(alarm -> assertThat(alarm).contains("no snapshot").contains("native thread"));
        long made = one.snapshots().made();
        journal.snapshots().whileListing(() -> {});
        await().until(() -> one.snapshots().made() > made);
    }

    /** There was one a moment ago, and another one is being made. */
    @Test
    void whereTheyAreLostThereIsNoAlarmBeforeItIsLate() throws Exception {
        // It has run for so long that it would be late if it had made none.
        for (int i = 0; i < 4; i++) {
            append(one, draft("t/1", "x" + i));
            snapshot(one);
        }
        var go = new CountDownLatch(1);
        journal.snapshots().whileKeeping(() -> awaitQuietly(go));
        journal.snapshots().clear();
        await().until(() -> one.snapshots().newest().isEmpty());
        assertThat(one.health().alarms()).isEmpty();
        clock.advance(EVERY.multipliedBy(4));
        assertThat(one.health().alarms()).anySatisfy(alarm -> assertThat(alarm).contains("no snapshot of the log for more than"));
        go.countDown();
    }

    /** What it covers may take long to remove. */
    @Test
    void theAlarmEndsWithTheSnapshotThatEndsIt() {
        append(one, draft("t/1", "1"));
        snapshot(one);
        journal.snapshots().setTrouble("there is no room");
        journal.snapshots().clear();
        await().until(() -> one.snapshots().newest().isEmpty());
        clock.advance(EVERY.multipliedBy(4));
        assertThat(one.health().alarms()).anySatisfy(alarm -> assertThat(alarm).contains("no snapshot of the log for more than"));
        long made = one.snapshots().made();
        var go = new CountDownLatch(1);
        // Whoever has kept one asks next which there are.
        journal.snapshots().whileKeeping(() -> journal.snapshots().whileListing(() -> awaitQuietly(go)));
        journal.snapshots().setTrouble(null);
        try {
            await().until(() -> one.snapshots().made() > made);
            assertThat(one.health().alarms()).isEmpty();
        } finally {
            go.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whereTheyAreLostAnotherIsMadeAtOnce() {
        append(one, draft("t/1", "1"));
        snapshot(one);
        append(one, draft("t/1", "2"));
        snapshot(one);
        await().until(() -> journal.copy().getFirst().position() > 1);
        journal.snapshots().clear();
        await().until(() -> !journal.snapshots().all().isEmpty());
        awaitSame(node("three"));
    }

    @Test
    void twoMayBeMadeAtOnce() {
        append(one, draft("t/1", "1"));
        snapshot(one);
        two.close();
        two = maker("two", Duration.ZERO);
        append(one, draft("t/1", "2"));
        await().until(() -> two.applied().equals(one.applied()));
        long position = one.applied().position();
        var both = new CyclicBarrier(2);
        journal.snapshots().whileKeeping(() -> meet(both));
        clock.advance(EVERY);
        await().untilAsserted(() -> assertThat(journal.snapshots().all()).hasSize(2).allMatch(each -> each.position() >= position));
        await().until(() -> two.snapshots().made() == 1);
        journal.snapshots().whileKeeping(null);
        append(two, draft("t/1", "3"));
        awaitSame(two, node("three"));
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("the other one has not come", e);
        }
    }

    @Test
    void aDamagedReplicaIsNotHandedOn() throws Exception {
        for (int i = 0; i < 60; i++) {
            append(one, draft("t/1", ("x" + i).repeat(500)));
        }
        one.close();
        Path file = folder.resolve("one.db");
        byte[] bytes = Files.readAllBytes(file);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("x17x17x17");
        bytes[at + 1] ^= 1;
        Files.write(file, bytes);
        long made = journal.snapshots().all().size();
        journal.snapshots().clear();
        one = failingMaker("one", Duration.ZERO);
        await().until(() -> one.snapshots().failed() > 0);
        assertThat(one.snapshots().failure()).hasValueSatisfying(why -> assertThat(why).contains("is damaged in 1 places"));
        assertThat(journal.snapshots().all()).as("%s were there before", made).isEmpty();
    }

    @Test
    void aDamagedReplicaBeginsFromASnapshot() throws Exception {
        append(one, draft("t/1", "1"));
        snapshot(one);
        append(one, draft("t/1", "2"));
        snapshot(one);
        await().until(() -> journal.copy().getFirst().position() > 1);
        two.close();
        byte[] bytes = Files.readAllBytes(folder.resolve("two.db"));
        for (int i = 4_096; i < bytes.length; i++) {
            bytes[i] ^= (byte) 0x5a;
        }
        Files.write(folder.resolve("two.db"), bytes);
        ReplicatedLog again = node("two");
        assertThat(again.snapshots().restored()).isEqualTo(1);
        awaitSame(again);
    }
}
