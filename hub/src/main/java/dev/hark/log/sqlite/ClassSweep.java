package dev.hark.log.sqlite;

import dev.hark.log.sqlite.EventStore.Wanted;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Removes the oldest events of one class of topics from among those of others.
 *
 * <p>Confined to the log's writer thread.
 */
final class ClassSweep {
    /* Each event names the one before it, in the log and on the chain of its topic, and whoever reads takes a name that was not met for
       damage. So the event behind what is removed is given the name of the one before it, in the same transaction. It is given that only
       where it named the very event that goes: a link that was broken before stays broken, and is found.

       The newest event of all stays until another comes: what comes names it. */

    private static final String SCAN = "SELECT sequence, previous, chain, chain_previous, time, bytes, topic FROM event"
            + " WHERE sequence > ? ORDER BY sequence LIMIT ?";
    private static final String NEXT = "SELECT sequence, previous FROM event WHERE sequence > ? ORDER BY sequence LIMIT 1";
    private static final String NEXT_ON_CHAIN =
            "SELECT sequence, chain_previous FROM event WHERE chain = ? AND sequence > ? ORDER BY sequence LIMIT 1";

    private final Connection connection;
    private final ToIntFunction<String> classOf;
    private final LogState log;

    /** What was removed one after the other, with nothing between. */
    private record Run(long first, long last, long firstPrevious) {}

    /** An event that goes, as its chain sees it. */
    private record Link(long sequence, long previous) {}

    /** What an event is to name as its predecessors from now on; null as before. */
    private static final class Relink {
        private @Nullable Long previous;
        private @Nullable Long chainPrevious;
    }

    /**
     * What came of it.
     *
     * @param log    the log without what was removed
     * @param state  the class without it
     * @param full   whether there may be more to remove
     * @param ends   where chains end now that ended with what was removed
     * @param writes how many places of the database were changed, about
     */
    record Swept(LogState log, ClassState state, boolean full, Map<Integer, Long> ends, long writes) {}

    ClassSweep(Connection connection, ToIntFunction<String> classOf, LogState log) {
        this.connection = connection;
        this.classOf = classOf;
        this.log = log;
    }

    /**
     * Removes what {@code wanted} wants of the class, among {@code limit} events after what is swept already.
     *
     * @param chainEnd where a chain ends
     */
    Swept sweep(ClassState state, Wanted wanted, int limit, ChainEnd chainEnd) throws SQLException {
        long cursor = Math.max(state.swept(), log.floor());
        var runs = new ArrayList<Run>();
        Map<Integer, List<Link>> chains = new LinkedHashMap<>();
        Map<Long, Relink> relinks = new HashMap<>();
        long position = cursor;
        long prefix = cursor <= log.floor() ? log.floor() : Long.MIN_VALUE;
        long prefixTime = log.floorTimeMillis();
        boolean kept = prefix == Long.MIN_VALUE;
        long count = 0;
        long bytes = 0;
        long keptEvents = 0;
        long keptBytes = 0;
        long lastTime = Long.MIN_VALUE;
        int scanned = 0;
        boolean ended = false;
        @Nullable Run run = null;
        try (PreparedStatement scan = connection.prepareStatement(SCAN)) {
            scan.setLong(1, cursor);
            scan.setInt(2, limit);
            try (ResultSet row = scan.executeQuery()) {
                while (!ended && row.next()) {
                    long sequence = row.getLong(1);
                    long previous = row.getLong(2);
                    boolean mine = classOf.applyAsInt(String.valueOf(row.getString(7))) == state.number();
                    boolean goes = mine && sequence < log.newest()
                            && wanted.removes(
                                    state.events() - count - keptEvents, state.bytes() - bytes - keptBytes, row.getLong(5));
                    ended = mine && !goes;
                    if (goes && state.latest() && isLatest(sequence)) {
                        keptEvents++;
                        keptBytes += row.getLong(6);
                        goes = false;
                    }
                    if (goes) {
                        chains.computeIfAbsent(row.getInt(3), chain -> new ArrayList<>()).add(new Link(sequence, row.getLong(4)));
                        count++;
                        bytes += row.getLong(6);
                        lastTime = row.getLong(5);
                        if (!kept) {
                            prefix = sequence;
                            prefixTime = lastTime;
                        }
                        if (run != null && run.last() == previous) {
                            run = new Run(run.first(), sequence, run.firstPrevious());
                        } else {
                            add(runs, run);
                            run = new Run(sequence, sequence, previous);
                        }
                    } else {
                        kept = true;
                        if (run != null) {
                            relinkAfter(run, sequence, previous, relinks);
                            add(runs, run);
                            run = null;
                        }
                    }
                    scanned++;
                    position = ended ? position : sequence;
                }
            }
        }
        if (run != null) {
            try (PreparedStatement next = connection.prepareStatement(NEXT)) {
                next.setLong(1, run.last());
                try (ResultSet row = next.executeQuery()) {
                    if (row.next()) {
                        relinkAfter(run, row.getLong(1), row.getLong(2), relinks);
                    }
                }
            }
            add(runs, run);
        }
        boolean full = !ended && scanned == limit;
        ClassState passed = state.withSwept(position).counted(-keptEvents, -keptBytes);
        if (runs.isEmpty()) {
            return new Swept(log, passed, full, Map.of(), 0);
        }
        Map<Integer, Long> ends = relinkChains(chains, relinks, chainEnd);
        delete(runs);
        long written = apply(relinks);
        LogState after = log.removedWithin(Math.max(log.floor(), prefix), prefixTime, count, bytes);
        ClassState left = passed.counted(-count, -bytes).withFloor(runs.getLast().last(), lastTime);
        return new Swept(after, left, full, ends, runs.size() + written + chains.size());
    }

