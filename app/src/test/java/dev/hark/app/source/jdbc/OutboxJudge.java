package dev.hark.app.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.config.SourceSettings.After;
import dev.hark.app.source.SourcedLog;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether a hub has each committed row of an outbox exactly once, and those of each service in the order in which it wrote them. */
public final class OutboxJudge {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private OutboxJudge() {}

    /**
     * What the hub has, once that is all.
     *
     * @param writers that have ended
     */
    public static List<String> judge(
            URI hub, OutboxDatabase database, List<OutboxWriter> writers, After after, long seed) throws Exception {
        Set<String> committed = new HashSet<>();
        writers.forEach(writer -> committed.addAll(writer.committed()));
        List<String> expected = switch (after) {
            case KEEP -> rows(database);
            case DELETE -> List.copyOf(committed);
        };
        assertThat(committed).as("the writers got something done (seed %d)", seed).isNotEmpty();
        assertThat(expected).as("what the database answered for it has (seed %d)", seed).containsAll(committed);
        var shown = new SourcedLog(hub, OutboxWriter.TOPIC);
        shown.readUntil(PATIENCE, log -> log.size() >= expected.size());
        if (after == After.DELETE) {
            await().atMost(PATIENCE).until(() -> rows(database).isEmpty());
        }

        List<String> log = shown.read();
        SourcedLog.requireOnceAndInOrder(log, expected, seed);
        if (after == After.KEEP) {
            assertThat(log).as("nothing else (seed %d)", seed).hasSameSizeAs(expected);
        }
        for (OutboxWriter writer : writers) {
            assertThat(log).as("nothing that was given up (seed %d)", seed).doesNotContainAnyElementsOf(writer.never());
        }
        return log;
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
}
