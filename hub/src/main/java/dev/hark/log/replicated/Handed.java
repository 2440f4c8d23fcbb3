package dev.hark.log.replicated;

import dev.hark.log.Append;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What a publisher has handed in, or the node itself; encoded on its own thread. Either it is taken for a group, or its publisher stops
 * waiting for that. Thread-safe.
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
record Handed(What what, int events, byte[] encoded, CompletableFuture<Append> answered, AtomicReference<State> state) {
    /** What is to become of it. */
    enum What {
        /** A batch in a group with others. */
        BATCH,
        /** A group that says how late it is. */
        TIME
    }

    private enum State {
        WAITING,
        TAKEN,
        WITHDRAWN
    }

    Handed(What what, int events, byte[] encoded) {
        this(what, events, encoded, new CompletableFuture<>(), new AtomicReference<>(State.WAITING));
    }

    /** Whether it is to be a part of a group: nobody has stopped waiting for that. */
    boolean take() {
        return state.compareAndSet(State.WAITING, State.TAKEN);
    }

    boolean isAnswered() {
        return answered.isDone();
    }

    /** Waits until it is answered, or {@code patience} has passed, or the thread is interrupted; it is to be taken all the same. */
    void look(Duration patience) {
        try {
            answered.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            // It may be answered later.
        } catch (ExecutionException e) {
            throw new AssertionError("it is never completed exceptionally", e);
        }
    }

    /** Has it not taken for a group, unless it was. */
    boolean withdraw() {
        return state.compareAndSet(State.WAITING, State.WITHDRAWN);
    }

    /** Whether nobody waits any more for it to be taken. */
    boolean isWithdrawn() {
        return state.get() == State.WITHDRAWN;
    }

    void answer(Append outcome) {
        answered.complete(outcome);
    }

    /**
     * Waits, through interrupts: what was taken is stored or not, and the publisher must learn which.
     *
     * @param why what to say where that takes longer than {@code patience}
     */
    Append await(Duration patience, String why) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                try {
                    return answered.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    return withdraw()
                            ? new Append.Unavailable(why + "; nothing of this was stored")
                            : new Append.Unknown(why);
                } catch (ExecutionException e) {
                    throw new AssertionError("it is never completed exceptionally", e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
