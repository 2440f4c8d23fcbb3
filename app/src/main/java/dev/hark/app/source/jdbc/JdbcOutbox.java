package dev.hark.app.source.jdbc;

import dev.hark.app.config.SourceSettings.After;
import dev.hark.app.config.SourceSettings.Jdbc;
import dev.hark.app.source.Reading;
import dev.hark.app.source.Upstream;
import dev.hark.app.source.UpstreamException;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** An outbox in a database, whichever it is: how one connects to it, and what is said where that fails. Thread-safe. */
public abstract sealed class JdbcOutbox implements Upstream permits PostgresOutbox, MariaDbOutbox, SqlServerOutbox {
    private final Jdbc settings;
    private final int maxBytes;

    /** @param maxBytes of the data of one event */
    JdbcOutbox(Jdbc settings, int maxBytes) {
        this.settings = settings;
        this.maxBytes = maxBytes;
    }

    /**
     * That which {@code settings} are about.
     *
     * @param maxBytes of the data of one event
     */
    public static JdbcOutbox of(Jdbc settings, int maxBytes) {
        return switch (settings.database()) {
            case POSTGRESQL -> new PostgresOutbox(settings, maxBytes);
            case MARIADB -> new MariaDbOutbox(settings, maxBytes);
            case SQL_SERVER -> new SqlServerOutbox(settings, maxBytes);
        };
    }

    /** What speaks with the database. */
    abstract Driver driver() throws UpstreamException;

    /** What that is told unless the address says otherwise: every wait has an end. */
    abstract Map<String, String> usual();

    /** As {@link #driver} understands it. */
    String url() {
        return settings.url();
    }

    /** Makes {@code connection} ready, and refuses one in which the table is not as it has to be. */
    abstract void prepare(Connection connection) throws SQLException, UpstreamException;

    abstract Reading reading(Connection connection);

    final String table() {
        return settings.table();
    }

    final int maxBytes() {
        return maxBytes;
    }

    final boolean deletes() {
        return settings.after() == After.DELETE;
    }

    @Override
    public final String kind() {
        return "jdbc";
    }

    @Override
    public final String address() {
        // Without parameters.
        return settings.url().split("[?;]", 2)[0] + " table " + settings.table();
    }

    @Override
    public final Reading open() throws UpstreamException {
        var properties = new Properties();
        properties.putAll(usual());
        settings.user().ifPresent(user -> properties.put("user", user));
        settings.password().ifPresent(password -> properties.put("password", password.text()));
        Connection connection = null;
        Reading reading = null;
        try {
            connection = driver().connect(url(), properties);
            if (connection == null) {
                throw new UpstreamException("the driver does not know the address " + address());
            }
            // Whatever the address says: a transaction that nobody ends would see the same rows for ever.
            connection.setAutoCommit(true);
            prepare(connection);
            reading = reading(connection);
            return reading;
        } catch (SQLException e) {
            throw new UpstreamException(address() + " cannot be used: " + oneLine(e), e);
        } finally {
            if (reading == null) {
                close(connection);
            }
        }
    }

    final UpstreamException wrongType(String column, String is, String needed) {
        return new UpstreamException("the column " + column + " of " + address() + " is of the type " + is + "; " + needed
                + " is needed, see docs/sources.md");
    }

    static UpstreamException unreadable(String table, SQLException e) {
        return new UpstreamException("the outbox " + table + " cannot be read: " + oneLine(e), e);
    }

    static UpstreamException strangePosition(IllegalArgumentException e) {
        return new UpstreamException("its position in the log cannot be used: " + e.getMessage(), e);
    }

    static String oneLine(SQLException e) {
        return String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
    }

    /** Has whatever hangs in {@code connection} fail. */
    static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // Then it ends with its timeout.
        }
    }

    static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // It is of no use any more, closed or not.
            }
        }
    }
}
