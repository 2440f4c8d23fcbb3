package dev.hark.load.drive;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counters that one thread writes and others read, without a lock and without a contended write.
 */
@SuppressWarnings("EnumOrdinal") // an array by ordinal is the point: it lives no longer than the process
public final class Tally {
    /** What is counted. */
    public enum Count {
        /** Connections that were begun. */
        OPENED,
        /** Streams whose start was confirmed for the first time. */
        CONFIRMED,
        /** Streams that could not be opened, for whatever reason. */
        FAILED,
        /** Streams that ended without our doing, after their start. */
        ENDED,
        /** Streams that we cut ourselves, to see them come back. */
        DROPPED,
        /** Streams that were opened again after an end or a cut. */
        RESUMED,
        /** Streams that had been up, and were not when the run ended. */
        AWAY,
        /** Events of this run that were received, new to their subscriber. */
        DELIVERED,
        /** Received again. */
        DUPLICATE,
        /** Received after a later event of the same flow. */
        DISORDER,
        /** Received with a wrong hash, or with numbers that no event has. */
        CORRUPT,
        /** Received by a subscriber of another topic. */
        WRONG_RECIPIENT,
        /** Received under different ids by different subscribers. */
        WRONG_ID,
        /** Received, but of another run. */
        FOREIGN,
        /** Events that a later one of their flow came before, without a gap notice, and that are not there yet. */
        SKIPPED,
        /** Gap notices. */
        GAPS,
        /** Streams ended by the server with a close notice. */
        CLOSE_NOTICES,
        /** Bytes read from streams. */
        BYTES,
        /** Reads from streams. */
        READS,
        /** Reads that filled the whole buffer: more was waiting. */
        FULL_READS,
        /** Nanoseconds spent at work, not waiting for a socket. */
        BUSY_NANOS,
        /** The longest time between two looks at the selector, in nanoseconds. */
        LONGEST_ROUND_NANOS,
        /** How late the publisher's thread looked at an event at most, in nanoseconds. */
        LATEST_NANOS,
        /** Publishes that were sent. */
        SENT,
        /** Publishes answered with success. */
        ACKNOWLEDGED,
        /** Publishes answered with a refusal. */
        REFUSED,
        /** Publishing connections that broke. */
        BROKEN,
        /** Threads that ended before the run did. */
        THREADS_ENDED,
        /** Requests that broke, or met an error that may pass, and are sent again. */
        PUBLISH_ERRORS,
        /** Events that were sent again. */
        RETRIED
    }

    private static final Count[] COUNTS = Count.values();

    private final AtomicLongArray values = new AtomicLongArray(COUNTS.length);

    void add(Count count, long delta) {
        int at = count.ordinal();
        values.setRelease(at, values.getPlain(at) + delta);
    }

    void raise(Count count, long value) {
        int at = count.ordinal();
        if (value > values.getPlain(at)) {
            values.setRelease(at, value);
        }
    }

    public long get(Count count) {
        return values.getAcquire(count.ordinal());
    }
}
