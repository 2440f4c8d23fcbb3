package dev.hark.log.sqlite.tools;

import dev.hark.event.Frame;
import dev.hark.event.Topic;
import dev.hark.log.sqlite.ClassState;
import dev.hark.log.sqlite.ClassStates;
import dev.hark.log.sqlite.EndRow;
import dev.hark.log.sqlite.Faults;
import dev.hark.log.sqlite.HighWaterMark;
import dev.hark.log.sqlite.HighWaterMark.Mark;
import dev.hark.log.sqlite.LogState;
import dev.hark.log.sqlite.StoredEvent;
import dev.hark.log.sqlite.TopicChains;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A whole log, read and checked against all that it says of itself. Confined to one thread. */
final class Verifier implements LogWalk.Visitor {
    private static final int INDEX_PAGE = 5_000;

    /** As long as that of every log. */
    private static final String NO_EPOCH = "00000000";

    private final Path path;
    private final Connection connection;
    private final Findings findings;
    private final List<String> notes = new ArrayList<>();
    private final ChainSum links = new ChainSum();

    private String epoch = NO_EPOCH;
    private @Nullable ClassStates classes;
    private @Nullable LatestCheck newest;
    private long[] eventsOf = {};
    private long[] bytesOf = {};
    private long events;
    private long bytes;
    private long last;
    private boolean retentionWent;

    Verifier(Path path, Connection connection, Consumer<String> told) {
        this.path = path;
        this.connection = connection;
        this.findings = new Findings(told::accept);
    }

    /** What the database says first, in one of its states; empty what cannot be told. */
    private record Claim(
            @Nullable LogState state, @Nullable ClassStates classes, OptionalLong keys, OptionalLong first, OptionalLong last) {}

    Verification verify() throws SQLException, IOException {
        // Before the database: what was acknowledged by then must be in it.
        HighWaterMark.Peek mark = HighWaterMark.peek(path);
        Claim claim = LogFile.inSnapshot(connection, this::claim);
        LogState state = claim.state();
        var walk = new LogWalk(connection);
        long from;
        if (state == null) {
            damaged("the row in table log, with the epoch and the bounds, is not what was stored");
            long beginning = LogFile.inSnapshot(connection, walk::beginning);
            from = beginning == LogWalk.OPEN_END ? 0 : beginning;
            last = from;
            walk.walk(from, LogWalk.OPEN_END, this);
        } else {
            epoch = state.epoch();
            classes = claim.classes();
            countClasses();
            checkEnds();
            checkBounds(state, claim);
            checkMark(mark, state);
            from = state.floor();
            walk.walk(from, state.newest(), this);
            last = state.newest();
            if (newest != null) {
                newest.checkRows();
            }
            if (findings.count() == 0) {
                checkSums(state);
            }
        }
        checkStructure(mark);
        findings.end();
        return new Verification(events, from, last, findings.count(), notes);
    }

    private void countClasses() throws SQLException, IOException {
        if (classes == null) {
            damaged("a row in table class or rule is not what was stored");
        } else {
            eventsOf = new long[classes.all().size()];
            newest = LogFile.inSnapshot(connection, () -> ClassStates.schema(connection)) < 2
                    ? null
                    : new LatestCheck(connection, classes, findings);
            bytesOf = new long[classes.all().size()];
        }
    }

    private void checkEnds() throws SQLException, IOException {
        for (EndRow row : LogFile.inSnapshot(connection, () -> EndRow.readAll(connection))) {
            if (!row.isIntact()) {
                damaged("the row of event " + row.sequence() + " in table ended is not what was stored; its topic counts as open");
            }
        }
    }

    private Claim claim() throws SQLException, IOException {
        LogState state = LogWalk.state(connection);
        // As of the same moment: what a hub stores meanwhile is not walked through, and must not be counted either.
        ClassStates counted = state == null ? null : ClassStates.read(connection).orElse(null);
        return new Claim(state, counted, keys(), number("SELECT sequence FROM event ORDER BY sequence LIMIT 1"),
                number("SELECT sequence FROM event ORDER BY sequence DESC LIMIT 1"));
    }

