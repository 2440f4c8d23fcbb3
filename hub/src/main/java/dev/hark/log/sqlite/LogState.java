package dev.hark.log.sqlite;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

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
record LogState(
        String epoch, long floor, long floorTimeMillis, long newest, long newestTimeMillis, long events, long bytes, long keys) {

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

    LogState withKeys(long count) {
        return new LogState(epoch, floor, floorTimeMillis, newest, newestTimeMillis, events, bytes, count);
    }

    /** Over every field: SQLite does not notice a bit that flips in a page. */
    long crc() {
        byte[] name = epoch.getBytes(StandardCharsets.UTF_8);
        ByteBuffer fields = ByteBuffer.allocate(7 * Long.BYTES + name.length);
        fields.putLong(floor).putLong(floorTimeMillis).putLong(newest).putLong(newestTimeMillis).putLong(events).putLong(bytes).putLong(keys);
        fields.put(name).flip();
        var crc = new CRC32C();
        crc.update(fields);
        return crc.getValue();
    }
}
