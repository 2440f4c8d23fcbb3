package dev.hark.event;

import org.jspecify.annotations.Nullable;

/** What the hub writes into a stream on its own behalf: docs/http.md has the forms. Stateless. */
public final class ControlFrames {
    private ControlFrames() {}

    /** The first block of a stream, which begins after {@code position}. */
    public static Frame opening(long retryMillis, EventId position) {
        return Frame.verbatim(retry(retryMillis) + id(position) + '\n');
    }

    /** The first block of a stream that begins with a gap. */
    public static Frame opening(long retryMillis, Frame gap) {
        return Frame.verbatim(retry(retryMillis) + gap);
    }

    /**
     * What tells a client that it was not given events.
     *
     * @param after     the last id that it had, or null
     * @param resumedAt the position after which its stream goes on
     * @param dropped   how many it was not given; null where that is not known
     */
    public static Frame gap(GapReason reason, @Nullable EventId after, EventId resumedAt, @Nullable Long dropped) {
        String lastId = after == null ? "null" : '"' + after.toString() + '"';
        return Frame.control(
                "hark.gap",
                resumedAt,
                "{\"reason\":\"" + reason.wireName() + "\",\"after\":" + lastId + ",\"resumedAt\":\"" + resumedAt
                        + "\",\"dropped\":" + dropped + '}');
    }

    /** The end of a stream. */
    public static Frame close(CloseReason reason, long retryMillis) {
        return Frame.verbatim(retry(retryMillis) + "event: hark.close\ndata: {\"reason\":\"" + reason.wireName() + "\"}\n\n");
    }

    /**
     * A sign of life.
     *
     * @param event    the name of the event that it is; empty makes it a comment, or an id alone
     * @param position the client's position where that has moved on since it was told last; null where it has not
     */
    public static Frame heartbeat(String event, @Nullable EventId position) {
        String idLine = position == null ? "" : id(position);
        if (!event.isEmpty()) {
            return Frame.verbatim("event: " + event + '\n' + idLine + "data:\n\n");
        }
        return Frame.verbatim(position == null ? ":\n\n" : idLine + '\n');
    }

    private static String retry(long millis) {
        return "retry: " + millis + '\n';
    }

    private static String id(EventId id) {
        return "id: " + id + '\n';
    }
}
