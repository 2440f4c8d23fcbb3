package dev.hark.log.sqlite;

import dev.hark.event.Filters;
import dev.hark.log.Back;
import dev.hark.log.EventLog;
import dev.hark.log.Since;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The searches for a position from which to read, in a database that may be damaged: what is found then lies before the damage, or so that
 * whoever reads from there is told of it.
 *
 * <p>Confined to one of the log's reader threads.
 */
final class PositionReader {
    private static final System.Logger LOGGER = System.getLogger(PositionReader.class.getName());

    private static final String SCAN_BACK =
            "SELECT sequence, previous, topic FROM event WHERE sequence > ? AND sequence <= ? ORDER BY sequence DESC LIMIT ?";

    private final Connection connection;
    private final Probe probe;

    PositionReader(Connection connection, Probe probe) {
        this.connection = connection;
        this.probe = probe;
    }

    /** As {@link dev.hark.log.EventLog#since}, up to position {@code newest}. */
    Since since(LogState state, long timeMillis, long newest) {
        long position = probe.before(timeMillis, state.floor(), newest);
        boolean removed = state.floorTimeMillis() != Long.MIN_VALUE && state.floorTimeMillis() >= timeMillis;
        return new Since(position, removed);
    }

    /**
     * Goes on with a search for the last events that match, by a bounded number of rows. Rows are not checked here: what is taken for
     * another topic's only has the search go on, and what is wrongly counted lies in what is then read, and is announced there.
     */
    Back back(LogState state, Back search, Filters filters) {
        long position = search.position();
        int left = search.left();
        int scanned = 0;
        // As a log is opened with a hundred thousand hot events: their topics need not be looked at.
        boolean all = filters.matchAll();
        try (PreparedStatement scanBack = connection.prepareStatement(SCAN_BACK)) {
            scanBack.setLong(1, state.floor());
            scanBack.setLong(2, position);
            scanBack.setInt(3, EventLog.MAX_SCAN_EVENTS);
            try (ResultSet rows = scanBack.executeQuery()) {
                while (left > 0 && rows.next()) {
                    if (all || matches(filters, rows.getString(3))) {
                        left--;
                    }
                    // Before the event and after its predecessor every position is the same; this one is seen again where that is damaged.
                    position = Math.max(state.floor(), Math.min(rows.getLong(1) - 1, rows.getLong(2)));
                    scanned++;
                }
            }
        } catch (SQLException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the database refused to read on before event " + position, e);
            // Behind the damage, but so that whoever reads from there is told of it.
            return new Back(Math.max(state.floor(), position - 1), left, true);
        }
        if (left == 0) {
            return new Back(position, 0, true);
        }
        return scanned < EventLog.MAX_SCAN_EVENTS ? new Back(state.floor(), left, true) : new Back(position, left, false);
    }

    private static boolean matches(Filters filters, @Nullable String topic) {
        return topic != null && filters.matches(topic);
    }
}
