package dev.hark.load.ledger;

/**
 * When each subscriber was there to receive: from its confirmed start to the beginning of its end.
 *
 * <p>Each entry is written by the reader thread of its subscriber; read by others when that has ended.
 */
public final class Attendance {
    private static final long NEVER = Long.MIN_VALUE;

    private final long[] fromNanos;
    private final long[] untilNanos;
    private final boolean[] excused;
    private final boolean[] late;
    private final boolean[] away;
    private final boolean[] joining;
    private long readyNanos = NEVER;
    private long stoppedNanos = NEVER;

    public Attendance(int subscribers) {
        fromNanos = new long[subscribers];
        untilNanos = new long[subscribers];
        excused = new boolean[subscribers];
        late = new boolean[subscribers];
        away = new boolean[subscribers];
        joining = new boolean[subscribers];
        java.util.Arrays.fill(fromNanos, NEVER);
        java.util.Arrays.fill(untilNanos, NEVER);
    }

    /** Its first answer is in, so whatever is published from now on is owed. A stream that resumes keeps its first start. */
    public void onConfirmed(int subscriber, long nanos) {
        if (fromNanos[subscriber] == NEVER) {
            fromNanos[subscriber] = nanos;
        }
        untilNanos[subscriber] = NEVER;
    }

    /** It ended, or could not be resumed: nothing that is acknowledged later is owed. */
    public void onGone(int subscriber, long nanos) {
        if (untilNanos[subscriber] == NEVER) {
            untilNanos[subscriber] = nanos;
        }
    }

    /**
     * It had been there, and is not when the run ends: since {@code nanos}. What had not reached it by then would have been given to it on
     * its return, or not; nobody can tell.
     */
    public void onNeverBack(int subscriber, long nanos) {
        away[subscriber] = true;
        onGone(subscriber, nanos);
    }

    /** Whether it was there and is not back. */
    boolean isAway(int subscriber) {
        return away[subscriber];
    }

    /** It does not read, on purpose, and is owed nothing. To be called before the run. */
    public void excuse(int subscriber) {
        excused[subscriber] = true;
    }

    /** It is away for a while, on purpose: it is owed everything, but not on time. To be called before the run. */
    public void comesLate(int subscriber) {
        late[subscriber] = true;
    }

    /** It comes when events are published already: what was sent before that is not its own. To be called before the run. */
    public void joins(int subscriber) {
        joining[subscriber] = true;
    }

    boolean isJoining(int subscriber) {
        return joining[subscriber];
    }

    /** Whether it was to come later, and was not there yet when an event was sent; {@link Long#MIN_VALUE} is before all else. */
    boolean isNotThereYet(int subscriber, long sentNanos) {
        long from = fromNanos[subscriber];
        return joining[subscriber] && (from == NEVER || sentNanos == Long.MIN_VALUE || sentNanos - from < 0);
    }

    /** When it came, counted from another moment; {@link Long#MAX_VALUE} if never. */
    long cameAfter(int subscriber, long nanos) {
        return fromNanos[subscriber] == NEVER ? Long.MAX_VALUE : fromNanos[subscriber] - nanos;
    }

    /** Whether what it is given is timed. */
    boolean isTimed(int subscriber) {
        return !excused[subscriber] && !late[subscriber];
    }

    public boolean isExcused(int subscriber) {
        return excused[subscriber];
    }

    boolean owes(int subscriber, long sentNanos, long acknowledgedNanos) {
        return !excused[subscriber]
                && fromNanos[subscriber] != NEVER
                && sentNanos - fromNanos[subscriber] >= 0
                && (untilNanos[subscriber] == NEVER || acknowledgedNanos - untilNanos[subscriber] < 0);
    }

    /**
     * All streams that are there now were there before any other generator published. Called by the run's thread before it says that it is
     * ready.
     */
    public void onReady(long nanos) {
        readyNanos = nanos;
    }

    /** Everything that other generators published has been answered. Called by the run's thread before it ends its streams. */
    public void onAllPublished(long nanos) {
        stoppedNanos = nanos;
    }

    /*
     * What another generator published cannot be put in order with what happened here by its times: its clock is another. But it published
     * only after this one had said that it was ready, and this one ended its streams only after it had been told that all was answered.
     */

    /** Whether a subscriber owes what other generators published: whether it was there from beginning to end. */
    boolean owesOthers(int subscriber) {
        return !excused[subscriber]
                && readyNanos != NEVER
                && stoppedNanos != NEVER
                && fromNanos[subscriber] != NEVER
                && fromNanos[subscriber] - readyNanos <= 0
                && (untilNanos[subscriber] == NEVER || untilNanos[subscriber] - stoppedNanos >= 0);
    }

    int subscribers() {
        return excused.length;
    }
}
