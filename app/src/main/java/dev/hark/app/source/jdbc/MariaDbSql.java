package dev.hark.app.source.jdbc;

import java.util.Collection;
import java.util.stream.Collectors;

/**
 * What a source asks MariaDB or MySQL about the table of an outbox.
 *
 * @param table as the configuration has it: letters, digits, {@code _} and one dot
 */
record MariaDbSql(String table) {
    /** Whether it is one that takes no writes. */
    static final String IS_READ_ONLY = "SELECT @@global.read_only";

    /** So that times are written and compared in one zone, whatever the server's is. */
    static final String IN_UTC = "SET time_zone = '+00:00'";

    /** All columns of no row. */
    String columns() {
        return "SELECT id, topic, type, `key`, data, created_at, read_at FROM " + table + " WHERE FALSE";
    }

    /** What stores the table, and the columns of its primary key: its schema, or null for the connection's, and its name. */
    static String kind() {
        return "SELECT engine, (SELECT GROUP_CONCAT(LOWER(s.column_name)) FROM information_schema.statistics s"
                + " WHERE s.table_schema = t.table_schema AND s.table_name = t.table_name AND s.index_name = 'PRIMARY')"
                + " FROM information_schema.tables t WHERE t.table_schema = COALESCE(?, DATABASE()) AND t.table_name = ?";
    }

    /** Changes nothing, and fails where {@link #mark} would. */
    String markNothing() {
        return "UPDATE " + table + " SET read_at = NULL WHERE FALSE";
    }

    /** Changes nothing, and fails where {@link #delete} would. */
    String deleteNothing() {
        return "DELETE FROM " + table + " WHERE FALSE";
    }

    /** Ids of the next unread rows, by the index on {@code read_at} alone. */
    String look() {
        return "SELECT id FROM " + table + " WHERE read_at IS NULL ORDER BY id LIMIT ?";
    }

    /** Those of {@code ids} that are unread, with their sizes and when they were made. */
    String sizes(Collection<Long> ids) {
        return "SELECT id, OCTET_LENGTH(data), CAST(created_at AS CHAR) FROM " + table + " WHERE " + in(ids)
                + " AND read_at IS NULL ORDER BY id";
    }

    String rows(Collection<Long> ids) {
        return "SELECT id, LEFT(topic, " + OutboxRow.MAX_NAME + "), LEFT(type, " + OutboxRow.MAX_NAME + "), LEFT(`key`, "
                + OutboxRow.MAX_NAME + "), data FROM " + table + " WHERE " + in(ids);
    }

    /** Has one row be read: its id, and when it was made at the latest. */
    String mark() {
        // By the primary key alone. With a list of ids a small table would be searched from end to end, and each row on the way locked,
        // also those that nobody has committed yet: it would wait for all writers.
        return "UPDATE " + table + " SET read_at = UTC_TIMESTAMP(3) WHERE id = ? AND created_at <= ?";
    }

    /** Deletes one row: its id, and when it was made at the latest. */
    String delete() {
        return "DELETE FROM " + table + " WHERE id = ? AND created_at <= ?";
    }

    /** Numbers, so nothing has to be quoted. */
    private static String in(Collection<Long> ids) {
        return "id IN (" + ids.stream().map(String::valueOf).collect(Collectors.joining(",")) + ")";
    }
}
