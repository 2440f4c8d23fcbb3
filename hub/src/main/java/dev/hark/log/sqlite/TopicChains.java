package dev.hark.log.sqlite;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.zip.CRC32C;

/**
 * The ends of the chains that events of like topics form: topics are spread over {@value #CHAINS} chains, and
 * each event names its predecessor.
 *
 * <p>The writer moves the ends on; readers compare with them. Thread-safe for one writer.
 */
public final class TopicChains {
    /* An index that has lost an entry looks like one that never had it, and SQLite does not notice. Who reads a chain from one position to
       its end has seen every link, or knows that some are missing; then the table itself is read, which has a chain of its own. So many
       chains that strangers on the same one cost little, so few that their ends are saved with the events every so often. */

    static final int CHAINS = 4_096;

    private final AtomicLongArray ends = new AtomicLongArray(CHAINS);

    /** Which chain events of {@code topic} belong to. */
    public static int of(String topic) {
        var crc = new CRC32C();
        crc.update(topic.getBytes(StandardCharsets.UTF_8));
        return (int) (crc.getValue() & (CHAINS - 1));
    }

    /** The position of the newest event on {@code chain}, or of one that is gone and may have been. */
    long end(int chain) {
        return ends.get(chain);
    }

    void move(int chain, long sequence) {
        ends.set(chain, sequence);
    }

    void move(Map<Integer, Long> moved) {
        moved.forEach(ends::set);
    }

    /** Says that there is none. */
    void clear() {
        for (int i = 0; i < CHAINS; i++) {
            ends.set(i, 0);
        }
    }

    /** Says that events up to {@code sequence} are gone, and nobody knows from which chains. */
    void moveAll(long sequence) {
        for (int i = 0; i < CHAINS; i++) {
            ends.set(i, Math.max(ends.get(i), sequence));
        }
    }

    /** As it will be once {@code moved} is true, with a checksum at its end. */
    byte[] encode(Map<Integer, Long> moved) {
        ByteBuffer bytes = ByteBuffer.allocate((CHAINS + 1) * Long.BYTES);
        for (int i = 0; i < CHAINS; i++) {
            bytes.putLong(moved.getOrDefault(i, ends.get(i)));
        }
        return bytes.putLong(crc(bytes)).array();
    }

    /** Takes over what {@link #encode} gave; false, and nothing done, where it is not that any more. */
    boolean decode(byte[] encoded) {
        ByteBuffer bytes = ByteBuffer.wrap(encoded);
        if (encoded.length != (CHAINS + 1) * Long.BYTES || bytes.getLong(CHAINS * Long.BYTES) != crc(bytes)) {
            return false;
        }
        for (int i = 0; i < CHAINS; i++) {
            ends.set(i, bytes.getLong(i * Long.BYTES));
        }
        return true;
    }

    private static long crc(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.slice(0, CHAINS * Long.BYTES));
        return crc.getValue();
    }
}
