package dev.hark.app.source.jdbc;

import static dev.hark.app.source.jdbc.OutboxHub.PATIENCE;
import static dev.hark.app.source.jdbc.OutboxHub.awaitLog;
import static dev.hark.app.source.jdbc.OutboxHub.inLog;
import static dev.hark.app.source.jdbc.OutboxHub.numbers;
import static dev.hark.app.source.jdbc.OutboxHub.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import dev.hark.app.SilentLog;
import dev.hark.app.config.SourceSettings.After;
import dev.hark.app.config.SourceSettings.Jdbc;
import dev.hark.app.source.Portion;
import dev.hark.app.source.Reading;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What a hub makes of the outbox of a real PostgreSQL. */
@ResourceLock(SilentLog.LOG)
class OutboxIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static PostgresServer postgres;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startPostgres() throws Exception {
        postgres = PostgresServer.start();
    }

    @AfterAll
    static void endPostgres() {
        if (postgres != null) {
            postgres.close();
        }
    }

    @BeforeEach
    void makeTable() throws SQLException {
        postgres.makeTable();
    }

    private static RunningHub hub(Engine engine, String... settings) {
        return OutboxHub.start(postgres, engine, settings);
    }

    private static void insert(String topic, String data) throws SQLException {
        try (Connection connection = postgres.connect()) {
            OutboxHub.insert(connection, topic, data);
        }
    }

    private static long rows() throws SQLException {
        return OutboxHub.count(postgres, "true");
    }

    @Test
    void publishesRowsInOrderWithTypeAndKey() throws Exception {
        insert("orders/1", "before");
        try (RunningHub hub = hub(Engine.MEMORY)) {
            postgres.execute("INSERT INTO hark_outbox (topic, type, key, data) VALUES ('orders/1', 'created', 'k', 'ä\n2')");
            insert("orders/1", "3");

            awaitLog(hub, "orders/1", "before", "ä\n2", "3");
            JsonNode event = JSON.readTree(hub.get("/topics/orders/1?since=earliest", "Accept", "application/json").body())
                    .path("events").path(1);
            assertThat(event.path("type").asText()).isEqualTo("created");
            assertThat(event.path("key").asText()).isEqualTo("k");
            hub.awaitMeter(HubMeter.PUBLISHED_EVENTS, count -> count == 3);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(status(hub).path("behindSeconds").asDouble(-1)).isZero();
                assertThat(status(hub).path("published").asLong()).isEqualTo(3);
                assertThat(status(hub).path("state").asText()).isEqualTo("running");
                assertThat(hub.admin("/metrics").body()).contains("hark_source_events_total{source=\"outbox\"} 3.0");
            });
        }
    }

    @Test
    void missesNoRowThatBecomesVisibleLate() throws Exception {
        try (RunningHub hub = hub(Engine.MEMORY); Connection slow = postgres.connect(); Connection slower = postgres.connect()) {
            slow.setAutoCommit(false);
            slower.setAutoCommit(false);
            OutboxHub.insert(slower, "t", "1, last");
            OutboxHub.insert(slow, "t", "2, late");
            insert("t", "3, at once");
            awaitLog(hub, "t", "3, at once");
            insert("t", "4, at once");
            awaitLog(hub, "t", "3, at once", "4, at once");

            slow.commit();
            awaitLog(hub, "t", "3, at once", "4, at once", "2, late");
            insert("t", "5, at once");
            awaitLog(hub, "t", "3, at once", "4, at once", "2, late", "5, at once");
            slower.commit();
            awaitLog(hub, "t", "3, at once", "4, at once", "2, late", "5, at once", "1, last");
        }
    }

    @Test
    void doesNotWaitForWhatIsNeverCommitted() throws Exception {
        try (RunningHub hub = hub(Engine.MEMORY); Connection undone = postgres.connect()) {
            undone.setAutoCommit(false);
            OutboxHub.insert(undone, "t", "1, never");
            insert("t", "2");
            awaitLog(hub, "t", "2");
            undone.rollback();
            insert("t", "3");
            awaitLog(hub, "t", "2", "3");
        }
    }

    @Test
    void goesByIdWhereOneTransactionWaitedForAnother() throws Exception {
        postgres.execute("DROP TABLE IF EXISTS thing; CREATE TABLE thing (n int); INSERT INTO thing VALUES (0)");
        try (Connection first = postgres.connect(); Connection second = postgres.connect()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            // The second is older as a transaction, and changes the thing later.
            second.createStatement().execute("SELECT pg_current_xact_id()");
            first.createStatement().execute("UPDATE thing SET n = 1");
            OutboxHub.insert(first, "t", "changed first");
            first.commit();
            second.createStatement().execute("UPDATE thing SET n = 2");
            OutboxHub.insert(second, "t", "changed second");
            second.commit();
        }
        try (RunningHub hub = hub(Engine.MEMORY)) {
            awaitLog(hub, "t", "changed first", "changed second");
        }
    }

    @Test
    void readsManyRowsInSmallPortions() throws Exception {
        postgres.execute("INSERT INTO hark_outbox (topic, data) SELECT 't', n::text FROM generate_series(1, 460) n");
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.batch=7")) {
            awaitLog(hub, "t", numbers(1, 460));
            // A window of its own, small enough to be found by transaction.
            postgres.execute("INSERT INTO hark_outbox (topic, data) SELECT 't', n::text FROM generate_series(461, 490) n");
            awaitLog(hub, "t", numbers(1, 490));
        }
    }

    @Test
    void readsWindowsThatAreLarge() throws Exception {
        try (RunningHub hub = hub(Engine.MEMORY)) {
            insert("t", "0");
            awaitLog(hub, "t", "0");
            postgres.execute("INSERT INTO hark_outbox (topic, data) SELECT 'many/' || n % 10, n::text FROM generate_series(1, 4800) n");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(hub).path("published").asLong()).isEqualTo(4801));
            for (int topic = 0; topic < 10; topic++) {
                int first = topic == 0 ? 10 : topic;
                awaitLog(hub, "many/" + topic, IntStream.range(0, 480).mapToObj(n -> "" + (first + 10 * n)).toArray(String[]::new));
            }
        }
    }

    @Test
    void passesOverWhatCanBeNoEventAndSaysSo() throws Exception {
        insert("t", "1");
        insert("a//b", "bad topic");
        insert("$hark/sources/outbox", "not theirs");
        insert("t", "x".repeat(70_000));
        postgres.execute("INSERT INTO hark_outbox (topic, type, data) VALUES ('t', 'hark.close', 'bad type')");
        insert("t", "2");
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.jdbc.after=delete")) {
            awaitLog(hub, "t", "1", "2");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(rows()).as("what is refused stays").isEqualTo(4));
            JsonNode status = await().atMost(PATIENCE).until(() -> status(hub), each -> each.path("published").asLong() == 2);
            assertThat(status.path("refused").asLong()).isEqualTo(4);
            assertThat(status.path("lastRefused")).hasSize(4);
            assertThat(status.path("lastRefused").toString()).contains("empty segment", "belong to the hub", "70000 bytes", "'hark.close'");
            assertThat(hub.admin("/metrics").body()).contains("hark_source_refused_total{source=\"outbox\"} 4.0");
        }
    }

    @Test
    void deletesWhatIsPublished() throws Exception {
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.jdbc.after=delete", "sources.0.batch=10");
                Connection slow = postgres.connect()) {
            slow.setAutoCommit(false);
            OutboxHub.insert(slow, "t", "late");
            postgres.execute("INSERT INTO hark_outbox (topic, data) SELECT 't', n::text FROM generate_series(1, 45) n");
            awaitLog(hub, "t", numbers(1, 45));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(rows()).isZero());
            slow.commit();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(inLog(hub, "t")).hasSize(46).endsWith("45", "late"));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(rows()).isZero());
        }
    }

    @Test
    void goesOnAfterTheDatabaseWasAwayAndSaysSo() throws Exception {
        insert("t", "1");
        try (RunningHub hub = hub(Engine.MEMORY, "health.stall=PT0.1S")) {
            awaitLog(hub, "t", "1");
            postgres.kill();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(hub.admin("/health/ready").body())
                    .contains("alarms", "the source 'outbox' does not get on", "table hark_outbox"));
            assertThat(hub.admin("/health/ready").status()).as("publishers and streams lack nothing").isEqualTo(200);
            assertThat(status(hub).path("state").asText()).isEqualTo("trouble");
            assertThat(status(hub).path("behindSeconds").asDouble()).isPositive();
            postgres.startAgain();
            insert("t", "2");
            awaitLog(hub, "t", "1", "2");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(hub.admin("/health/ready").body()).doesNotContain("alarms"));
        } finally {
            postgres.startAgain();
        }
    }

    @Test
    void saysClearlyWhatIsWrongWithTheTable() throws Exception {
        postgres.execute("ALTER TABLE hark_outbox RENAME COLUMN xid TO tx");
        try (RunningHub hub = hub(Engine.MEMORY)) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(hub).path("trouble").asText())
                    .contains("table hark_outbox", "column \"xid\" does not exist"));
            postgres.execute("ALTER TABLE hark_outbox RENAME COLUMN tx TO xid");
            insert("t", "1");
            awaitLog(hub, "t", "1");
            postgres.execute("ALTER TABLE hark_outbox ALTER COLUMN xid DROP DEFAULT, ALTER COLUMN xid TYPE bigint USING 1");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(hub).path("trouble").asText()).contains("xid"));
            postgres.execute("DROP TABLE hark_outbox");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(hub).path("trouble").asText()).contains("does not exist"));
        }
    }

    /** Numbers of transactions are compared as numbers. */
    @Test
    void readsNoRowTwiceWhereNumbersOfTransactionsGetLonger() throws Exception {
        postgres.execute("INSERT INTO hark_outbox (xid, topic, data) VALUES ('9', 'a', '1'), ('10', 'a', '2')");
        var outbox = new PostgresOutbox(
                new Jdbc(postgres.url(), Optional.of("hark"), Optional.empty(), "hark_outbox", Duration.ofMillis(20), After.KEEP), 1000);
        try (Reading reading = outbox.open()) {
            Portion first = reading.read(null, 10);
            assertThat(first.items()).hasSize(2);
            assertThat(reading.read(first.position(), 10).items()).isEmpty();
        }
    }

    @Test
    void refusesAnOlderCopyOfTheDatabase() throws Exception {
        var outbox = new PostgresOutbox(
                new Jdbc(postgres.url(), Optional.of("hark"), Optional.empty(), "hark_outbox", Duration.ofMillis(20), After.KEEP), 1000);
        Snapshot end = Snapshot.parse("9000000000:9000000000:");
        var later = new OutboxPosition(null, end, end, 0, 1, 1, 1, true);
        try (Reading reading = outbox.open()) {
            assertThat(catchThrowable(() -> reading.read(later.toJson(), 10))).hasMessageContaining("another one, or an older copy");
        }
    }

    @Test
    void isWokenByACall() throws Exception {
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.jdbc.poll=PT60S")) {
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(hub).path("state").asText()).isEqualTo("running"));
            insert("t", "1");
            postgres.execute("NOTIFY hark_outbox");
            // Before the time is over after which it would look by itself.
            awaitLog(hub, "t", "1");
        }
    }

    @Test
    void goesOnWhereItWasAfterARestart() throws Exception {
        String[] log = {"log.kind=sqlite", "log.path=" + folder.resolve("hark.db")};
        insert("t", "1");
        try (RunningHub hub = hub(Engine.MEMORY, log)) {
            awaitLog(hub, "t", "1");
        }
        insert("t", "2");
        try (RunningHub hub = hub(Engine.MEMORY, log)) {
            awaitLog(hub, "t", "1", "2");
        }
        // Its position stays, though it does not run.
        insert("t", "3");
        try (RunningHub hub = hub(Engine.MEMORY, log[0], log[1], "sources.0.enabled=false")) {
            assertThat(status(hub).path("state").asText()).isEqualTo("disabled");
            assertThat(inLog(hub, "t")).containsExactly("1", "2");
        }
        try (RunningHub hub = hub(Engine.MEMORY, log)) {
            awaitLog(hub, "t", "1", "2", "3");
        }
    }
}
