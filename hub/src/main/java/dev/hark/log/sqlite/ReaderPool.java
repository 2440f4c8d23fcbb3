package dev.hark.log.sqlite;

import dev.hark.log.UnusableLogException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The platform threads that read the database for whoever asks, who waits: its queue is bounded by its callers, each of which asks for one thing.
 *
 * <p>Thread-safe.
 */
final class ReaderPool implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(ReaderPool.class.getName());

    /** More would take the processors from live delivery. */
    private static final int THREADS = 2;

    private static final int MAX_WAITING = 1_024;

    private final Path path;
    private final String epoch;
    private final TopicChains chains;
    private final Damage damage;
    private final BlockingQueue<Task<?>> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;
    private volatile @Nullable String trouble;

    /** A question to the database. */
    @FunctionalInterface
    interface Question<T> {
        T ask(PageReader reader) throws SQLException;
    }

    private record Task<T>(@Nullable Question<T> question, CompletableFuture<T> answer) {
        /** Answers, once {@code onRead} has been told that there is something to answer; or throws what the database says, and does not. */
        void run(PageReader reader, Runnable onRead) throws SQLException {
            try {
                if (question != null) {
                    T found = question.ask(reader);
                    onRead.run();
                    answer.complete(found);
                }
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        }
    }

    private ReaderPool(Path path, String epoch, TopicChains chains, Damage damage) {
        this.path = path;
        this.epoch = epoch;
        this.chains = chains;
        this.damage = damage;
    }

    static ReaderPool start(Path path, String epoch, TopicChains chains, Damage damage) throws SQLException {
        var pool = new ReaderPool(path, epoch, chains, damage);
        try {
            for (int i = 0; i < THREADS; i++) {
                var reader = new PageReader(path, epoch, chains, damage);
                Thread thread = Thread.ofPlatform().name("hark-log-reader-" + i).daemon().unstarted(() -> pool.serve(reader));
                pool.threads.add(thread);
                thread.start();
            }
        } catch (SQLException e) {
            pool.close();
            throw e;
        }
        return pool;
    }

    /** Has {@code question} answered by a reader. */
    <T> T ask(Question<T> question) {
        if (closed) {
            throw closedLog();
        }
        var task = new Task<T>(question, new CompletableFuture<>());
        put(task);
        if (closed) {
            // Perhaps nobody takes it any more.
            refuseWaiting();
        }
        try {
            return task.answer().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    /** Waits through interrupts, for milliseconds: what is asked for is needed to end in order, too. */
    private void put(Task<?> task) {
        boolean interrupted = false;
        while (true) {
            try {
                waiting.put(task);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(PageReader first) {
        PageReader reader = first;
        try {
            while (!closed) {
                Task<?> task = waiting.take();
                reader = run(task, reader);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(reader);
        }
    }

    /** Has {@code reader}, or a new one, run {@code task}; gives the one for the next, null where that should be a new one. */
    private @Nullable PageReader run(Task<?> task, @Nullable PageReader given) {
        PageReader reader = given;
        try {
            if (reader == null) {
                reader = new PageReader(path, epoch, chains, damage);
            }
            task.run(reader, this::readable);
            return reader;
        } catch (SQLException e) {
            String why = Faults.inWords(path, e);
            if (trouble == null) {
                LOGGER.log(System.Logger.Level.ERROR, why, e);
            }
            // Before the answer: who is refused may ask why.
            trouble = why;
            task.answer().completeExceptionally(new UnusableLogException(why, e));
            close(reader);
            return null;
        }
    }

    private void readable() {
        if (trouble != null) {
            trouble = null;
            LOGGER.log(System.Logger.Level.INFO, "the log " + path + " can be read again");
        }
    }

    private void close(@Nullable PageReader reader) {
        try {
            if (reader != null) {
                reader.close();
            }
        } catch (SQLException e) {
            LOGGER.log(System.Logger.Level.WARNING, "a reader of the log " + path + " could not be closed", e);
        }
    }

    /** Why nothing can be read; empty as long as something can. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** Where nothing could be read, looks whether that has passed. */
    void recheck() {
        if (trouble != null) {
            try {
                ask(reader -> reader.inSnapshot(LogState::newest));
            } catch (UnusableLogException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "still", e);
            }
        }
    }

    private void refuseWaiting() {
        for (Task<?> task = waiting.poll(); task != null; task = waiting.poll()) {
            task.answer().completeExceptionally(closedLog());
        }
    }

    private UnusableLogException closedLog() {
        return new UnusableLogException("the log " + path + " is closed");
    }

    /** Ends the readers; whoever still waits is refused. */
    @Override
    public void close() {
        closed = true;
        // One task that does nothing for each thread, so that it looks up; in a full queue they find enough others.
        threads.forEach(thread -> waiting.offer(new Task<Boolean>(null, new CompletableFuture<>())));
        threads.forEach(ReaderPool::join);
        refuseWaiting();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
