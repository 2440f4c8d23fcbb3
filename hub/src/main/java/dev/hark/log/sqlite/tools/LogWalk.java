package dev.hark.log.sqlite.tools;

import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import dev.hark.log.sqlite.ClassStates;
import dev.hark.log.sqlite.Faults;
import dev.hark.log.sqlite.LogState;
import dev.hark.log.sqlite.Probe;
import dev.hark.log.sqlite.StoredEvent;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A way through all of a log, from row to row, that steps over what is damaged, and ends whatever the database holds. Confined to one
 * thread.
 */
final class LogWalk {
    /* In short legs, each in a state of the database of its own: while one is under way, the WAL of a running hub cannot begin anew. What
       is stored never changes, and only retention takes it away, from the oldest on, so that the legs fit together. Where there are classes
       of topics it takes events from among others, and the event behind them then names another predecessor than it did: one before the
       position that the last leg came to, if that is gone.

       The position only rises, and each leg moves it: by an event that is intact and comes after it, or over what is damaged or missing, up
       to the next such event (Probe). So there are at most two legs for each event that can be found, and no event is visited twice,
       even where pages stand in each other's place, or lead around in a circle. */

    /** Where nobody knows the end: beyond every event. */
    static final long OPEN_END = 1L << 62;

    private static final int LEG_ROWS = 1_000;
    private static final int LEG_BYTES = 4 << 20;

    // Without an upper bound: see Probe.
    private static final String SCAN =
            "SELECT " + StoredEvent.COLUMNS + " FROM event WHERE sequence >= ? ORDER BY sequence LIMIT " + LEG_ROWS;

    private final Connection connection;
    private final Probe probe;

    LogWalk(Connection connection) {
        this.connection = connection;
        this.probe = new Probe(connection);
    }

    /** Who is told what is on the way. */
    interface Visitor {
        /** An event that is as it was stored; their positions rise. */
        void event(StoredEvent event, Topic topic) throws SQLException, IOException;

        /** Something is damaged or lost: which positions, and how. */
        void damaged(String what) throws IOException;

        /** Retention has removed the events after one position up to another. */
        void removed(long after, long through) throws IOException;
    }

    /** What is met on the way. */
    private sealed interface Step {
        record Intact(StoredEvent event, Topic topic) implements Step {}

        record Broken(String what) implements Step {}

        record Removed(long after, long through) implements Step {}
    }

    /** Goes from position {@code after} to {@code through}, which may be {@link #OPEN_END}. */
    void walk(long after, long through, Visitor visitor) throws SQLException, IOException {
        long position = after;
        boolean exact = false;
        while (position < through) {
            var leg = new Leg(position, exact, through);
            LogFile.inSnapshot(connection, leg::go);
            for (Step step : leg.steps) {
                switch (step) {
                    case Step.Intact(var event, var topic) -> visitor.event(event, topic);
                    case Step.Broken(var what) -> visitor.damaged(what);
                    case Step.Removed(var from, var to) -> visitor.removed(from, to);
                }
            }
            if (leg.position <= position) {
                throw new AssertionError("the walk stands still at " + position + " on its way to " + through);
            }
            position = leg.position;
            exact = leg.exact;
        }
    }

    /** Where the first readable event is preceded by nothing that can be read. */
    long beginning() throws SQLException {
        return probe.goneThrough(0, OPEN_END);
    }

    /** What the database says of itself; null where that is damaged. */
    static @Nullable LogState state(Connection connection) throws SQLException {
        try {
            return LogState.read(connection);
        } catch (SQLException e) {
            if (Faults.isDamage(e)) {
                return null;
            }
            throw e;
        }
    }

    private static boolean hasClasses(Connection connection) throws SQLException {
        try (PreparedStatement any = connection.prepareStatement("SELECT 1 FROM class");
                ResultSet row = any.executeQuery()) {
            return row.next();
        }
    }

    /** Why a leg ends where it does. */
    private enum Stop {
        /** It is long enough. */
        FULL,
        /** There are no more rows, or what comes is beyond the walk's end. */
        END,
        /** The next event names a predecessor that was not met. */
        GAP,
        /** The next row is not after the one before it. */
        DISORDER,
        /** The database refuses to read on. */
        REFUSED
    }

    /** A part of the way, in one state of the database. */
    private final class Leg {
        private final long through;
        private final List<Step> steps = new ArrayList<>();

        /** Of rows that are not as they were stored, since the last that was: what they say their positions are. */
        private final List<Long> broken = new ArrayList<>();

        private long position;
        /** Whether an event stands at {@code position}, or nothing is before it: then the next one must name it as its predecessor. */
        private boolean exact;

        private long stranger;
        private @Nullable SQLException refusal;

