package dev.hark.app.source.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A service that writes into an outbox, transaction by transaction, some of which take a while and some of which it gives up. It goes on
 * when the database comes back. Runs on a thread of its own; its results are asked for when that has ended.
 */
public final class OutboxWriter implements Runnable {
    public static final String TOPIC = "outbox";

    private static final int MAX_ROWS = 4;
    private static final long MAX_OPEN_NANOS = 30_000_000;
    private static final int GIVEN_UP_PERCENT = 20;
    private static final long PAUSE_NANOS = 50_000_000;

    private final OutboxDatabase database;
    private final int number;
    private final Random random;
    private final Set<String> committed = ConcurrentHashMap.newKeySet();
    private final Set<String> uncertain = ConcurrentHashMap.newKeySet();
    private final Set<String> never = ConcurrentHashMap.newKeySet();
    private int next;
    private volatile boolean ended;

    public OutboxWriter(OutboxDatabase database, int number, long seed) {
        this.database = database;
        this.number = number;
        this.random = new Random(seed + number);
    }

    public void end() {
        ended = true;
    }

    @Override
    public void run() {
        while (!ended) {
            try (Connection connection = database.connect()) {
                connection.setAutoCommit(false);
                while (!ended) {
                    transaction(connection);
                    // Slower than any hub reads, however busy the machine.
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (SQLException e) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void transaction(Connection connection) throws SQLException {
        List<String> rows = new ArrayList<>();
        int count = 1 + random.nextInt(MAX_ROWS);
        boolean isGivenUp = random.nextInt(100) < GIVEN_UP_PERCENT;
        for (int i = 0; i < count; i++) {
            rows.add(number + "-" + next++);
        }
        // Until it is known better: whatever is thrown, it has not been committed.
        never.addAll(rows);
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO hark_outbox (topic, data) VALUES (?, ?)")) {
            for (String row : rows) {
                insert.setString(1, TOPIC);
                insert.setString(2, row);
                insert.executeUpdate();
                LockSupport.parkNanos(random.nextLong(MAX_OPEN_NANOS));
            }
        }
        if (isGivenUp) {
            connection.rollback();
            return;
        }
        rows.forEach(never::remove);
        uncertain.addAll(rows);
        connection.commit();
        committed.addAll(rows);
        rows.forEach(uncertain::remove);
    }

    /** What the database has answered for. */
    Set<String> committed() {
        return Collections.unmodifiableSet(committed);
    }

    /** What it may have taken. */
    Set<String> uncertain() {
        return Collections.unmodifiableSet(uncertain);
    }

    /** What it has not taken. */
    Set<String> never() {
        return Collections.unmodifiableSet(never);
    }
}
