package dev.hark.log.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/**
 * Table {@code applied}: the last group of each node, so that one that comes twice is applied once. A journal knows a group again for some
 * time only, and what hung in a socket for longer is appended anew.
 *
 * <p>A node appends one group after another, so one that does not come after the last is a repetition, or one whose publishers were told
 * that it may be stored: it is passed over, on every node. Confined to the thread that applies.
 */
final class AppliedGroups {
    /** How far back in the journal a node's last group is known: nodes have other names after each start. */
    private static final long KNOWN = 1 << 20;

    private final Map<String, Last> committed = new HashMap<>();
    private final Map<String, Last> changes = new HashMap<>();

    /** @param number of the node's last group, which stands at {@code position} in the journal */
    private record Last(long number, long position) {}

    static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE applied (node TEXT PRIMARY KEY, number INTEGER NOT NULL, position INTEGER NOT NULL)");
        }
    }

    static AppliedGroups load(Connection connection) throws SQLException {
        var groups = new AppliedGroups();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT node, number, position FROM applied")) {
            while (row.next()) {
                groups.committed.put(String.valueOf(row.getString(1)), new Last(row.getLong(2), row.getLong(3)));
            }
        }
        return groups;
    }

    /** Begins a transaction. */
    void begin() {
        changes.clear();
    }

    /** Takes note of the group {@code id} of {@code position}; false where it is to be passed over. An id of another form always counts. */
    boolean take(String id, long position) {
        int dash = id.lastIndexOf('-');
        if (dash < 0 || !id.substring(dash + 1).matches("[0-9]{1,18}")) {
            return true;
        }
        String node = id.substring(0, dash);
        long number = Long.parseLong(id.substring(dash + 1));
        Last last = changes.getOrDefault(node, committed.get(node));
        // Judged by positions alone, as all that the replica does: when rows are removed is no part of what they say.
        if (last != null && position - last.position() <= KNOWN && number <= last.number()) {
            return false;
        }
        changes.put(node, new Last(number, position));
        return true;
    }

    /** Writes what the transaction has changed. */
    void write(Connection connection) throws SQLException {
        try (PreparedStatement save = connection.prepareStatement(
                "INSERT OR REPLACE INTO applied (node, number, position) VALUES (?, ?, ?)")) {
            for (Map.Entry<String, Last> change : changes.entrySet()) {
                save.setString(1, change.getKey());
                save.setLong(2, change.getValue().number());
                save.setLong(3, change.getValue().position());
                save.executeUpdate();
            }
        }
        long newest = changes.values().stream().mapToLong(Last::position).max().orElse(0);
        if (!committed.keySet().containsAll(changes.keySet())) {
            try (PreparedStatement forget = connection.prepareStatement("DELETE FROM applied WHERE position < ?")) {
                forget.setLong(1, newest - KNOWN);
                forget.executeUpdate();
            }
        }
    }

    /** Says that the transaction is committed. */
    void written() {
        committed.putAll(changes);
        long newest = changes.values().stream().mapToLong(Last::position).max().orElse(0);
        committed.values().removeIf(last -> last.position() < newest - KNOWN);
        changes.clear();
    }

    /** Says that the table is empty. */
    void clear() {
        committed.clear();
        changes.clear();
    }
}
