package dev.hark.log.sqlite;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * What the database says of one class of topics: a row of table {@code class}.
 *
 * @param number          which class
 * @param name            the filter of its rule, or that of the default class
 * @param floor           the position of the newest event that it has lost, 0 where there is none
 * @param floorTimeMillis when that was stored; {@link Long#MIN_VALUE} where there is none
 * @param events          how many are retained
 * @param bytes           how many bytes their frames have
 */
public record ClassState(int number, String name, long floor, long floorTimeMillis, long events, long bytes) {
    static ClassState empty(int number, String name) {
        return new ClassState(number, name, 0, Long.MIN_VALUE, 0, 0);
    }

    ClassState added(long moreEvents, long moreBytes) {
        return new ClassState(number, name, floor, floorTimeMillis, events + moreEvents, bytes + moreBytes);
    }

    ClassState removed(long last, long timeMillis, long count, long frameBytes) {
        return new ClassState(number, name, Math.max(floor, last), Math.max(floorTimeMillis, timeMillis), events - count,
                bytes - frameBytes);
    }

    ClassState withFloor(long position, long timeMillis) {
        return new ClassState(number, name, Math.max(floor, position), Math.max(floorTimeMillis, timeMillis), events, bytes);
    }

    /** Over every field: SQLite does not notice a bit that flips in a page. */
    long crc() {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer fields = ByteBuffer.allocate(5 * Long.BYTES + text.length);
        fields.putLong(number).putLong(floor).putLong(floorTimeMillis).putLong(events).putLong(bytes).put(text).flip();
        var crc = new CRC32C();
        crc.update(fields);
        return crc.getValue();
    }
}
