package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import dev.hark.log.Append;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import dev.hark.log.sqlite.SqliteSettings.Durability;
import dev.hark.log.sqlite.tools.ExportSink;
import dev.hark.log.sqlite.tools.ExportStart;
import dev.hark.log.sqlite.tools.ExportedEvent;
import dev.hark.log.sqlite.tools.LogFile;
import dev.hark.log.sqlite.tools.LogSummary;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Databases that hubs of earlier versions wrote, kept as they left them in {@code src/test/resources/logs}: 300 events with a retention of
 * 120, closed in order; and the same with ten more, killed with them in the write-ahead log.
 */
@Timeout(60)
class SchemaTest {
    /** The clock of the tests is a year ahead of these logs. */
    private static final Duration LONG = Duration.ofDays(10_000);

    private static final Retention RETENTION = new Retention(120, LONG, 1 << 20);

    @TempDir(factory = FastFolder.class)
    Path folder;

    private final FakeClock clock = new FakeClock();

    private Path copy(String name) throws IOException {
        Path from = Path.of("src/test/resources/logs", name);
        for (String file : List.of("hark.db", "hark.db-wal", "hark.db-mark")) {
            if (Files.exists(from.resolve(file))) {
                Files.copy(from.resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return folder.resolve("hark.db");
    }

    private SqliteLog open(Path path, TopicClasses classes) {
        var keys = new IdempotencyLimits(1_000_000, LONG);
        var config = new LogConfig(classes, new HotLimits(4, 1 << 20), keys, LogConfig.DEFAULT_STALL);
        return SqliteLog.open(new SqliteSettings(path, Durability.FSYNC, config), clock, new Random(1), new VitalThreads());
    }

    @Test
    void bringsALogOfSchema1ToThisOne() throws Exception {
        Path path = copy("schema1-clean");
        List<String> before = exported(path);
        assertThat(before).hasSize(120);
        assertThat(summary(path).schema()).as("reading changes nothing").isEqualTo(1);
        verify(path);
        try (SqliteLog log = open(path, TopicClasses.one(RETENTION))) {
            assertThat(log.tail().epoch()).isEqualTo("ngxm9oe3");
            assertThat(log.tail().bounds().newest()).isEqualTo(300);
            List<Event> events = Logs.readAll(log, 0, Filters.ALL);
            assertThat(events).extracting(Event::sequence).hasSize(120).startsWith(181L).endsWith(300L);
            assertThat(events.getLast().topic().value()).isEqualTo("orders/6");
            assertThat(Logs.readAll(log, 0, Filters.of("prices/eurusd"))).hasSize(24);
            assertThat(append(log, draft("orders/6", "more"))).as("it goes on where it was").containsExactly(301L);
            // The hub of that time remembered this key.
            Append again = log.append(List.of(draft("prices/eurusd", "not what it was", "idem-261")));
            assertThat(again).isInstanceOf(Append.KeyReused.class);
        }
        assertThat(summary(path).schema()).isEqualTo(2);
        assertThat(exported(path)).as("and one more").startsWith(before.toArray(String[]::new)).hasSize(121);
        verify(path);
    }

    @Test
    void bringsALogOfSchema1ToThisOneThatWasNotClosed() throws Exception {
        Path path = copy("schema1-crashed");
        try (SqliteLog log = open(path, TopicClasses.one(RETENTION))) {
            assertThat(log.tail().epoch()).isEqualTo("ngxm9oe3");
            assertThat(log.tail().bounds().newest()).isEqualTo(310);
            assertThat(Logs.readAll(log, 300, Filters.ALL)).extracting(Event::sequence).hasSize(10).endsWith(310L);
            assertThat(append(log, draft("orders/6", "more")).getFirst()).as("never used twice").isGreaterThan(310);
        }
        verify(path);
    }

    @Test
    void countsItsClassesWhenItIsFirstOpenedWithSome() throws Exception {
        Path path = copy("schema1-clean");
        TopicClasses classes = TopicClasses.of(
                List.of(new TopicClasses.Rule(new TopicFilter("prices/**"), new Keep(new Retention(10, LONG, 1 << 20)))),
                RETENTION);
        try (SqliteLog log = open(path, classes)) {
            assertThat(log.tail().era().lostStored(2)).as("as the whole log had").isEqualTo(180);
            log.maintain();
            assertThat(Logs.readAll(log, 0, Filters.of("prices/*"))).hasSize(10);
            assertThat(Logs.readAll(log, 0, Filters.ALL)).hasSize(120 - 48 + 10);
            assertThat(log.tail().era().lostStored(1)).isEqualTo(180);
            assertThat(log.tail().era().lostStored(2)).isGreaterThan(180);
        }
        verify(path);
    }

    /** As with the configuration that Hark comes with, in which prices are a class that keeps the newest of each. */
    @Test
    void findsTheNewestOfEachTopicAndKeyInThem() throws Exception {
        for (String name : List.of("schema1-clean", "schema1-crashed")) {
            Path path = copy(name);
            var keep = new Keep(new Retention(10, LONG, 1 << 20), true);
            TopicClasses classes = TopicClasses.of(List.of(new TopicClasses.Rule(new TopicFilter("prices/**"), keep)), RETENTION);
            try (SqliteLog log = open(path, classes)) {
                var newest = new HashMap<String, Long>();
                Logs.readAll(log, 0, Filters.of("prices/*"))
                        .forEach(event -> newest.put(event.topic().value() + ' ' + event.key(), event.sequence()));
                List<Long> expected = newest.values().stream().sorted().toList();
                assertThat(expected).as(name).isNotEmpty();
                assertThat(latest(log)).as(name).isEqualTo(expected);
                log.maintain();
                assertThat(latest(log)).as("%s, once retention has been at work", name).isEqualTo(expected);
            }
            verify(path);
        }
    }

    private static List<Long> latest(SqliteLog log) {
        return log.latest(0, log.tail().bounds().newest(), Filters.of("prices/*"), 500).events().stream().map(Event::sequence).toList();
    }

    /** A crash in the middle leaves the old version or the new one, whole. */
    @Test
    void isBroughtToThisOneInOneTransaction() throws Exception {
        Path path = copy("schema1-clean");
        try (Connection connection = DatabaseFile.openWriter(path, Durability.FSYNC)) {
            assertThat(DatabaseFile.migrate(connection)).isEqualTo(1);
            assertThat(DatabaseFile.migrate(connection)).as("nothing is left to do").isEqualTo(2);
            assertThat(ClassStates.read(connection)).isPresent();
        }
        Path crashed = Logs.crash(path, folder.resolve("crashed"));
        try (SqliteLog log = open(crashed, TopicClasses.one(RETENTION))) {
            assertThat(Logs.readAll(log, 0, Filters.ALL)).hasSize(120);
        }
    }

    private static LogSummary summary(Path path) {
        try (LogFile file = LogFile.open(path)) {
            return file.summary(1);
        }
    }

    private static List<String> exported(Path path) throws IOException {
        var events = new ArrayList<String>();
        try (LogFile file = LogFile.open(path)) {
            file.export(new ExportStart.Oldest(), Filters.ALL, new ExportSink() {
                @Override
                public void event(ExportedEvent event) {
                    events.add(event.id() + " " + event.topic() + " " + new String(event.data(), UTF_8));
                }

                @Override
                public void missing(String why) {
                    throw new AssertionError(why);
                }
            });
        }
        return events;
    }

    private static void verify(Path path) throws IOException {
        var findings = new ArrayList<String>();
        try (LogFile file = LogFile.open(path)) {
            file.verify(findings::add);
        }
        assertThat(findings).isEmpty();
    }
}
