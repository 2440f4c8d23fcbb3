package dev.hark.load.nullhub;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The order and the newest events that null hubs of one cluster share: what is published to one is delivered by all, under the same id. A
 * null hub alone has one to itself.
 *
 * <p>Thread-safe.
 */
public final class SharedOrder {
    static final int LOG_EVENTS = 65_536;
    static final String EPOCH = "null";

    /** An event in a frame that all streams share. */
    record Event(long sequence, String topic, ByteBuffer frame) {}

    private final Event[] log = new Event[LOG_EVENTS];
    private final Map<String, Long> known = new HashMap<>();
    private final List<Runnable> followers = new CopyOnWriteArrayList<>();
    private long lastSequence;

    /** To be run whenever there is more; on the thread that published. */
    void follow(Runnable follower) {
        followers.add(follower);
    }

    /**
     * Stores an event, unless its key is known; returns its sequence.
     *
     * @param key an idempotency key; null for none
     */
    synchronized long append(String topic, byte[] data, @Nullable String key) {
        Long stored = key == null ? null : known.get(key);
        if (stored != null) {
            return stored;
        }
        long sequence = ++lastSequence;
        if (key != null) {
            known.put(key, sequence);
        }
        byte[] head = ("id: " + EPOCH + "-" + sequence + "\ndata: ").getBytes(StandardCharsets.US_ASCII);
        byte[] frame = Arrays.copyOf(head, head.length + data.length + 2);
        System.arraycopy(data, 0, frame, head.length, data.length);
        frame[frame.length - 2] = '\n';
        frame[frame.length - 1] = '\n';
        log[(int) (sequence % LOG_EVENTS)] = new Event(sequence, topic, Chunk.of(frame));
        return sequence;
    }

    void tellFollowers() {
        followers.forEach(Runnable::run);
    }

    synchronized long lastSequence() {
        return lastSequence;
    }

    /** The event of a sequence; null where it is not there yet, or no more. */
    synchronized @Nullable Event at(long sequence) {
        Event event = log[(int) (sequence % LOG_EVENTS)];
        // Each hub writes from a buffer of its own.
        return event == null || event.sequence != sequence
                ? null
                : new Event(sequence, event.topic, event.frame.duplicate());
    }
}
