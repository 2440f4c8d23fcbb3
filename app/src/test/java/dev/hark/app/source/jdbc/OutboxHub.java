package dev.hark.app.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A hub that reads an outbox, what is written there, and what becomes of it. */
final class OutboxHub {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final ObjectMapper JSON = new ObjectMapper();

    private OutboxHub() {}

    static RunningHub start(OutboxDatabase database, Engine engine, String... settings) {
        Stream<String> usual = Stream.of("sources.0.name=outbox", "sources.0.jdbc.url=" + database.url(),
                "sources.0.jdbc.user=" + database.user(), "sources.0.jdbc.poll=PT0.02S");
        return RunningHub.start(engine, Stream.concat(usual, Stream.of(settings)).toArray(String[]::new));
    }

    static void insert(Connection connection, String topic, String data) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO hark_outbox (topic, data) VALUES (?, ?)")) {
            insert.setString(1, topic);
            insert.setString(2, data);
            insert.executeUpdate();
        }
    }

    static long count(OutboxDatabase database, String condition) throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM hark_outbox WHERE " + condition)) {
            row.next();
            return row.getLong(1);
        }
    }

    static List<String> inLog(RunningHub hub, String topic) throws IOException {
        JsonNode page = JSON.readTree(hub.get("/topics/" + topic + "?since=earliest&limit=500", "Accept", "application/json").body());
        List<String> data = new ArrayList<>();
        page.path("events").forEach(event -> data.add(event.path("data").asText()));
        return data;
    }

    static void awaitLog(RunningHub hub, String topic, String... expected) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(inLog(hub, topic)).containsExactly(expected));
    }

    static JsonNode status(RunningHub hub) throws IOException {
        return JSON.readTree(hub.admin("/api/sources").body()).path("sources").path(0);
    }

    static void awaitTrouble(RunningHub hub, String... words) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(hub).path("trouble").asText()).contains(words));
    }

    static String[] numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toArray(String[]::new);
    }
}
