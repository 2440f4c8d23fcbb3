package dev.hark.log.sqlite;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import dev.hark.log.EventLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The newest events of topics and keys, as table {@code latest} names them. Each is checked before it is given: that it is what was stored,
 * and that the table and its index name the same one.
 *
 * <p>Confined to one of the log's reader threads.
 */
final class LatestReader {
    /* A bit that flips in a position may make it that of an older event of the same topic and key, which is as intact as any. But a
       position stands twice: in the table, and in the index of topics and keys. */

    /** The event may be lost, and is NULL then; so is what the index says of its topic and key. */
    private static final String SELECT = "SELECT " + StoredEvent.columns("event")
            + ", latest.sequence, latest.topic, latest.key, named.sequence FROM latest"
            + " LEFT JOIN event ON event.sequence = latest.sequence"
            + " LEFT JOIN latest AS named INDEXED BY sqlite_autoindex_latest_1 ON named.topic = latest.topic AND named.key = latest.key";

    /** Without an end: a position that is damaged must not be taken for it. */
    private static final String SCAN = SELECT + " WHERE latest.sequence > ? ORDER BY latest.sequence LIMIT ?";
    private static final String FIND = SELECT + " WHERE latest.sequence = ?";
    private static final String OF_TOPIC = "SELECT sequence FROM latest WHERE topic = ? LIMIT ?";

    /** How many topics are looked up one by one; for more the table is scanned. */
    private static final int MAX_LOOKUPS = 8;

    private final Connection connection;
    private String epoch;
    private final Damage damage;

    LatestReader(Connection connection, String epoch, Damage damage) {
        this.connection = connection;
        this.epoch = epoch;
        this.damage = damage;
    }

    /** Says of which history the events are. */
    void take(String now) {
        epoch = now;
    }

    /** Takes rows of {@link #SELECT} until there are enough. */
    private final class Found {
        private final List<Event> events = new ArrayList<>();
        private final Filters filters;
        private final int limit;
        private long through;
        private long bytes;
        private boolean damaged;

        Found(long after, Filters filters, int limit) {
            this.through = after;
            this.filters = filters;
            this.limit = limit;
        }

        /** Whether there was room for the row. */
        boolean add(ResultSet row) throws SQLException {
            long sequence = row.getLong(10);
            @Nullable String topic = row.getString(11);
            boolean indexed = topic != null && row.getLong(13) == sequence;
            if (!indexed) {
                // What it was the newest of is not known.
                miss(sequence);
            } else if (filters.matches(topic)) {
                if (events.size() == limit || bytes > PageReader.MAX_PAGE_BYTES) {
                    return false;
                }
                StoredEvent event = StoredEvent.read(row);
                boolean named = event.sequence() == sequence && event.topic().equals(topic)
                        && LatestTable.Name.of(topic, event.key()).key().equals(Objects.requireNonNullElse(row.getString(12), ""));
                if (named && event.isIntact()) {
                    events.add(event.toEvent(epoch));
                    bytes += events.getLast().frame().length();
                } else {
                    miss(sequence);
                }
            }
            // Never back: whoever reads on from there has to come to an end.
            through = Math.max(through, sequence);
            return true;
        }

        /** Takes note of a row at or before {@code sequence} that the table or its index does not have as it was stored. */
        void miss(long sequence) {
            damage.report(sequence - 1, sequence);
            damaged = true;
        }

        ReadRange range(long end) {
            return new ReadRange(events, end, damaged);
        }
    }

    /** As {@link EventLog#latest}. */
    ReadRange read(long after, long through, Filters filters, int limit) throws SQLException {
        @Nullable List<Long> positions = filters.areExact() && filters.size() <= MAX_LOOKUPS ? positions(filters) : null;
        var found = new Found(after, filters, limit);
        return positions == null ? scan(found, after, through) : find(found, positions, after, through);
    }

    private ReadRange scan(Found found, long after, long through) throws SQLException {
        int scanned = 0;
        try (PreparedStatement scan = connection.prepareStatement(SCAN)) {
            scan.setLong(1, after);
            scan.setInt(2, EventLog.MAX_SCAN_EVENTS);
            try (ResultSet row = scan.executeQuery()) {
                while (row.next()) {
                    long sequence = row.getLong(10);
                    if (sequence > through) {
                        if (row.getLong(13) == sequence) {
                            break;
                        }
                        found.miss(through);
                    } else if (!found.add(row)) {
                        return found.range(found.through);
                    }
                    scanned++;
                }
            }
        }
        return found.range(scanned < EventLog.MAX_SCAN_EVENTS ? through : found.through);
    }

    private ReadRange find(Found found, List<Long> positions, long after, long through) throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(FIND)) {
            for (long position : positions) {
                if (position > after && position <= through) {
                    find.setLong(1, position);
                    try (ResultSet row = find.executeQuery()) {
                        if (!row.next()) {
                            found.miss(position);
                        } else if (!found.add(row)) {
                            return found.range(found.through);
                        }
                    }
                }
            }
        }
        return found.range(through);
    }

    /** Where those of a few topics stand, in order; null where they are so many that a scan does better. */
    private @Nullable List<Long> positions(Filters filters) throws SQLException {
        var positions = new ArrayList<Long>();
        try (PreparedStatement find = connection.prepareStatement(OF_TOPIC)) {
            for (String topic : filters.asList().stream().map(TopicFilter::value).distinct().toList()) {
                find.setString(1, topic);
                find.setInt(2, EventLog.MAX_SCAN_EVENTS + 1);
                try (ResultSet row = find.executeQuery()) {
                    while (row.next()) {
                        positions.add(row.getLong(1));
                    }
                }
                if (positions.size() > EventLog.MAX_SCAN_EVENTS) {
                    return null;
                }
            }
        }
        positions.sort(null);
        return positions;
    }
}
