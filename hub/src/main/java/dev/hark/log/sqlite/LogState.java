package dev.hark.log.sqlite;

import dev.hark.event.EventId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the database says of the log as a whole: its one row in table {@code log}, which each transaction writes with what it changes.
 *
 * @param epoch            which log
 * @param floor            the position before the oldest retained event
 * @param floorTimeMillis  when the newest of the removed events was stored; {@link Long#MIN_VALUE} where none was removed
 * @param newest           the position of the newest event
 * @param newestTimeMillis when that was stored; {@link Long#MIN_VALUE} before the first
 * @param events           how many are retained
 * @param bytes            how many bytes their frames have
 * @param keys             how many idempotency keys are remembered
 */
public record LogState(
        String epoch, long floor, long floorTimeMillis, long newest, long newestTimeMillis, long events, long bytes, long keys) {

    /** No log comes so far: a position beyond it is damage, and sums with it do not overflow. */
    private static final long MAX_POSITION = 1L << 62;

    /** What the database says of itself; null where that is damaged: not as it was stored, or such as no log can be. */
    public static @Nullable LogState read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT epoch, floor, floor_time, newest, newest_time, events, bytes, keys, crc FROM log WHERE one = 1")) {
            if (!row.next()) {
                return null;
            }
            String epoch = row.getString(1);
            var state = new LogState(
                    epoch == null ? "" : epoch,
                    row.getLong(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getLong(5),
                    row.getLong(6),
                    row.getLong(7),
                    row.getLong(8));
            return state.crc() == row.getLong(9) && state.isPossible() ? state : null;
        }
    }

    private boolean isPossible() {
        return EventId.parse(epoch + "-0").isPresent() && floor >= 0 && floor <= newest && newest < MAX_POSITION
                && events >= 0 && bytes >= 0 && keys >= 0;
    }

    static LogState empty(String epoch) {
        return new LogState(epoch, 0, Long.MIN_VALUE, 0, Long.MIN_VALUE, 0, 0, 0);
    }

    LogState withEpoch(String other) {
        return new LogState(other, floor, floorTimeMillis, newest, newestTimeMillis, events, bytes, keys);
    }

    LogState added(long sequence, long timeMillis, int frameBytes) {
        return new LogState(epoch, floor, floorTimeMillis, sequence, timeMillis, events + 1, bytes + frameBytes, keys);
    }

    LogState removed(long sequence, long timeMillis, long count, long frameBytes) {
        return new LogState(epoch, sequence, timeMillis, newest, newestTimeMillis, events - count, bytes - frameBytes, keys);
    }

    /** Without events that may have stood anywhere, {@code sequence} being the new floor. */
    LogState removedWithin(long sequence, long timeMillis, long count, long frameBytes) {
        return new LogState(epoch, sequence, timeMillis, newest, newestTimeMillis, events - count, bytes - frameBytes, keys);
    }

    LogState withKeys(long count) {
        return new LogState(epoch, floor, floorTimeMillis, newest, newestTimeMillis, events, bytes, count);
    }

    /** Over every field: SQLite does not notice a bit that flips in a page. */
    long crc() {
        byte[] name = epoch.getBytes(StandardCharsets.UTF_8);
        ByteBuffer fields = ByteBuffer.allocate(7 * Long.BYTES + name.length);
        fields.putLong(floor).putLong(floorTimeMillis).putLong(newest).putLong(newestTimeMillis);
        fields.putLong(events).putLong(bytes).putLong(keys);
        fields.put(name).flip();
        var crc = new CRC32C();
        crc.update(fields);
        return crc.getValue();
    }
}
