package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.append;
import static dev.hark.log.sqlite.Logs.draft;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.Append;
import dev.hark.log.EndedTopics;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
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

/** What a database says of topics that have ended, over restarts, crashes and damage. */
@Timeout(60)
class SqliteEndsTest {
    private static final Retention KEEPS_ALL = Logs.KEEPS_ALL;

    @TempDir(factory = FastFolder.class)
    Path folder;

    private final FakeClock clock = new FakeClock();
    private int crashes;

    private Path path() {
        return folder.resolve("hark.db");
    }

    private SqliteLog open(Path path, TopicClasses classes) {
        var config = new LogConfig(
                classes, new HotLimits(4, 1 << 20), new IdempotencyLimits(1_000, Duration.ofHours(1)), LogConfig.DEFAULT_STALL);
        return SqliteLog.open(new SqliteSettings(path, Durability.FSYNC, config), clock, new Random(1), new VitalThreads());
    }

    private SqliteLog open(Path path) {
        return open(path, TopicClasses.one(KEEPS_ALL));
    }

    private SqliteLog open(Retention retention) {
        return open(path(), TopicClasses.one(retention));
    }

    private static TopicClasses classes(String match, Keep keep) {
        return TopicClasses.of(List.of(new TopicClasses.Rule(new TopicFilter(match), keep)), KEEPS_ALL);
    }

    private static Draft end(String topic) {
        return new Draft(new Topic(topic), Draft.DEFAULT_TYPE, null, "end".getBytes(UTF_8), null, EventKind.END);
    }

    private static long ended(SqliteLog log, String topic) {
        return log.tail().era().ended().of(topic);
    }

