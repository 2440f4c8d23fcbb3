package dev.hark.log.sqlite.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.ClassUse;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import dev.hark.log.sqlite.FastFolder;
import dev.hark.log.sqlite.Logs;
import dev.hark.log.sqlite.SqliteLog;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.log.sqlite.SqliteSettings.Durability;
import dev.hark.thread.VitalThreads;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a log whose table of newest events is not as it was stored. */
class LatestCheckTest {
    @TempDir(factory = FastFolder.class)
    Path folder;

    private Path path = Path.of("");
    private int logs;

    /**
     * Eleven events. Of the topics p/** three newest events stay: those at 3, which is beyond a retention of 7, 10 and 11. Two more had to
     * go, at 1 and 2, and that at 4 was deleted by 5.
     */
    private void store(int retained) {
        path = folder.resolve("log " + ++logs + ".db");
        var keep = new Keep(new Retention(retained, Duration.ofDays(1), 1L << 30), true);
        TopicClasses classes = TopicClasses.of(List.of(new TopicClasses.Rule(new TopicFilter("p/**"), keep)), Logs.KEEPS_ALL);
        var config = new LogConfig(
                classes, new HotLimits(4, 1 << 20), new IdempotencyLimits(10, Duration.ofDays(1)), 3, LogConfig.DEFAULT_STALL);
        try (SqliteLog log = SqliteLog.open(
                new SqliteSettings(path, Durability.WRITE, config), new FakeClock(), new Random(1), new VitalThreads())) {
            Logs.append(log, draft("p/a", "1"));
            Logs.append(log, draft("p/a", "2"));
            Logs.append(log, draft("p/a", "3"));
            Logs.append(log, draft("p/b", "gone"));
            Logs.append(log, Draft.deleted(new Topic("p/b"), "gone", null));
            Logs.append(log, draft("other", "3"));
            Logs.append(log, draft("p/c", "again"));
            Logs.append(log, draft("p/c", "again"));
            Logs.append(log, draft("p/d", null));
            Logs.append(log, draft("p/d", null));
            Logs.append(log, draft("p/c", "again"));
            log.maintain();
        }
    }

    private static Draft draft(String topic, @Nullable String key) {
        return new Draft(new Topic(topic), Draft.DEFAULT_TYPE, key, "some data".getBytes(StandardCharsets.UTF_8), null, EventKind.PLAIN);
    }

    private List<String> findings() {
        var findings = new ArrayList<String>();
        try (LogFile file = LogFile.open(path)) {
            Verification found = file.verify(findings::add);
            assertThat(found.findings()).isEqualTo(findings.size());
            assertThat(found.notes()).isEmpty();
        }
        return findings;
    }

    private List<String> findingsAfter(String... sql) throws SQLException {
        store(7);
        Logs.sql(path, sql);
        return findings();
    }

    @Test
    void findsNothingInAnIntactLog() {
        store(7);

        assertThat(findings()).isEmpty();
        try (LogFile file = LogFile.open(path)) {
            LogSummary summary = file.summary(0);
            assertThat(summary.events()).as("one beyond the retention of 7, and one of another class").isEqualTo(9);
            assertThat(summary.classes()).extracting(LogSummary.ClassTotal::latest).containsExactly(false, true);
            assertThat(summary.classes()).extracting(LogSummary.ClassTotal::kept)
                    .containsExactly(ClassUse.Latest.NONE, new ClassUse.Latest(3, 2));
        }
    }

    @Test
    void findsARowThatNamesAnOlderEvent() throws Exception {
        assertThat(findingsAfter("UPDATE latest SET sequence = 7 WHERE sequence = 11")).containsExactly(
                "table latest says that event 7 is the newest of topic 'p/c' with key 'again', but event 8 is newer",
                "table latest says that event 7 is the newest of topic 'p/c' with key 'again', but event 11 is newer");
    }

    @Test
    void findsARowWhoseEventIsNotThere() throws Exception {
        assertThat(findingsAfter("DELETE FROM event WHERE sequence = 3"))
                .contains("table latest says that event 3 is the newest of topic 'p/a' with key '3', which is not there");
    }

    @Test
    void findsARowWhoseEventIsAnothers() throws Exception {
        assertThat(findingsAfter("UPDATE latest SET topic = 'p/b' WHERE sequence = 3"))
                .contains("table latest says that event 3 is the newest of topic 'p/b' with key '3', which is another's");
        assertThat(findingsAfter("UPDATE latest SET key = '' WHERE sequence = 11", "UPDATE latest SET sequence = 6 WHERE sequence = 3"))
                .contains("table latest says that event 11 is the newest of topic 'p/c' without a key, which is another's",
                        "table latest says that event 6 is the newest of topic 'p/a' with key '3', which is another's");
    }

    @Test
    void findsTheRowOfWhatWasDeleted() throws Exception {
        assertThat(findingsAfter("INSERT INTO latest (sequence, topic, key) VALUES (4, 'p/b', 'gone')")).containsExactly(
                "table latest says that event 4 is the newest of topic 'p/b' with key 'gone', but event 5 took that back");
        assertThat(findingsAfter("INSERT INTO latest (sequence, topic, key) VALUES (5, 'p/b', 'gone')")).contains(
                "table latest says that event 5 is the newest of topic 'p/b' with key 'gone', which takes back what there was");
    }

    @Test
    void findsARowOfTopicsWhoseNewestDoNotStay() throws Exception {
        assertThat(findingsAfter("INSERT INTO latest (sequence, topic, key) VALUES (6, 'other', '3')")).containsExactly(
                "table latest says that event 6 is the newest of topic 'other' with key '3', of which the newest does not stay");
    }

    @Test
    void findsThatARowIsMissing() throws Exception {
        assertThat(findingsAfter("DELETE FROM latest WHERE sequence = 10")).containsExactly(
                "event 10 is the newest of topic 'p/d' without a key, but table latest does not say so",
                "the newest events of 2 topics and keys of p/** stay, but the row in table class says of 3");
    }

    @Test
    void findsThatRowsAndTheirNumberDiffer() throws Exception {
        store(100);
        assertThat(findings()).isEmpty();

        // It had to go, but its event is retained.
        Logs.sql(path, "INSERT INTO latest (sequence, topic, key) VALUES (2, 'p/a', '2')");

        assertThat(findings()).containsExactly("the newest events of 4 topics and keys of p/** stay, but the row in table class says of 3");
    }

    @Test
    void saysInShortWhatADamagedRowHolds() throws Exception {
        List<String> findings = findingsAfter("UPDATE latest SET topic = 'p/' || char(10) || hex(zeroblob(500)) WHERE sequence = 3");

        assertThat(findings).first().asString().startsWith("table latest says that event 3 is the newest of topic 'p/?000").contains("…'")
                .hasSizeLessThan(250);
    }
}
