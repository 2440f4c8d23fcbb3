package dev.hark.log.journal;

import dev.hark.event.Draft;
import dev.hark.log.DraftBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What orders groups: an append gives a group its position, and every node that follows sees the same groups in the same order.
 *
 * <p>It can be replaced by another history, as where a stream is made anew. Thread-safe.
 */
public final class Journal {
    /** How many events have their numbers at one position; a larger group takes several. */
    static final int EVENTS_PER_POSITION = 1_024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by `lock`.
    private History history;

    /**
     * What one node hands in at once.
     *
     * @param position   where it stands
     * @param timeMillis by the clock of the node that handed it in
     * @param batch      null where only time passes
     * @param ticket     by which that node knows its own again
     */
    record Group(long position, long timeMillis, @Nullable DraftBatch batch, Object ticket) {
        long firstSequence() {
            return position * EVENTS_PER_POSITION;
        }
    }

    /**
     * One history.
     *
     * @param number how many there were before
     * @param base   the sequence before that of its first event
     */
    record History(int number, String epoch, long base, List<Group> groups) {
        History(int number, String epoch, long firstPosition) {
            this(number, epoch, (firstPosition - 1) * EVENTS_PER_POSITION, new ArrayList<>());
        }

        private long nextPosition() {
            if (groups.isEmpty()) {
                return base / EVENTS_PER_POSITION + 1;
            }
            Group last = groups.getLast();
            int events = last.batch() == null ? 0 : last.batch().drafts().size();
            return last.position() + Math.max(1, Math.ceilDiv(events, EVENTS_PER_POSITION));
        }
    }

    public Journal(String epoch) {
        this.history = new History(0, epoch, 1);
    }

    /** Appends a group; the history that it is in. */
    History append(long timeMillis, @Nullable DraftBatch batch, Object ticket) {
        lock.lock();
        try {
            history.groups().add(new Group(history.nextPosition(), timeMillis, batch, ticket));
            changed.signalAll();
            return history;
        } finally {
            lock.unlock();
        }
    }

    /** Begins another history, which holds {@code batches} from {@code firstPosition} on, each of them a group. */
    public void replace(String epoch, long firstPosition, long timeMillis, List<List<Draft>> batches) {
        lock.lock();
        try {
            history = new History(history.number() + 1, epoch, firstPosition);
            batches.forEach(batch -> append(timeMillis, DraftBatch.of(batch), new Object()));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What follows the first {@code seen} groups of history {@code number}: all of the present history where that is another one. */
    News await(int number, int seen, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (history.number() == number && history.groups().size() == seen && left > 0) {
                left = changed.awaitNanos(left);
            }
            List<Group> groups = history.groups();
            return new News(history, List.copyOf(groups.subList(history.number() == number ? seen : 0, groups.size())));
        } finally {
            lock.unlock();
        }
    }

    /** What a node has not seen yet of a history. */
    record News(History history, List<Group> groups) {}

    /** As long as a node that closes may have to wait for its follower. */
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
}
