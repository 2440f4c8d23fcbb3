package dev.hark.log.sqlite;

import dev.hark.log.sqlite.HighWaterMark.Mark;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A whole log, read and checked against all that it says of itself. Confined to one thread. */
final class Verifier implements LogWalk.Visitor {
    /** Further ones are only counted. */
    private static final int MAX_SAID = 100;

    private static final int INDEX_PAGE = 5_000;

    private final Path path;
    private final Connection connection;
    private final Consumer<String> told;
    private final List<String> notes = new ArrayList<>();
    private final ChainSum links = new ChainSum();

    private String epoch = "";
    private long events;
    private long bytes;
    private long findings;
    private boolean retentionWent;

    Verifier(Path path, Connection connection, Consumer<String> told) {
        this.path = path;
        this.connection = connection;
        this.told = told;
    }

    /** What the database says first, in one of its states. */
    private record Claim(@Nullable LogState state, long keys, long before, long last) {}

    Verification verify() throws SQLException, IOException {
        // Before the database: what was acknowledged by then must be in it.
        HighWaterMark.Peek mark = HighWaterMark.peek(path);
        Claim claim = LogFile.inSnapshot(connection, this::claim);
        LogState state = claim.state();
        if (state == null) {
            damaged("the row in table log, with the epoch and the bounds, is not what was stored");
        } else {
            epoch = state.epoch();
            checkBounds(state, claim);
            checkMark(mark, state);
        }
        long from = state == null ? claim.before() : state.floor();
        long through = state == null ? claim.last() : state.newest();
        new LogWalk(connection).walk(from, through, this);
        if (findings == 0 && state != null) {
            checkSums(state);
        }
        checkStructure(mark);
        if (findings > MAX_SAID) {
            told.accept("and " + (findings - MAX_SAID) + " more");
        }
        return new Verification(events, from, through, findings, notes);
    }

    private Claim claim() throws SQLException {
        LogState state;
        try {
            state = EventStore.state(connection);
        } catch (SQLException e) {
            if (!Faults.isDamage(e)) {
                throw e;
            }
            state = null;
        }
        return new Claim(state, count("SELECT count(*) FROM idempotency"), count("SELECT previous FROM event ORDER BY sequence LIMIT 1"),
                count("SELECT max(sequence) FROM event"));
    }

    /** -1 where it cannot be told. */
    private long count(String sql) throws SQLException {
        try {
            return LogFile.number(connection, sql);
        } catch (SQLException e) {
            if (Faults.isDamage(e)) {
                damaged("'" + sql + "' cannot be answered: " + e.getMessage());
                return -1;
            }
            throw e;
        }
    }

    private void checkBounds(LogState state, Claim claim) {
        if (claim.last() > state.newest()) {
            damaged("event " + claim.last() + " stands beyond " + state.newest() + ", which is the newest by the row in table log");
        }
        if (claim.keys() >= 0 && claim.keys() != state.keys()) {
            damaged("there are " + claim.keys() + " idempotency keys, but " + state.keys() + " were stored");
        }
    }

    private void checkMark(HighWaterMark.Peek found, LogState state) {
        Mark mark = found.mark();
        if (mark == null) {
            if (found.existed()) {
                damaged("the mark " + HighWaterMark.fileOf(path) + " is not what was stored");
            } else {
                notes.add("there is no mark beside the database, as with a backup: whether acknowledged events are missing at its end cannot be told");
            }
        } else if (!mark.epoch().equals(state.epoch())) {
            notes.add("the mark beside the database is that of the log " + mark.epoch()
                    + ": whether acknowledged events are missing at the end cannot be told");
        } else if (mark.acknowledged() > state.newest()) {
            damaged("events after " + state.newest() + " up to " + mark.acknowledged() + " were acknowledged, and are missing");
        }
    }

    @Override
    public void event(StoredEvent event) {
        events++;
        links.add(TopicChains.of(event.topic()), event.sequence());
        bytes += event.toEvent(epoch.isEmpty() ? "00000000" : epoch).frame().length();
    }

    @Override
    public void damaged(String what) {
        findings++;
        if (findings <= MAX_SAID) {
            told.accept(what);
        }
    }

