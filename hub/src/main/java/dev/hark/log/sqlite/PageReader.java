package dev.hark.log.sqlite;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.log.Back;
import dev.hark.log.Era;
import dev.hark.log.EventLog;
import dev.hark.log.Floors;
import dev.hark.log.Page;
import dev.hark.log.Since;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The database as a reader sees it: pages of events, found by sequence or by topic, and checked.
 *
 * <p>Confined to one of the log's reader threads.
 */
final class PageReader implements AutoCloseable {
    /* A page is cut before what is damaged or lost, and the page that begins there begins after it: `from` then says what is missing, as it
       does for what retention has removed, and whoever reads tells its client. Statements are prepared for each reading: SQLite's driver
       throws away one that failed. */

    /** How many bytes of frames a page may bring together, its last event excepted. */
    static final int MAX_PAGE_BYTES = 1 << 20;

    /** How many damaged stretches one read may step over. */
    private static final int MAX_SKIPS = 20;

    /** Without an upper bound: what comes after the newest that may be seen says whether anything between is lost, or was removed. */
    private static final String SCAN = "SELECT " + StoredEvent.COLUMNS + " FROM event WHERE sequence >= ? ORDER BY sequence LIMIT ?";

    private final Connection connection;
    /** Of the history that the database held when it was looked at last: a replica may be given another one. */
    private String epoch;
    private final boolean classes;
    private final Damage damage;
    private final Probe probe;
    private final TopicReader topics;
    private final PositionReader positions;
    private final LatestReader latest;

    /** @param classes whether the log has several classes of topics */
    PageReader(Path path, String epoch, boolean classes, TopicChains chains, Damage damage) throws SQLException {
        this.connection = DatabaseFile.openReader(path);
        this.epoch = epoch;
        this.classes = classes;
        this.damage = damage;
        this.probe = new Probe(connection);
        this.topics = new TopicReader(connection, epoch, chains);
        this.positions = new PositionReader(connection, probe);
        this.latest = new LatestReader(connection, epoch, damage);
        connection.setAutoCommit(false);
    }

    /** What {@code reading} finds in one state of the database. */
    <T> T inSnapshot(Reading<T> reading) throws SQLException {
        try {
            LogState state = LogState.read(connection);
            if (state == null) {
                throw new SQLException("its row in table log is damaged", null, Faults.CORRUPT);
            }
            take(state.epoch());
            T found = reading.read(state);
            connection.rollback();
            return found;
        } catch (SQLException | RuntimeException e) {
            rollback(e);
            throw e;
        }
    }

    private void take(String now) {
        if (!now.equals(epoch)) {
            epoch = now;
            topics.take(now);
            latest.take(now);
        }
    }

