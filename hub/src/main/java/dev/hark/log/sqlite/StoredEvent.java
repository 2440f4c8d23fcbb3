package dev.hark.log.sqlite;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventKind;
import dev.hark.event.Frame;
import dev.hark.event.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A row of table {@code event}: an event without its frame, which is encoded again when it is read.
 *
 * @param sequence its position
 * @param previous the position of the event before it: who reads both knows that nothing between them is lost
 * @param chainPrevious the same among those on the chain of its topic, see {@link TopicChains}
 * @param timeMillis when it was stored
 * @param crc CRC32C over everything else, as it was stored
 * @param storedType the type of a plain event; that of another has a control character before it, which no type has
 */
@SuppressWarnings("ArrayRecordComponent") // a row that is read once and thrown away
public record StoredEvent(
        long sequence, long previous, long chainPrevious, long timeMillis, long crc,
        String topic, String storedType, @Nullable String key, byte[] data) {
    /** Before the type of the last event of a topic. */
    private static final String END_MARK = "\u0001";

    /** The columns of {@link #read}, in its order. */
    public static final String COLUMNS = "sequence, previous, chain_previous, time, crc, topic, type, key, data";

    /** The same of {@code table} in a join. */
    static String columns(String table) {
        return table + '.' + COLUMNS.replace(", ", ", " + table + '.');
    }

    static StoredEvent of(long sequence, long previous, long chainPrevious, long timeMillis, Draft draft) {
        String topic = draft.topic().value();
        String type = switch (draft.kind()) {
            case PLAIN -> draft.type();
            case END -> END_MARK + draft.type();
            // A type of the hub's own: no publisher has it.
            case DELETED -> draft.type();
        };
        long crc = crc(sequence, previous, chainPrevious, timeMillis, topic, type, draft.key(), draft.data());
        return new StoredEvent(sequence, previous, chainPrevious, timeMillis, crc, topic, type, draft.key(), draft.data());
    }

    /** What the event does beside. */
    public EventKind kind() {
        if (storedType.equals(Draft.DELETED_TYPE)) {
            return EventKind.DELETED;
        }
        return storedType.startsWith(END_MARK) ? EventKind.END : EventKind.PLAIN;
    }

    /** The SSE event name. */
    public String type() {
        return storedType.startsWith(END_MARK) ? storedType.substring(END_MARK.length()) : storedType;
    }

    /** The row on which {@code row} stands, of a query for {@link #COLUMNS}. */
    public static StoredEvent read(ResultSet row) throws SQLException {
        byte[] data = row.getBytes(9);
        return new StoredEvent(
                row.getLong(1),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                text(row.getString(6)),
                text(row.getString(7)),
                row.getString(8),
                data == null ? new byte[0] : data);
    }

    /** A damaged row may hold a NULL where none can be; its CRC will not match. */
    private static String text(@Nullable String column) {
        return column == null ? "" : column;
    }

    /** Whether the row is as it was stored. */
    public boolean isIntact() {
        return previous < sequence && crc == crc(sequence, previous, chainPrevious, timeMillis, topic, storedType, key, data);
    }

    /** The same behind other predecessors. */
    StoredEvent linked(long newPrevious, long newChainPrevious) {
        long newCrc = crc(sequence, newPrevious, newChainPrevious, timeMillis, topic, storedType, key, data);
        return new StoredEvent(sequence, newPrevious, newChainPrevious, timeMillis, newCrc, topic, storedType, key, data);
    }

    Event toEvent(String epoch) {
        return new Event(sequence, Topic.stored(topic), key, timeMillis, Frame.encode(epoch, sequence, type(), data), kind());
    }

    private static long crc(
            long sequence, long previous, long chainPrevious, long timeMillis,
            String topic, String type, @Nullable String key, byte[] data) {
        byte[] topicBytes = topic.getBytes(StandardCharsets.UTF_8);
        byte[] typeBytes = type.getBytes(StandardCharsets.UTF_8);
        byte[] keyBytes = key == null ? new byte[0] : key.getBytes(StandardCharsets.UTF_8);
        int length = 4 * Long.BYTES + 3 * Integer.BYTES + topicBytes.length + typeBytes.length + keyBytes.length;
        ByteBuffer fields = ByteBuffer.allocate(length);
        fields.putLong(sequence).putLong(previous).putLong(chainPrevious).putLong(timeMillis);
        // With their lengths, so that no letter can move from one field to the next.
        fields.putInt(topicBytes.length).put(topicBytes).putInt(typeBytes.length).put(typeBytes);
        fields.putInt(key == null ? -1 : keyBytes.length).put(keyBytes).flip();
        var crc = new CRC32C();
        crc.update(fields);
        crc.update(data);
        return crc.getValue();
    }
}
