package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every row of a replica that is a function of the groups that were applied: events, idempotency keys, newest events, ends, counts and
 * floors.
 *
 * @param tables by name, each row as a line, in the order of the first column
 */
record ReplicaContent(Map<String, List<String>> tables) {
    /**
     * What each table holds. Of {@code applied}, which knows again what a node has appended, there is what nodes may forget; {@code chains}
     * are made from events, and stored when a node ends. How far a class was swept is each node's own work. The last group of
     * {@code replica} is one that says the time alone, and may have come when a node had ended.
     */
    private static final Map<String, String> QUERIES = Map.of(
            "event", "SELECT * FROM event ORDER BY sequence",
            "idempotency", "SELECT * FROM idempotency ORDER BY sequence",
            "latest", "SELECT * FROM latest ORDER BY sequence",
            "ended", "SELECT * FROM ended ORDER BY sequence",
            "class", "SELECT number, name, latest, floor, floor_time, events, bytes, keys, evicted FROM class ORDER BY number",
            "rule", "SELECT * FROM rule ORDER BY place",
            "log", "SELECT * FROM log",
            "replica", "SELECT last FROM replica");

    /** Of the file of a node that has ended. */
    static ReplicaContent read(Path file) throws IOException {
        Map<String, List<String>> tables = new LinkedHashMap<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (Map.Entry<String, String> query : QUERIES.entrySet()) {
                tables.put(query.getKey(), rows(statement, query.getValue()));
            }
        } catch (SQLException e) {
            throw new IOException(e);
        }
        return new ReplicaContent(tables);
    }

    private static List<String> rows(Statement statement, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet found = statement.executeQuery(query)) {
            int columns = found.getMetaData().getColumnCount();
            while (found.next()) {
                var row = new StringBuilder();
                for (int column = 1; column <= columns; column++) {
                    row.append(found.getMetaData().getColumnName(column)).append('=').append(shown(found.getObject(column))).append(' ');
                }
                rows.add(row.toString());
            }
        }
        return rows;
    }

    private static String shown(Object value) {
        return switch (value) {
            case null -> "NULL";
            case byte[] bytes -> isPrintable(bytes) ? new String(bytes, StandardCharsets.US_ASCII) : HexFormat.of().formatHex(bytes);
            default -> value.toString();
        };
    }

    private static boolean isPrintable(byte[] bytes) {
        for (byte each : bytes) {
            if (each < ' ') {
                return false;
            }
        }
        return true;
    }

    /** Requires the same rows of another one. */
    void requireSame(ReplicaContent other, String as) {
        assertThat(tables.get("event")).as("there is something to compare").isNotEmpty();
        tables.forEach((name, rows) -> {
            List<String> others = other.tables.getOrDefault(name, List.of());
            int at = 0;
            while (at < Math.min(rows.size(), others.size()) && rows.get(at).equals(others.get(at))) {
                at++;
            }
            // Not the whole lists, which have thousands of rows.
            assertThat(at < rows.size() ? rows.get(at) : "the end").as("%s: row %d of table %s", as, at, name)
                    .isEqualTo(at < others.size() ? others.get(at) : "the end");
        });
    }
}
