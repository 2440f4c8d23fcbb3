package dev.hark.log.sqlite;

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

/** Counts a log's events by class, where the rules of the configuration are not those that it was counted by. Stateless. */
final class ClassCount {
    private static final System.Logger LOGGER = System.getLogger(ClassCount.class.getName());

    /** How many topics are remembered while it counts. */
    private static final int MAX_TOPICS = 10_000;

    private ClassCount() {}

    /**
     * What the database holds of each of {@code classes}; nothing is written.
     *
     * @param before what it said until now
     */
    static ClassStates of(Connection connection, TopicClasses classes, ClassStates before, LogState state) throws SQLException {
        if (!classes.areSeveral() && before.all().stream().allMatch(each -> each.floor() <= state.floor())) {
            // Nothing of what retention once took out of the middle can still be asked for.
            return before.areNone() ? before : ClassStates.none();
        }
        if (before.isCountedBy(classes)) {
            return before;
        }
        boolean knew = !before.areNone();
        var counted = new ArrayList<ClassState>();
        for (TopicClass each : classes.all()) {
            counted.add(knew
                    ? before.inherited(each)
                    : ClassState.empty(each.number(), each.name()).withFloor(state.floor(), state.floorTimeMillis()));
        }
        count(connection, classes, counted);
        return ClassStates.of(counted, classes);
    }

    private static void count(Connection connection, TopicClasses classes, List<ClassState> counted) throws SQLException {
        long begun = System.nanoTime();
        long rows = 0;
        Map<String, Integer> numbers = new HashMap<>();
        try (PreparedStatement scan = connection.prepareStatement("SELECT topic, bytes FROM event ORDER BY sequence");
                ResultSet row = scan.executeQuery()) {
            while (row.next()) {
                String topic = String.valueOf(row.getString(1));
                if (numbers.size() > MAX_TOPICS) {
                    numbers.clear();
                }
                int number = numbers.computeIfAbsent(topic, classes::numberOf);
                counted.set(number, counted.get(number).added(1, row.getInt(2)));
                rows++;
            }
        }
        long millis = (System.nanoTime() - begun) / 1_000_000;
        LOGGER.log(rows == 0 ? System.Logger.Level.DEBUG : System.Logger.Level.INFO,
                "the rules of what is kept have changed: {0} events were counted anew in {1} ms", rows, millis);
    }
}