    @Override
    public void removed(long after, long through) {
        retentionWent = true;
    }

    /** What only holds if nothing was removed since the first look. */
    private void checkSums(LogState first) throws SQLException, IOException {
        ChainSum indexed = indexed(first.newest());
        boolean sameFloor = LogFile.inSnapshot(connection, () -> {
            LogState now = EventStore.state(connection);
            return now != null && now.floor() == first.floor();
        });
        if (retentionWent || !sameFloor) {
            notes.add("retention removed events meanwhile, so the counts and the index by topic were not compared");
            return;
        }
        if (events != first.events() || bytes != first.bytes()) {
            damaged("there are " + events + " events with " + bytes + " bytes, but the row in table log says " + first.events() + " with "
                    + first.bytes());
        }
        if (!indexed.isSameAs(links)) {
            damaged("the index by topic lacks events, or has others: 'REINDEX event' in the sqlite3 shell makes it anew");
        }
    }

    private ChainSum indexed(long newest) throws SQLException, IOException {
        var sum = new ChainSum();
        var last = new Link(-1, 0);
        while (true) {
            Link after = last;
            // Not as one comparison of pairs: SQLite would pass over the chain's links before it again with every page.
            List<Link> page = LogFile.inSnapshot(connection, () -> {
                List<Link> same = indexPage("chain = ? AND sequence > ?", after);
                return same.isEmpty() ? indexPage("chain > ? AND sequence > ?", new Link(after.chain(), -1)) : same;
            });
            if (page.isEmpty()) {
                return sum;
            }
            for (Link link : page) {
                if (link.sequence() <= newest) {
                    sum.add(link.chain(), link.sequence());
                }
            }
            last = page.getLast();
        }
    }

    private record Link(int chain, long sequence) {}

    private List<Link> indexPage(String where, Link after) throws SQLException {
        try (PreparedStatement scan = connection.prepareStatement("SELECT chain, sequence FROM event INDEXED BY event_by_chain"
                + " WHERE " + where + " ORDER BY chain, sequence LIMIT " + INDEX_PAGE)) {
            scan.setInt(1, after.chain());
            scan.setLong(2, after.sequence());
            var links = new ArrayList<Link>();
            try (ResultSet row = scan.executeQuery()) {
                while (row.next()) {
                    links.add(new Link(row.getInt(1), row.getLong(2)));
                }
            }
            return links;
        } catch (SQLException e) {
            if (Faults.isDamage(e)) {
                damaged("the index by topic cannot be read: " + e.getMessage());
                return List.of();
            }
            throw e;
        }
    }

    /** SQLite's own check reads everything at once, which would hold up the WAL of a running hub. */
    private void checkStructure(HighWaterMark.Peek found) throws SQLException, IOException {
        if (found.mark() != null && !found.mark().clean()) {
            notes.add("SQLite's own check was left out, because a hub has the log open, or it was not closed; a backup can be checked with it");
            return;
        }
        LogFile.inSnapshot(connection, () -> {
            try (PreparedStatement check = connection.prepareStatement("PRAGMA integrity_check(" + MAX_SAID + ")");
                    ResultSet row = check.executeQuery()) {
                while (row.next()) {
                    String said = String.valueOf(row.getString(1));
                    if (!said.equals("ok")) {
                        damaged("SQLite says: " + said.replaceAll("\\s+", " "));
                    }
                }
                return true;
            } catch (SQLException e) {
                if (Faults.isDamage(e)) {
                    damaged("SQLite's own check failed: " + e.getMessage());
                    return false;
                }
                throw e;
            }
        });
    }

    /** A sum over pairs of chain and position in any order. */
    private static final class ChainSum {
        private long count;
        private long sum;

        void add(int chain, long sequence) {
            count++;
            // The finalizer of SplitMix64: neighbours become far apart, so that two wrongs do not make up for each other.
            long mixed = chain * 0x9e3779b97f4a7c15L + sequence;
            mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
            mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
            sum += mixed ^ (mixed >>> 31);
        }

        boolean isSameAs(ChainSum other) {
            return count == other.count && sum == other.sum;
        }
    }
}
