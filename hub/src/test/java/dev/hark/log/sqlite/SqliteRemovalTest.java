package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.log.Append;
import dev.hark.log.Bounds;
import dev.hark.log.FakeClock;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Retention;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How much one transaction removes: no publisher waits for a mass deletion, and nothing grows behind those that add. */
@Timeout(60)
class SqliteRemovalTest {
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir(factory = FastFolder.class)
    Path folder;

    @Test
    void forgetsManyKeysWhileNobodyWaits() throws Exception {
        int many = 5 * SqliteWriter.MAX_REMOVALS;
        int few = 1_000;
        Path database = folder.resolve("hark.db");
        var clock = new FakeClock();
        try (SqliteLog log = Logs.open(database, Logs.KEEPS_ALL, new IdempotencyLimits(1_000_000, DAY), clock)) {
            for (int i = 0; i < many; i += 5_000) {
                append(log, keyed("k", i, 5_000));
            }
        }
        try (SqliteLog log = Logs.open(database, Logs.KEEPS_ALL, new IdempotencyLimits(few, DAY), clock)) {
            append(log, draft("t", "x", "first"));
            assertThat(keys(database)).as("in the first publisher's transaction").isEqualTo(many + 1 - SqliteWriter.MAX_REMOVALS);
            append(log, draft("t", "x"));
            assertThat(keys(database)).as("one without a key forgets none").isEqualTo(many + 1 - SqliteWriter.MAX_REMOVALS);
            // It goes on step by step, and others are served in between.
            log.maintain();
            assertThat(keys(database)).isEqualTo(few);
            assertThat(log.append(List.of(draft("t", "x", "first")))).isInstanceOfSatisfying(
                    Append.Stored.class, stored -> assertThat(stored.entries().getFirst().replayed()).as("the newest are kept").isTrue());
        }
    }

    /** As many at once as {@code limits.batch-events} ever allows. */
    @Test
    void keepsUpWithBatchesThatAreLargerThanAStep() throws Exception {
        int retained = 1_000;
        int batch = 3 * SqliteWriter.MAX_REMOVALS;
        try (SqliteLog log = Logs.open(folder.resolve("hark.db"), new Retention(retained, DAY, 1L << 40), new FakeClock())) {
            for (int i = 0; i < 5; i++) {
                append(log, IntStream.range(0, batch).mapToObj(n -> draft("t", "x")).toArray(Draft[]::new));
                Bounds bounds = log.tail().bounds();
                assertThat(bounds.newest() - bounds.floor()).as("after batch %d", i).isLessThanOrEqualTo(retained + batch);
            }
            log.maintain();
            Bounds bounds = log.tail().bounds();
            assertThat(bounds.newest() - bounds.floor()).isEqualTo(retained);
        }
    }

    private static Draft[] keyed(String prefix, int from, int count) {
        return IntStream.range(from, from + count).mapToObj(i -> draft("t", "x", prefix + i)).toArray(Draft[]::new);
    }

    private static long keys(Path database) throws Exception {
        try (Connection reader = DatabaseFile.openReader(database);
                Statement statement = reader.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM idempotency")) {
            assertThat(count.next()).isTrue();
            return count.getLong(1);
        }
    }
}
