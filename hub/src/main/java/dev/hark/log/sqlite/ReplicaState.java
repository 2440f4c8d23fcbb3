package dev.hark.log.sqlite;

import dev.hark.log.replicated.Checksum;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the database of a replica says of how far it is: table {@code replica}, which no other database has, and its one row, which each
 * transaction writes with what it changes.
 *
 * @param position   of the last group that was applied, 0 before the first
 * @param id         of that group; "" before the first
 * @param last       the position in the log of the last event, which need not be stored
 * @param timeMillis how late it was by then, which only grows; {@link Long#MIN_VALUE} before the first
 */
record ReplicaState(long position, String id, long last, long timeMillis) {
    private static final ReplicaState NEW = new ReplicaState(0, "", 0, Long.MIN_VALUE);

    /**
     * What the database says; null where it is not that of a replica.
     *
     * @throws SQLException with SQLite's code for damage where it is not what was stored
     */
    static @Nullable ReplicaState read(Connection connection) throws SQLException {
        if (!DatabaseFile.isReplica(connection)) {
            return null;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT position, id, last, time, crc FROM replica WHERE one = 1")) {
            ReplicaState state = row.next()
                    ? new ReplicaState(row.getLong(1), String.valueOf(row.getString(2)), row.getLong(3), row.getLong(4))
                    : null;
            if (state == null || state.crc() != row.getLong(5)) {
                throw new SQLException("its row in table replica is damaged", null, Faults.CORRUPT);
            }
            return state;
        }
    }

    /** Makes the database that of a replica that has applied nothing. */
    static ReplicaState create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            statement.execute("""
                    CREATE TABLE replica (
                        one      INTEGER PRIMARY KEY CHECK (one = 1),
                        position INTEGER NOT NULL,     -- of the last group in the journal that was applied
                        id       TEXT NOT NULL,        -- that group's
                        last     INTEGER NOT NULL,     -- the position of the last event that had one, stored or not
                        time     INTEGER NOT NULL,     -- milliseconds since 1970 UTC
                        crc      INTEGER NOT NULL      -- CRC32C over the other columns
                    )""");
            AppliedGroups.create(connection);
            NEW.save(connection);
            statement.execute("COMMIT");
        }
        return NEW;
    }

    static ReplicaState empty() {
        return NEW;
    }

    void save(Connection connection) throws SQLException {
        try (PreparedStatement save = connection.prepareStatement(
                "INSERT OR REPLACE INTO replica (one, position, id, last, time, crc) VALUES (1, ?, ?, ?, ?, ?)")) {
            save.setLong(1, position);
            save.setString(2, id);
            save.setLong(3, last);
            save.setLong(4, timeMillis);
            save.setLong(5, crc());
            save.executeUpdate();
        }
    }

    /** What the groups up to here came to, where they left {@code log} and {@code classes}. */
    Checksum checksum(LogState log, ClassStates classes) {
        ByteBuffer sums = ByteBuffer.allocate((2 + classes.all().size()) * Long.BYTES);
        sums.putLong(crc()).putLong(log.crc());
        classes.all().forEach(each -> sums.putLong(each.crc()));
        var crc = new CRC32C();
        crc.update(sums.flip());
        return new Checksum(position, crc.getValue());
    }

    private long crc() {
        byte[] name = id.getBytes(StandardCharsets.UTF_8);
        ByteBuffer fields = ByteBuffer.allocate(3 * Long.BYTES + name.length);
        fields.putLong(position).putLong(last).putLong(timeMillis).put(name).flip();
        var crc = new CRC32C();
        crc.update(fields);
        return crc.getValue();
    }
}
