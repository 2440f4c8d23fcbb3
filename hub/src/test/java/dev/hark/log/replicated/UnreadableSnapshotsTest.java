package dev.hark.log.replicated;

import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.replicated.ReplicatedNodesTest.CONFIG;
import static dev.hark.log.replicated.ReplicatedNodesTest.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.SqliteReplica;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots that cannot be read now, or never: the one passes, the other has to be said, and made good. */
@Timeout(120)
class UnreadableSnapshotsTest {
    private static final Duration EVERY = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();
    private final LocalJournal journal = new LocalJournal(clock);
    private final LocalSnapshots snapshots = journal.snapshots();
    private final List<EventLog> nodes = new ArrayList<>();

    private ReplicatedLog maker(String name) {
        return node(name, new SnapshotSettings(EVERY, Long.MAX_VALUE, Duration.ZERO, Duration.ofMillis(20), "test"));
    }

    private ReplicatedLog node(String name) {
        return node(name, null);
    }

    private ReplicatedLog node(String name, @Nullable SnapshotSettings settings) {
        ReplicatedLog node = ReplicatedLogTest.open(journal, folder.resolve(name + ".db"), CONFIG, clock, nodes.size() + 1, settings);
        nodes.add(node);
        return node;
    }

    private SqliteReplica replica() {
        return SqliteReplica.open(
                new SqliteSettings(folder.resolve("lone.db"), SqliteSettings.Durability.WRITE, CONFIG), new Random(9), new VitalThreads());
    }

    @AfterEach
    void close() {
        nodes.forEach(EventLog::close);
    }

    private Snapshot newest() {
        return snapshots.all().stream().max(Comparator.comparingLong(Snapshot::position)).orElseThrow();
    }

    /** Two snapshots, and a journal that has nothing from before the older one. */
    private ReplicatedLog trimmed() {
        ReplicatedLog one = maker("one");
        await().until(() -> one.snapshots().made() == 1);
        for (int made = 2; made <= 3; made++) {
            int next = made;
            append(one, draft("t/1", "x" + made));
            clock.advance(EVERY);
            await().until(() -> one.snapshots().made() == next);
        }
        await().until(() -> journal.copy().getFirst().position() > 1);
        return one;
    }

    private static void awaitSame(ReplicatedLog one, ReplicatedLog other) {
        await().until(() -> other.applied().equals(one.applied()));
        assertThat(state(other)).isEqualTo(state(one));
    }

    /** Nobody else may be there to make another: who starts is not to wait for what does not pass. */
    @Test
    void whereAllAreDamagedAStartSaysSoAtOnce() {
        trimmed().close();
        snapshots.all().forEach(snapshots::damageNoticed);
        int before = snapshots.reads();
        assertThatThrownBy(() -> node("two")).isInstanceOf(UnusableLogException.class)
                .hasMessageContaining("there is no snapshot of a replica to begin from").hasMessageContaining("it is damaged")
                .hasMessageEndingWith("a node that has the log makes one");
        assertThat(snapshots.reads() - before).as("each is read once").isEqualTo(2);
    }

    @Test
    void oneThatHasMoreBytesThanItSaysIsDamagedToo() {
        trimmed().close();
        for (Snapshot each : snapshots.all()) {
            snapshots.forge(each, kept -> new Snapshot(kept.name(), kept.position(), kept.id(), kept.epoch(), kept.format(),
                    kept.timeMillis(), kept.bytes() - 1, kept.contentBytes(), kept.digest(), kept.version()));
        }
        assertThatThrownBy(() -> node("two")).isInstanceOf(UnusableLogException.class)
                .hasMessageContaining("there is no snapshot of a replica to begin from").hasMessageContaining("more bytes than it says");
    }