    /** Where SQLite has done so itself it fails, which must not hide why. */
    private void rollback(Exception why) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            why.addSuppressed(e);
        }
    }

    @FunctionalInterface
    interface Reading<T> {
        T read(LogState state) throws SQLException;
    }

    /** As {@link dev.hark.log.EventLog#read}, up to where the log ends. Nothing is found of what comes after the newest stored event. */
    Page read(long after, Era.Ends ends, Filters filters, int limit) throws SQLException {
        return read(any -> true, after, ends, filters, limit);
    }

    /**
     * The same of a history that has those ends. Where the database has another one by now, the page is of that, and empty: it may be
     * shorter, and nothing of it is missing then.
     *
     * @param isOf whether the database has that history, by the epoch that it has; asked while nothing changes in it
     */
    Page read(Predicate<String> isOf, long after, Era.Ends ends, Filters filters, int limit) throws SQLException {
        if (after >= ends.stored() && after < ends.newest()) {
            return inSnapshot(state -> new Page(epoch, after, List.of(), ends.newest(), false, lost()));
        }
        Page page = read(isOf, after, ends.stored(), filters, limit);
        return page.through() < ends.stored() || ends.newest() == ends.stored()
                ? page
                : new Page(epoch, page.from(), page.events(), Math.max(page.through(), ends.newest()), page.damaged(), page.lost());
    }

    private Page read(Predicate<String> isOf, long after, long newest, Filters filters, int limit) throws SQLException {
        TopicReader.@Nullable Lookup lookUp = topics.lookUp(filters);
        return inSnapshot(state -> {
            if (!isOf.test(state.epoch())) {
                return new Page(epoch, after, List.of(), after);
            }
            // Where there are classes, what comes before the oldest event may be of others, and how much is lost is said by itself.
            long begin = Math.max(after, state.floor());
            long from = begin;
            boolean damaged = false;
            for (int skips = 0; from < newest && skips < MAX_SKIPS; skips++) {
                ReadRange range = range(from, newest, filters, lookUp, limit);
                if (!range.damaged() || range.through() > from) {
                    return new Page(epoch, classes && !damaged ? after : from, range.events(), range.through(), damaged, lost());
                }
                long gone = probe.goneThrough(from, newest);
                if (gone > from) {
                    damage.report(from, gone);
                    from = gone;
                    damaged = true;
                }
            }
            if (from == begin && from < newest) {
                throw new SQLException("what follows event " + from + " cannot be read", null, Faults.IOERR);
            }
            return new Page(epoch, classes && !damaged ? after : from, List.of(), from, damaged, lost());
        });
    }

    /** Up to where each class has lost events. */
    private Floors lost() throws SQLException {
        return classes ? Floors.of(counted().stream().mapToLong(ClassState::floor).toArray()) : Floors.NONE;
    }

    private List<ClassState> counted() throws SQLException {
        return ClassStates.states(connection)
                .orElseThrow(() -> new SQLException("a row in table class is damaged", null, Faults.CORRUPT));
    }

    private ReadRange range(long from, long newest, Filters filters, TopicReader.@Nullable Lookup lookUp, int limit) {
        if (lookUp != null) {
            ReadRange found = topics.read(lookUp, from, newest, limit);
            if (!found.damaged() || found.through() > from) {
                return found;
            }
            // It may be the index that is damaged, and not the events.
        }
        return scan(from, newest, filters, limit);
    }

    private ReadRange scan(long from, long newest, Filters filters, int limit) {
        var events = new ArrayList<Event>(Math.min(limit, 64));
        long through = from;
        long bytes = 0;
        int scanned = 0;
        try (PreparedStatement scan = connection.prepareStatement(SCAN)) {
            scan.setLong(1, from + 1);
            scan.setInt(2, EventLog.MAX_SCAN_EVENTS + 1);
            try (ResultSet rows = scan.executeQuery()) {
                while (rows.next()) {
                    StoredEvent row = StoredEvent.read(rows);
                    // The first may come after a hole that `from` lies in.
                    boolean next = scanned == 0 ? row.previous() <= from && row.sequence() > from : row.previous() == through;
                    if (row.sequence() > newest && through == newest) {
                        return new ReadRange(events, newest, false);
                    }
                    if (!next || !row.isIntact()) {
                        return new ReadRange(events, through, true);
                    }
                    if (row.sequence() > newest) {
                        // The newest has been removed since.
                        return new ReadRange(events, newest, false);
                    }
                    if (scanned == EventLog.MAX_SCAN_EVENTS) {
                        return new ReadRange(events, through, false);
                    }
                    if (filters.matches(row.topic())) {
                        if (events.size() == limit || bytes > MAX_PAGE_BYTES) {
                            return new ReadRange(events, through, false);
                        }
                        events.add(row.toEvent(epoch));
                        bytes += events.getLast().frame().length();
                    }
                    through = row.sequence();
                    scanned++;
                }
            }
        } catch (SQLException e) {
            return ReadRange.refused(events, through, e);
        }
        // The newest event is there, or the rows at the end are lost.
        return new ReadRange(events, through, through != newest);
    }

    /** As {@link dev.hark.log.EventLog#latest}. */
    Page latest(long after, long through, Filters filters, int limit) throws SQLException {
        return inSnapshot(state -> {
            ReadRange found = latest.read(after, through, filters, limit);
            return new Page(epoch, after, found.events(), found.through(), found.damaged(), lost());
        });
    }

    /** As {@link dev.hark.log.EventLog#since}, up to position {@code newest}. */
    Since since(long timeMillis, long newest) throws SQLException {
        return inSnapshot(state -> {
            Since since = positions.since(state, timeMillis, newest);
            return classes ? new Since(since.position(), ClassStates.lostSince(counted(), timeMillis)) : since;
        });
    }

    /** Goes on with a search for the last events that match, by a bounded number of rows. */
    Back back(Back search, Filters filters) throws SQLException {
        TopicReader.@Nullable Lookup lookUp = topics.lookUp(filters);
        return inSnapshot(state -> {
            Back found = lookUp == null ? null : topics.back(lookUp, state.floor(), search);
            return found == null ? positions.back(state, search, filters) : found;
        });
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
