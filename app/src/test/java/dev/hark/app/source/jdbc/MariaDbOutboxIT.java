package dev.hark.app.source.jdbc;

import static dev.hark.app.source.jdbc.OutboxHub.PATIENCE;
import static dev.hark.app.source.jdbc.OutboxHub.awaitLog;
import static dev.hark.app.source.jdbc.OutboxHub.awaitTrouble;
import static dev.hark.app.source.jdbc.OutboxHub.inLog;
import static dev.hark.app.source.jdbc.OutboxHub.numbers;
import static dev.hark.app.source.jdbc.OutboxHub.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import dev.hark.app.SilentLog;
import dev.hark.app.config.SourceSettings.After;
import dev.hark.app.config.SourceSettings.Jdbc;
import dev.hark.app.source.Item;
import dev.hark.app.source.Portion;
import dev.hark.app.source.Reading;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What a hub makes of the outbox of a real MariaDB. */
@ResourceLock(SilentLog.LOG)
class MariaDbOutboxIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String UNREAD = "read_at IS NULL";

    private static MariaDbServer maria;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startMariaDb() throws Exception {
        maria = MariaDbServer.start();
    }

    @AfterAll
    static void endMariaDb() {
        if (maria != null) {
            maria.close();
        }
    }

    @BeforeEach
    void makeTable() throws SQLException {
        maria.makeTable();
    }

    private static RunningHub hub(String... settings) {
        return OutboxHub.start(maria, Engine.MEMORY, settings);
    }

    private static void insert(String topic, String data) throws SQLException {
        try (Connection connection = maria.connect()) {
            OutboxHub.insert(connection, topic, data);
        }
    }

    private static void insertNumbers(String topic, int first, int last) throws SQLException {
        maria.execute("INSERT INTO hark_outbox (topic, data) SELECT " + topic + ", seq FROM seq_" + first + "_to_" + last);
    }

    private static void awaitUnread(long rows) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(OutboxHub.count(maria, UNREAD)).isEqualTo(rows));
    }

    private static Reading open(String url, After after) throws Exception {
        return JdbcOutbox.of(
                new Jdbc(url, Optional.of("hark"), Optional.empty(), "hark_outbox", Duration.ofMillis(20), after), 1000).open();
    }

    private static List<String> ids(Portion portion) {
        return portion.items().stream().map(Item::id).toList();
    }

    @Test
    void publishesRowsInOrderWithTypeAndKey() throws Exception {
        insert("orders/1", "before");
        try (RunningHub hub = hub()) {
            maria.execute("INSERT INTO hark_outbox (topic, type, `key`, data) VALUES ('orders/1', 'created', 'k', 'ä🚢\\n2')");
            insert("orders/1", "3");

            awaitLog(hub, "orders/1", "before", "ä🚢\n2", "3");
            JsonNode event = JSON.readTree(hub.get("/topics/orders/1?since=earliest", "Accept", "application/json").body())
                    .path("events").path(1);
            assertThat(event.path("type").asText()).isEqualTo("created");
            assertThat(event.path("key").asText()).isEqualTo("k");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(hub).path("behindSeconds").asDouble(-1)).isZero());
            assertThat(status(hub).path("published").asLong()).isEqualTo(3);
            assertThat(status(hub).path("state").asText()).isEqualTo("running");
            awaitUnread(0);
            assertThat(OutboxHub.count(maria, "true")).as("rows that are kept").isEqualTo(3);
        }
    }

    /** Marks wait for nobody either, though the table is so small that all of it is quickly searched. */
    @Test
    void missesNoRowThatBecomesVisibleLate() throws Exception {
        try (RunningHub hub = hub(); Connection slow = maria.connect(); Connection slower = maria.connect()) {
            slow.setAutoCommit(false);
            slower.setAutoCommit(false);
            OutboxHub.insert(slower, "t", "1, last");
            OutboxHub.insert(slow, "t", "2, late");
            insert("t", "3, at once");
            awaitLog(hub, "t", "3, at once");
            awaitUnread(0);
            insert("t", "4, at once");
            awaitLog(hub, "t", "3, at once", "4, at once");

            slow.commit();
            awaitLog(hub, "t", "3, at once", "4, at once", "2, late");
            insert("t", "5, at once");
            awaitLog(hub, "t", "3, at once", "4, at once", "2, late", "5, at once");
            slower.commit();
            awaitLog(hub, "t", "3, at once", "4, at once", "2, late", "5, at once", "1, last");
            awaitUnread(0);
        }
    }

    @Test
    void doesNotWaitForWhatIsNeverCommitted() throws Exception {
        try (RunningHub hub = hub(); Connection undone = maria.connect()) {
            undone.setAutoCommit(false);
            OutboxHub.insert(undone, "t", "1, never");
            insert("t", "2");
            awaitLog(hub, "t", "2");
            undone.rollback();
            insert("t", "3");
            awaitLog(hub, "t", "2", "3");
        }
    }

    /** A statement is given its ids first; for a while nothing is there that anybody could find, not even a lock. */
    @Test
    void missesNoRowWhoseIdIsGivenLongBefore() throws Exception {
        try (RunningHub hub = hub(); Connection gate = maria.connect(); Statement holder = gate.createStatement()) {
            holder.execute("SELECT GET_LOCK('gate', 30)");
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    maria.execute("INSERT INTO hark_outbox (topic, data)"
                            + " VALUES ('t', '1'), ('t', CONCAT('2, ', GET_LOCK('gate', 30))), ('t', '3')");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(nextId()).isGreaterThan(3));
            insert("t", "4");
            awaitLog(hub, "t", "4");
            awaitUnread(0);
            holder.execute("SELECT RELEASE_LOCK('gate')");
            writer.join();
            awaitLog(hub, "t", "4", "1", "2, 1", "3");
        }
    }

    private static long nextId() throws SQLException {
        try (Connection connection = maria.connect(); Statement statement = connection.createStatement();
                var row = statement.executeQuery(
                        "SELECT auto_increment FROM information_schema.tables WHERE table_name = 'hark_outbox'")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void readsRowsThatAreManyAndHaveGapsInSmallPortions() throws Exception {
        insertNumbers("'t'", 1, 460);
        maria.execute("DELETE FROM hark_outbox WHERE id % 3 = 0");
        String[] left = IntStream.rangeClosed(1, 460).filter(n -> n % 3 != 0).mapToObj(Integer::toString).toArray(String[]::new);
        try (RunningHub hub = hub("sources.0.batch=7")) {
            awaitLog(hub, "t", left);
        }
    }

    /** More than are looked up at once. */
    @Test
    void readsMoreThanItLooksUpAtOnce() throws Exception {
        insertNumbers("CONCAT('many/', seq % 50)", 1, 20_500);
        try (RunningHub hub = hub()) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(hub).path("published").asLong()).isEqualTo(20_500));
            for (int topic : new int[] {1, 25, 49}) {
                awaitLog(hub, "many/" + topic, IntStream.range(0, 410).mapToObj(n -> "" + (topic + 50 * n)).toArray(String[]::new));
            }
            awaitUnread(0);
        }
    }

    @Test
    void passesOverWhatCanBeNoEventAndSaysSo() throws Exception {
        insert("t", "1");
        insert("a//b", "bad topic");
        insert("t", "x".repeat(70_000));
        insert("t", "2");
        try (RunningHub hub = hub("sources.0.jdbc.after=delete")) {
            awaitLog(hub, "t", "1", "2");
            await().atMost(PATIENCE).untilAsserted(
                    () -> assertThat(OutboxHub.count(maria, "true")).as("what is refused stays").isEqualTo(2));
            awaitUnread(0);
            JsonNode status = status(hub);
            assertThat(status.path("refused").asLong()).isEqualTo(2);
            assertThat(status.path("lastRefused").toString()).contains("empty segment", "70000 bytes");
        }
    }

    @Test
    void deletesWhatIsPublished() throws Exception {
        try (RunningHub hub = hub("sources.0.jdbc.after=delete", "sources.0.batch=10"); Connection slow = maria.connect()) {
            slow.setAutoCommit(false);
            OutboxHub.insert(slow, "t", "late");
            insertNumbers("'t'", 1, 45);
            awaitLog(hub, "t", numbers(1, 45));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(OutboxHub.count(maria, "true")).isZero());
            slow.commit();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(inLog(hub, "t")).hasSize(46).endsWith("45", "late"));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(OutboxHub.count(maria, "true")).isZero());
        }
    }

    @Test
    void goesOnAfterTheDatabaseWasAwayAndSaysSo() throws Exception {
        insert("t", "1");
        try (RunningHub hub = hub()) {
            awaitLog(hub, "t", "1");
            maria.kill();
            awaitTrouble(hub, "table hark_outbox");
            maria.startAgain();
            insert("t", "2");
            awaitLog(hub, "t", "1", "2");
        } finally {
            maria.startAgain();
        }
    }

    @Test
    void saysClearlyWhatIsWrongWithTheTable() throws Exception {
        maria.execute("ALTER TABLE hark_outbox RENAME COLUMN read_at TO gone");
        try (RunningHub hub = hub()) {
            awaitTrouble(hub, "table hark_outbox", "read_at");
            maria.execute("ALTER TABLE hark_outbox RENAME COLUMN gone TO read_at");
            insert("t", "1");
            awaitLog(hub, "t", "1");
        }
        maria.execute("ALTER TABLE hark_outbox MODIFY created_at datetime(6) NOT NULL DEFAULT current_timestamp(6)");
        refuses("the column created_at", "DATETIME; TIMESTAMP(6) NOT NULL is needed");
        maria.execute("ALTER TABLE hark_outbox MODIFY created_at timestamp(6) NULL DEFAULT current_timestamp(6)");
        refuses("the column created_at", "TIMESTAMP(6) NOT NULL is needed");
        maria.makeTable();
        maria.execute("ALTER TABLE hark_outbox MODIFY read_at datetime(3) NOT NULL DEFAULT current_timestamp(3)");
        refuses("the column read_at", "NOT NULL; DATETIME(3) is needed");
        maria.makeTable();
        maria.execute("ALTER TABLE hark_outbox DROP PRIMARY KEY, ADD PRIMARY KEY (id, created_at)");
        refuses("has the primary key id,created_at; id alone is needed");
        maria.makeTable();
        maria.execute("ALTER TABLE hark_outbox ENGINE=MyISAM");
        refuses("is stored by MyISAM; InnoDB is needed");
        maria.execute("DROP TABLE hark_outbox");
        refuses("table hark_outbox", "doesn't exist");
    }

    private static void refuses(String... words) {
        assertThat(catchThrowable(() -> open(maria.url(), After.KEEP).close())).hasMessageContainingAll(words);
    }

    /** Before the first row is published, and not behind it. */
    @Test
    void saysClearlyWhatItMayNotDo() throws Exception {
        insert("t", "1");
        maria.execute("REVOKE UPDATE (read_at), DELETE ON hark_outbox FROM 'hark'@'%'");
        try (RunningHub hub = hub()) {
            awaitTrouble(hub, "UPDATE command denied to user 'hark'");
            assertThat(inLog(hub, "t")).isEmpty();
            maria.execute("GRANT UPDATE (read_at) ON hark_outbox TO 'hark'@'%'");
            awaitLog(hub, "t", "1");
        }
        assertThat(catchThrowable(() -> open(maria.url(), After.DELETE).close()))
                .hasMessageContaining("DELETE command denied to user 'hark'");
    }

    @Test
    void needsTheServerThatTakesWrites() throws Exception {
        maria.execute("SET GLOBAL read_only = 1");
        try {
            refuses("is read-only; the primary is needed");
        } finally {
            maria.execute("SET GLOBAL read_only = 0");
        }
    }

    @Test
    void goesOnWhereItWasAfterARestart() throws Exception {
        String[] log = {"log.kind=sqlite", "log.path=" + folder.resolve("hark.db")};
        insert("t", "1");
        try (RunningHub hub = hub(log)) {
            awaitLog(hub, "t", "1");
        }
        insert("t", "2");
        try (RunningHub hub = hub(log)) {
            awaitLog(hub, "t", "1", "2");
        }
    }

    /** The first row of a table that was made anew has the id of one that is in the log. */
    @Test
    void knowsThatAnIdComesAgain() throws Exception {
        String[] log = {"log.kind=sqlite", "log.path=" + folder.resolve("hark.db")};
        insert("t", "1");
        try (RunningHub hub = hub(log)) {
            awaitLog(hub, "t", "1");
        }
        maria.execute("TRUNCATE hark_outbox");
        insert("t", "1");
        try (RunningHub hub = hub(log)) {
            awaitLog(hub, "t", "1", "1");
        }
    }

    /** The log has a portion, and whoever stored it died before the table knew. */
    @Test
    void beginsWithWhatTheTableDoesNotKnowYet() throws Exception {
        insertNumbers("'t'", 1, 5);
        Portion portion;
        try (Reading died = open(maria.url(), After.KEEP)) {
            portion = died.read(null, 3);
            assertThat(ids(portion)).containsExactly("1", "2", "3");
            assertThat(portion.waiting()).isEqualTo(2);
        }
        try (Reading reading = open(maria.url(), After.KEEP)) {
            assertThat(catchThrowable(() -> reading.read(portion.position(), 3))).hasMessageContaining("says that it is unread");
            reading.stored(portion.position(), List.of());
            Portion next = reading.read(portion.position(), 3);
            assertThat(ids(next)).containsExactly("4", "5");
            assertThat(next.waiting()).isZero();
            assertThat(ids(reading.read(portion.position(), 1))).as("until it is stored").containsExactly("4");
        }
    }

    @Test
    void goesOnBehindRowsThatSomebodyTookAway() throws Exception {
        insertNumbers("'t'", 1, 9);
        try (Reading reading = open(maria.url(), After.KEEP)) {
            Portion first = reading.read(null, 3);
            reading.stored(first.position(), List.of());
            maria.execute("DELETE FROM hark_outbox WHERE id BETWEEN 4 AND 8");
            Portion next = reading.read(first.position(), 3);
            assertThat(ids(next)).containsExactly("9");
            maria.execute("DELETE FROM hark_outbox");
            assertThat(ids(reading.read(first.position(), 3))).isEmpty();
        }
    }

    /** A look that took a second is followed by one after nineteen more. */
    @Test
    void looksForASmallShareOfTheTimeWhereThereIsNothing() throws Exception {
        var seconds = new AtomicLong();
        LongSupplier nanoTime = () -> Duration.ofSeconds(seconds.getAndIncrement()).toNanos();
        var sql = new MariaDbSql("hark_outbox");
        try (Reading reading = new MariaDbReading(maria.connect(), sql, 1000, false, new MarkedRows(), nanoTime)) {
            assertThat(ids(reading.read(null, 3))).isEmpty();
            insert("t", "1");
            assertThat(ids(reading.read(null, 3))).isEmpty();
            seconds.set(20);
            assertThat(ids(reading.read(null, 3))).as("a second too soon").isEmpty();
            assertThat(ids(reading.read(null, 3))).containsExactly("1");
        }
    }

    /** A writer may have a zone of its own, east of the hub's. */
    @Test
    void knowsWhenARowWasMadeWhateverTheZoneOfItsWriter() throws Exception {
        maria.execute("SET time_zone = '+11:00'; INSERT INTO hark_outbox (topic, data) VALUES ('t', '1')");
        Portion portion;
        try (Reading reading = open(maria.url(), After.KEEP)) {
            portion = reading.read(null, 3);
            assertThat(ids(portion)).containsExactly("1");
        }
        // Another one with its id, made later, by somebody whose clock shows less.
        maria.execute("TRUNCATE hark_outbox; SET time_zone = '-11:00'; INSERT INTO hark_outbox (topic, data) VALUES ('t', '1, anew')");
        try (Reading reading = open(maria.url(), After.KEEP)) {
            reading.stored(portion.position(), List.of());
            assertThat(OutboxHub.count(maria, UNREAD)).as("marked, and not published").isEqualTo(1);
            assertThat(ids(reading.read(portion.position(), 3))).containsExactly("1");
        }
    }

    @Test
    void seesNewRowsThoughItsAddressSaysThatNothingIsCommittedByItself() throws Exception {
        try (Reading reading = open(maria.url() + "?autocommit=false", After.KEEP)) {
            assertThat(ids(reading.read(null, 3))).isEmpty();
            insert("t", "1");
            await().atMost(PATIENCE).until(() -> !ids(reading.read(null, 3)).isEmpty());
            Portion portion = reading.read(null, 3);
            reading.stored(portion.position(), List.of());
            assertThat(OutboxHub.count(maria, UNREAD)).isZero();
        }
    }

    /** A portion before the newest one, too, and after the source has begun anew. */
    @Test
    void publishesNothingAgainWhereMarksDoNotLast() throws Exception {
        insertNumbers("'t'", 1, 6);
        var outbox = JdbcOutbox.of(
                new Jdbc(maria.url(), Optional.of("hark"), Optional.empty(), "hark_outbox", Duration.ofMillis(20), After.KEEP), 1000);
        Portion second;
        try (Reading reading = outbox.open()) {
            Portion first = reading.read(null, 3);
            reading.stored(first.position(), List.of());
            second = reading.read(first.position(), 3);
            reading.stored(second.position(), List.of());
        }
        maria.execute("UPDATE hark_outbox SET read_at = NULL WHERE id = 2");
        try (Reading reading = outbox.open()) {
            reading.stored(second.position(), List.of());
            assertThat(catchThrowable(() -> reading.read(second.position(), 3))).hasMessageContaining("row 2 of the outbox")
                    .hasMessageContaining("says that it is unread");
            maria.execute("UPDATE hark_outbox SET created_at = current_timestamp(6) WHERE id = 2");
            assertThat(ids(reading.read(second.position(), 3))).containsExactly("2");
        }
    }

    @Test
    void takesAnAddressOfMySql() throws Exception {
        insert("t", "1");
        try (Reading reading = open(maria.url().replace("jdbc:mariadb:", "jdbc:mysql:"), After.KEEP)) {
            assertThat(ids(reading.read(null, 3))).containsExactly("1");
        }
    }
}
