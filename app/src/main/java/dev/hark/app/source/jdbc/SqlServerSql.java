package dev.hark.app.source.jdbc;

import java.util.List;

/**
 * What a source asks SQL Server about the table of an outbox.
 *
 * @param table as the configuration has it: letters, digits, {@code _} and one dot
 */
record SqlServerSql(String table) {
    /** A number of a row's version, of which the table has eight bytes. */
    private static final String VERSION = "CAST(CAST(? AS bigint) AS binary(8))";

    /** In units of UTF-16, of which each is one byte of UTF-8 at least. */
    private static final String LENGTH = "DATALENGTH(CAST(data AS nvarchar(max))) / 2";

    /** No wait without an end for what others have locked. */
    static final String WAIT = "SET LOCK_TIMEOUT 10000";

    /** Whether it takes writes: a copy that does not has versions of its own time. */
    static final String UPDATEABILITY = "SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(128))";

    /** Below which version no transaction is open, and the newest that was given. */
    static final String BOUND = "SELECT CAST(MIN_ACTIVE_ROWVERSION() AS bigint), CAST(@@DBTS AS bigint)";

    /** All columns of no row. */
    String columns() {
        return "SELECT id, rv, topic, type, [key], data FROM " + table + " WHERE 1 = 0";
    }

    /** Ids, sizes and versions of the next rows: how many, behind which version, below which one. */
    String page() {
        return "SELECT TOP (?) id, " + LENGTH + " AS length, CAST(rv AS bigint) AS version FROM " + table + " WHERE rv > " + VERSION
                + " AND rv < " + VERSION + " ORDER BY rv";
    }

    /** Rows without data that is too long: how long it may be, behind which version, up to which one. */
    String rows() {
        return "SELECT id, LEFT(topic, " + OutboxRow.MAX_NAME + "), LEFT(type, " + OutboxRow.MAX_NAME + "), LEFT([key], "
                + OutboxRow.MAX_NAME + "), CASE WHEN " + LENGTH + " <= ? THEN data END FROM " + table
                + " WHERE rv > " + VERSION + " AND rv <= " + VERSION;
    }

    /** Deletes rows, but for some ids: behind which version, up to which one. */
    String delete(List<Long> stay) {
        String rows = "DELETE FROM " + table + " WHERE rv > " + VERSION + " AND rv <= " + VERSION;
        return stay.isEmpty() ? rows : rows + " AND id NOT IN (" + String.join(",", stay.stream().map(String::valueOf).toList()) + ")";
    }
}
