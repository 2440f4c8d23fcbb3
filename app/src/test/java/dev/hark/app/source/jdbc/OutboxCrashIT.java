package dev.hark.app.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.Program;
import dev.hark.app.config.SourceSettings.After;
import dev.hark.app.crash.DurableServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hub and the database of its source, both killed again and again while services write: every committed row is in the log exactly once,
 * and those of each service are in the order in which it wrote them. {@code -Dhark.seed=…} repeats a seed's choices.
 */
@DisabledIfSystemProperty(named = "hark.test.access", matches = "true", disabledReason = "its hubs have a configuration of their own")
class OutboxCrashIT {
    private static final int WRITERS = 3;
    private static final int MIN_LIFE_MILLIS = 50;
    private static final int MAX_LIFE_MILLIS = 700;

    /** Of ten kills, how many hit the database. */
    private static final int OF_DATABASE = 4;

    /** For which it is not worth while to have the hub start sooner. */
    private static final int FEW = 12;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("hark.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void twelveKillsDoubleAndLoseNothing() throws Exception {
        run(12, After.KEEP);
    }

    @Test
    @Tag("long")
    void fortyKillsDoubleAndLoseNothing() throws Exception {
        run(40, After.KEEP);
    }

    @Test
    @Tag("long")
    void fortyKillsDoubleAndLoseNothingOfWhatIsDeleted() throws Exception {
        run(40, After.DELETE);
    }

    @Test
    void tenKillsWithMariaDbDoubleAndLoseNothing() throws Exception {
        run(MariaDbServer.start(), 10, After.KEEP);
    }

    @Test
    @Tag("long")
    void thirtyKillsWithMariaDbDoubleAndLoseNothing() throws Exception {
        run(MariaDbServer.start(), 30, After.KEEP);
    }

    @Test
    @Tag("long")
    void thirtyKillsWithMariaDbDoubleAndLoseNothingOfWhatIsDeleted() throws Exception {
        run(MariaDbServer.start(), 30, After.DELETE);
    }

    private void run(int kills, After after) throws Exception {
        run(PostgresServer.start(), kills, after);
    }

    private void run(OutboxDatabase started, int kills, After after) throws Exception {
        try (OutboxDatabase database = started; var server = new DurableServer(folder)) {
            database.makeTable();
            if (kills > FEW) {
                server.train();
            }
            List<OutboxWriter> writers = IntStream.range(0, WRITERS).mapToObj(i -> new OutboxWriter(database, i, seed)).toList();
            List<Thread> threads = writers.stream().map(writer -> Thread.ofPlatform().name("writer").start(writer)).toList();
            try {
                Program hub = start(server, database, after);
                for (int i = 0; i < kills; i++) {
                    int life = MIN_LIFE_MILLIS + random.nextInt(MAX_LIFE_MILLIS - MIN_LIFE_MILLIS);
                    assertThat(hub.process().waitFor(life, TimeUnit.MILLISECONDS)).as(hub.err()).isFalse();
                    if (random.nextInt(10) < OF_DATABASE) {
                        database.kill();
                        database.startAgain();
                    } else {
                        DurableServer.kill(hub);
                        hub = start(server, database, after);
                    }
                }
                writers.forEach(OutboxWriter::end);
                for (Thread thread : threads) {
                    thread.join();
                }
                judge(hub.awaitUri(), database, writers, after);
            } finally {
                writers.forEach(OutboxWriter::end);
            }
        }
    }

    private Program start(DurableServer server, OutboxDatabase database, After after) {
        Program hub = server.start("sources.0.name=outbox", "sources.0.jdbc.url=" + database.url(),
                "sources.0.jdbc.user=" + database.user(), "sources.0.jdbc.poll=PT0.02S",
                "sources.0.jdbc.after=" + after.configName(), "sources.0.batch=20");
        hub.awaitUri();
        return hub;
    }

    private void judge(URI hub, OutboxDatabase database, List<OutboxWriter> writers, After after) throws Exception {
        Set<String> committed = new HashSet<>();
        writers.forEach(writer -> committed.addAll(writer.committed()));
        List<String> expected = switch (after) {
            case KEEP -> rows(database);
            case DELETE -> List.copyOf(committed);
        };
        assertThat(committed).as("the writers got something done (seed %d)", seed).isNotEmpty();
        assertThat(expected).as("what the database answered for it has (seed %d)", seed).containsAll(committed);
        // How much was written depends on how long the starts took: it may take any time, as long as it gets on.
        int seen = -1;
        int size = inLog(hub).size();
        while (size < expected.size() && size > seen) {
            seen = size;
            int least = size + 1;
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> inLog(hub).size() >= least);
            size = inLog(hub).size();
        }
        if (after == After.DELETE) {
            await().atMost(PATIENCE).until(() -> rows(database).isEmpty());
        }

        List<String> log = inLog(hub);
        assertThat(log).as("nothing twice (seed %d)", seed).doesNotHaveDuplicates();
        assertThat(log).as("nothing lost (seed %d)", seed).containsAll(expected);
        if (after == After.KEEP) {
            assertThat(log).as("nothing else (seed %d)", seed).hasSameSizeAs(expected);
        }
        for (OutboxWriter writer : writers) {
            assertThat(log).as("nothing that was given up (seed %d)", seed).doesNotContainAnyElementsOf(writer.never());
        }
        Map<String, Integer> last = new HashMap<>();
        for (String row : log) {
            String[] parts = row.split("-");
            int number = Integer.parseInt(parts[1]);
            assertThat(last.put(parts[0], number)).as("the row before %s of its writer (seed %d)", row, seed)
                    .satisfiesAnyOf(before -> assertThat(before).isNull(), before -> assertThat(before).isLessThan(number));
        }
    }

    private static List<String> rows(OutboxDatabase database) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = database.connect(); Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT data FROM hark_outbox ORDER BY id")) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }

    private List<String> inLog(URI hub) throws Exception {
        List<String> data = new ArrayList<>();
        String since = "earliest";
        boolean more = true;
        while (more) {
            URI page = URI.create(hub + "/topics/" + OutboxWriter.TOPIC + "?limit=500&since=" + since);
            var request = HttpRequest.newBuilder(page).header("Accept", "application/json").timeout(PATIENCE).build();
            JsonNode json = JSON.readTree(client.send(request, BodyHandlers.ofString()).body());
            json.path("events").forEach(event -> data.add(event.path("data").asText()));
            since = json.path("next").asText();
            more = !json.path("events").isEmpty();
        }
        return data;
    }
}