    /** What the table says, of a database that may be open. */
    private static List<String> rows(Path path) throws SQLException {
        var rows = new ArrayList<String>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT sequence, topic FROM ended ORDER BY sequence")) {
            while (row.next()) {
                rows.add(row.getLong(1) + " " + row.getString(2));
            }
        }
        return rows;
    }

    private static List<String> findings(Path path) throws IOException {
        var findings = new ArrayList<String>();
        try (LogFile file = LogFile.open(path)) {
            file.verify(findings::add);
        }
        return findings;
    }

    private Path crash() throws IOException {
        return Logs.crash(path(), folder.resolve("crash-" + crashes++));
    }

    @Test
    void knowsThemAfterARestartAndACrash() throws Exception {
        Path crashed;
        try (SqliteLog log = open(path())) {
            append(log, end("a"), end("b"), draft("c", "1"), end("d"));
            append(log, draft("b", "anew"), end("c"));
            append(log, end("d"), draft("e", "x"));
            crashed = crash();
        }
        for (Path each : List.of(path(), crashed)) {
            assertThat(findings(each)).isEmpty();
            try (SqliteLog log = open(each)) {
                assertThat(ended(log, "a")).isEqualTo(1);
                assertThat(ended(log, "b")).isEqualTo(EndedTopics.OPEN);
                assertThat(ended(log, "c")).isEqualTo(6);
                assertThat(ended(log, "d")).as("it ended twice").isEqualTo(7);
                assertThat(log.tail().era().ended().size()).isEqualTo(3);
                assertThat(rows(each)).containsExactly("1 a", "6 c", "7 d");
                assertThat(Logs.readAll(log, 0, Filters.of("a"))).extracting(Event::kind).containsExactly(EventKind.END);
                append(log, draft("a", "anew"));
            }
            try (SqliteLog log = open(each)) {
                assertThat(ended(log, "a")).isEqualTo(EndedTopics.OPEN);
                assertThat(rows(each)).containsExactly("6 c", "7 d");
            }
        }
    }

    @Test
    void saysOfABatchWhatHoldsBehindIt() throws Exception {
        try (SqliteLog log = open(path())) {
            append(log, end("a"), draft("a", "anew"), end("b"), end("b"));
            assertThat(rows(path())).containsExactly("4 b");
            append(log, draft("b", "anew"), end("b"), draft("a", "x"), end("a"));
            assertThat(rows(path())).containsExactly("6 b", "8 a");
        }
    }

    @Test
    void removesTheRowsOfWhatRetentionRemoves() throws Exception {
        Path crashed;
        try (SqliteLog log = open(new Retention(3, Duration.ofDays(1), 1 << 20))) {
            append(log, end("a"), end("b"), draft("c", "1"));
            append(log, draft("c", "2"), draft("c", "3"));
            log.maintain();
            assertThat(log.tail().era().ended().size()).isZero();
            crashed = crash();
            append(log, draft("a", "anew"));
            assertThat(rows(path())).isEmpty();
        }
        // Where the transaction did not come that would have removed them, a restart sees that their events are gone.
        assertThat(rows(crashed)).containsExactly("1 a", "2 b");
        assertThat(findings(crashed)).isEmpty();
        try (SqliteLog log = open(crashed)) {
            assertThat(log.tail().era().ended().size()).isZero();
            log.maintain();
            assertThat(rows(crashed)).isEmpty();
        }
    }

    @Test
    void storesNothingOfTopicsThatAreNotStored() throws Exception {
        try (SqliteLog log = open(path(), classes("live/*", Keep.NOTHING))) {
            append(log, end("live/1"));
            append(log, end("live/2"), end("a"));
            assertThat(log.tail().era().ended().size()).isEqualTo(3);
            assertThat(rows(path())).singleElement().asString().endsWith(" a");
        }
        try (SqliteLog log = open(path(), classes("live/*", Keep.NOTHING))) {
            assertThat(ended(log, "live/1")).isEqualTo(EndedTopics.OPEN);
            assertThat(log.tail().era().ended().size()).isEqualTo(1);
        }
    }

    /** What a topic that is not stored any more does is not noted, and must not come to light when it is stored again. */
    @Test
    void forgetsTopicsThatAreNotStoredAnyMore() throws Exception {
        try (SqliteLog log = open(path())) {
            append(log, end("a"), end("b"));
        }
        try (SqliteLog log = open(path(), classes("a", Keep.NOTHING))) {
            assertThat(ended(log, "a")).isEqualTo(EndedTopics.OPEN);
            assertThat(ended(log, "b")).isEqualTo(2);
            append(log, draft("a", "anew"));
            log.maintain();
            assertThat(rows(path())).containsExactly("2 b");
        }
        try (SqliteLog log = open(path())) {
            assertThat(ended(log, "a")).isEqualTo(EndedTopics.OPEN);
            assertThat(ended(log, "b")).isEqualTo(2);
        }
    }

    @Test
    void takesATopicForOpenWhoseRowIsDamaged() throws Exception {
        try (SqliteLog log = open(path())) {
            append(log, end("a"), end("b"), end("c"), end("d"));
        }
        Logs.sql(path(), "UPDATE ended SET topic = 'x' WHERE topic = 'a'", "UPDATE ended SET sequence = 99 WHERE topic = 'b'",
                "UPDATE ended SET crc = crc + 1 WHERE topic = 'c'");
        assertThat(findings(path())).hasSize(3).allMatch(finding -> finding.contains("in table ended is not what was stored"));
        try (SqliteLog log = open(path())) {
            assertThat(log.tail().era().ended().size()).isEqualTo(1);
            assertThat(ended(log, "d")).isEqualTo(4);
            append(log, draft("e", "1"));
            assertThat(rows(path())).as("they are swept out").containsExactly("4 d");
        }
        assertThat(findings(path())).isEmpty();
    }

    @Test
    void undoesWhatATransactionThatFailsSays() throws Exception {
        try (SqliteLog log = open(path())) {
            append(log, end("a"));
            // Another writer has the database for as long as it waits.
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + path());
                    Statement statement = other.createStatement()) {
                statement.execute("BEGIN IMMEDIATE");
                assertThat(log.append(List.of(draft("a", "anew"), end("b")))).isInstanceOf(Append.Unavailable.class);
                statement.execute("ROLLBACK");
            }
            assertThat(ended(log, "a")).isEqualTo(1);
            assertThat(ended(log, "b")).isEqualTo(EndedTopics.OPEN);
            append(log, draft("c", "x"));
            assertThat(rows(path())).containsExactly("1 a");
        }
    }
}
