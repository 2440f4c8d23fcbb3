package dev.hark.event;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event that has a position in the log, with its bytes for the wire.
 *
 * @param sequence   its position, greater than that of every event before it
 * @param topic      where it was published
 * @param key        what {@code conflate} conflates by, or null; then it conflates by topic
 * @param timeMillis when the log stored it, in milliseconds since 1970 UTC
 * @param frame      the event as SSE bytes, shared by every subscriber
 * @param kind       what it does beside
 */
public record Event(long sequence, Topic topic, @Nullable String key, long timeMillis, Frame frame, EventKind kind) {
    /** A plain one. */
    public Event(long sequence, Topic topic, @Nullable String key, long timeMillis, Frame frame) {
        this(sequence, topic, key, timeMillis, frame, EventKind.PLAIN);
    }

    /** Encodes {@code draft}, now at {@code sequence} of the log with {@code epoch}. */
    public static Event of(String epoch, long sequence, long timeMillis, Draft draft) {
        Frame frame = Frame.encode(epoch, sequence, draft.type(), draft.data());
        return new Event(sequence, draft.topic(), draft.key(), timeMillis, frame, draft.kind());
    }

    /**
     * The same event as it is given within a snapshot at {@code position}: its block bears the snapshot's id, after which a client that is
     * cut goes on within it. It ends nothing: what comes after the end of a topic may be in the snapshot too.
     */
    public Event inSnapshot(String epoch, long position) {
        var id = new EventId(epoch, position, sequence);
        return new Event(sequence, topic, key, timeMillis, Frame.withId(frame, id), EventKind.PLAIN);
    }

    /** Whether {@code newer} makes this event stale for a subscriber that wants only the latest: same topic, same key. */
    public boolean isSupersededBy(Event newer) {
        return topic.equals(newer.topic) && Objects.equals(key, newer.key);
    }
}
