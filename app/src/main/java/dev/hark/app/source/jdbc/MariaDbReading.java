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
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Rows of an outbox in MariaDB or MySQL that bear no mark that they are read.
 *
 * <p>Confined to the thread of its source, but for {@link #abort}.
 */
final class MariaDbReading implements Reading {
    /*
     * An id is given before its row is there, and the row is there before anybody else sees it; nothing tells how many of the missing ones
     * are still to come. So it is the table that says what is read: a row is marked, or deleted, when the log has it, never sooner, and the
     * position in the log names the rows of the newest portion, about which the table may not say so yet. A reading begins with marking
     * those. What is not marked then is not in the log, however small its id is and whenever it became visible.
     *
     * Whoever marks does so for rows that the log has, so it does not matter when, how often, or on which node.
     */

    /** How many ids it looks up at once. Within them rows go in the order of their ids. */
    private static final int WINDOW = 10_000;

    /** To look takes this share of the time at most: it can be long where the database cannot throw away what has been read. */
    private static final int ONE_IN = 20;

    private final Connection connection;
    private final MariaDbSql sql;
    private final int maxBytes;
    private final boolean deletes;
    private final MarkedRows published;
    private final LongSupplier nanoTime;
    private final CountDownLatch aborted = new CountDownLatch(1);

    /** Ids that were unread at the newest look, but for those that are stored since. */
    private final SequencedSet<Long> window = new LinkedHashSet<>();

    /** Whether there were more of them than it looks up at once. */
    private boolean isCut;

    private long nextLookNanos;

    MariaDbReading(Connection connection, MariaDbSql sql, int maxBytes, boolean deletes, MarkedRows published, LongSupplier nanoTime) {
        this.connection = connection;
        this.sql = sql;
        this.maxBytes = maxBytes;
        this.deletes = deletes;
        this.published = published;
        this.nanoTime = nanoTime;
        this.nextLookNanos = nanoTime.getAsLong();
    }

    @Override
    public Portion read(@Nullable JsonNode position, int limit) throws UpstreamException {
        try {
            MarkedPosition at = position == null ? MarkedPosition.BEGIN : MarkedPosition.parse(position);
            if (window.isEmpty()) {
                look();
            }
            while (!window.isEmpty()) {
                List<Long> ids = window.stream().limit(limit).toList();
                Portion portion = page(at, ids, limit);
                if (portion != null) {
                    return portion;
                }
                // Somebody has deleted or marked them.
                ids.forEach(window::remove);
            }
            return new Portion(List.of(), at.toJson(), 0);
        } catch (SQLException e) {
            throw JdbcOutbox.unreadable(sql.table(), e);
        } catch (IllegalArgumentException e) {
            throw JdbcOutbox.strangePosition(e);
        }
    }

    private void look() throws SQLException {
        long beginNanos = nanoTime.getAsLong();
        if (beginNanos - nextLookNanos < 0) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(sql.look())) {
            statement.setInt(1, WINDOW);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    window.add(row.getLong(1));
                }
            }
        }
        isCut = window.size() == WINDOW;
        long endNanos = nanoTime.getAsLong();
        // Where there is something, the time is well spent.
        nextLookNanos = window.isEmpty() ? endNanos + (endNanos - beginNanos) * (ONE_IN - 1) : endNanos;
    }

    private @Nullable Portion page(MarkedPosition at, List<Long> ids, int limit) throws SQLException, UpstreamException {
        OutboxPage page;
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql.sizes(ids))) {
            page = OutboxPage.read(rows, row -> row.getString(3), limit, maxBytes);
        }
        if (page.sizes().isEmpty()) {
            return null;
        }
        requireUnpublished(at, page.versions());
        SequencedSet<Long> read = new LinkedHashSet<>(page.sizes().keySet());
        var end = new MarkedPosition(read, Collections.max(page.versions().values()));
        List<Item> items = items(page);
        long waiting = window.stream().filter(id -> id > read.getLast()).count();
        return items.isEmpty() ? null : new Portion(items, end.toJson(), isCut ? Math.max(1, waiting) : waiting);
    }

    private List<Item> items(OutboxPage page) throws SQLException {
        List<Long> ids = page.ids(maxBytes);
        if (ids.isEmpty()) {
            return page.refused(maxBytes);
        }
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql.rows(ids))) {
            return page.items(rows, maxBytes);
        }
    }

    /** A mark that does not last would have the same rows published again and again. */
    private void requireUnpublished(MarkedPosition at, Map<Long, String> made) throws UpstreamException {
        for (Map.Entry<Long, String> row : made.entrySet()) {
            boolean isOfNewest = at.ids().contains(row.getKey()) && row.getValue().compareTo(at.until()) <= 0;
            if (isOfNewest || published.has(row.getKey(), row.getValue())) {
                throw new UpstreamException("row " + row.getKey() + " of the outbox " + sql.table()
                        + " is published, and was marked so, but it says that it is unread; see docs/sources.md");
            }
        }
    }

    @Override
    public void stored(JsonNode position, List<String> refused) throws UpstreamException {
        try {
            MarkedPosition at = MarkedPosition.parse(position);
            List<Long> unread = unread(at);
            if (!unread.isEmpty()) {
                Set<String> stay = new HashSet<>(refused);
                connection.setAutoCommit(false);
                settle(sql.mark(), unread.stream().filter(id -> !deletes || stay.contains(id.toString())).toList(), at.until());
                settle(sql.delete(), unread.stream().filter(id -> deletes && !stay.contains(id.toString())).toList(), at.until());
                connection.commit();
                connection.setAutoCommit(true);
            }
            published.add(at.ids(), at.until());
            window.removeAll(at.ids());
        } catch (SQLException e) {
            throw JdbcOutbox.unreadable(sql.table(), e);
        } catch (IllegalArgumentException e) {
            throw JdbcOutbox.strangePosition(e);
        }
    }

    /** Those that are there: to change one that is not would lock the place at which it would stand. */
    private List<Long> unread(MarkedPosition at) throws SQLException {
        List<Long> unread = new ArrayList<>();
        if (!at.ids().isEmpty()) {
            try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql.sizes(at.ids()))) {
                while (rows.next()) {
                    unread.add(rows.getLong(1));
                }
            }
        }
        return unread;
    }

    private void settle(String statementSql, List<Long> ids, String until) throws SQLException {
        if (ids.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(statementSql)) {
            for (Long id : ids) {
                statement.setLong(1, id);
                statement.setString(2, until);
                statement.addBatch();
            }
            statement.executeBatch();
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
