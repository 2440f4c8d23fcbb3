package dev.hark.log.sqlite;

import dev.hark.event.Event;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.Page;
import dev.hark.log.Since;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The database as a reader sees it: pages of events, found by sequence or by topic, and checked.
 *
 * <p>Confined to one of the log's reader threads.
 */
final class PageReader implements AutoCloseable {
    /* A page is cut before what is damaged or lost, and the page that begins there begins after it: `from` then says what is missing, as it does
       for what retention has removed, and whoever reads tells its client. */

    /** How many rows a page may pass, which is what a rare topic behind a wildcard costs at most. */
    private static final int MAX_SCAN = 5_000;

    /** How many bytes of frames a page may bring together, its last event excepted. */
    private static final int MAX_PAGE_BYTES = 1 << 20;

    /** How many topics are looked up one by one; for more the log is scanned. */
    private static final int MAX_LOOKUPS = 8;

    /** How many damaged stretches one read may step over. */
    private static final int MAX_SKIPS = 100;

    private final Connection connection;
    private final String epoch;
    private final Damage damage;
    private final PreparedStatement scan;
    private final PreparedStatement lookUp;
    private final PreparedStatement scanBack;
    private final PreparedStatement firstFrom;

    PageReader(Path path, String epoch, Damage damage) throws SQLException {
        this.connection = DatabaseFile.openReader(path);
        this.epoch = epoch;
        this.damage = damage;
        this.scan = connection.prepareStatement(
                "SELECT " + StoredEvent.COLUMNS + " FROM event WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?");
        this.lookUp = connection.prepareStatement(
                "SELECT " + StoredEvent.COLUMNS + " FROM event WHERE topic = ? AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?");
        this.scanBack =
                connection.prepareStatement("SELECT sequence, topic FROM event WHERE sequence > ? AND sequence <= ? ORDER BY sequence DESC LIMIT ?");
        this.firstFrom = connection.prepareStatement("SELECT sequence, time FROM event WHERE sequence >= ? ORDER BY sequence LIMIT 1");
        connection.setAutoCommit(false);
    }

    /**
     * A stretch of the log that was read without finding damage.
     *
     * @param through up to which position
     * @param gone    up to which position what follows is damaged or lost; 0 where nothing is known to be
     */
    private record Stretch(List<Event> events, long through, long gone) {}

    /** What {@code reading} finds in one state of the database. */
    <T> T inSnapshot(Reading<T> reading) throws SQLException {
        try {
            LogState state = EventStore.state(connection);
            if (state == null) {
                throw new SQLException("its row in table log is damaged", null, DAMAGED);
            }
            return reading.read(state);
        } finally {
            connection.rollback();
        }
    }

    private static final int DAMAGED = 11;

    @FunctionalInterface
    interface Reading<T> {
        T read(LogState state) throws SQLException;
    }

    /** As {@link dev.hark.log.EventLog#read}, up to position {@code newest}. */
    Page read(long after, long newest, List<TopicFilter> filters, int limit) throws SQLException {
        return inSnapshot(state -> {
            long from = Math.max(after, state.floor());
            for (int skips = 0; from < newest && skips < MAX_SKIPS; skips++) {
                Stretch stretch = stretch(from, newest, filters, limit);
                if (stretch.gone() == 0 || stretch.through() > from) {
                    return new Page(from, stretch.events(), stretch.through());
                }
                damage.report(from, stretch.gone());
                from = stretch.gone();
            }
            return new Page(from, List.of(), from);
        });
    }

    private Stretch stretch(long from, long newest, List<TopicFilter> filters, int limit) throws SQLException {
        if (filters.size() > MAX_LOOKUPS || !filters.stream().allMatch(TopicFilter::isExact)) {
            return scan(from, newest, filters, limit);
        }
        if (filters.size() == 1) {
            return lookUp(from, newest, filters.getFirst(), limit);
        }
        return merge(from, newest, filters.stream().distinct().toList(), limit);
    }

