package dev.hark.app.crash;

import dev.hark.event.EventId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What everybody saw of one log, whose retention keeps everything: each publish with its outcome, each stream block by
 * block, and at the end the whole log.
 *
 * @param attempts in any order
 * @param readBack who read the whole log at the end
 */
public record History(List<Attempt> attempts, List<Follower> followers, Follower readBack) {
    public static final String EVERYTHING = "**";

    public History {
        attempts = List.copyOf(attempts);
        followers = List.copyOf(followers);
    }

    /** An event as it was handed in. No two events of a history have the same data, so the data tells which event a block is. */
    public record Sent(String topic, String data, @Nullable String key) {}

    /**
     * One request.
     *
     * @param began when it was sent, in ticks of a clock that all publishers share
     * @param ended when its outcome was known: the request and whatever the server did for it lie between the two
     */
    public record Attempt(String publisher, List<Sent> events, long began, long ended, Outcome outcome) {
        public Attempt {
            events = List.copyOf(events);
        }
    }

    /** What a publisher was told. */
    public sealed interface Outcome {
        /** @param ids one for each event */
        record Acknowledged(List<EventId> ids) implements Outcome {
            public Acknowledged {
                ids = List.copyOf(ids);
            }
        }

        record Refused(int status) implements Outcome {}

        /** The connection broke, or the server itself did not know: stored or not, now or later. */
        record Unknown() implements Outcome {}
    }

    /**
     * A subscriber that came back with its last id whenever its stream broke.
     *
     * @param topic  what it subscribed to, or {@link #EVERYTHING}
     * @param blocks of all its streams, one after another
     */
    public record Follower(String name, String topic, List<Block> blocks) {
        public Follower {
            blocks = List.copyOf(blocks);
        }

        public boolean follows(String other) {
            return topic.equals(EVERYTHING) || topic.equals(other);
        }
    }

    /**
     * Until when a stream may be given events.
     *
     * @param endedAt from when on nothing that is sent may be given, in ticks of the publishers' clock; {@link #NEVER} where it did not end
     * @param reasons that the stream's last word may have
     * @param told    whether that word has to come: the client took whatever was written, and did not leave
     */
    public record Right(long endedAt, Set<String> reasons, boolean told) {
        public static final long NEVER = Long.MAX_VALUE;

        /** One of which nothing is known to end it. */
        public static final Right LASTING = new Right(NEVER, Set.of(), false);

        public Right {
            reasons = Set.copyOf(reasons);
        }
    }

    /** A block of a stream, as far as a guarantee hangs on it. */
    public sealed interface Block {
        /** An id alone: the first block of a stream, or a heartbeat. */
        record Position(EventId id) implements Block {}

        record Delivered(EventId id, String data) implements Block {}

        /** What follows is another stream's, which has a right of its own. */
        record Opened(Right right) implements Block {}

        /** {@code hark.close}, with its reason. Its id is a {@link Position}. */
        record Closed(String reason) implements Block {}

        /** {@code hark.gap}. */
        record Gap(String reason, @Nullable EventId after, EventId resumedAt) implements Block {}
    }
}
