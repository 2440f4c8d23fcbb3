package dev.hark.log.sqlite;

import dev.hark.log.ClassUse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * What the database says of one class of topics: a row of table {@code class}.
 *
 * @param number          which class
 * @param name            the filter of its rule, or that of the default class
 * @param latest          whether its newest events stay, of each topic and key
 * @param floor           the position of the newest event that it has lost, 0 where there is none
 * @param floorTimeMillis when that was stored; {@link Long#MIN_VALUE} where there is none
 * @param swept           up to where nothing of it is left but newest events of their topic and key
 * @param events          how many are retained after that
 * @param bytes           how many bytes their frames have
 * @param kept            of how many topics and keys the newest event is known
 */
public record ClassState(
        int number,
        String name,
        boolean latest,
        long floor,
        long floorTimeMillis,
        long swept,
        long events,
        long bytes,
        ClassUse.Latest kept) {
    static ClassState empty(int number, String name, boolean latest) {
        return new ClassState(number, name, latest, 0, Long.MIN_VALUE, 0, 0, 0, ClassUse.Latest.NONE);
    }

    /** With so many more events and bytes, or less. */
    ClassState counted(long moreEvents, long moreBytes) {
        return new ClassState(number, name, latest, floor, floorTimeMillis, swept, events + moreEvents, bytes + moreBytes, kept);
    }

    /** Whether {@code log} holds no other events than those that retention counts here. */
    boolean isAllOf(LogState log) {
        return events == log.events() && !latest;
    }

    /** The same once its log is {@code after} and no longer {@code before}, which has lost its oldest events. */
    ClassState without(LogState before, LogState after) {
        if (before.equals(after)) {
            return this;
        }
        return counted(after.events() - before.events(), after.bytes() - before.bytes())
                .withFloor(after.floor(), after.floorTimeMillis()).withSwept(after.floor());
    }

    ClassState withFloor(long position, long timeMillis) {
        return new ClassState(
                number, name, latest, Math.max(floor, position), Math.max(floorTimeMillis, timeMillis), swept, events, bytes, kept);
    }

    ClassState withSwept(long position) {
        return new ClassState(number, name, latest, floor, floorTimeMillis, position, events, bytes, kept);
    }

    /** With so many more topics and keys, or less. */
    ClassState withMoreKeys(long more) {
        return withKept(new ClassUse.Latest(kept.keys() + more, kept.evicted()));
    }

    /** Without one whose newest event, at {@code position}, is forgotten. */
    ClassState evicted(long position) {
        return withKept(new ClassUse.Latest(kept.keys() - 1, Math.max(kept.evicted(), position)));
    }

    ClassState withKept(ClassUse.Latest newest) {
        return new ClassState(number, name, latest, floor, floorTimeMillis, swept, events, bytes, newest);
    }

    /** Over every field: SQLite does not notice a bit that flips in a page. */
    long crc() {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer fields = ByteBuffer.allocate(9 * Long.BYTES + text.length);
        fields.putLong(number).putLong(latest ? 1 : 0).putLong(floor).putLong(floorTimeMillis).putLong(swept);
        fields.putLong(events).putLong(bytes).putLong(kept.keys()).putLong(kept.evicted()).put(text).flip();
        var crc = new CRC32C();
        crc.update(fields);
        return crc.getValue();
    }
}
