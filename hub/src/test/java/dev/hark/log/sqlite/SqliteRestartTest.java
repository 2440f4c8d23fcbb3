package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.ALL;
import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static dev.hark.log.sqlite.Logs.fill;
import static dev.hark.log.sqlite.Logs.readAll;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.log.Append;
import dev.hark.log.Bounds;
import dev.hark.log.FakeClock;
import dev.hark.log.Page;
import dev.hark.log.Retention;
import dev.hark.log.Since;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a log in SQLite still knows after it was closed, killed or damaged. */
@Timeout(60)
class SqliteRestartTest {
    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();

    private SqliteLog open() {
        return open(path());
    }

    private SqliteLog open(Path path) {
        return Logs.open(path, Logs.KEEPS_ALL, clock);
    }

    private Path path() {
        return folder.resolve("data").resolve("hark.db");
    }

    /** Where the chains end is saved every 8,192 events, and read from there at the next start: also when no life is that long. */
    @Test
    void savesItsChainsOverManyShortLives() throws Exception {
        for (int i = 0; i < 3; i++) {
            try (SqliteLog log = open()) {
                for (int j = 0; j < 4; j++) {
                    fill(log, 1_000);
                }
            }
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path())) {
            assertThat(new EventStore(path(), connection).loadChains(new TopicChains())).isBetween(8_000L, 12_000L);
        }
    }

    /** A version that knew no bound on segments stored them; what is a topic today is for those who publish. */
    @Test
    void readsTopicsThatNobodyMayPublishToAnyMore() throws Exception {
        Topic old = Topic.stored("a/".repeat(Topic.MAX_SEGMENTS) + "b");
        try (SqliteLog log = open()) {
            append(log, new Draft(old, Draft.DEFAULT_TYPE, null, "old".getBytes(StandardCharsets.UTF_8), null));
            fill(log, 10);
        }
        Filters filters = Filters.of("a/*/**");
        try (SqliteLog log = open()) {
            assertThat(readAll(log, 0, ALL)).hasSize(11).first().extracting(Event::topic).isEqualTo(old);
            assertThat(readAll(log, 0, filters)).extracting(Event::topic).containsExactly(old);
            assertThat(Logs.last(log, filters, 1)).isZero();
        }
    }

    @Test
    void keepsEpochEventsAndNumbering() {
        String epoch;
        List<Event> before;
        long last;
        try (SqliteLog log = open()) {
            epoch = log.tail().epoch();
            last = fill(log, 20).getLast();
            before = readAll(log, 0, ALL);
        }
        try (SqliteLog log = open()) {
            assertThat(log.tail().epoch()).isEqualTo(epoch);
            assertThat(log.tail().bounds()).isEqualTo(new Bounds(0, last));
            List<Event> after = readAll(log, 0, ALL);
            assertThat(after).usingRecursiveComparison().isEqualTo(before);
            assertThat(append(log, draft("a", "x"))).containsExactly(last + 1);
        }
    }

    @Test
    void hasItsNewestEventsInMemoryAgain() {
        try (SqliteLog log = open()) {
            fill(log, 20);
        }
        try (SqliteLog log = open()) {
            assertThat(log.tail().era().hot().bounds()).isEqualTo(new Bounds(16, 20));
            append(log, draft("a", "x"));
            assertThat(log.tail().era().hot().bounds()).isEqualTo(new Bounds(17, 21));
        }
    }

    @Test
    void knowsIdempotencyKeys() {
        List<Long> first;
        try (SqliteLog log = open()) {
            first = append(log, draft("a", "x", "key"));
        }
        try (SqliteLog log = open()) {
            assertThat(log.append(List.of(draft("a", "x", "key"))))
                    .isEqualTo(Logs.stored(log, first.getFirst(), true));
            assertThat(log.append(List.of(draft("a", "y", "key")))).isEqualTo(new Append.KeyReused(0));
            clock.advance(Duration.ofHours(1));
            assertThat(((Append.Stored) log.append(List.of(draft("a", "y", "key")))).entries().getFirst().replayed()).isFalse();
        }
    }

    @Test
    void knowsWhatRetentionHasRemoved() {
        var retention = new Retention(3, Duration.ofDays(1), 1L << 40);
        long time = clock.millis();
        try (SqliteLog log = Logs.open(path(), retention, clock)) {
            fill(log, 10);
            log.maintain();
        }
        try (SqliteLog log = Logs.open(path(), retention, clock)) {
            assertThat(log.tail().bounds()).isEqualTo(new Bounds(7, 10));
            assertThat(log.since(time)).isEqualTo(new Since(7, true));
            fill(log, 1);
            log.maintain();
            assertThat(log.tail().bounds()).isEqualTo(new Bounds(8, 11));
        }
    }

    @Test
    void removesMoreThanOneTransactionMay() {
        try (SqliteLog log = open()) {
            for (int i = 0; i < 25; i++) {
                append(log, IntStream.range(0, 1_000).mapToObj(n -> draft("a", "x")).toArray(Draft[]::new));
            }
        }
        try (SqliteLog log = Logs.open(path(), new Retention(10, Duration.ofDays(1), 1L << 40), clock)) {
            log.maintain();
            assertThat(log.tail().bounds()).isEqualTo(new Bounds(24_990, 25_000));
            assertThat(readAll(log, 24_990, ALL)).hasSize(10);
        }
    }

    @Test
    void numbersOnAboveItsCeilingAfterAKill() throws Exception {
        Path killed;
        long last;
        try (SqliteLog log = open()) {
            last = fill(log, 10).getLast();
            log.maintain();
            last = append(log, draft("a", "after the mark")).getLast();
            killed = Logs.crash(path(), folder.resolve("killed"));
            append(log, draft("a", "used, and gone with the crash"));
        }
        String epoch;
        long next;
        try (SqliteLog log = open(killed)) {
            epoch = log.tail().epoch();
            assertThat(log.tail().bounds()).isEqualTo(new Bounds(0, last));
            next = append(log, draft("a", "x")).getFirst();
            assertThat(next).isGreaterThan(last + 1_000);
            // The hole is no damage.
            assertThat(readAll(log, 0, ALL)).hasSize(12);
            Page page = log.read(last, ALL, 10);
            assertThat(page.from()).isEqualTo(last);
            assertThat(page.events()).extracting(Event::sequence).containsExactly(next);
        }
        try (SqliteLog log = open(killed)) {
            assertThat(log.tail().epoch()).isEqualTo(epoch);
            assertThat(append(log, draft("a", "x"))).containsExactly(next + 1);
        }
    }

    @Test
    void beginsANewEpochWhereAcknowledgedEventsAreGone() throws Exception {
        Path database = path();
        String epoch;
        try (SqliteLog log = open()) {
            epoch = log.tail().epoch();
            fill(log, 5);
        }
        Path backup = Logs.crash(database, folder.resolve("backup"));
        try (SqliteLog log = open()) {
            fill(log, 5);
        }
        Files.copy(HighWaterMark.fileOf(database), HighWaterMark.fileOf(backup), StandardCopyOption.REPLACE_EXISTING);
        String other;
        long next;
        try (SqliteLog log = open(backup)) {
            other = log.tail().epoch();
            assertThat(other).isNotEqualTo(epoch);
            assertThat(readAll(log, 0, ALL)).hasSize(5);
            next = append(log, draft("a", "x")).getFirst();
            assertThat(next).isGreaterThan(10);
        }
        try (SqliteLog log = open(backup)) {
            assertThat(log.tail().epoch()).as("once").isEqualTo(other);
            assertThat(append(log, draft("a", "x"))).containsExactly(next + 1);
        }
    }

    @Test
    void beginsANewEpochFarAboveWhereItsMarkIsMissingOrDamaged() throws Exception {
        long last;
        String epoch;
        try (SqliteLog log = open()) {
            last = fill(log, 5).getLast();
            epoch = log.tail().epoch();
        }
        Files.delete(HighWaterMark.fileOf(path()));
        try (SqliteLog log = open()) {
            assertThat(log.tail().epoch()).as("who resumes must hear that events may be gone").isNotEqualTo(epoch);
            epoch = log.tail().epoch();
            assertThat(log.tail().bounds().newest()).isEqualTo(last);
            long next = append(log, draft("a", "x")).getFirst();
            assertThat(next).isGreaterThan(last + (1L << 31));
            assertThat(readAll(log, 0, ALL)).hasSize(6);
            last = next;
        }
        Files.write(HighWaterMark.fileOf(path()), new byte[700]);
        try (SqliteLog log = open()) {
            assertThat(log.tail().epoch()).isNotEqualTo(epoch);
            assertThat(append(log, draft("a", "x")).getFirst()).isGreaterThan(last + (1L << 31));
        }
    }

    @Test
    void announcesAnEventThatWasDamagedAndGoesOnAfterIt() throws Exception {
        try (SqliteLog log = open()) {
            fill(log, 10);
        }
        Logs.sql(path(), "UPDATE event SET data = 'Event number 4' WHERE sequence = 5");
        try (SqliteLog log = open()) {
            for (Filters filters : List.of(ALL, Filters.of("t/1"), Filters.of("t/1", "t/2"))) {
                Page before = log.read(0, filters, 100);
                assertThat(before.from()).isZero();
                assertThat(before.events()).isNotEmpty().allSatisfy(event -> assertThat(event.sequence()).isLessThan(5));
                assertThat(before.through()).isBetween(2L, 4L);
                Page after = log.read(4, filters, 100);
                assertThat(after.from()).as("5 is missing").isEqualTo(5);
                assertThat(after.through()).isEqualTo(10);
                assertThat(after.events()).isNotEmpty().allSatisfy(event -> assertThat(event.sequence()).isGreaterThan(5));
            }
            assertThat(log.read(0, Filters.of("t/0"), 100).events()).as("not concerned").hasSize(4);
        }
    }

    @Test
    void announcesEventsThatAreLost() throws Exception {
        try (SqliteLog log = open()) {
            fill(log, 10);
        }
        Logs.sql(path(), "DELETE FROM event WHERE sequence IN (1, 5, 6, 10)");
        try (SqliteLog log = open()) {
            assertThat(log.read(0, ALL, 100)).satisfies(page -> {
                assertThat(page.from()).isEqualTo(1);
                assertThat(page.events()).extracting(Event::sequence).containsExactly(2L, 3L, 4L);
                assertThat(page.through()).isEqualTo(4);
            });
            assertThat(log.read(4, ALL, 100)).satisfies(page -> {
                assertThat(page.from()).isEqualTo(6);
                assertThat(page.events()).extracting(Event::sequence).containsExactly(7L, 8L, 9L);
                assertThat(page.through()).isEqualTo(9);
            });
            assertThat(log.read(9, ALL, 100)).isEqualTo(new Page(log.tail().epoch(), 10, List.of(), 10, true));
        }
    }

    @Test
    void keepsTimesInOrderWhenTheClockWasSetBack() {
        try (SqliteLog log = open()) {
            fill(log, 1);
        }
        clock.advance(Duration.ofDays(-2));
        try (SqliteLog log = open()) {
            fill(log, 1);
            log.maintain();
            assertThat(readAll(log, 0, ALL)).hasSize(2).extracting(Event::timeMillis).isSorted();
        }
        clock.advance(Duration.ofDays(2));
        try (SqliteLog log = open()) {
            fill(log, 1);
            log.maintain();
            assertThat(readAll(log, 0, ALL)).hasSize(3).extracting(Event::timeMillis).isSorted();
        }
    }

    @Test
    void readsWhatItsIndexHasLost() throws Exception {
        try (SqliteLog log = open()) {
            fill(log, 30);
        }
        // As a bit that flips in the index would: SQLite finds two events of the topic less, and does not notice.
        Logs.sql(path(), "DROP INDEX event_by_chain", "CREATE INDEX event_by_chain ON event (chain) WHERE sequence NOT IN (5, 29)",
                "PRAGMA writable_schema = 1",
                "UPDATE sqlite_schema SET sql = 'CREATE INDEX event_by_chain ON event (chain)' WHERE name = 'event_by_chain'");
        try (SqliteLog log = open()) {
            assertThat(readAll(log, 0, Filters.of("t/1"))).extracting(Event::sequence).containsExactly(
                    2L, 5L, 8L, 11L, 14L, 17L, 20L, 23L, 26L, 29L);
        }
    }
}
