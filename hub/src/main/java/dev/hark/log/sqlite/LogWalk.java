package dev.hark.log.sqlite;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A way through all of a log, from row to row, that steps over what is damaged. Confined to one thread.
 */
final class LogWalk {
    /* In short reads, each in a state of the database of its own: while one is under way, the WAL of a running hub cannot begin anew. What is stored
       never changes, and only retention takes it away, from the oldest on, so that the reads fit together. */

    private static final int PAGE_EVENTS = 1_000;
    private static final int PAGE_BYTES = 4 << 20;

    private final Connection connection;

    LogWalk(Connection connection) {
        this.connection = connection;
    }

    /** Who is told what is on the way. */
    interface Visitor {
        /** An event that is as it was stored. */
        void event(StoredEvent event) throws IOException;

        /** Something is damaged or lost: which positions, and how. */
        void damaged(String what) throws IOException;

        /** Retention has removed the events after one position up to another. */
        void removed(long after, long through) throws IOException;
    }

    /** Rows that one state of the database has after a position; where they cannot be read, up to which position and why. */
    private record Rows(long floor, List<StoredEvent> events, boolean ended, long unreadable, @Nullable String why) {}

    /** Goes from position {@code after} to {@code through}. */
    void walk(long after, long through, Visitor visitor) throws SQLException, IOException {
        long position = after;
        // Whether an event stands at `position`, or nothing is before it: then the next one must name it as its predecessor.
        boolean exact = false;
        while (position < through) {
            long from = position;
            Rows rows = LogFile.inSnapshot(connection, () -> read(from, through));
            if (rows.floor() > position) {
                visitor.removed(position, Math.min(rows.floor(), through));
                position = rows.floor();
                exact = true;
            }
            for (StoredEvent event : rows.events()) {
                if (!event.isIntact()) {
                    visitor.damaged("event " + event.sequence() + " is damaged: it is not what was stored");
                } else {
                    checkPredecessor(event, position, exact, visitor);
                    visitor.event(event);
                }
                position = event.sequence();
                exact = true;
            }
            if (rows.why() != null) {
                visitor.damaged(stretch(position, rows.unreadable()) + " cannot be read: " + rows.why());
                position = rows.unreadable();
                exact = false;
            } else if (rows.ended() && position < through) {
                visitor.damaged(missing(position, through));
                position = through;
            }
        }
    }

    private static void checkPredecessor(StoredEvent event, long position, boolean exact, Visitor visitor) throws IOException {
        if (event.previous() > position) {
            visitor.damaged(missing(position, event.previous()));
        } else if (exact && event.previous() < position) {
            visitor.damaged("event " + event.sequence() + " follows " + position + ", but was stored after " + event.previous());
        }
    }

    private static String missing(long after, long through) {
        return stretch(after, through) + (after + 1 == through ? " is" : " are") + " missing";
    }

    private static String stretch(long after, long through) {
        return after + 1 == through ? "event " + through : "events after " + after + " up to " + through;
    }

    private Rows read(long after, long through) throws SQLException {
        LogState state = EventStore.state(connection);
        long floor = state == null ? 0 : state.floor();
        long from = Math.max(after, floor);
        if (from >= through) {
            return new Rows(floor, List.of(), true, 0, null);
        }
        int limit = PAGE_EVENTS;
        while (true) {
            try {
                List<StoredEvent> events = rows(from, through, limit);
                return new Rows(floor, events, events.isEmpty(), 0, null);
            } catch (SQLException e) {
                if (!Faults.isDamage(e)) {
                    throw e;
                }
                if (limit == 1) {
                    return new Rows(floor, List.of(), false, nextReadable(from, through), String.valueOf(e.getMessage()));
                }
                // One by one, up to what cannot be read.
                limit = 1;
            }
        }
    }

    /** The first position after {@code from} from which on rows can be read again, or {@code through}. */
    private long nextReadable(long from, long through) throws SQLException {
        long unreadable = 0;
        long readable = 1;
        while (readable < through - from && !isReadable(from + readable, through)) {
            unreadable = readable;
            readable *= 2;
        }
        readable = Math.min(readable, through - from);
        while (readable - unreadable > 1) {
            long middle = unreadable + (readable - unreadable) / 2;
            if (isReadable(from + middle, through)) {
                readable = middle;
            } else {
                unreadable = middle;
            }
        }
        return from + readable;
    }

    private boolean isReadable(long after, long through) throws SQLException {
        try {
            rows(after, through, 1);
            return true;
        } catch (SQLException e) {
            if (Faults.isDamage(e)) {
                return false;
            }
            throw e;
        }
    }

    private List<StoredEvent> rows(long after, long through, int limit) throws SQLException {
        try (PreparedStatement scan = connection.prepareStatement(
                "SELECT " + StoredEvent.COLUMNS + " FROM event WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?")) {
            scan.setLong(1, after);
            scan.setLong(2, through);
            scan.setInt(3, limit);
            var events = new ArrayList<StoredEvent>();
            long bytes = 0;
            try (ResultSet row = scan.executeQuery()) {
                while (bytes < PAGE_BYTES && row.next()) {
                    events.add(StoredEvent.read(row));
                    bytes += events.getLast().data().length;
                }
            }
            return events;
        }
    }
}
