package dev.hark.log.sqlite;

import dev.hark.log.Append;
import dev.hark.log.DraftBatch;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What the log's writer is asked to do. */
sealed interface Work {
    /** Tells whoever waits that it will not be done. */
    void refuse(String why);

    /** Tells whoever waits that nobody knows whether it was done. */
    default void leave(String why) {
        refuse(why);
    }

    /** Store these. Answered once; settled once by the writer, which may be later. */
    final class Publish implements Work {
        /** Stands where an action would, once the writer is done. */
        private static final Runnable SETTLED = new Settled();

        private final DraftBatch batch;
        private final CompletableFuture<Append> answer = new CompletableFuture<>();
        private final AtomicReference<@Nullable Runnable> afterwards = new AtomicReference<>();

        private final long sinceNanos;

        /** @param nowNanos when it was handed in */
        Publish(DraftBatch batch, long nowNanos) {
            this.batch = batch;
            this.sinceNanos = nowNanos;
        }

        long waitedNanos(long nowNanos) {
            return nowNanos - sinceNanos;
        }

        DraftBatch batch() {
            return batch;
        }

        /**
         * Waits, through interrupts: what was handed in is stored or refused, and the publisher must learn which.
         * See {@link SqliteWriter#relieve}.
         */
        Append await() {
            return answer.join();
        }

        /** Says what became of it. Called by the writer. */
        void settle(Append outcome) {
            Runnable late = afterwards.getAndSet(SETTLED);
            answer.complete(outcome);
            if (late != null) {
                late.run();
            }
        }

        /** Runs {@code action} when the writer has settled what was left unsettled; at once if it has already. */
        void whenSettled(Runnable action) {
            if (!afterwards.compareAndSet(null, action)) {
                action.run();
            }
        }

        @Override
        public void refuse(String why) {
            settle(new Append.Unavailable(why));
        }

        private static final class Settled implements Runnable {
            @Override
            public void run() {
                // Nothing is left to do.
            }
        }

        /** Nobody waits any more for what is under way. */
        @Override
        public void leave(String why) {
            answer.complete(new Append.Unknown(why));
        }
    }

    /** Do what time asks for. */
    record Upkeep(CompletableFuture<Boolean> done) implements Work {
        /** Whether it was done or refused within {@code patience}. */
        boolean isDone(Duration patience) {
            try {
                done.get(patience.toNanos(), TimeUnit.NANOSECONDS);
                return true;
            } catch (TimeoutException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            } catch (ExecutionException e) {
                throw new AssertionError("it is never completed exceptionally", e);
            }
        }

        @Override
        public void refuse(String why) {
            done.complete(false);
        }
    }

    /** Reserve more positions. */
    record Reserve() implements Work {
        @Override
        public void refuse(String why) {
            // Those who need them stop waiting by themselves.
        }
    }

    /** Do what came before this, and end. */
    record Stop() implements Work {
        @Override
        public void refuse(String why) {
            // Nobody waits for an answer.
        }
    }
}