    private Stretch scan(long from, long newest, List<TopicFilter> filters, int limit) throws SQLException {
        scan.setLong(1, from);
        scan.setLong(2, newest);
        scan.setInt(3, MAX_SCAN);
        var events = new ArrayList<Event>(Math.min(limit, 64));
        long through = from;
        long bytes = 0;
        int scanned = 0;
        try (ResultSet rows = scan.executeQuery()) {
            while (rows.next()) {
                StoredEvent row = StoredEvent.read(rows);
                if (!row.isIntact()) {
                    return new Stretch(events, Math.max(through, row.sequence() - 1), row.sequence());
                }
                if (row.previous() > through) {
                    return new Stretch(events, through, row.previous());
                }
                if (matchesAny(filters, new Topic(row.topic()))) {
                    if (events.size() == limit || bytes > MAX_PAGE_BYTES) {
                        return new Stretch(events, through, 0);
                    }
                    events.add(row.toEvent(epoch));
                    bytes += events.getLast().frame().length();
                }
                through = row.sequence();
                scanned++;
            }
        }
        // The newest event is there, or the rows at the end are lost.
        return new Stretch(events, through, scanned == MAX_SCAN || through == newest ? 0 : newest);
    }

    private Stretch lookUp(long from, long newest, TopicFilter topic, int limit) throws SQLException {
        lookUp.setString(1, topic.value());
        lookUp.setLong(2, from);
        lookUp.setLong(3, newest);
        lookUp.setInt(4, limit + 1);
        var events = new ArrayList<Event>(Math.min(limit, 64));
        long bytes = 0;
        try (ResultSet rows = lookUp.executeQuery()) {
            while (rows.next()) {
                StoredEvent row = StoredEvent.read(rows);
                if (!row.isIntact() || !row.topic().equals(topic.value())) {
                    return new Stretch(events, row.sequence() - 1, row.sequence());
                }
                if (events.size() == limit || bytes > MAX_PAGE_BYTES) {
                    return new Stretch(events, row.sequence() - 1, 0);
                }
                events.add(row.toEvent(epoch));
                bytes += events.getLast().frame().length();
            }
        }
        return new Stretch(events, newest, 0);
    }

    /** Several topics, each read on its own, as far as all of them were read. */
    private Stretch merge(long from, long newest, List<TopicFilter> topics, int limit) throws SQLException {
        var found = new ArrayList<Event>();
        long through = newest;
        long gone = 0;
        for (TopicFilter topic : topics) {
            Stretch stretch = lookUp(from, newest, topic, limit);
            found.addAll(stretch.events());
            if (stretch.through() < through) {
                through = stretch.through();
                gone = stretch.gone();
            }
        }
        long end = through;
        found.removeIf(event -> event.sequence() > end);
        found.sort(Comparator.comparingLong(Event::sequence));
        if (found.size() <= limit) {
            return new Stretch(found, end, gone);
        }
        return new Stretch(List.copyOf(found.subList(0, limit)), found.get(limit - 1).sequence(), 0);
    }

    /** As {@link dev.hark.log.EventLog#since}, up to position {@code newest}. */
    Since since(long timeMillis, long newest) throws SQLException {
        return inSnapshot(state -> {
            long low = state.floor();
            long high = newest;
            // Everything up to `low` is older, the first event after `high` is not.
            while (low < high) {
                long middle = low + (high - low) / 2;
                firstFrom.setLong(1, middle + 1);
                try (ResultSet row = firstFrom.executeQuery()) {
                    boolean older = row.next() && row.getLong(1) <= high && row.getLong(2) < timeMillis;
                    if (older) {
                        low = row.getLong(1);
                    } else {
                        high = middle;
                    }
                }
            }
            boolean removed = state.floorTimeMillis() != Long.MIN_VALUE && state.floorTimeMillis() >= timeMillis;
            return new Since(low, removed);
        });
    }

    /** How far a search for the last events has come. */
    record Search(long position, int left, boolean ended) {}

    /** Goes on with a search for the last events that match, by a bounded number of rows. */
    Search beforeLast(Search search, List<TopicFilter> filters) throws SQLException {
        return inSnapshot(state -> {
            scanBack.setLong(1, state.floor());
            scanBack.setLong(2, search.position());
            scanBack.setInt(3, MAX_SCAN);
            long position = search.position();
            int left = search.left();
            int scanned = 0;
            try (ResultSet rows = scanBack.executeQuery()) {
                while (left > 0 && rows.next()) {
                    position = rows.getLong(1) - 1;
                    String topic = rows.getString(2);
                    if (topic != null && matchesAny(filters, new Topic(topic))) {
                        left--;
                    }
                    scanned++;
                }
            }
            if (left == 0) {
                return new Search(position, 0, true);
            }
            return scanned < MAX_SCAN ? new Search(state.floor(), left, true) : new Search(position, left, false);
        });
    }

    private static boolean matchesAny(List<TopicFilter> filters, Topic topic) {
        for (int i = 0; i < filters.size(); i++) {
            if (filters.get(i).matches(topic)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
