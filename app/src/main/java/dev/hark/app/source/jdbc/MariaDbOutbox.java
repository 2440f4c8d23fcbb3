package dev.hark.app.source.jdbc;

import dev.hark.app.config.SourceSettings.Jdbc;
import dev.hark.app.source.Reading;
import dev.hark.app.source.UpstreamException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.Driver;

/** An outbox in MariaDB or MySQL, in a table of InnoDB. Thread-safe. */
final class MariaDbOutbox extends JdbcOutbox {
    /** MySQL's own driver is under the GPL. This one speaks with both, but has its own prefix. */
    private static final String MYSQL = "jdbc:mysql:";

    private static final String MARIADB = "jdbc:mariadb:";

    /** As different versions write it. */
    private static final Set<String> WRITABLE = Set.of("0", "OFF");

    private final MariaDbSql sql;

    /** What its readings have marked. */
    private final MarkedRows published = new MarkedRows();

    MariaDbOutbox(Jdbc settings, int maxBytes) {
        super(settings, maxBytes);
        this.sql = new MariaDbSql(settings.table());
    }

    @Override
    Driver driver() {
        return new Driver();
    }

    @Override
    Map<String, String> usual() {
        // Nothing of this machine is sent to a server that asks for it.
        return Map.of("connectTimeout", "10000", "socketTimeout", "60000", "tcpKeepAlive", "true", "allowLocalInfile", "false");
    }

    @Override
    String url() {
        String url = super.url();
        return url.regionMatches(true, 0, MYSQL, 0, MYSQL.length()) ? MARIADB + url.substring(MYSQL.length()) : url;
    }

    @Override
    Reading reading(Connection connection) {
        return new MariaDbReading(connection, sql, maxBytes(), deletes(), published, System::nanoTime);
    }

    @Override
    void prepare(Connection connection) throws SQLException, UpstreamException {
        // Each look sees what is committed in that moment, all of a transaction or nothing, whatever the server's default is.
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = connection.createStatement()) {
            statement.execute(MariaDbSql.IN_UTC);
            try (ResultSet readOnly = statement.executeQuery(MariaDbSql.IS_READ_ONLY)) {
                if (readOnly.next() && !WRITABLE.contains(readOnly.getString(1))) {
                    throw new UpstreamException(address() + " is read-only; the primary is needed, since rows are marked as read");
                }
            }
            try (ResultSet columns = statement.executeQuery(sql.columns())) {
                checkColumns(columns.getMetaData());
            }
            checkTable(connection);
            statement.execute(sql.markNothing());
            if (deletes()) {
                statement.execute(sql.deleteNothing());
            }
        }
    }

    private void checkColumns(ResultSetMetaData columns) throws SQLException, UpstreamException {
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            String is = columns.getColumnTypeName(i);
            boolean isNullable = columns.isNullable(i) != ResultSetMetaData.columnNoNulls;
            int type = columns.getColumnType(i);
            switch (columns.getColumnName(i)) {
                case "id" -> require(type == Types.BIGINT || type == Types.INTEGER, "id", is, "BIGINT");
                // In UTC, whatever the zone of who writes it is.
                case "created_at" -> require("TIMESTAMP".equalsIgnoreCase(is) && !isNullable, "created_at", is, "TIMESTAMP(6) NOT NULL");
                case "read_at" -> require(
                        type == Types.TIMESTAMP && isNullable, "read_at", is + (isNullable ? "" : " NOT NULL"), "DATETIME(3)");
                default -> { }
            }
        }
    }

    private void require(boolean fits, String column, String is, String needed) throws UpstreamException {
        if (!fits) {
            throw wrongType(column, is, needed);
        }
    }

    private void checkTable(Connection connection) throws SQLException, UpstreamException {
        int dot = table().indexOf('.');
        try (PreparedStatement statement = connection.prepareStatement(MariaDbSql.kind())) {
            statement.setString(1, dot < 0 ? null : table().substring(0, dot));
            statement.setString(2, table().substring(dot + 1));
            try (ResultSet row = statement.executeQuery()) {
                String engine = row.next() ? row.getString(1) : null;
                if (!"InnoDB".equalsIgnoreCase(engine)) {
                    throw new UpstreamException(address() + " is stored by " + name(engine) + "; InnoDB is needed");
                }
                String key = row.getString(2);
                if (!"id".equals(key)) {
                    throw new UpstreamException(address() + " has the primary key " + name(key) + "; id alone is needed");
                }
            }
        }
    }

    private static String name(@Nullable String name) {
        return name == null ? "nothing" : name;
    }
}
