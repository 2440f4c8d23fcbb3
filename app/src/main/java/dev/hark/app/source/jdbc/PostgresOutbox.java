package dev.hark.app.source.jdbc;

import dev.hark.app.config.SourceSettings.Jdbc;
import dev.hark.app.source.Reading;
import dev.hark.app.source.UpstreamException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.postgresql.Driver;

/** An outbox in PostgreSQL 13 or later. Thread-safe. */
final class PostgresOutbox extends JdbcOutbox {
    /** The first with snapshots of 64 bits, which never come again. */
    private static final int OLDEST = 13;

    private final OutboxSql sql;

    PostgresOutbox(Jdbc settings, int maxBytes) {
        super(settings, maxBytes);
        this.sql = new OutboxSql(settings.table());
    }

    @Override
    Driver driver() {
        return new Driver();
    }

    @Override
    Map<String, String> usual() {
        return Map.of(
                "ApplicationName", "hark", "connectTimeout", "10", "loginTimeout", "10", "socketTimeout", "60", "tcpKeepAlive", "true");
    }

    @Override
    Reading reading(Connection connection) {
        return new PostgresReading(connection, sql, maxBytes(), deletes());
    }

    @Override
    void prepare(Connection connection) throws SQLException, UpstreamException {
        int version = connection.getMetaData().getDatabaseMajorVersion();
        if (version < OLDEST) {
            throw new UpstreamException(address() + " is PostgreSQL " + version + "; " + OLDEST + " or later is needed");
        }
        try (Statement statement = connection.createStatement()) {
            try (ResultSet standby = statement.executeQuery(OutboxSql.IS_STANDBY)) {
                if (standby.next() && standby.getBoolean(1)) {
                    throw new UpstreamException(address() + " is a standby; the primary is needed (targetServerType=primary)");
                }
            }
            try (ResultSet columns = statement.executeQuery(sql.columns())) {
                requireType(columns, 1, "id", "int8");
                requireType(columns, 2, "xid", "xid8");
            }
            statement.execute(sql.listen());
        }
    }

    private void requireType(ResultSet columns, int number, String name, String type) throws SQLException, UpstreamException {
        String is = columns.getMetaData().getColumnTypeName(number);
        boolean fits = is.equals(type) || (type.equals("int8") && (is.equals("bigserial") || is.equals("int4") || is.equals("serial")));
        if (!fits) {
            throw wrongType(name, is, type);
        }
    }
}
