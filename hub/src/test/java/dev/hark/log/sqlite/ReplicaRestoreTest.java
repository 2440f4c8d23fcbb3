package dev.hark.log.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.log.DraftBatch;
import dev.hark.log.EngineTest;
import dev.hark.log.EventLog;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.UnusableLogException;
import dev.hark.log.replicated.Group;
import dev.hark.log.replicated.Journal;
import dev.hark.log.replicated.Replica;
import dev.hark.log.sqlite.tools.Restorer;
import dev.hark.thread.VitalThreads;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A replica that is given another content while it is read. */
@Timeout(60)
class ReplicaRestoreTest {
    private static final int GROUPS = 40;
    private static final int RESTORES = 30;
    private static final Filters RARE = Filters.of("rare");
    private static final Filters BOTH = Filters.of("rare", "often");

    @TempDir(factory = FastFolder.class)
    Path folder;

    private SqliteReplica replica;

    @BeforeEach
    void open() {
        var config = new LogConfig(EngineTest.KEEPS_ALL, EngineTest.HOT, EngineTest.KEYS);
        var settings = new SqliteSettings(folder.resolve("replica.db"), SqliteSettings.Durability.WRITE, config);
        replica = SqliteReplica.open(settings, new Random(1), new VitalThreads());
    }

    @AfterEach
    void close() {
        replica.close();
    }

    private static boolean isRare(long position) {
        return position % 8 == 0;
    }

    /** One event each, of a topic that its position says. */
    private void apply(int from, int through) {
        var steps = new ArrayList<Replica.Step>();
        for (long position = from; position <= through; position++) {
            byte[] data = ("event " + position).getBytes(StandardCharsets.UTF_8);
            var draft = new Draft(new Topic(isRare(position) ? "rare" : "often"), "message", null, data, null);
            var group = new Group(Group.Kind.EVENTS, position, null, List.of(DraftBatch.of(List.of(draft))));
            steps.add(new Replica.Step(new Journal.Entry(position, "id-" + position, position, new byte[0]), group, Replica.Told.NOBODY));
        }
        replica.apply(steps);
    }

    private static long sequence(long position) {
        return position * Group.POSITIONS;
    }

    private void restore(Path copy, Replica.Copied what) throws Exception {
        Path given = Files.copy(copy, folder.resolve("given.db"));
        replica.restore(given, what, 0);
        Files.delete(given);
    }

    /** It would have an epoch of its own for good, and clients that go from node to node would be told a reset each time. */
    @Test
    void neitherAReplicaNorItsCopyIsRestored() throws Exception {
        apply(1, 3);
        Path copy = folder.resolve("copy.db");
        replica.copy(copy);
        replica.close();
        var restorer = new Restorer(InstantSource.system(), new Random(2));
        Path path = folder.resolve("replica.db");
        byte[] before = Files.readAllBytes(path);

        assertThatThrownBy(() -> restorer.restore(copy, folder.resolve("new.db"), false))
                .isInstanceOf(UnusableLogException.class).hasMessageContaining("several nodes share")
                .hasMessageContaining("hark log export");
        assertThat(folder.resolve("new.db")).doesNotExist();
        Path single = folder.resolve("single.db");
        Logs.open(single).close();
        assertThatThrownBy(() -> restorer.restore(single, path, true))
                .isInstanceOf(UnusableLogException.class).hasMessageContaining("the node makes it anew");
        assertThat(Files.readAllBytes(path)).as("as it was").isEqualTo(before);
    }

    @Test
    void aReplicaIsNotMadeOfTheLogOfASingleNode() {
        Path single = folder.resolve("single.db");
        try (SqliteLog log = Logs.open(single)) {
            Logs.fill(log, 1);
        }
        var settings = new SqliteSettings(
                single, SqliteSettings.Durability.WRITE, new LogConfig(EngineTest.KEEPS_ALL, EngineTest.HOT, EngineTest.KEYS));
        assertThatThrownBy(() -> SqliteReplica.open(settings, new Random(1), new VitalThreads()))
                .isInstanceOf(UnusableLogException.class).hasMessageContaining("is that of a single node")
                .hasMessageContaining("hark log export --set log.path=" + single);
    }

    @Test
    void whatCannotBeAReplicaIsLeftWithoutTheAdviceToRestoreIt() throws Exception {
        Path other = Files.writeString(folder.resolve("other.db"), "some notes");
        var settings = new SqliteSettings(
                other, SqliteSettings.Durability.WRITE, new LogConfig(EngineTest.KEEPS_ALL, EngineTest.HOT, EngineTest.KEYS));
        UnusableLogException refusal = catchThrowableOfType(
                UnusableLogException.class, () -> SqliteReplica.open(settings, new Random(1), new VitalThreads()));
        assertThat(refusal.getMessage()).contains("is no SQLite database", "makes it anew").doesNotContain("backup");
        assertThat(other).hasContent("some notes");
    }