    /** The servers are as they should be, and nothing changes while one waits. */
    @Test
    void aDiskThatIsFullHereIsNoTroubleOfTheServers() {
        trimmed();
        var full = new OutputStream() {
            @Override
            public void write(int each) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        assertThatThrownBy(() -> SnapshotFile.fetch(snapshots, newest(), full)).isExactlyInstanceOf(IOException.class)
                .hasMessage("No space left on device");
        snapshots.setUnreadable(true);
        assertThatThrownBy(() -> SnapshotFile.fetch(snapshots, newest(), OutputStream.nullOutputStream()))
                .isInstanceOf(SnapshotFile.AwayException.class).hasMessage("nobody answers");
    }

    @Test
    void aNodeThatNeedsOneWaitsForWhomItReadsFrom() throws Exception {
        ReplicatedLog one = trimmed();
        snapshots.setUnreadable(true);
        try (SqliteReplica replica = replica()) {
            assertThatThrownBy(() -> Start.of(journal.open(), replica, clock, new Random(9), Duration.ZERO, Duration.ofSeconds(1),
                    new SnapshotFigures())).isInstanceOf(UnusableLogException.class)
                    .hasMessageContaining("cannot be read or begun").hasMessageContaining("nobody answers");
        }
        int before = snapshots.reads();
        CompletableFuture<ReplicatedLog> two = CompletableFuture.supplyAsync(() -> node("two"));
        await().until(() -> snapshots.reads() >= before + 4);
        assertThat(two).isNotDone();
        snapshots.setUnreadable(false);
        assertThat(two.get(60, TimeUnit.SECONDS).snapshots().restored()).isEqualTo(1);
        awaitSame(one, two.get());
    }

    /** A large one takes long, and may break off at its end. */
    @Test
    void aStartCountsFromWhenItFirstFails() {
        trimmed();
        Duration patience = Duration.ofSeconds(1);
        var tries = new AtomicInteger();
        snapshots.whileReading(() -> {
            // Both of the first round.
            if (tries.incrementAndGet() <= 2) {
                LockSupport.parkNanos(patience.toNanos());
                throw new UncheckedIOException(new IOException("the connection went away"));
            }
        });
        try (SqliteReplica replica = replica()) {
            var figures = new SnapshotFigures();
            Start begun = Start.of(journal.open(), replica, clock, new Random(9), patience, Duration.ofSeconds(1), figures);
            begun.journal().close();
            assertThat(figures.restored()).isEqualTo(1);
        }
        assertThat(tries).hasValue(3);
    }

    /** What others do while it reads and applies is not to be a surprise to its first clients. */
    @Test
    void aNodeIsReadyWhenItHasWhatCameWhileItBegan() throws Exception {
        ReplicatedLog one = trimmed();
        var begun = new AtomicInteger();
        snapshots.whileReading(() -> {
            if (begun.getAndIncrement() == 0) {
                for (int i = 0; i < 3_000; i++) {
                    append(one, draft("t/1", "x" + i));
                }
            }
        });
        ReplicatedLog two = node("two");
        assertThat(two.snapshots().restored()).isEqualTo(1);
        try (Journal connection = journal.open()) {
            assertThat(connection.extent().last() - two.applied().position()).as("groups that it lacks").isLessThanOrEqualTo(256);
        }
        awaitSame(one, two);
    }

    /** Somebody has to notice, or nobody can begin until the next one is due. */
    @Test
    void aNodeThatHasTheLogMakesAnotherWhereAllAreDamaged() {
        trimmed().close();
        List<Snapshot> before = snapshots.all();
        before.forEach(snapshots::damageNoticed);
        ReplicatedLog one = maker("one");
        await().until(() -> one.snapshots().made() == 1);
        await().until(() -> snapshots.all().size() == 1);
        assertThat(snapshots.all()).as("what is damaged is removed").doesNotContainAnyElementsOf(before);
        awaitSame(one, node("two"));
    }

    @Test
    void anotherNodeReadsWhatOneHasMade() {
        ReplicatedLog one = trimmed();
        ReplicatedLog two = node("two", new SnapshotSettings(
                Duration.ofDays(9), Long.MAX_VALUE, Duration.ZERO, Duration.ofMillis(20), "test"));
        await().until(() -> two.snapshots().newest().isPresent());
        int before = snapshots.reads();
        append(one, draft("t/1", "2"));
        clock.advance(EVERY);
        await().until(() -> one.snapshots().made() == 4);
        await("reading by who made it, and by the other").until(() -> snapshots.reads() >= before + 2);
    }

    @Test
    void oneThatCannotBeReadBackNowStaysAndIsReadLater() {
        ReplicatedLog one = trimmed();
        long first = journal.copy().getFirst().position();
        append(one, draft("t/1", "2"));
        long failed = one.snapshots().failed();
        snapshots.setUnreadable(true);
        clock.advance(EVERY);
        await().until(() -> one.snapshots().failed() > failed);
        assertThat(one.snapshots().failure()).hasValueSatisfying(why -> assertThat(why).contains("nobody answers"));
        assertThat(snapshots.all()).as("it may be as good as any").hasSize(3);
        Snapshot last = newest();
        clock.advance(EVERY);
        append(one, draft("t/1", "3"));
        int reads = snapshots.reads();
        await().until(() -> snapshots.reads() >= reads + 2);
        assertThat(newest()).as("nothing is put beside it").isEqualTo(last);
        assertThat(journal.copy().getFirst().position()).as("nothing relies on it").isEqualTo(first);
        snapshots.setUnreadable(false);
        long made = one.snapshots().made();
        await().until(() -> one.snapshots().made() > made);
        await().untilAsserted(() -> assertThat(snapshots.all()).hasSize(2).contains(last));
        assertThat(one.snapshots().failure()).isEmpty();
    }
}
