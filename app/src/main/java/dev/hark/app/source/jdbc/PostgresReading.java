package dev.hark.app.source.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.app.source.Item;
import dev.hark.app.source.Portion;
import dev.hark.app.source.Reading;
import dev.hark.app.source.UpstreamException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Rows of an outbox, window by window: what a snapshot of the database sees and the one before it did not.
 *
 * <p>Confined to the thread of its source, but for {@link #abort}.
 */
final class PostgresReading implements Reading {
    /*
     * A row bears the number of its transaction. Ids are given before a transaction is over, so that a row with a smaller id may become
     * visible after one with a larger id; a position that is an id would pass over it. What becomes visible between two snapshots does so
     * exactly once: a transaction is seen by a snapshot or it is not. So a window misses nothing and has nothing twice, without waiting for
     * transactions that are still open. Within a window rows go in the order of their ids, which is that in which they were written where
     * one had to wait for the other.
     */

    /** Up to so many rows a window is found by the index on {@code xid} and sorted for each page. */
    private static final long SMALL = 2_000;

    private final Connection connection;
    private final OutboxSql sql;
    private final int maxBytes;
    private final boolean deletes;

    /** How many rows of the window this reading has passed, and how many it has read behind them. */
    private long passed;

    private long read;

    PostgresReading(Connection connection, OutboxSql sql, int maxBytes, boolean deletes) {
        this.connection = connection;
        this.sql = sql;
        this.maxBytes = maxBytes;
        this.deletes = deletes;
    }

    private record Window(OutboxPosition begin, boolean isEmpty) {}

    @Override
    public Portion read(@Nullable JsonNode position, int limit) throws UpstreamException {
        try {
            OutboxPosition at = position == null ? null : OutboxPosition.parse(position);
            if (at == null || at.whole()) {
                passed = 0;
                read = 0;
                Window window = window(at == null ? null : at.next());
                if (window.isEmpty()) {
                    return new Portion(List.of(), window.begin().toJson(), 0);
                }
                at = window.begin();
            }
            return page(at, limit);
        } catch (SQLException e) {
            throw JdbcOutbox.unreadable(sql.table(), e);
        } catch (IllegalArgumentException e) {
            throw JdbcOutbox.strangePosition(e);
        }
    }

    /** What is visible now, and was not to {@code from}. */
    private Window window(@Nullable Snapshot from) throws SQLException, UpstreamException {
        try (PreparedStatement statement = connection.prepareStatement(sql.window(from == null))) {
            bindFresh(statement, 1, from);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                Snapshot to = Snapshot.parse(row.getString(1));
                if (from != null && to.isBefore(from)) {
                    throw new UpstreamException("the database is another one, or an older copy: its transactions end at " + to.end()
                            + ", and those that were read at " + from.end() + "; see docs/sources.md");
                }
                long rows = row.getLong(2);
                long min = row.getLong(3);
                boolean isEmpty = row.wasNull();
                long max = row.getLong(4);
                Snapshot next = to.upTo(from, row.getString(5));
                return new Window(
                        isEmpty ? new OutboxPosition(from, to, next, 0, 0, 0, 0, true)
                                : new OutboxPosition(from, to, next, min - 1, min - 1, max, rows, false),
                        isEmpty);
            }
        }
    }

    private Portion page(OutboxPosition at, int limit) throws SQLException {
        boolean isFirst = at.from() == null;
        OutboxPage page;
        try (PreparedStatement statement = connection.prepareStatement(sql.page(isFirst, at.rows() >= 0 && at.rows() <= SMALL))) {
            int next = bindRows(statement, at.high(), at.max(), at);
            // One more tells whether it is the last page.
            statement.setInt(next, limit + 1);
            try (ResultSet rows = statement.executeQuery()) {
                page = OutboxPage.read(rows, row -> "", limit, maxBytes);
            }
        }
        if (page.sizes().isEmpty()) {
            // Somebody has deleted the rest.
            return new Portion(List.of(), at.page(at.max(), true).toJson(), 0);
        }
        OutboxPosition end = at.page(page.sizes().lastEntry().getKey(), page.isLast());
        read = page.sizes().size();
        return new Portion(items(page), end.toJson(), end.waiting(passed + read));
    }

    private List<Item> items(OutboxPage page) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql.rows())) {
            statement.setArray(1, bigints(page.ids(maxBytes).toArray(Long[]::new)));
            try (ResultSet rows = statement.executeQuery()) {
                return page.items(rows, maxBytes);
            }
        }
    }

    @Override
    public void stored(JsonNode position, List<String> refused) throws UpstreamException {
        try {
            OutboxPosition at = OutboxPosition.parse(position);
            passed += read;
            read = 0;
            if (deletes && at.high() > at.low()) {
                try (PreparedStatement statement = connection.prepareStatement(sql.delete(at.from() == null))) {
                    int next = bindRows(statement, at.low(), at.high(), at);
                    statement.setArray(next, bigints(refused.stream().map(Long::valueOf).toArray(Long[]::new)));
                    statement.executeUpdate();
                }
            }
        } catch (SQLException e) {
            throw JdbcOutbox.unreadable(sql.table(), e);
        } catch (IllegalArgumentException e) {
            throw JdbcOutbox.strangePosition(e);
        }
    }

    /** Rows of the window of {@code at} behind {@code low}, up to {@code high}; the number of the next parameter. */
    private int bindRows(PreparedStatement statement, long low, long high, OutboxPosition at) throws SQLException {
        statement.setLong(1, low);
        statement.setLong(2, high);
        statement.setString(3, at.to().text());
        return bindFresh(statement, 4, at.from());
    }

    private int bindFresh(PreparedStatement statement, int first, @Nullable Snapshot from) throws SQLException {
        if (from == null) {
            return first;
        }
        statement.setString(first, from.end());
        statement.setArray(first + 1, connection.createArrayOf("text", from.open().toArray()));
        return first + 2;
    }

    private Array bigints(Long[] values) throws SQLException {
        return connection.createArrayOf("bigint", values);
    }

    @Override
    public boolean awaitMore(Duration most) throws UpstreamException {
        try {
            PGNotification[] calls = connection.unwrap(PGConnection.class).getNotifications(Math.max(1, (int) most.toMillis()));
            return calls != null && calls.length > 0;
        } catch (SQLException e) {
            throw JdbcOutbox.unreadable(sql.table(), e);
        }
    }

    @Override
    public void abort() {
        JdbcOutbox.abort(connection);
    }

    @Override
    public void close() {
        JdbcOutbox.close(connection);
    }
}
