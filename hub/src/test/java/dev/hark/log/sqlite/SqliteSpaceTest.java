package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.draft;
import static dev.hark.log.sqlite.Logs.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Draft;
import dev.hark.log.Bounds;
import dev.hark.log.FakeClock;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Retention;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How much of a disk a log takes. */
@Timeout(60)
class SqliteSpaceTest {
    /** What is written between two checkpoints, and a group, both with their pages' overhead. */
    private static final long SLACK_BYTES = 32L << 20;

    @TempDir(factory = FastFolder.class)
    Path folder;

    @Test
    void boundsItsWalWhileItIsRead() throws Exception {
        Path database = folder.resolve("hark.db");
        var stopped = new AtomicBoolean();
        var failure = new AtomicReference<Throwable>();
        long largest = 0;
        long written = 0;
        try (SqliteLog log = Logs.open(database, new Retention(1_000, Duration.ofDays(1), 1L << 40), new FakeClock())) {
            var readers = new ArrayList<Thread>();
            for (int i = 0; i < 3; i++) {
                readers.add(Thread.ofPlatform().start(() -> {
                    while (!stopped.get()) {
                        readAll(log, log.tail().bounds().floor(), ALL);
                    }
                }));
            }
            readers.forEach(reader -> reader.setUncaughtExceptionHandler((thread, error) -> failure.set(error)));
            while (written < 2 * EventStore.MAX_WAL_BYTES) {
                Logs.append(log, large(20));
                written += 20 * 100_000;
                largest = Math.max(largest, Files.size(Logs.walOf(database)));
            }
            stopped.set(true);
            for (Thread reader : readers) {
                reader.join();
            }
        }
        assertThat(failure.get()).isNull();
        assertThat(largest).isBetween(1L << 20, EventStore.MAX_WAL_BYTES + SLACK_BYTES);
    }

    /** Such as a backup: publishers would wait with the writer, for seconds, at each of its checkpoints. */
    @Test
    void seldomWaitsForAReaderThatDoesNotLetGo() throws Exception {
        Path database = folder.resolve("hark.db");
        Logs.open(database).close();
        try (var store = new EventStore(database, DatabaseFile.openWriter(database, SqliteSettings.Durability.WRITE))) {
            assertThat(store.waitsForReaders(EventStore.MAX_WAL_BYTES + 1)).isTrue();
            try (Connection reader = DatabaseFile.openReader(database);
                    Statement statement = reader.createStatement();
                    ResultSet snapshot = statement.executeQuery("SELECT count(*) FROM log")) {
                assertThat(snapshot.next()).isTrue();
                long sequence = 0;
                while (store.walBytes() <= EventStore.MAX_WAL_BYTES + SLACK_BYTES / 2) {
                    sequence = storeSome(store, sequence);
                }
                long held = store.walBytes();
                assertThat(store.waitsForReaders(held)).as("again, soon").isFalse();
                assertThat(store.waitsForReaders(2 * held)).as("for ever").isTrue();
            }
            storeSome(store, 1_000_000);
            storeSome(store, 2_000_000);
            assertThat(store.walBytes()).as("once it has let go").isLessThanOrEqualTo(EventStore.MAX_WAL_BYTES + SLACK_BYTES / 2);
            storeSome(store, 3_000_000);
            assertThat(store.waitsForReaders(EventStore.MAX_WAL_BYTES + 1)).isTrue();
        }
    }

    /** Somewhat more than a checkpoint's worth; the last sequence number. */
    private static long storeSome(EventStore store, long after) throws SQLException {
        long sequence = after;
        store.begin();
        for (Draft draft : large(100)) {
            store.insert(StoredEvent.of(sequence + 1, sequence, 0, 0, draft), draft.data().length);
            sequence++;
        }
        store.commit(0);
        store.checkpoint();
        return sequence;
    }

    /** Each changes whole pages, of which its event is the smallest part. */
    @Test
    void boundsItsWalWhenEventsComeOneByOne() throws Exception {
        Path database = folder.resolve("hark.db");
        long largest = 0;
        try (SqliteLog log = Logs.open(database)) {
            for (int i = 0; i < 6_000; i++) {
                Logs.append(log, draft("t/" + i, "x"));
                largest = Math.max(largest, Files.size(Logs.walOf(database)));
            }
        }
        // About five pages for each, 120 MB without a checkpoint.
        assertThat(largest).isBetween(1L << 20, 24L << 20);
    }

    /** They are strewn over their index, of which nearly every page changes with each step. */
    @Test
    void boundsItsWalWhileItForgetsKeys() throws Exception {
        Path database = folder.resolve("hark.db");
        var clock = new FakeClock();
        long largest = 0;
        try (SqliteLog log = Logs.open(database, Logs.KEEPS_ALL, new IdempotencyLimits(1_000_000, Duration.ofDays(1)), clock)) {
            for (int i = 0; i < 200; i++) {
                Logs.append(
                        log, IntStream.range(0, 1_000).mapToObj(n -> draft("t", "x", UUID.randomUUID().toString())).toArray(Draft[]::new));
            }
            clock.advance(Duration.ofDays(2));
            log.maintain();
            largest = Files.size(Logs.walOf(database));
        }
        assertThat(largest).isLessThan(EventStore.MAX_WAL_BYTES + SLACK_BYTES);
    }

    @Test
    void givesBackWhatRetentionHasFreed() throws Exception {
        Path database = folder.resolve("hark.db");
        try (SqliteLog log = Logs.open(database)) {
            for (int i = 0; i < 30; i++) {
                Logs.append(log, large(20));
            }
        }
        assertThat(Files.size(database)).isGreaterThan(60_000_000);
        try (SqliteLog log = Logs.open(database, new Retention(1_000, Duration.ofDays(1), 5_000_000), new FakeClock())) {
            log.maintain();
            Bounds bounds = log.tail().bounds();
            assertThat(bounds.newest() - bounds.floor()).as("by bytes").isBetween(45L, 50L);
            await().untilAsserted(() -> {
                log.maintain();
                assertThat(Files.size(database)).isLessThan(5_000_000 + SLACK_BYTES);
                assertThat(Files.size(Logs.walOf(database))).isLessThan(SLACK_BYTES);
            });
            assertThat(readAll(log, bounds.floor(), ALL)).hasSize((int) (bounds.newest() - bounds.floor()));
            assertThat(Logs.trouble(log)).isEmpty();
        }
    }

    private static Draft[] large(int count) {
        List<Draft> drafts = IntStream.range(0, count).mapToObj(i -> draft("t/" + i, "x".repeat(100_000))).toList();
        return drafts.toArray(Draft[]::new);
    }
}