    /**
     * Removes single events of the class, which were kept for being the newest of their topics and keys alone.
     *
     * @param sequences of events that the class does not count any more
     */
    Swept remove(ClassState state, List<Long> sequences, ChainEnd chainEnd) throws SQLException {
        LogState left = log;
        ClassState after = state;
        Map<Integer, Long> ends = new HashMap<>();
        long writes = 0;
        for (long sequence : sequences) {
            Map<Long, Relink> relinks = new HashMap<>();
            Map<Integer, List<Link>> chain = new HashMap<>();
            long bytes = 0;
            long time = Long.MIN_VALUE;
            try (PreparedStatement find = connection.prepareStatement(SCAN)) {
                find.setLong(1, sequence - 1);
                find.setInt(2, 2);
                try (ResultSet row = find.executeQuery()) {
                    if (!row.next() || row.getLong(1) != sequence) {
                        // It is lost, and whoever reads there is told of that.
                        continue;
                    }
                    var run = new Run(sequence, sequence, row.getLong(2));
                    chain.put(row.getInt(3), List.of(new Link(sequence, row.getLong(4))));
                    time = row.getLong(5);
                    bytes = row.getLong(6);
                    if (row.next()) {
                        relinkAfter(run, row.getLong(1), row.getLong(2), relinks);
                    }
                }
            }
            ends.putAll(relinkChains(chain, relinks, number -> ends.getOrDefault(number, chainEnd.of(number))));
            delete(List.of(new Run(sequence, sequence, 0)));
            writes += 1 + apply(relinks);
            left = left.removedWithin(left.floor(), left.floorTimeMillis(), 1, bytes);
            after = after.withFloor(sequence, time);
        }
        return new Swept(left, after, false, ends, writes);
    }

    private boolean isLatest(long sequence) throws SQLException {
        try (PreparedStatement find = connection.prepareStatement("SELECT 1 FROM latest WHERE sequence = ?")) {
            find.setLong(1, sequence);
            try (ResultSet row = find.executeQuery()) {
                return row.next();
            }
        }
    }

    /** Where a chain ends, as the writer knows it. */
    @FunctionalInterface
    interface ChainEnd {
        long of(int chain);
    }

    private static void add(List<Run> runs, @Nullable Run run) {
        if (run != null) {
            runs.add(run);
        }
    }

    private static void relinkAfter(Run run, long sequence, long previous, Map<Long, Relink> relinks) {
        if (previous == run.last()) {
            relinks.computeIfAbsent(sequence, s -> new Relink()).previous = run.firstPrevious();
        }
    }

    /** Closes the chains behind what goes; where chains end that ended with it. */
    private Map<Integer, Long> relinkChains(Map<Integer, List<Link>> chains, Map<Long, Relink> relinks, ChainEnd chainEnd)
            throws SQLException {
        Map<Integer, Long> ends = new HashMap<>();
        try (PreparedStatement next = connection.prepareStatement(NEXT_ON_CHAIN)) {
            for (Map.Entry<Integer, List<Link>> chain : chains.entrySet()) {
                List<Link> links = chain.getValue();
                long before = links.getFirst().previous();
                for (int i = 0; i < links.size(); i++) {
                    long last = links.get(i).sequence();
                    boolean goesOn = i + 1 < links.size() && links.get(i + 1).previous() == last;
                    if (goesOn) {
                        continue;
                    }
                    next.setInt(1, chain.getKey());
                    next.setLong(2, last);
                    try (ResultSet row = next.executeQuery()) {
                        if (!row.next()) {
                            if (chainEnd.of(chain.getKey()) == last) {
                                ends.put(chain.getKey(), before);
                            }
                        } else if (row.getLong(2) == last) {
                            relinks.computeIfAbsent(row.getLong(1), s -> new Relink()).chainPrevious = before;
                        }
                    }
                    before = i + 1 < links.size() ? links.get(i + 1).previous() : 0;
                }
            }
        }
        return ends;
    }

    private void delete(List<Run> runs) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM event WHERE sequence BETWEEN ? AND ?")) {
            for (Run run : runs) {
                delete.setLong(1, run.first());
                delete.setLong(2, run.last());
                delete.executeUpdate();
            }
        }
    }

    /** Writes the new names of predecessors; how many events have any. What is damaged stays as it is. */
    private long apply(Map<Long, Relink> relinks) throws SQLException {
        long changed = 0;
        try (PreparedStatement find = connection.prepareStatement(
                        "SELECT " + StoredEvent.COLUMNS + " FROM event WHERE sequence = ?");
                PreparedStatement update = connection.prepareStatement(
                        "UPDATE event SET previous = ?, chain_previous = ?, crc = ? WHERE sequence = ?")) {
            for (Map.Entry<Long, Relink> each : relinks.entrySet()) {
                StoredEvent event = find(find, each.getKey());
                if (event == null || !event.isIntact()) {
                    continue;
                }
                Relink relink = each.getValue();
                StoredEvent linked = event.linked(
                        relink.previous == null ? event.previous() : relink.previous,
                        relink.chainPrevious == null ? event.chainPrevious() : relink.chainPrevious);
                update.setLong(1, linked.previous());
                update.setLong(2, linked.chainPrevious());
                update.setLong(3, linked.crc());
                update.setLong(4, linked.sequence());
                update.executeUpdate();
                changed++;
            }
        }
        return changed;
    }

    private static @Nullable StoredEvent find(PreparedStatement find, long sequence) throws SQLException {
        find.setLong(1, sequence);
        try (ResultSet row = find.executeQuery()) {
            return row.next() ? StoredEvent.read(row) : null;
        }
    }
}
