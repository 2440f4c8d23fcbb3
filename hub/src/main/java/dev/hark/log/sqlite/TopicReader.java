package dev.hark.log.sqlite;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import dev.hark.log.Back;
import dev.hark.log.EventLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events of a few topics, found by an index whose every answer is checked: see {@link TopicChains}.
 *
 * <p>Confined to one of the log's reader threads.
 */
final class TopicReader {
    private static final System.Logger LOGGER = System.getLogger(TopicReader.class.getName());

    /** How many topics are looked up one by one; for more the log is scanned. */
    private static final int MAX_LOOKUPS = 8;

    /** How many bytes of frames a page has, beside an event for each topic: a stream holds it until its client has taken it. */
    private static final int MAX_PAGE_BYTES = 128 << 10;

    // Without an upper bound: the event after the newest that may be seen is what the chain is checked with.
    private static final String LOOK_UP = "SELECT " + StoredEvent.COLUMNS
            + " FROM event WHERE chain = ? AND sequence >= ? ORDER BY sequence LIMIT ?";

    private static final String LOOK_BACK =
            "SELECT sequence, topic FROM event WHERE chain = ? AND sequence > ? AND sequence <= ? ORDER BY sequence DESC LIMIT ?";

    private final Connection connection;
    private String epoch;
    private final TopicChains chains;

    TopicReader(Connection connection, String epoch, TopicChains chains) {
        this.connection = connection;
        this.epoch = epoch;
        this.chains = chains;
    }

    /** Says of which history the events are. */
    void take(String now) {
        epoch = now;
    }

    /** Topics, each with its chain and where that ended before the database was looked at. */
    record Lookup(List<Chain> topics) {
        record Chain(String topic, int number, long end) {}
    }

    /** What is to be looked up for {@code filters}, before the snapshot is taken; null where a scan does better. */
    @Nullable Lookup lookUp(Filters filters) {
        if (filters.size() > MAX_LOOKUPS || !filters.areExact()) {
            return null;
        }
        return new Lookup(filters.asList().stream()
                .map(TopicFilter::value)
                .distinct()
                .map(topic -> new Lookup.Chain(topic, TopicChains.of(topic), chains.end(TopicChains.of(topic))))
                .toList());
    }

    /** Several topics, each read on its own, as far as all of them were read. */
    ReadRange read(Lookup lookup, long from, long newest, int limit) {
        var found = new ArrayList<Event>();
        long through = newest;
        boolean damaged = false;
        for (Lookup.Chain chain : lookup.topics()) {
            ReadRange range = read(chain, from, newest, limit, lookup.topics().size());
            found.addAll(range.events());
            if (range.through() < through) {
                through = range.through();
                damaged = range.damaged();
            } else if (range.through() == through) {
                damaged |= range.damaged();
            }
        }
        long end = through;
        found.removeIf(event -> event.sequence() > end);
        found.sort(Comparator.comparingLong(Event::sequence));
        if (found.size() <= limit) {
            return new ReadRange(found, end, damaged);
        }
        return new ReadRange(List.copyOf(found.subList(0, limit)), found.get(limit - 1).sequence(), false);
    }

    /**
     * As {@link dev.hark.log.EventLog#back}; null where SQLite refuses. Rows are not checked here: an entry that the index has lost only
     * has the search go further back, and whoever reads from there is told of it.
     */
    @Nullable Back back(Lookup lookup, long floor, Back search) {
        var found = new ArrayList<Long>();
        long searched = floor;
        for (Lookup.Chain chain : lookup.topics()) {
            long position = Math.min(search.position(), chain.end());
            if (position <= floor) {
                continue;
            }
            try {
                int limit = EventLog.MAX_SCAN_EVENTS / lookup.topics().size();
                searched = Math.max(searched, back(chain, floor, position, limit, found));
            } catch (SQLException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "the index by topic cannot be read", e);
                return null;
            }
        }
        // One chain may have been searched further than another.
        long through = searched;
        found.removeIf(sequence -> sequence <= through);
        found.sort(Comparator.reverseOrder());
        if (found.size() >= search.left()) {
            return new Back(found.get(search.left() - 1) - 1, 0, true);
        }
        return new Back(through, search.left() - found.size(), through <= floor);
    }

    /** Adds the positions of {@code chain}'s events up to {@code position}; after which position all of them were found. */
    private long back(Lookup.Chain chain, long floor, long position, int limit, List<Long> found) throws SQLException {
        long last = position;
        int scanned = 0;
        try (PreparedStatement lookBack = connection.prepareStatement(LOOK_BACK)) {
            lookBack.setInt(1, chain.number());
            lookBack.setLong(2, floor);
            lookBack.setLong(3, position);
            lookBack.setInt(4, limit);
            try (ResultSet rows = lookBack.executeQuery()) {
                while (rows.next()) {
                    last = rows.getLong(1);
                    scanned++;
                    if (chain.topic().equals(rows.getString(2))) {
                        found.add(last);
                    }
                }
            }
        }
        return scanned < limit ? floor : last - 1;
    }

    /** @param topics among how many what one question may cost is divided */
    private ReadRange read(Lookup.Chain chain, long from, long newest, int limit, int topics) {
        int maxRows = EventLog.MAX_SCAN_EVENTS / topics;
        int maxBytes = MAX_PAGE_BYTES / topics;
        var events = new ArrayList<Event>(Math.min(limit, 64));
        long through = from;
        long bytes = 0;
        int scanned = 0;
        if (chain.end() <= from) {
            return new ReadRange(events, newest, false);
        }
        try (PreparedStatement lookUp = connection.prepareStatement(LOOK_UP)) {
            lookUp.setInt(1, chain.number());
            lookUp.setLong(2, from + 1);
            lookUp.setInt(3, maxRows);
            try (ResultSet rows = lookUp.executeQuery()) {
                while (rows.next()) {
                    StoredEvent row = StoredEvent.read(rows);
                    boolean next = scanned == 0 ? row.chainPrevious() <= from && row.sequence() > from : row.chainPrevious() == through;
                    if (!next || !row.isIntact() || TopicChains.of(row.topic()) != chain.number()) {
                        return new ReadRange(events, through, true);
                    }
                    if (row.sequence() > newest) {
                        return new ReadRange(events, newest, false);
                    }
                    if (row.topic().equals(chain.topic())) {
                        if (events.size() == limit || bytes > maxBytes) {
                            return new ReadRange(events, row.sequence() - 1, false);
                        }
                        events.add(row.toEvent(epoch));
                        bytes += events.getLast().frame().length();
                    }
                    through = row.sequence();
                    scanned++;
                    if (through >= chain.end()) {
                        return new ReadRange(events, newest, false);
                    }
                }
            }
        } catch (SQLException e) {
            return ReadRange.refused(events, through, e);
        }
        // Short of its end the chain is broken, unless the page is full.
        return new ReadRange(events, through, scanned < maxRows);
    }
}
