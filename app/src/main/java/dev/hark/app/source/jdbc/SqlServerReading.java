package dev.hark.app.source.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.app.source.Item;
import dev.hark.app.source.Portion;
import dev.hark.app.source.Reading;
import dev.hark.app.source.UpstreamException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Rows of an outbox in SQL Server, in the order of their versions.
 *
 * <p>Confined to the thread of its source, but for {@link #abort}.
 */
final class SqlServerReading implements Reading {
    /*
     * The database gives each row that is written a version, larger than all before it, and says which is the smallest that an open
     * transaction has been given. What is below that is over: it is there, or it never will be. So all below it is read up to it, once.
     */

    private final Connection connection;
    private final SqlServerSql sql;
    private final int maxBytes;
    private final boolean deletes;
    private final CountDownLatch aborted = new CountDownLatch(1);

    SqlServerReading(Connection connection, SqlServerSql sql, int maxBytes, boolean deletes) {
        this.connection = connection;
        this.sql = sql;
        this.maxBytes = maxBytes;
        this.deletes = deletes;
    }

    @Override
    public Portion read(@Nullable JsonNode position, int limit) throws UpstreamException {
        try {
            VersionPosition at = position == null ? VersionPosition.BEGIN : VersionPosition.parse(position);
            return page(at, bound(at), limit);
        } catch (SQLException e) {
            throw JdbcOutbox.unreadable(sql.table(), e);
        } catch (IllegalArgumentException e) {
            throw JdbcOutbox.strangePosition(e);
        }
    }

    private long bound(VersionPosition at) throws SQLException, UpstreamException {
        try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(SqlServerSql.BOUND)) {
            row.next();
            if (row.getLong(2) < at.high()) {
                throw new UpstreamException("the database is another one, or an older copy: its newest version of a row is "
                        + row.getLong(2) + ", and " + at.high() + " was read; see docs/sources.md");
            }
            return row.getLong(1);
        }
    }

    private Portion page(VersionPosition at, long bound, int limit) throws SQLException {
        OutboxPage page;
        try (PreparedStatement statement = connection.prepareStatement(sql.page())) {
            statement.setInt(1, limit + 1);
            statement.setLong(2, at.high());
            statement.setLong(3, bound);
            try (ResultSet rows = statement.executeQuery()) {
                page = OutboxPage.read(rows, row -> Long.toString(row.getLong(3)), limit, maxBytes);
            }
        }
        if (page.sizes().isEmpty()) {
            return new Portion(List.of(), at.toJson(), 0);
        }
        long high = Long.parseLong(page.versions().lastEntry().getValue());
        try (PreparedStatement statement = connection.prepareStatement(sql.rows())) {
            statement.setInt(1, maxBytes);
            statement.setLong(2, at.high());
            statement.setLong(3, high);
            try (ResultSet rows = statement.executeQuery()) {
                List<Item> items = page.items(rows, maxBytes);
                return new Portion(items, new VersionPosition(at.high(), high).toJson(), page.isLast() ? 0 : 1);
            }
        }
    }

    @Override
    public void stored(JsonNode position, List<String> refused) throws UpstreamException {
        try {
            VersionPosition at = VersionPosition.parse(position);
            if (deletes && at.high() > at.low()) {
                try (PreparedStatement statement = connection.prepareStatement(sql.delete(refused.stream().map(Long::valueOf).toList()))) {
                    statement.setLong(1, at.low());
                    statement.setLong(2, at.high());
                    statement.executeUpdate();
                }
            }
        } catch (SQLException e) {
            throw JdbcOutbox.unreadable(sql.table(), e);
        } catch (IllegalArgumentException e) {
            throw JdbcOutbox.strangePosition(e);
        }
    }

    @Override
    public boolean awaitMore(Duration most) {
        try {
            return aborted.await(most.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void abort() {
        aborted.countDown();
        JdbcOutbox.abort(connection);
    }

    @Override
    public void close() {
        JdbcOutbox.close(connection);
    }
}
