package dev.hark.app.source.jdbc;

/**
 * What a source asks PostgreSQL about the table of an outbox.
 *
 * @param table as the configuration has it: letters, digits, {@code _} and one dot
 */
record OutboxSql(String table) {
    /** Those that a snapshot does not see, by an index on {@code xid}: two parameters, its end and what was open. */
    private static final String FRESH = "(xid >= ?::text::xid8 OR xid = ANY (?::text[]::xid8[]))";

    private static final String SEEN = "pg_visible_in_snapshot(xid, ?::text::pg_snapshot)";

    /** Whether it is one that can be written, of which alone the snapshots say everything. */
    static final String IS_STANDBY = "SELECT pg_is_in_recovery()";

    /** All columns of no row. */
    String columns() {
        return "SELECT id, xid, topic, type, key, data FROM " + table + " WHERE false";
    }

    /** Snapshot, number of rows, least and largest id, largest number of a transaction. */
    String window(boolean isFirst) {
        // At the beginning all rows are new: they may be very many, and both ends are found by the primary key.
        return isFirst
                ? "SELECT pg_current_snapshot()::text, -1, min(id), max(id), (" + newest() + ") FROM " + table
                : "SELECT pg_current_snapshot()::text, count(*), min(id), max(id), (" + newest() + ") FROM " + table + " WHERE " + FRESH;
    }

    /** By the column, and not by what is selected, which is text and has its name. */
    private String newest() {
        return "SELECT newest.xid::text FROM " + table + " AS newest ORDER BY newest.xid DESC LIMIT 1";
    }

    /** Ids and sizes of the next rows of a window. */
    String page(boolean isFirst, boolean isSmall) {
        String rows = "SELECT id, octet_length(data::text) AS bytes FROM " + table + " WHERE " + rowsOf(isFirst);
        // The planner would rather look through the whole table by the primary key for the first rows of a small window.
        return isSmall
                ? "WITH page AS MATERIALIZED (" + rows + ") SELECT id, bytes FROM page ORDER BY id LIMIT ?"
                : rows + " ORDER BY id LIMIT ?";
    }

    /** Rows by their ids. */
    String rows() {
        return "SELECT id, left(topic::text, " + OutboxRow.MAX_NAME + "), left(type::text, " + OutboxRow.MAX_NAME + "), left(key::text, "
                + OutboxRow.MAX_NAME + "), data::text FROM " + table + " WHERE id = ANY (?) ORDER BY id";
    }

    /** Deletes a page, but for some ids. */
    String delete(boolean isFirst) {
        return "DELETE FROM " + table + " WHERE " + rowsOf(isFirst) + " AND NOT (id = ANY (?))";
    }

    /** Of a window, between two ids. */
    private static String rowsOf(boolean isFirst) {
        return "id > ? AND id <= ? AND " + SEEN + (isFirst ? "" : " AND " + FRESH);
    }

    /** Has the database say when somebody calls: {@code NOTIFY} and the table's name. */
    String listen() {
        return "LISTEN " + table.substring(table.indexOf('.') + 1);
    }
}
