package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.append;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.ClassUse;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import dev.hark.log.sqlite.SqliteSettings.Durability;
import dev.hark.log.sqlite.tools.LogFile;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a database says of the newest events of topics and keys, over restarts, crashes and changed rules. */
@Timeout(60)
class SqliteLatestTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Retention ALL = new Retention(1_000, DAY, 1 << 20);
    private static final TopicClasses LATEST = classes(true);
    private static final TopicClasses PLAIN = classes(false);

    @TempDir(factory = FastFolder.class)
    Path folder;

    private final FakeClock clock = new FakeClock();
    private int crashes;

    /** Three events of {@code l/*} beside the newest ones, or three in all. */
    private static TopicClasses classes(boolean latest) {
        var keep = new Keep(new Retention(3, DAY, 1 << 20), latest);
        return TopicClasses.of(List.of(new TopicClasses.Rule(new TopicFilter("l/*"), keep)), ALL);
    }

    private Path path() {
        return folder.resolve("hark.db");
    }

    private SqliteLog open(Path path, TopicClasses classes, int keys) {
        var config = new LogConfig(classes, new HotLimits(4, 1 << 20), new IdempotencyLimits(1_000, DAY), keys, LogConfig.DEFAULT_STALL);
        return SqliteLog.open(new SqliteSettings(path, Durability.FSYNC, config), clock, new Random(1), new VitalThreads());
    }

    private SqliteLog open(TopicClasses classes) {
        return open(path(), classes, 1_000);
    }

    private static Draft of(String topic, String key, String data) {
        return new Draft(new Topic(topic), Draft.DEFAULT_TYPE, key, data.getBytes(UTF_8), null);
    }

    private static Draft deleted(String topic, String key) {
        return Draft.deleted(new Topic(topic), key, null);
    }

    private static List<Long> newest(SqliteLog log) {
        Page page = log.latest(0, log.tail().bounds().newest(), Filters.ALL, 500);
        assertThat(page.damaged()).isFalse();
        return page.events().stream().map(Event::sequence).toList();
    }

    private static List<Long> all(SqliteLog log) {
        return Logs.readAll(log, 0, Filters.ALL).stream().map(Event::sequence).toList();
    }

    private static ClassUse.Latest kept(SqliteLog log) {
        return log.kept().getLast().latest();
    }

    private static List<Long> rows(Path path) throws SQLException {
        var rows = new ArrayList<Long>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT sequence FROM latest ORDER BY sequence")) {
            while (row.next()) {
                rows.add(row.getLong(1));
            }
        }
        return rows;
    }

    private static void verify(Path path) throws IOException {
        var findings = new ArrayList<String>();
        try (LogFile file = LogFile.open(path)) {
            file.verify(findings::add);
        }
        assertThat(findings).isEmpty();
    }

    private Path crash() throws IOException {
        return Logs.crash(path(), folder.resolve("crash-" + crashes++));
    }

    /** Five keys, of which one was taken back and one changes all the time. */
    private static void fill(SqliteLog log) {
        append(log, of("l/a", "1", "a"), of("l/a", "2", "b"), of("l/b", "1", "c"), of("other", "1", "d"), of("l/b", "gone", "e"));
        for (int i = 6; i <= 15; i++) {
            append(log, of("l/a", "often", "x" + i));
        }
        append(log, deleted("l/b", "gone"));
        log.maintain();
    }

    @Test
    void knowsThemAfterARestartAndACrash() throws Exception {
        Path crashed;
        try (SqliteLog log = open(LATEST)) {
            fill(log);
            crashed = crash();
        }
        for (Path each : List.of(path(), crashed)) {
            verify(each);
            try (SqliteLog log = open(each, LATEST, 1_000)) {
                assertThat(newest(log)).containsExactly(1L, 2L, 3L, 15L);
                assertThat(all(log)).containsExactly(1L, 2L, 3L, 4L, 14L, 15L, 16L);
                assertThat(kept(log)).isEqualTo(new ClassUse.Latest(4, 0));
                append(log, of("l/b", "1", "anew"), deleted("l/a", "1"));
                log.maintain();
                long next = log.tail().bounds().newest() - 1;
                assertThat(newest(log)).containsExactly(2L, 15L, next);
                assertThat(all(log)).startsWith(2L, 4L).doesNotContain(1L, 3L);
                assertThat(kept(log)).isEqualTo(new ClassUse.Latest(3, 0));
            }
            verify(each);
        }
    }

    @Test
    void knowsWhatWasTooMuchAfterARestartAndACrash() throws Exception {
        Path crashed;
        try (SqliteLog log = open(path(), LATEST, 3)) {
            fill(log);
            assertThat(newest(log)).as("of five one had to go, and one was taken back").containsExactly(3L, 15L);
            assertThat(kept(log)).isEqualTo(new ClassUse.Latest(2, 2));
            crashed = crash();
        }
        for (Path each : List.of(path(), crashed)) {
            verify(each);
            try (SqliteLog log = open(each, LATEST, 3)) {
                assertThat(newest(log)).containsExactly(3L, 15L);
                assertThat(kept(log)).isEqualTo(new ClassUse.Latest(2, 2));
            }
            try (SqliteLog log = open(each, LATEST, 1)) {
                append(log, of("l/a", "6", "f"));
                assertThat(newest(log)).as("a limit that was lowered").containsExactly(log.tail().bounds().newest());
                assertThat(kept(log)).isEqualTo(new ClassUse.Latest(1, 15));
            }
            verify(each);
        }
    }

    @Test
    void findsWhatIsRetainedWhereTheRuleComesLater() throws Exception {
        try (SqliteLog log = open(PLAIN)) {
            fill(log);
            append(log, of("l/c", "k", "f"), of("l/c", "k", "g"), of("l/c", "j", "h"), of("l/a", "often", "i"));
            log.maintain();
            assertThat(newest(log)).isEmpty();
        }
        assertThat(rows(path())).isEmpty();
        try (SqliteLog log = open(LATEST)) {
            assertThat(newest(log)).as("of what is left").containsExactly(18L, 19L, 20L);
            assertThat(kept(log)).isEqualTo(new ClassUse.Latest(3, 0));
        }
        verify(path());
    }

    @Test
    void letsThemGoWhereTheRuleHasGone() throws Exception {
        try (SqliteLog log = open(LATEST)) {
            fill(log);
        }
        for (TopicClasses without : List.of(PLAIN, TopicClasses.one(new Retention(6, DAY, 1 << 20)))) {
            Path each = Logs.crash(path(), folder.resolve("without-" + crashes++));
            try (SqliteLog log = open(each, without, 1_000)) {
                assertThat(newest(log)).isEmpty();
                assertThat(all(log)).as("not before retention looks").startsWith(1L, 2L, 3L);
                append(log, of("l/a", "1", "anew"));
                log.maintain();
                append(log, of("other", "1", "more"));
                log.maintain();
                assertThat(all(log)).doesNotContain(1L, 2L, 3L);
            }
            assertThat(rows(each)).isEmpty();
            verify(each);
        }
    }

    /** What the table does not have any more is found again from the events. */
    @Test
    void makesTheTableAnewWhereRowsAreMissing() throws Exception {
        try (SqliteLog log = open(LATEST)) {
            fill(log);
        }
        Logs.sql(path(), "DELETE FROM latest WHERE sequence IN (2, 15)");
        try (SqliteLog log = open(LATEST)) {
            assertThat(newest(log)).containsExactly(1L, 2L, 3L, 15L);
            assertThat(kept(log)).isEqualTo(new ClassUse.Latest(4, 0));
        }
        verify(path());
    }

    /** An event that is named and is not there is damage, and not one that was replaced. */
    @Test
    void tellsOfNewestEventsThatAreLost() throws Exception {
        try (SqliteLog log = open(LATEST)) {
            fill(log);
        }
        Logs.sql(path(), "DELETE FROM event WHERE sequence = 2");
        try (SqliteLog log = open(LATEST)) {
            for (Filters filters : List.of(Filters.ALL, Filters.of("l/a"))) {
                Page page = log.latest(0, log.tail().bounds().newest(), filters, 500);
                assertThat(page.damaged()).isTrue();
                assertThat(page.events()).extracting(Event::sequence).startsWith(1L).endsWith(15L).doesNotContain(2L);
            }
            assertThat(log.latest(2, log.tail().bounds().newest(), Filters.ALL, 500).damaged()).isFalse();
        }
    }
}
