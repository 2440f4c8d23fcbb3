package dev.hark.event;

import org.jspecify.annotations.Nullable;

/**
 * What the hub writes into a stream on its own behalf: docs/http.md has the forms. Each but the comment is an event with an id and data,
 * because a client may pass over an id that comes without data, or raise an event without data for it. Stateless.
 */
public final class ControlFrames {
    private static final Frame COMMENT = Frame.verbatim(":\n");

    private ControlFrames() {}

    /**
     * The beginning of a stream.
     *
     * @param position after which the stream goes on
     * @param gap      what the client misses already, or null. It comes first: a client that is cut behind it knows
     */
    public static Frame opening(long retryMillis, EventId position, @Nullable Frame gap) {
        Frame open = Frame.control("hark.open", position, "{\"position\":\"" + position + "\"}");
        return Frame.verbatim(retry(retryMillis) + (gap == null ? "" : gap) + open);
    }

    /** What tells a client that it was not given events. */
    public static Frame gap(Gap gap) {
        return Frame.control("hark.gap", gap.resumedAt(), gap.json());
    }

    /**
     * The end of a stream.
     *
     * @param position where the client is to resume; null where it has no position. Without it, a client that takes a new stream to begin
     *                 without an id forgets the one that it had
     */
    public static Frame close(CloseReason reason, long retryMillis, @Nullable EventId position) {
        return Frame.verbatim(
                retry(retryMillis) + Frame.control("hark.close", position, "{\"reason\":\"" + reason.wireName() + "\"}"));
    }

    /** A sign of life that no program sees: a comment line. An empty line behind it would be an event to some clients. */
    public static Frame heartbeat() {
        return COMMENT;
    }

    /** A sign of life, and the client's position, which has moved on since it was told last. */
    public static Frame position(EventId position) {
        return Frame.control("hark.position", position, "{}");
    }

    /** A sign of life as an event with the name {@code event}, which whoever runs the hub has chosen. */
    public static Frame heartbeat(String event, EventId position) {
        return Frame.verbatim("event: " + event + "\nid: " + position + "\ndata: {}\n\n");
    }

    private static String retry(long millis) {
        return "retry: " + millis + '\n';
    }
}