    /** Empty where there is none, or the database refuses to say: then the walk meets the reason. */
    private OptionalLong number(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
        } catch (SQLException e) {
            if (Faults.isDamage(e)) {
                return OptionalLong.empty();
            }
            throw e;
        }
    }

    /** How many idempotency keys there are. Not by count(*), which does not notice that it goes around in a circle. */
    private OptionalLong keys() throws SQLException, IOException {
        try (PreparedStatement scan = connection.prepareStatement("SELECT sequence FROM idempotency ORDER BY sequence");
                ResultSet row = scan.executeQuery()) {
            long count = 0;
            long previous = Long.MIN_VALUE;
            while (row.next()) {
                long sequence = row.getLong(1);
                if (count > 0 && sequence <= previous) {
                    damaged("the idempotency keys are not in rising order: that of event " + sequence + " comes after that of " + previous);
                    return OptionalLong.empty();
                }
                previous = sequence;
                count++;
            }
            return OptionalLong.of(count);
        } catch (SQLException e) {
            if (Faults.isDamage(e)) {
                damaged("the idempotency keys cannot be read: " + Faults.said(e));
                return OptionalLong.empty();
            }
            throw e;
        }
    }

    private void checkBounds(LogState state, Claim claim) throws IOException {
        if (claim.first().isPresent() && claim.first().getAsLong() <= state.floor()) {
            damaged("event " + claim.first().getAsLong() + " stands before " + (state.floor() + 1)
                    + ", which is the oldest there can be by the row in table log");
        }
        if (claim.last().isPresent() && claim.last().getAsLong() > state.newest()) {
            damaged("event " + claim.last().getAsLong() + " stands beyond " + state.newest()
                    + ", which is the newest by the row in table log");
        }
        if (claim.keys().isPresent() && claim.keys().getAsLong() != state.keys()) {
            damaged("there are " + claim.keys().getAsLong() + " idempotency keys, but " + state.keys() + " were stored");
        }
    }

    private void checkMark(HighWaterMark.Peek found, LogState state) throws IOException {
        Mark mark = found.mark();
        if (mark == null) {
            if (found.existed()) {
                damaged("the mark " + HighWaterMark.fileOf(path) + " is not what was stored");
            } else {
                notes.add("there is no mark beside the database, as with a backup: "
                        + "whether acknowledged events are missing at its end cannot be told");
            }
        } else if (!mark.epoch().equals(state.epoch())) {
            notes.add("the mark beside the database is that of the log " + mark.epoch()
                    + ": whether acknowledged events are missing at the end cannot be told");
        } else if (mark.acknowledged() > state.newest()) {
            damaged("events after " + state.newest() + " up to " + mark.acknowledged() + " were acknowledged, and are missing");
        }
    }

    @Override
    public void event(StoredEvent event, Topic topic) throws SQLException, IOException {
        events++;
        last = event.sequence();
        links.add(TopicChains.of(event.topic()), event.sequence());
        int length = Frame.encode(epoch, event.sequence(), event.type(), event.data()).length();
        bytes += length;
        if (classes != null && !classes.areNone()) {
            int number = classes.numberOf(event.topic());
            if (event.sequence() > classes.all().get(number).swept()) {
                eventsOf[number]++;
                bytesOf[number] += length;
            }
            if (newest != null) {
                newest.add(event, number);
            }
        }
    }

    @Override
    public void damaged(String what) throws IOException {
        findings.add(what);
    }

    @Override
    public void removed(long after, long through) {
        retentionWent = true;
    }

    /** What only holds if nothing was removed since the first look. */
    private void checkSums(LogState first) throws SQLException, IOException {
        @Nullable ChainSum indexed;
        try {
            indexed = indexed(first.newest());
        } catch (SQLException e) {
            if (!Faults.isDamage(e)) {
                throw e;
            }
            damaged("the index by topic cannot be read: " + Faults.said(e));
            return;
        }
        boolean sameFloor = LogFile.inSnapshot(connection, () -> {
            LogState now = LogWalk.state(connection);
            return now != null && now.floor() == first.floor() && sameFloors();
        });
        if (retentionWent || !sameFloor) {
            notes.add("retention removed events meanwhile, so the counts and the index by topic were not compared");
            return;
        }
        if (events != first.events() || bytes != first.bytes()) {
            damaged("there are " + events + " events with " + bytes + " bytes, but the row in table log says " + first.events() + " with "
                    + first.bytes());
        }
        checkClasses();
        checkNewest(first);
        if (indexed != null && !indexed.isSameAs(links)) {
            damaged("the index by topic lacks events, or has others: 'REINDEX event' in the sqlite3 shell makes it anew");
        }
    }

    private void checkNewest(LogState first) throws SQLException, IOException {
        boolean same = LogFile.inSnapshot(connection, () -> {
            LogState now = LogWalk.state(connection);
            return now != null && now.newest() == first.newest();
        });
        if (newest != null && same) {
            newest.checkWhole(notes);
        } else if (newest != null && !newest.isIdle()) {
            notes.add("events were stored meanwhile, so the counts of table latest, and whether it lacks any, were not compared");
        }
    }

    private boolean sameFloors() throws SQLException {
        ClassStates now = ClassStates.read(connection).orElse(null);
        return now != null && classes != null && now.all().stream().map(ClassState::floor).toList()
                .equals(classes.all().stream().map(ClassState::floor).toList());
    }

    private void checkClasses() throws IOException {
        for (ClassState each : classes == null ? List.<ClassState>of() : classes.all()) {
            if (each.events() != eventsOf[each.number()] || each.bytes() != bytesOf[each.number()]) {
                damaged("there are " + eventsOf[each.number()] + " events with " + bytesOf[each.number()] + " bytes of " + each.name()
                        + ", but the row in table class says " + each.events() + " with " + each.bytes());
            }
        }
    }

    /** What the index by topic holds; null where it is damaged. */
    private @Nullable ChainSum indexed(long newest) throws SQLException, IOException {
        var sum = new ChainSum();
        var last = new Link(-1, 0);
        while (true) {
            Link after = last;
            // Not as one comparison of pairs: SQLite would pass over the chain's links before it again with every page.
            List<Link> page = LogFile.inSnapshot(connection, () -> {
                List<Link> same = indexPage("chain = ? AND sequence > ?", after.chain(), after.sequence());
                return same.isEmpty() ? indexPage("chain > ?", after.chain()) : same;
            });
            if (page.isEmpty()) {
                return sum;
            }
            for (Link link : page) {
                if (!link.isAfter(last)) {
                    damaged("the index by topic is not in rising order: event " + link.sequence() + " of chain " + link.chain()
                            + " comes after event " + last.sequence() + " of chain " + last.chain());
                    return null;
                }
                if (link.sequence() <= newest) {
                    sum.add(link.chain(), link.sequence());
                }
                last = link;
            }
        }
    }

    private record Link(long chain, long sequence) {
        boolean isAfter(Link other) {
            return chain > other.chain || (chain == other.chain && sequence > other.sequence);
        }
    }

    private List<Link> indexPage(String where, long... after) throws SQLException {
        try (PreparedStatement scan = connection.prepareStatement("SELECT chain, sequence FROM event INDEXED BY event_by_chain"
                + " WHERE " + where + " ORDER BY chain, sequence LIMIT " + INDEX_PAGE)) {
            for (int i = 0; i < after.length; i++) {
                scan.setLong(i + 1, after[i]);
            }
            var links = new ArrayList<Link>();
            try (ResultSet row = scan.executeQuery()) {
                while (row.next()) {
                    links.add(new Link(row.getLong(1), row.getLong(2)));
                }
            }
            return links;
        }
    }

    /** SQLite's own check reads everything at once, which would hold up the WAL of a running hub. */
    private void checkStructure(HighWaterMark.Peek found) throws SQLException, IOException {
        if (found.mark() != null && !found.mark().clean()) {
            notes.add("SQLite's own check was left out, because a hub has the log open, or it was not closed; "
                    + "a backup can be checked with it");
            return;
        }
        try (var limit = new StepLimit(connection, Files.size(path))) {
            LogFile.inSnapshot(connection, () -> integrityCheck(limit));
        }
    }

    private boolean integrityCheck(StepLimit limit) throws SQLException, IOException {
        try (PreparedStatement check = connection.prepareStatement("PRAGMA integrity_check(" + Findings.MAX_TOLD + ")");
                ResultSet row = check.executeQuery()) {
            // A row may have many lines, and say the same in each: what is told once is enough.
            var said = new HashSet<String>(Set.of("ok", ""));
            while (row.next()) {
                for (String line : String.valueOf(row.getString(1)).replaceFirst("^\\Q*** in database main ***\\E", "").lines().toList()) {
                    if (said.add(line.strip())) {
                        damaged("SQLite says: " + line.strip());
                    }
                }
            }
            return true;
        } catch (SQLException e) {
            if (limit.isReason(e)) {
                damaged("SQLite's own check came to no end: there are pages that lead to the same rows over and over");
                return false;
            }
            if (Faults.isDamage(e)) {
                damaged("SQLite's own check failed: " + Faults.said(e));
                return false;
            }
            throw e;
        }
    }

    /** A sum over pairs of chain and position in any order. */
    private static final class ChainSum {
        private long count;
        private long sum;

        void add(long chain, long sequence) {
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
