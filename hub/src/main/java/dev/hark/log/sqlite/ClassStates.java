package dev.hark.log.sqlite;

import dev.hark.event.InvalidEventException;
import dev.hark.event.TopicFilter;
import dev.hark.log.ClassUse;
import dev.hark.log.Floors;
import dev.hark.log.TopicClass;
import dev.hark.log.TopicClasses;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the database says of the classes of topics, and by which rules it was counted: tables {@code class} and {@code rule}, which are
 * empty where one class holds all topics. Immutable.
 */
public final class ClassStates {
    private static final ClassStates NONE = new ClassStates(List.of(), List.of());

    private final List<ClassState> states;
    private final List<TopicClasses.Assignment> rules;

    private ClassStates(List<ClassState> states, List<TopicClasses.Assignment> rules) {
        this.states = List.copyOf(states);
        this.rules = List.copyOf(rules);
    }

    /** Where one class holds all topics: table {@code log} says what there is to say. */
    static ClassStates none() {
        return NONE;
    }

    /** @param states one for each of {@code classes}, by number */
    static ClassStates of(List<ClassState> states, TopicClasses classes) {
        return new ClassStates(states, classes.assignments());
    }

    /**
     * What the database says; empty where that is damaged. A database of before there were classes has none.
     *
     * @throws SQLException if it cannot be read
     */
    public static Optional<ClassStates> read(Connection connection) throws SQLException {
        if (schema(connection) < 2) {
            return Optional.of(NONE);
        }
        List<ClassState> states = states(connection).orElse(null);
        return states == null ? Optional.empty() : rules(connection).map(rules -> new ClassStates(states, rules))
                .filter(found -> found.rules.stream().allMatch(rule -> rule.number() < states.size()));
    }

