package dev.hark.log.sqlite;

import dev.hark.event.Draft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * What waits for the log's writer, which takes it in groups. Who would wait for too long is refused: nothing of theirs was stored then.
 *
 * <p>Thread-safe.
 */
final class WriterQueue {
    private static final System.Logger LOGGER = System.getLogger(WriterQueue.class.getName());

    /** How many batches may wait. */
    private static final int MAX_WAITING = 4_096;

    /** For how long a publisher waits for a place among them. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int MAX_GROUP_EVENTS = 8_192;
    private static final long MAX_GROUP_BYTES = 8L << 20;

    private final BlockingQueue<Work> waiting = new ArrayBlockingQueue<>(MAX_WAITING);

    /** Takes {@code work} in, or refuses it; may wait. */
    void add(Work work) {
        try {
            if (!waiting.offer(work, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                work.refuse("the log cannot keep up: " + MAX_WAITING + " of " + MAX_WAITING + " batches wait to be stored");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            work.refuse("the publish was interrupted");
        }
    }

    /** Takes {@code work} in where there is room; does not wait. */
    boolean offer(Work work) {
        return waiting.offer(work);
    }

    /** Has the writer end once it has done what came before; may wait. */
    void addStop() {
        try {
            if (!waiting.offer(new Work.Stop(), PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOGGER.log(System.Logger.Level.DEBUG, "the queue stays full: the writer is stuck");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What waits, up to a group. Called by the writer. */
    List<Work> takeGroup(boolean waitForOne) throws InterruptedException {
        var group = new ArrayList<Work>();
        Work work = waitForOne ? waiting.take() : waiting.poll();
        int events = 0;
        long bytes = 0;
        while (work != null) {
            group.add(work);
            if (work instanceof Work.Publish publish) {
                events += publish.batch().drafts().size();
                for (Draft draft : publish.batch().drafts()) {
                    bytes += draft.data().length;
                }
            }
            if (events >= MAX_GROUP_EVENTS || bytes >= MAX_GROUP_BYTES) {
                break;
            }
            work = waiting.poll();
        }
        return group;
    }

    /** Refuses all that waits, but for the word to stop, which has to reach the writer. */
    void refuseAll(String why) {
        refuse(work -> !(work instanceof Work.Stop), why);
    }

    /** A disk may be slow without ever being stuck: what has waited for longer than {@code limit} is taken back. */
    void refuseOverdue(long nowNanos, Duration limit) {
        refuse(
                work -> work instanceof Work.Publish publish && publish.waitedNanos(nowNanos) > limit.toNanos(),
                "the log cannot keep up: this waited for more than " + limit.toSeconds() + " s to be stored; nothing of it was");
    }

    private void refuse(Predicate<Work> unwanted, String why) {
        var refused = new ArrayList<Work>();
        waiting.removeIf(work -> unwanted.test(work) && refused.add(work));
        refused.forEach(work -> work.refuse(why));
    }
}
