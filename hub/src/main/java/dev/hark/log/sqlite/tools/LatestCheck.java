package dev.hark.log.sqlite.tools;

import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.log.sqlite.ClassState;
import dev.hark.log.sqlite.ClassStates;
import dev.hark.log.sqlite.Faults;
import dev.hark.log.sqlite.StoredEvent;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Table {@code latest}, checked against the events on the way through a log: each row names the newest event of its topic and key, and each
 * topic and key whose newest event stays has one. Confined to one thread.
 */
final class LatestCheck {
    /* A hub may go on writing meanwhile: rows only move to newer events, and go when one takes them back. So a row that stands before an
       event that was walked past is wrong at any time, and a row that is missing is so if nothing has been stored since the walk began. */

    private static final int BATCH = 1_000;
    private static final int PAGE = 5_000;

    /** How many topics and keys without a row are remembered, which a later event may take back. */
    private static final int MAX_OPEN = 1_000_000;

    private static final int MAX_SHOWN = 100;

    private static final String ROWS = "SELECT latest.sequence, latest.topic, latest.key, event.topic, event.key, event.type FROM latest"
            + " LEFT JOIN event ON event.sequence = latest.sequence WHERE latest.sequence > ? ORDER BY latest.sequence LIMIT " + PAGE;

    private final Connection connection;
    private final ClassStates classes;
    private final Findings findings;
    private final List<Seen> seen = new ArrayList<>();

    /** Where the newest event stands of each topic and key that should have a row, and has none. */
    private final Map<Name, Long> open = new HashMap<>();

    private boolean tooManyOpen;
    private boolean unreadable;

    /** By class. */
    private final long[] rows;

    /** @param key "" where there is none */
    private record Name(String topic, String key) {
        /** In a line, whatever a damaged row holds. */
        @Override
        public String toString() {
            return "topic '" + inShort(topic) + "' " + (key.isEmpty() ? "without a key" : "with key '" + inShort(key) + "'");
        }

        private static String inShort(String text) {
            String some = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + '…' : text;
            return some.replaceAll("\\p{Cntrl}", "?");
        }
    }

    private record Seen(Name name, long sequence, boolean deletes) {}

    LatestCheck(Connection connection, ClassStates classes, Findings findings) {
        this.connection = connection;
        this.classes = classes;
        this.findings = findings;
        this.rows = new long[classes.all().size()];
    }

    /** Takes note of {@code event}, of the class {@code number}; those of a log in its order. */
    void add(StoredEvent event, int number) throws SQLException, IOException {
        if (classes.all().get(number).latest() && !unreadable) {
            var name = new Name(event.topic(), Objects.requireNonNullElse(event.key(), ""));
            seen.add(new Seen(name, event.sequence(), event.kind() == EventKind.DELETED));
            if (seen.size() == BATCH) {
                lookUpAll();
            }
        }
    }

    private void lookUpAll() throws SQLException, IOException {
        try {
            lookUp();
        } catch (SQLException e) {
            giveUp(e);
        }
    }

    private void giveUp(SQLException e) throws SQLException, IOException {
        if (!Faults.isDamage(e)) {
            throw e;
        }
        if (!unreadable) {
            unreadable = true;
            findings.add("table latest cannot be read: " + Faults.said(e));
        }
    }

    /** Whether no newest events stay. */
    boolean isIdle() {
        return classes.all().stream().noneMatch(ClassState::latest);
    }

    private void lookUp() throws SQLException, IOException {
        List<Long> stands = LogFile.inSnapshot(connection, () -> {
            var found = new ArrayList<Long>(seen.size());
            try (PreparedStatement find = connection.prepareStatement("SELECT sequence FROM latest WHERE topic = ? AND key = ?")) {
                for (Seen each : seen) {
                    find.setString(1, each.name().topic());
                    find.setString(2, each.name().key());
                    try (ResultSet row = find.executeQuery()) {
                        found.add(row.next() ? row.getLong(1) : 0L);
                    }
                }
            }
            return found;
        });
        for (int i = 0; i < stands.size(); i++) {
            look(seen.get(i), stands.get(i));
        }
        seen.clear();
    }

    private void look(Seen each, long stands) throws IOException {
        if (stands > 0 && (stands < each.sequence() || (stands == each.sequence() && each.deletes()))) {
            findings.add("table latest says that event " + stands + " is the newest of " + each.name() + ", but event " + each.sequence()
                    + (each.deletes() ? " took that back" : " is newer"));
        }
        if (stands > 0 || each.deletes()) {
            open.remove(each.name());
        } else if (each.sequence() > classes.all().get(classes.numberOf(each.name().topic())).kept().evicted()) {
            if (open.size() < MAX_OPEN) {
                open.put(each.name(), each.sequence());
            } else {
                tooManyOpen = true;
            }
        }
    }

    /** Looks at each row, after the last event. */
    void checkRows() throws SQLException, IOException {
        lookUpAll();
        try {
            long last = 0;
            while (true) {
                long after = last;
                List<Row> page = LogFile.inSnapshot(connection, () -> page(after));
                for (Row row : page) {
                    if (row.sequence() <= last) {
                        findings.add("table latest is not in rising order: event " + row.sequence() + " comes after " + last);
                        return;
                    }
                    last = row.sequence();
                    check(row);
                }
                if (page.size() < PAGE) {
                    return;
                }
            }
        } catch (SQLException e) {
            giveUp(e);
        }
    }

    /** @param topic of the event, null where there is none */
    private record Row(long sequence, Name name, @Nullable String topic, @Nullable String key, @Nullable String type) {}

    private List<Row> page(long after) throws SQLException {
        try (PreparedStatement scan = connection.prepareStatement(ROWS)) {
            scan.setLong(1, after);
            var page = new ArrayList<Row>();
            try (ResultSet row = scan.executeQuery()) {
                while (row.next()) {
                    var name = new Name(String.valueOf(row.getString(2)), String.valueOf(row.getString(3)));
                    page.add(new Row(row.getLong(1), name, row.getString(4), row.getString(5), row.getString(6)));
                }
            }
            return page;
        }
    }

    private void check(Row row) throws IOException {
        String says = "table latest says that event " + row.sequence() + " is the newest of " + row.name();
        int number = classes.areNone() ? 0 : classes.numberOf(row.name().topic());
        if (classes.areNone() || !classes.all().get(number).latest()) {
            findings.add(says + ", of which the newest does not stay");
            return;
        }
        rows[number]++;
        if (row.topic() == null) {
            findings.add(says + ", which is not there");
        } else if (!row.name().equals(new Name(row.topic(), Objects.requireNonNullElse(row.key(), "")))) {
            findings.add(says + ", which is another's");
        } else if (Draft.DELETED_TYPE.equals(row.type())) {
            findings.add(says + ", which takes back what there was");
        }
    }

    /** What only holds if nothing was stored since the walk began. */
    void checkWhole(List<String> notes) throws IOException {
        for (Map.Entry<Name, Long> each : open.entrySet()) {
            findings.add("event " + each.getValue() + " is the newest of " + each.getKey() + ", but table latest does not say so");
        }
        if (tooManyOpen) {
            notes.add("more than " + MAX_OPEN
                    + " topics and keys have no row in table latest; whether they were all taken back was not looked at");
        }
        for (ClassState each : classes.all()) {
            if (each.kept().keys() != rows[each.number()]) {
                findings.add("the newest events of " + rows[each.number()] + " topics and keys of " + each.name()
                        + " stay, but the row in table class says of " + each.kept().keys());
            }
        }
    }
}