    /** Both contents are of the same history, one of them shorter: whatever a page says that it has searched, it has all of. */
    @Test
    void noPagePassesOverWhatStandsThere() throws Exception {
        apply(1, GROUPS / 2);
        Path shorter = folder.resolve("shorter.db");
        Replica.Copied half = replica.copy(shorter);
        apply(GROUPS / 2 + 1, GROUPS);
        Path longer = folder.resolve("longer.db");
        Replica.Copied whole = replica.copy(longer);
        whileItIsRead(pages -> {
            for (int i = 0; i < RESTORES; i++) {
                restore(i % 2 == 0 ? shorter : longer, i % 2 == 0 ? half : whole);
                pages.run();
            }
        });
    }

    /** What happens to the replica. */
    private interface Changes {
        /** @param pages returns once there have been as many more pages as there are readers */
        void make(Pages pages) throws Exception;
    }

    /** Waits for readers. */
    private interface Pages {
        void run() throws InterruptedException;
    }

    /** Makes {@code changes} while readers begin at several places and read on and on: they are given what stands there, and no damage. */
    private void whileItIsRead(Changes changes) throws Exception {
        var over = new AtomicBoolean();
        var pages = new AtomicInteger();
        // Platform threads: who asks in a circle must not keep others from the processors that virtual threads share.
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            var readers = new ArrayList<Future<List<String>>>();
            for (long after = 0; after < GROUPS; after += 8) {
                long begun = sequence(after);
                readers.add(threads.submit(() -> readOnAndOn(begun, RARE, over, pages)));
                readers.add(threads.submit(() -> readOnAndOn(begun, BOTH, over, pages)));
            }
            try {
                changes.make(() -> {
                    int before = pages.get();
                    while (pages.get() < before + readers.size()) {
                        Thread.sleep(1);
                    }
                });
            } finally {
                over.set(true);
            }
            for (Future<List<String>> reader : readers) {
                assertThat(reader.get()).isEmpty();
            }
        }
        assertThat(replica.health().damaged()).isZero();
    }

    /** What was wrong with pages. */
    private List<String> readOnAndOn(long after, Filters filters, AtomicBoolean over, AtomicInteger pages) throws InterruptedException {
        var wrong = new ArrayList<String>();
        while (!over.get()) {
            try {
                Page page = replica.read(after, filters, EventLog.MAX_PAGE_EVENTS);
                List<Long> stands = LongStream.rangeClosed(1, GROUPS)
                        .filter(position -> sequence(position) > after && sequence(position) <= page.through())
                        .filter(position -> filters.matches(new Topic(isRare(position) ? "rare" : "often")))
                        .mapToObj(ReplicaRestoreTest::sequence).toList();
                List<Long> given = page.events().stream().map(Event::sequence).toList();
                if (page.from() != after || !given.equals(stands)) {
                    wrong.add("after " + after + ": " + page);
                }
            } catch (UnusableLogException e) {
                // Said at once, and whoever asks again is answered.
                if (!String.valueOf(e.getMessage()).contains("is being made anew from a snapshot; ask again in a moment")) {
                    wrong.add(String.valueOf(e.getMessage()));
                }
                Thread.sleep(1);
            }
            pages.incrementAndGet();
        }
        return wrong;
    }

    /** Who asked just before reads an empty database by the ends of what was in it. */
    @Test
    void nothingOfWhatWasForgottenIsTakenForDamaged() throws Exception {
        whileItIsRead(pages -> {
            for (int i = 0; i < RESTORES; i++) {
                apply(1, GROUPS);
                pages.run();
                replica.clear();
            }
        });
        assertThat(replica.health().alarms()).isEmpty();
    }

    /** Who is told that there is another history can read it at once. */
    @Test
    void whoeverIsToldOfTheNewContentReadsIt() throws Exception {
        apply(1, GROUPS / 2);
        Path copy = folder.resolve("copy.db");
        Replica.Copied half = replica.copy(copy);
        apply(GROUPS / 2 + 1, GROUPS);
        var told = new ArrayList<Long>();
        replica.tail().follow(() -> told.add(replica.read(0, BOTH, EventLog.MAX_PAGE_EVENTS).through()));
        restore(copy, half);
        assertThat(told).containsExactly(sequence(GROUPS / 2));
    }
}
