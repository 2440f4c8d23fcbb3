package dev.hark.app.source.jdbc;

import dev.hark.app.config.SourceSettings.Jdbc;
import dev.hark.app.source.Reading;
import dev.hark.app.source.UpstreamException;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * An outbox in SQL Server, whose driver has to be brought along. Thread-safe.
 *
 * <p>No test has a SQL Server: its statements are parsed, and nobody has run them.
 */
final class SqlServerOutbox extends JdbcOutbox {
    private static final Set<String> VERSIONS = Set.of("timestamp", "rowversion");

    private static final String WRITABLE = "READ_WRITE";

    private final SqlServerSql sql;

    SqlServerOutbox(Jdbc settings, int maxBytes) {
        super(settings, maxBytes);
        this.sql = new SqlServerSql(settings.table());
    }

    @Override
    Driver driver() throws UpstreamException {
        try {
            return DriverManager.getDriver(url());
        } catch (SQLException e) {
            throw new UpstreamException("the driver of SQL Server is not in the hub; docs/sources.md says how to bring it along", e);
        }
    }

    @Override
    Map<String, String> usual() {
        return Map.of("applicationName", "hark", "loginTimeout", "10", "socketTimeout", "60000");
    }

    @Override
    Reading reading(Connection connection) {
        return new SqlServerReading(connection, sql, maxBytes(), deletes());
    }

    @Override
    void prepare(Connection connection) throws SQLException, UpstreamException {
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SqlServerSql.WAIT);
            try (ResultSet row = statement.executeQuery(SqlServerSql.UPDATEABILITY)) {
                if (!row.next() || !WRITABLE.equals(row.getString(1))) {
                    throw new UpstreamException(address() + " is read-only; the primary is needed");
                }
            }
            try (ResultSet columns = statement.executeQuery(sql.columns())) {
                String version = columns.getMetaData().getColumnTypeName(2);
                if (!VERSIONS.contains(version.toLowerCase(Locale.ROOT))) {
                    throw wrongType("rv", version, "rowversion");
                }
            }
        }
    }
}
