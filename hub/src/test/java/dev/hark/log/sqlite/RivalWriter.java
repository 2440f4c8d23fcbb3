package dev.hark.log.sqlite;

import dev.hark.event.Draft;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A process that writes a log without the lock that keeps a second hub away: what happens where two hubs know one file by two names, as by
 * a hard link, each with a mark and a WAL of its own.
 */
public final class RivalWriter {
    private static final int EVENTS_A_ROUND = 40;

    private RivalWriter() {}

    /** @param args the database, and how many rounds; begins when it reads something */
    public static void main(String[] args) throws IOException {
        Path path = Path.of(args[0]);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            System.out.println("ready");
            System.in.read();
            for (int round = 0; round < Integer.parseInt(args[1]); round++) {
                statement.executeUpdate("BEGIN IMMEDIATE");
                store(connection, round);
                statement.executeUpdate("COMMIT");
                statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
            }
        } catch (SQLException e) {
            // The other one has been here.
            System.out.println(e.getMessage());
        }
    }

    private static void store(Connection connection, int round) throws SQLException {
        LogState state = LogState.read(connection);
        if (state == null) {
            throw new SQLException("the row in table log is damaged");
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO event (sequence, previous, chain, chain_previous, time, bytes, crc, topic, type, key, data)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            for (int i = 0; i < EVENTS_A_ROUND; i++) {
                long sequence = state.newest() + 1;
                Draft draft = Logs.draft("t/" + i % 7, "rival " + "x".repeat(i * 10));
                StoredEvent event = StoredEvent.of(sequence, state.newest(), 0, round, draft);
                insert.setLong(1, sequence);
                insert.setLong(2, event.previous());
                insert.setInt(3, TopicChains.of(event.topic()));
                insert.setLong(4, 0);
                insert.setLong(5, round);
                insert.setInt(6, event.data().length);
                insert.setLong(7, event.crc());
                insert.setString(8, event.topic());
                insert.setString(9, event.type());
                insert.setString(10, null);
                insert.setBytes(11, event.data());
                insert.executeUpdate();
                state = state.added(sequence, round, event.data().length);
            }
        }
        Logs.save(connection, state);
    }
}