        Leg(long position, boolean exact, long through) {
            this.position = position;
            this.exact = exact;
            this.through = through;
        }

        boolean go() throws SQLException {
            LogState state = state(connection);
            boolean linked = ClassStates.schema(connection) < 2 || !hasClasses(connection);
            exact &= linked;
            long floor = state == null ? 0 : Math.min(state.floor(), through);
            if (floor > position) {
                steps.add(new Step.Removed(position, floor));
                position = floor;
                exact = linked;
            }
            if (position < through) {
                long before = position;
                Stop stop = scan();
                if (stop != Stop.FULL || position == before) {
                    stepOver(stop, position > before);
                }
            }
            return true;
        }

        private Stop scan() throws SQLException {
            long bytes = 0;
            int rows = 0;
            try (PreparedStatement scan = connection.prepareStatement(SCAN)) {
                scan.setLong(1, position + 1);
                try (ResultSet row = scan.executeQuery()) {
                    while (bytes < LEG_BYTES && row.next()) {
                        StoredEvent event = StoredEvent.read(row);
                        rows++;
                        bytes += event.data().length;
                        Topic topic = event.isIntact() ? topic(event) : null;
                        if (topic == null) {
                            broken.add(event.sequence());
                            continue;
                        }
                        if (event.sequence() > through) {
                            return Stop.END;
                        }
                        if (event.sequence() <= position) {
                            stranger = event.sequence();
                            return Stop.DISORDER;
                        }
                        settleBroken(event.sequence() - 1);
                        if (event.previous() > position) {
                            return Stop.GAP;
                        }
                        take(event, topic);
                    }
                }
            } catch (SQLException e) {
                if (!Faults.isLocal(e)) {
                    throw e;
                }
                refusal = e;
                return Stop.REFUSED;
            }
            return rows == LEG_ROWS || bytes >= LEG_BYTES ? Stop.FULL : Stop.END;
        }

        private static @Nullable Topic topic(StoredEvent event) {
            if (event.topic().startsWith("$")) {
                // One of the hub's own: nobody could publish to it, and it is as the hub wrote it.
                return Topic.stored(event.topic());
            }
            try {
                return new Topic(event.topic());
            } catch (InvalidEventException e) {
                return null;
            }
        }

        private void take(StoredEvent event, Topic topic) {
            if (exact && event.previous() < position) {
                broken("event " + event.sequence() + " follows " + position + ", but was stored after " + event.previous());
            }
            steps.add(new Step.Intact(event, topic));
            position = event.sequence();
            exact = true;
        }

        /** Reports the rows that are damaged before what is at {@code last + 1}, each at its position where that can be right. */
        private void settleBroken(long last) {
            for (long sequence : broken) {
                if (sequence > position && sequence <= last) {
                    broken("event " + sequence + " is damaged: it is not what was stored");
                    position = sequence;
                    exact = true;
                } else {
                    broken("a row after event " + position + " is damaged: it says that it is event " + sequence);
                    exact = false;
                }
            }
            broken.clear();
        }

        /** Moves the position to where reading can go on. */
        private void stepOver(Stop stop, boolean moved) throws SQLException {
            if (stop == Stop.END) {
                settleBroken(through);
            }
            if (position >= through) {
                return;
            }
            long gone = probe.goneThrough(position, through);
            boolean stuck = gone == position && !moved;
            if (stuck && refusal != null) {
                throw refusal;
            }
            boolean known = stop != Stop.END || gone < OPEN_END;
            if (known && !stuck) {
                broken(why(stop, gone));
            }
            if (gone > position) {
                position = gone;
                exact = false;
            } else if (stuck) {
                // Never seen, and a walk without an end would be worse.
                broken("what follows event " + position + " cannot be found");
                position = through;
            }
        }

        private String why(Stop stop, long gone) {
            if (stop == Stop.DISORDER) {
                return "after event " + position + " comes a row of event " + stranger + ": the rows are not in rising order"
                        + (gone == position ? "" : ", and " + stretch(position, gone) + " cannot be found");
            }
            String which = gone == position ? "what follows event " + position : stretch(position, gone);
            if (stop == Stop.REFUSED) {
                return which + " cannot be read: " + (refusal == null ? "" : Faults.said(refusal));
            }
            if (stop == Stop.FULL || gone == position) {
                return which + " cannot be read: no row that comes there is as it was stored";
            }
            return which + (position + 1 == gone ? " is" : " are") + " missing";
        }

        private void broken(String what) {
            steps.add(new Step.Broken(what));
        }
    }

    private static String stretch(long after, long through) {
        if (through >= OPEN_END) {
            return "what follows event " + after;
        }
        return after + 1 == through ? "event " + through : "events after " + after + " up to " + through;
    }
}
