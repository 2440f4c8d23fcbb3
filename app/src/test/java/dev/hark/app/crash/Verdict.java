package dev.hark.app.crash;

import dev.hark.event.EventId;
import dev.hark.app.crash.History.Block;
import java.util.Set;

/** A promise that a history shows to be broken. */
public sealed interface Verdict {
    /** Acknowledged or delivered, and not in the log. */
    record Lost(long sequence, String data) implements Verdict {}

    /** In the log after where the follower began, and neither delivered to it nor covered by a gap. */
    record Undelivered(String follower, long sequence) implements Verdict {}

    record DeliveredTwice(String follower, EventId id) implements Verdict {}

    /** An id at or below the one before it, which was not seen before. */
    record DeliveredOutOfOrder(String follower, EventId id, long position) implements Verdict {}

    /** On a topic to which the follower did not subscribe. */
    record Misdirected(String follower, EventId id) implements Verdict {}

    /** One event under several sequence numbers: an idempotency key that was not recognised, or a request that was carried out twice. */
    record StoredTwice(String data, Set<Long> sequences) implements Verdict {
        public StoredTwice {
            sequences = Set.copyOf(sequences);
        }
    }

    /** An event has a lower sequence number than one that was settled before it was sent. */
    record StoredOutOfOrder(long sequence, long earlier, boolean samePublisher) implements Verdict {}

    /** Some events of a batch, and not all. */
    record TornBatch(String publisher, int stored, int of) implements Verdict {}

    record StoredThoughRefused(long sequence, String data) implements Verdict {}

    /** A sequence number that stood for several events. */
    record Reused(long sequence, Set<String> data) implements Verdict {
        public Reused {
            data = Set.copyOf(data);
        }
    }

    /** Data that nobody sent. */
    record Corrupted(String follower, EventId id, String data) implements Verdict {}

    /** Announced, though nothing was missing. */
    record UnneededGap(String follower, Block.Gap gap) implements Verdict {}

    /** Sent after the right of the stream was over that it was given on. */
    record DeliveredAfterEnd(String follower, EventId id) implements Verdict {}

    /** A stream ended without a word, though its client took all. */
    record EndedSilently(String follower, long position) implements Verdict {}

    /** A stream was told that it ends for a reason that there was not. */
    record WrongReason(String follower, String reason) implements Verdict {}

    /** The epoch changed under a follower that was not told. */
    record MissingGap(String follower, EventId id) implements Verdict {}

    /** Two nodes do not show the same log: what one shows at a place, and the other there. */
    record Unequal(String node, String shows, String other, String showsThere) implements Verdict {}
}
