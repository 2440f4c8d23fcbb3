package dev.hark.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A few turns that many want, given in the order in which they were asked for. Who waits may do something
 * else meanwhile and keeps its place.
 *
 * <p>As many may wait as there are streams. Thread-safe.
 */
final class Turns {
    @GuardedBy("this")
    private final Queue<Turn> queue = new ArrayDeque<>();

    @GuardedBy("this")
    private int free;

    Turns(int count) {
        this.free = count;
    }

    /** A place in the queue, to be closed whether or not its turn came. */
    synchronized Turn ask() {
        var turn = new Turn();
        if (free > 0) {
            free--;
            turn.grant();
        } else {
            queue.add(turn);
        }
        return turn;
    }

    /** How many wait. */
    synchronized int waiting() {
        return queue.size();
    }

    private synchronized void giveBack(Turn turn) {
        if (queue.remove(turn)) {
            return;
        }
        Turn next = queue.poll();
        if (next == null) {
            free++;
        } else {
            next.grant();
        }
    }

    /** One place. Confined to the thread that asked, but for what {@link Turns} does. */
    final class Turn implements AutoCloseable {
        private final CountDownLatch granted = new CountDownLatch(1);

        private void grant() {
            granted.countDown();
        }

        /** Whether it came within {@code nanos}. */
        boolean await(long nanos) throws InterruptedException {
            return granted.await(nanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public void close() {
            giveBack(this);
        }
    }
}
