package dev.hark.log.sqlite.tools;

import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static dev.hark.log.sqlite.Logs.fill;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.Topic;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import dev.hark.log.FakeClock;
import dev.hark.log.Keep;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.DatabaseFile;
import dev.hark.log.sqlite.HighWaterMark;
import dev.hark.log.sqlite.Logs;
import dev.hark.log.sqlite.SqliteLog;
import dev.hark.log.sqlite.tools.LogSummary.ClassTotal;
import dev.hark.log.sqlite.tools.LogSummary.Closing;
import dev.hark.log.sqlite.tools.LogSummary.TopicCount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LogFileTest {
    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();
    private final List<String> findings = new ArrayList<>();

    private Path path() {
        return folder.resolve("hark.db");
    }

    private SqliteLog open() {
        return Logs.open(path(), Logs.KEEPS_ALL, clock);
    }

    private void written(int events) {
        try (SqliteLog log = open()) {
            fill(log, events);
        }
    }

    private Verification verify(Path path) {
        findings.clear();
        try (LogFile file = LogFile.open(path)) {
            return file.verify(findings::add);
        }
    }

    private LogSummary summary(Path path, int topics) {
        try (LogFile file = LogFile.open(path)) {
            return file.summary(topics);
        }
    }

    /** What came of an export. */
    private static final class Exported implements ExportSink {
        private final List<ExportedEvent> events = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();

        @Override
        public void event(ExportedEvent event) {
            events.add(event);
        }

        @Override
        public void missing(String why) {
            missing.add(why);
        }

        List<Long> sequences() {
            return events.stream().map(event -> event.id().sequence()).toList();
        }
    }

    private Exported export(ExportStart start, String... filters) throws IOException {
        var exported = new Exported();
        Filters wanted = filters.length == 0 ? Logs.ALL : Filters.of(filters);
        try (LogFile file = LogFile.open(path())) {
            assertThat(file.export(start, wanted, exported)).isEqualTo(exported.events.size());
        }
        return exported;
    }

    @Test
    void sumsUpWhatTheLogHolds() throws Exception {
        long time = clock.millis();
        String epoch;
        try (SqliteLog log = Logs.open(path(), new Retention(10, Duration.ofDays(1), 1L << 40), clock)) {
            epoch = log.tail().epoch();
            fill(log, 8);
            clock.advance(Duration.ofMinutes(1));
            append(log, draft("rare", "x", "key"), draft("t/0", "x"), draft("t/0", "x"), draft("t/0", "x"));
            log.maintain();
        }

        assertThat(summary(path(), 2)).satisfies(found -> {
            assertThat(found.schema()).isEqualTo(DatabaseFile.SCHEMA_VERSION);
            assertThat(found.epoch()).isEqualTo(epoch);
            assertThat(found.oldest()).isEqualTo(3);
            assertThat(found.newest()).isEqualTo(12);
            assertThat(found.events()).isEqualTo(10);
            assertThat(found.bytes()).isPositive();
            assertThat(found.keys()).isEqualTo(1);
            assertThat(found.oldestMillis()).hasValue(time);
            assertThat(found.newestMillis()).hasValue(time + 60_000);
            assertThat(found.databaseBytes()).isEqualTo(Files.size(path()));
            assertThat(found.closing()).isEqualTo(Closing.CLOSED);
            assertThat(found.topics()).isEqualTo(4);
            assertThat(found.largest()).containsExactly(new TopicCount("t/0", 5), new TopicCount("t/1", 2));
        });
    }

    /** Nobody could publish to them; positions, revocations and notes are intact all the same. */
    @Test
    void findsNothingWrongWithTheHubsOwnTopicsAndGivesThemToNobody() throws Exception {
        try (SqliteLog log = open()) {
            Topic own = Topic.stored("$hark/hooks/presence/notes");
            append(log, draft("t/0", "x"), new Draft(own, Draft.DEFAULT_TYPE, "k", "{}".getBytes(UTF_8), null), draft("t/1", "x"));
        }

        Verification verified = verify(path());
        assertThat(findings).isEmpty();
        assertThat(verified.events()).isEqualTo(3);
        Exported exported = export(new ExportStart.Oldest());
        assertThat(exported.missing).isEmpty();
        assertThat(exported.sequences()).containsExactly(1L, 3L);
    }

    @Test
    void sumsUpWhatEachClassHolds() {
        var classes = TopicClasses.of(
                List.of(new TopicClasses.Rule(new TopicFilter("t/0"), new Keep(new Retention(2, Duration.ofDays(1), 1L << 40))),
                        new TopicClasses.Rule(new TopicFilter("live/*"), Keep.NOTHING)),
                new Retention(100, Duration.ofDays(1), 1L << 40));
        long first;
        try (SqliteLog log = Logs.open(path(), classes, clock)) {
            first = append(log, draft("t/0", "x"), draft("t/0", "x"), draft("t/0", "x"), draft("t/1", "x"), draft("live/1", "x"))
                    .getFirst();
            append(log, draft("t/1", "x"));
            log.maintain();
        }
        LogSummary found = summary(path(), 1);

        assertThat(found.classes()).extracting(ClassTotal::name).containsExactly("(default)", "t/0", "live/*");
        assertThat(found.classes()).extracting(ClassTotal::events).containsExactly(2L, 2L, 0L);
        assertThat(found.classes()).extracting(ClassTotal::lost).containsExactly(0L, first, 0L);
        assertThat(found.classes().stream().mapToLong(ClassTotal::bytes).sum()).isEqualTo(found.bytes()).isPositive();
        assertThat(found.events()).isEqualTo(4);
        assertThat(verify(path()).isIntact()).isTrue();
    }

    @Test
    void sumsUpALogWhoseClassesAreDamaged() throws Exception {
        var classes = TopicClasses.of(
                List.of(new TopicClasses.Rule(new TopicFilter("t/*"), Keep.NOTHING)), new Retention(100, Duration.ofDays(1), 1L << 40));
        try (SqliteLog log = Logs.open(path(), classes, clock)) {
            append(log, draft("a", "x"));
        }
        Logs.sql(path(), "UPDATE class SET events = events + 1 WHERE number = 0");

        assertThatThrownBy(() -> summary(path(), 1)).isInstanceOf(UnusableLogException.class)
                .hasMessageContaining("table class").hasMessageContaining("hark log verify");
    }

    @Test
    void sumsUpALogThatHoldsNothing() {
        written(0);
        LogSummary empty = summary(path(), 20);

        assertThat(empty.oldestMillis()).isEmpty();
        assertThat(empty.newestMillis()).isEmpty();
        assertThat(empty.largest()).isEmpty();
        assertThat(empty.classes()).as("one holds all topics").isEmpty();
        assertThat(verify(path()).isIntact()).isTrue();
    }

    @Test
    void readsWhatACrashLeft() throws Exception {
        try (SqliteLog log = open()) {
            fill(log, 10);
            Path killed = Logs.crash(path(), folder.resolve("killed"));
            assertThat(Files.size(Logs.walOf(killed))).as("all is in the WAL still").isPositive();

            assertThat(summary(killed, 1)).satisfies(found -> {
                assertThat(found.closing()).isEqualTo(Closing.NOT_CLOSED);
                assertThat(found.walBytes()).isPositive();
                assertThat(found.events()).isEqualTo(10);
            });
            assertThat(verify(killed)).satisfies(found -> {
                assertThat(found.isIntact()).isTrue();
                assertThat(found.events()).isEqualTo(10);
                assertThat(found.notes()).singleElement().asString().contains("SQLite's own check was left out");
            });
        }
    }

    @Test
    void readsABackupWhereNothingCanBeWritten() throws Exception {
        written(10);
        Path backup = Files.createDirectories(folder.resolve("a b%20#c")).resolve("backup.db");
        Logs.sql(path(), "VACUUM INTO '" + backup + "'");
        assertThat(verify(backup)).satisfies(found -> {
            assertThat(found.isIntact()).as(findings::toString).isTrue();
            assertThat(found.notes()).singleElement().asString().contains("no mark");
        });
        assertThat(summary(backup, 1).closing()).isEqualTo(Closing.NO_MARK);

        Path copy = Files.copy(path(), backup.resolveSibling("copy.db"));
        // Stands in for a folder that is read-only, which nothing is for root: SQLite cannot make its file of that name.
        Files.createDirectory(backup.resolveSibling("copy.db-shm"));
        assertThat(verify(copy).events()).isEqualTo(10);
        assertThat(findings).isEmpty();
    }

    @Test
    void findsNothingInAnIntactLog() {
        try (SqliteLog log = Logs.open(path(), new Retention(3_000, Duration.ofDays(1), 1L << 40), clock)) {
            for (int i = 0; i < 6; i++) {
                String key = "k" + i + '-';
                append(log, IntStream.range(0, 1_000)
                        .mapToObj(n -> draft("t/" + n % 7, "\u00E4 " + n, n == 0 ? null : key + n))
                        .toArray(Draft[]::new));
            }
            log.maintain();
        }
        Verification found = verify(path());

        assertThat(findings).isEmpty();
        assertThat(found).isEqualTo(new Verification(3_000, found.through() - 3_000, found.through(), 0, List.of()));
    }

    @Test
    void holesInTheNumberingAreNoDamage() throws Exception {
        written(5);
        Files.delete(HighWaterMark.fileOf(path()));
        written(5);

        assertThat(verify(path()).events()).as(findings::toString).isEqualTo(10);
        assertThat(findings).isEmpty();
    }

    @Test
    void namesWhatIsDamagedByPosition() throws Exception {
        written(10);
        Logs.sql(path(), "UPDATE event SET data = 'x' WHERE sequence = 2", "DELETE FROM event WHERE sequence IN (4, 5, 10)",
                "UPDATE event SET previous = 7, crc = crc WHERE sequence = 7");
        Verification found = verify(path());

        assertThat(findings).containsExactly(
                "event 2 is damaged: it is not what was stored",
                "events after 3 up to 5 are missing",
                "event 7 is damaged: it is not what was stored",
                "event 10 is missing");
        assertThat(found.findings()).isEqualTo(4);
        assertThat(found.events()).isEqualTo(5);
    }

    @Test
    void findsAByteThatChangedInTheFile() throws Exception {
        written(200);
        flip(path(), "event number 150");
        Verification found = verify(path());

        assertThat(findings).containsExactly("event 151 is damaged: it is not what was stored");
        assertThat(found.isIntact()).isFalse();
        assertThat(found.events()).isEqualTo(199);
    }

    @Test
    void goesOnAfterPagesThatCannotBeRead() throws Exception {
        try (SqliteLog log = open()) {
            for (int i = 0; i < 30; i++) {
                append(log, draft("t", "event " + i + " " + "x".repeat(1_500)));
            }
        }
        byte[] file = Files.readAllBytes(path());
        // The page whose cells hold this event: its header is no b-tree page's afterwards.
        int at = indexOf(file, "event 15 ") / 4096 * 4096;
        java.util.Arrays.fill(file, at, at + 100, (byte) 0x7f);
        Files.write(path(), file);
        Verification found = verify(path());

        assertThat(found.isIntact()).isFalse();
        assertThat(findings).anySatisfy(each -> assertThat(each).matches("events after \\d+ up to \\d+ cannot be read: .*"));
        assertThat(found.events()).as("%s", findings).isBetween(20L, 29L);
        assertThat(export(new ExportStart.Oldest()).sequences()).hasSize((int) found.events()).contains(1L, 30L).doesNotContain(16L);
    }

    @Test
    void findsADamagedStateRow() throws Exception {
        written(10);
        Logs.sql(path(), "UPDATE log SET newest = 9");

        assertThat(verify(path()).events()).isEqualTo(10);
        assertThat(findings).singleElement().asString().contains("table log");
        assertThatThrownBy(() -> summary(path(), 1)).isInstanceOf(UnusableLogException.class).hasMessageContaining("hark log verify");
    }

    @Test
    void findsAnIndexThatLacksAnEvent() throws Exception {
        written(10);
        // As after a bit flip in a page of the index: queries by topic pass the event over, and nothing else tells.
        Logs.sql(path(), "PRAGMA writable_schema = ON",
                "UPDATE sqlite_schema SET sql = 'CREATE INDEX event_by_chain ON event (chain) WHERE sequence <> 5'"
                        + " WHERE name = 'event_by_chain'");
        Logs.sql(path(), "REINDEX event_by_chain");
        Logs.sql(path(), "PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET sql = 'CREATE INDEX event_by_chain ON event (chain)'"
                + " WHERE name = 'event_by_chain'");

        assertThat(verify(path()).isIntact()).isFalse();
        assertThat(findings).first().asString().contains("index by topic", "REINDEX");
    }

    @Test
    void findsCountsThatDoNotAddUp() throws Exception {
        written(10);
        try (SqliteLog log = open()) {
            append(log, draft("a", "x", "key"));
        }
        Logs.sql(path(), "DELETE FROM idempotency");

        assertThat(verify(path()).isIntact()).isFalse();
        assertThat(findings).containsExactly("there are 0 idempotency keys, but 1 were stored");
    }

    @Test
    void findsThatAcknowledgedEventsAreMissing() throws Exception {
        written(5);
        Path backup = Logs.crash(path(), folder.resolve("backup"));
        written(5);
        Files.copy(HighWaterMark.fileOf(path()), HighWaterMark.fileOf(backup), StandardCopyOption.REPLACE_EXISTING);

        assertThat(verify(backup).isIntact()).isFalse();
        assertThat(findings).containsExactly("events after 5 up to 10 were acknowledged, and are missing");
        Files.write(HighWaterMark.fileOf(backup), new byte[1_024]);
        verify(backup);
        assertThat(findings).singleElement().asString().contains("the mark", "is not what was stored");
    }

    @Test
    void exportsEverythingAsItWasPublished() throws Exception {
        List<Draft> drafts = List.of(
                new Draft(new Topic("a/b"), "order.created", "k\u00E4", "l1\r\nl2".getBytes(UTF_8), "once"),
                draft("c", ""),
                draft("c", "\u0000\uD83D\uDE00"));
        String epoch;
        try (SqliteLog log = open()) {
            epoch = log.tail().epoch();
            log.append(drafts);
        }
        Exported exported = export(new ExportStart.Oldest());

        assertThat(exported.missing).isEmpty();
        assertThat(exported.sequences()).containsExactly(1L, 2L, 3L);
        assertThat(exported.events).allSatisfy(event -> assertThat(event.timeMillis()).isEqualTo(clock.millis()));
        assertThat(exported.events.getFirst()).satisfies(event -> {
            assertThat(event.id()).isEqualTo(new EventId(epoch, 1));
            assertThat(event.topic()).isEqualTo(new Topic("a/b"));
            assertThat(event.type()).isEqualTo("order.created");
            assertThat(event.key()).isEqualTo("k\u00E4");
            assertThat(event.data()).isEqualTo(drafts.getFirst().data());
        });
        assertThat(exported.events.getLast().data()).isEqualTo(drafts.getLast().data());
    }

    @Test
    void exportsFromAPlaceAndByTopic() throws Exception {
        String epoch;
        long noon;
        try (SqliteLog log = open()) {
            epoch = log.tail().epoch();
            fill(log, 5);
            clock.advance(Duration.ofHours(1));
            noon = clock.millis();
            fill(log, 5);
        }

        assertThat(export(new ExportStart.Time(noon)).sequences()).containsExactly(6L, 7L, 8L, 9L, 10L);
        assertThat(export(new ExportStart.Time(noon + 1)).sequences()).isEmpty();
        assertThat(export(new ExportStart.After(new EventId(epoch, 8))).sequences()).containsExactly(9L, 10L);
        assertThat(export(new ExportStart.After(new EventId(epoch, 10))).sequences()).isEmpty();
        assertThat(export(new ExportStart.Oldest(), "t/1", "x/**").sequences()).containsExactly(2L, 5L, 7L, 10L);
        assertThatThrownBy(() -> export(new ExportStart.After(new EventId(epoch, 11)))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(epoch + "-10");
        assertThatThrownBy(() -> export(new ExportStart.After(new EventId("00000000", 1)))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(epoch);
    }

    @Test
    void exportsAroundWhatIsDamagedAndSaysSo() throws Exception {
        written(10);
        Logs.sql(path(), "UPDATE event SET data = 'x' WHERE sequence = 2", "DELETE FROM event WHERE sequence = 5");
        Exported exported = export(new ExportStart.Oldest());

        assertThat(exported.sequences()).containsExactly(1L, 3L, 4L, 6L, 7L, 8L, 9L, 10L);
        assertThat(exported.missing).containsExactly("event 2 is damaged: it is not what was stored", "event 5 is missing");
    }

    @Test
    void refusesWhatIsNoLog() throws Exception {
        Path absent = folder.resolve("none.db");
        assertThatThrownBy(() -> LogFile.open(absent))
                .isInstanceOf(UnusableLogException.class).hasMessageStartingWith("there is no log at " + absent);
        assertThat(absent).doesNotExist();

        Path text = Files.writeString(folder.resolve("text.db"), "not a database");
        assertThatThrownBy(() -> LogFile.open(text)).isInstanceOf(UnusableLogException.class).hasMessageContaining("no SQLite database");

        Path other = folder.resolve("other.db");
        Logs.sql(other, "CREATE TABLE t (a)");
        assertThatThrownBy(() -> LogFile.open(other)).isInstanceOf(UnusableLogException.class).hasMessageContaining("another program");
    }

    private static void flip(Path path, String text) throws IOException {
        byte[] file = Files.readAllBytes(path);
        file[indexOf(file, text)] ^= 1;
        Files.write(path, file);
    }

    private static int indexOf(byte[] file, String text) {
        int at = new String(file, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
        assertThat(at).as(text).isNotNegative();
        return at;
    }
}
