package dev.hark.app.source.jdbc;

import dev.hark.app.config.SourceSettings.After;
import dev.hark.app.config.SourceSettings.Jdbc;
import dev.hark.app.source.Reading;
import dev.hark.app.source.Upstream;
import dev.hark.app.source.UpstreamException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/** An outbox in PostgreSQL 13 or later. Thread-safe. */
public final class PostgresOutbox implements Upstream {
    /** The first with snapshots of 64 bits, which never come again. */
    private static final int OLDEST = 13;

    /** What the driver is told unless the address says otherwise: every wait has an end. */
    private static final Map<String, String> USUAL = Map.of(
            "ApplicationName", "hark", "connectTimeout", "10", "loginTimeout", "10", "socketTimeout", "60", "tcpKeepAlive", "true");

    private final Jdbc settings;
    private final int maxBytes;
    private final OutboxSql sql;

    /** @param maxBytes of the data of one event */
    public PostgresOutbox(Jdbc settings, int maxBytes) {
        this.settings = settings;
        this.maxBytes = maxBytes;
        this.sql = new OutboxSql(settings.table());
    }

    @Override
    public String kind() {
        return "jdbc";
    }

    @Override
    public String address() {
        int parameters = settings.url().indexOf('?');
        return (parameters < 0 ? settings.url() : settings.url().substring(0, parameters)) + " table " + settings.table();
    }

    @Override
    public Reading open() throws UpstreamException {
        var properties = new Properties();
        properties.putAll(USUAL);
        settings.user().ifPresent(user -> properties.put("user", user));
        settings.password().ifPresent(password -> properties.put("password", password.text()));
        Connection connection = null;
        try {
            connection = new Driver().connect(settings.url(), properties);
            if (connection == null) {
                throw new UpstreamException("the driver does not know the address " + address());
            }
            check(connection);
            return new PostgresReading(connection, sql, maxBytes, settings.after() == After.DELETE);
        } catch (SQLException e) {
            close(connection);
            throw failed("cannot be used", e);
        } catch (UpstreamException e) {
            close(connection);
            throw e;
        }
    }

    private void check(Connection connection) throws SQLException, UpstreamException {
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
            throw new UpstreamException("the column " + name + " of " + address() + " is of the type " + is + "; " + type
                    + " is needed, see docs/sources.md");
        }
    }

    private UpstreamException failed(String what, SQLException e) {
        return new UpstreamException(address() + " " + what + ": " + oneLine(e), e);
    }

    static String oneLine(SQLException e) {
        return String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // It is of no use any more, closed or not.
            }
        }
    }
}
