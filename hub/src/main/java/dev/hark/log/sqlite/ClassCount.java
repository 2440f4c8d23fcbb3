package dev.hark.log.sqlite;

import dev.hark.event.Draft;
import dev.hark.log.TopicClass;
import dev.hark.log.TopicClasses;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts a log's events by class, where the rules of the configuration are not those that it was counted by. Stateless. */
final class ClassCount {
    private static final System.Logger LOGGER = System.getLogger(ClassCount.class.getName());

    /** How many topics are remembered while it counts. */
    private static final int MAX_TOPICS = 10_000;

    private ClassCount() {}

    /**
     * What was counted.
     *
     * @param latest where the newest event of each topic and key stands that stays; null where the database knows
     */
    record Counted(ClassStates states, @Nullable Map<LatestTable.Name, Long> latest) {}

    /**
     * What the database holds of each of {@code classes}; nothing is written.
     *
     * @param before what it said until now
     */
    static Counted of(Connection connection, TopicClasses classes, ClassStates before, LogState state) throws SQLException {
        if (!classes.areSeveral() && before.all().stream().allMatch(each -> each.floor() <= state.floor())) {
            // Nothing of what retention once took out of the middle can still be asked for.
            return new Counted(before.areNone() ? before : ClassStates.none(), before.areNone() ? null : Map.of());
        }
        if (before.isCountedBy(classes) && before.all().stream().mapToLong(each -> each.kept().keys()).sum() == rows(connection)) {
            return new Counted(before, null);
        }
        boolean knew = !before.areNone();
        var counted = new ArrayList<ClassState>();
        for (TopicClass each : classes.all()) {
            // From the beginning: of a class whose rule was changed something may be left before its floor.
            ClassState begun = knew
                    ? before.inherited(classes, each)
                    : ClassState.empty(each.number(), each.name(), each.keep().latest()).withFloor(state.floor(), state.floorTimeMillis());
            counted.add(begun.withSwept(state.floor()));
        }
        Map<LatestTable.Name, Long> latest = count(connection, classes, counted);
        return new Counted(ClassStates.of(counted, classes), latest);
    }

    private static long rows(Connection connection) throws SQLException {
        try (PreparedStatement count = connection.prepareStatement("SELECT count(*) FROM latest");
                ResultSet row = count.executeQuery()) {
            return row.getLong(1);
        }
    }

    private static Map<LatestTable.Name, Long> count(Connection connection, TopicClasses classes, List<ClassState> counted)
            throws SQLException {
        long begun = System.nanoTime();
        long rows = 0;
        Map<String, Integer> numbers = new HashMap<>();
        Map<LatestTable.Name, Long> latest = new HashMap<>();
        try (PreparedStatement scan = connection.prepareStatement("SELECT topic, bytes, sequence, key, type FROM event ORDER BY sequence");
                ResultSet row = scan.executeQuery()) {
            while (row.next()) {
                String topic = String.valueOf(row.getString(1));
                if (numbers.size() > MAX_TOPICS) {
                    numbers.clear();
                }
                int number = numbers.computeIfAbsent(topic, classes::numberOf);
                counted.set(number, counted.get(number).counted(1, row.getInt(2)));
                if (classes.all().get(number).keep().latest()) {
                    var name = LatestTable.Name.of(topic, row.getString(4));
                    if (Draft.DELETED_TYPE.equals(row.getString(5))) {
                        latest.remove(name);
                    } else {
                        latest.put(name, row.getLong(3));
                    }
                }
                rows++;
            }
        }
        long millis = (System.nanoTime() - begun) / 1_000_000;
        LOGGER.log(rows == 0 ? System.Logger.Level.DEBUG : System.Logger.Level.INFO,
                "the rules of what is kept have changed: {0} events were counted anew in {1} ms", rows, millis);
        latest.keySet().forEach(name -> {
            int number = classes.numberOf(name.topic());
            counted.set(number, counted.get(number).withMoreKeys(1));
        });
        return latest;
    }
}