    /** What it says of the classes alone, by number; empty where that is damaged. */
    static Optional<List<ClassState>> states(Connection connection) throws SQLException {
        var states = new ArrayList<ClassState>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT number, name, latest, floor, floor_time, swept, events, bytes, keys, evicted, crc FROM class"
                                + " ORDER BY number")) {
            while (row.next()) {
                var state = new ClassState(
                        row.getInt(1), String.valueOf(row.getString(2)), row.getInt(3) != 0, row.getLong(4), row.getLong(5), row.getLong(6),
                        row.getLong(7), row.getLong(8), new ClassUse.Latest(row.getLong(9), row.getLong(10)));
                if (state.number() != states.size() || state.crc() != row.getLong(11)) {
                    return Optional.empty();
                }
                states.add(state);
            }
        }
        return Optional.of(states);
    }

    private static Optional<List<TopicClasses.Assignment>> rules(Connection connection) throws SQLException {
        var rules = new ArrayList<TopicClasses.Assignment>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT match, class FROM rule ORDER BY place")) {
            while (row.next()) {
                String match = String.valueOf(row.getString(1));
                TopicFilter filter = match.startsWith("$") ? TopicFilter.stored(match) : new TopicFilter(match);
                rules.add(new TopicClasses.Assignment(filter, Math.max(0, row.getInt(2))));
            }
        } catch (InvalidEventException e) {
            return Optional.empty();
        }
        return Optional.of(rules);
    }

    /** The version of the tables. */
    public static int schema(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    /** Writes all of it in the place of what the database says. */
    void saveAll(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM class");
            statement.executeUpdate("DELETE FROM rule");
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO class (number, name, latest, floor, floor_time, swept, events, bytes, keys, evicted, crc)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (ClassState state : states) {
                insert.setInt(1, state.number());
                insert.setString(2, state.name());
                insert.setInt(3, state.latest() ? 1 : 0);
                insert.setLong(4, state.floor());
                insert.setLong(5, state.floorTimeMillis());
                insert.setLong(6, state.swept());
                insert.setLong(7, state.events());
                insert.setLong(8, state.bytes());
                insert.setLong(9, state.kept().keys());
                insert.setLong(10, state.kept().evicted());
                insert.setLong(11, state.crc());
                insert.executeUpdate();
            }
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO rule (place, match, class) VALUES (?, ?, ?)")) {
            for (int i = 0; i < rules.size(); i++) {
                insert.setInt(1, i);
                insert.setString(2, rules.get(i).match().value());
                insert.setInt(3, rules.get(i).number());
                insert.executeUpdate();
            }
        }
    }

    /** Whether there are none: one class holds all topics. */
    public boolean areNone() {
        return states.isEmpty();
    }

    /** By number. */
    public List<ClassState> all() {
        return states;
    }

    /** Which class the database counts {@code topic} in. */
    public int numberOf(String topic) {
        for (TopicClasses.Assignment rule : rules) {
            if (rule.match().matches(topic)) {
                return rule.number();
            }
        }
        return 0;
    }

    /** Whether it was counted by the rules of {@code classes}, so that its numbers are theirs. */
    boolean isCountedBy(TopicClasses classes) {
        return rules.equals(classes.assignments()) && states.size() == classes.all().size()
                && classes.all().stream().allMatch(each -> states.get(each.number()).name().equals(each.name())
                        && states.get(each.number()).latest() == each.keep().latest());
    }

    /** The same of a log that holds nothing and has lost nothing. */
    ClassStates emptied() {
        return new ClassStates(
                states.stream().map(each -> ClassState.empty(each.number(), each.name(), each.latest())).toList(), rules);
    }

    ClassStates with(ClassState state) {
        var changed = new ArrayList<>(states);
        changed.set(state.number(), state);
        return new ClassStates(changed, rules);
    }

    ClassState get(int number) {
        return states.get(number);
    }

    /**
     * What is retained of each of {@code classes}.
     *
     * @param whole what the database says of the log
     * @param next  what these will be once what is under way is committed
     */
    List<ClassUse> use(TopicClasses classes, LogState whole, ClassStates next) {
        return classes.all().stream()
                .map(of -> {
                    ClassState use = areNone() ? null : get(of.number());
                    return use == null
                            ? new ClassUse(of, whole.events(), whole.bytes(), whole.floor(), ClassUse.Latest.NONE)
                            : new ClassUse(of, use.events(), use.bytes(), use.floor(), new ClassUse.Latest(
                                    use.kept().keys(), Math.max(use.kept().evicted(), next.get(of.number()).kept().evicted())));
                })
                .toList();
    }

    /** Up to where each class has lost events, in a log whose oldest event comes after {@code floor}. */
    Floors floors(long floor) {
        return states.isEmpty() ? Floors.of(floor) : Floors.of(states.stream().mapToLong(ClassState::floor).toArray());
    }

    /** Which classes have lost events that were stored at {@code timeMillis} or later, a set as of {@link TopicClasses}. */
    static long lostSince(List<ClassState> states, long timeMillis) {
        long lost = 0;
        for (ClassState state : states) {
            boolean some = state.floorTimeMillis() != Long.MIN_VALUE && state.floorTimeMillis() >= timeMillis;
            lost |= some ? 1L << state.number() : 0;
        }
        return lost;
    }

    /**
     * How far a class of {@code classes} may have lost events by what these say, which were counted by other rules: as far as any class
     * that a topic of its own may have belonged to.
     */
    ClassState inherited(TopicClasses classes, TopicClass other) {
        var state = ClassState.empty(other.number(), other.name(), other.keep().latest());
        List<TopicClasses.Assignment> before = withDefault(rules);
        List<TopicClasses.Assignment> now = withDefault(classes.assignments());
        for (ClassState old : states) {
            if (mayShare(before, old.number(), now, other.number())) {
                state = state.withFloor(old.floor(), old.floorTimeMillis())
                        .withKept(new ClassUse.Latest(0, Math.max(state.kept().evicted(), old.kept().evicted())));
            }
        }
        return state;
    }

    private static List<TopicClasses.Assignment> withDefault(List<TopicClasses.Assignment> rules) {
        var all = new ArrayList<>(rules);
        all.add(new TopicClasses.Assignment(TopicFilter.ALL, 0));
        return all;
    }

    /** Whether a topic may belong to the class {@code one} by the rules {@code before}, and to {@code other} by the rules {@code now}. */
    private static boolean mayShare(List<TopicClasses.Assignment> before, int one, List<TopicClasses.Assignment> now, int other) {
        for (int i = 0; i < before.size(); i++) {
            for (int j = 0; j < now.size(); j++) {
                if (before.get(i).number() == one && now.get(j).number() == other && shareTopic(before, i, now, j)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Whether there may be a topic that rule {@code i} decides on before, and rule {@code j} now: both match it, and no rule that comes
     * first has all that one of them matches. Without the latter the default class would hand on what every class has lost, with each
     * change of the rules.
     */
    private static boolean shareTopic(List<TopicClasses.Assignment> before, int i, List<TopicClasses.Assignment> now, int j) {
        TopicFilter old = before.get(i).match();
        TopicFilter current = now.get(j).match();
        return old.overlaps(current)
                && firstThatCovers(before, old) == i && firstThatCovers(before, current) >= i
                && firstThatCovers(now, current) == j && firstThatCovers(now, old) >= j;
    }

    /** The place of the first of {@code rules} that matches all that {@code filter} matches; behind them all where none does. */
    private static int firstThatCovers(List<TopicClasses.Assignment> rules, TopicFilter filter) {
        int place = 0;
        while (place < rules.size() && !rules.get(place).match().covers(filter)) {
            place++;
        }
        return place;
    }
}
