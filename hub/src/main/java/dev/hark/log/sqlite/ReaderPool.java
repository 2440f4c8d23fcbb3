package dev.hark.log.sqlite;

import dev.hark.log.UnusableLogException;
import dev.hark.thread.Pulse;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The platform threads that read the database for whoever asks, who waits, but not for ever. What a lane asks comes first.
 *
 * <p>Thread-safe.
 */
final class ReaderPool implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(ReaderPool.class.getName());

    /** More would take the processors from live delivery. */
    private static final int THREADS = 2;

    private static final int MAX_WAITING = 1_024;

    /** How long the end waits for a read that is under way. */
    private static final Duration LAST_READS = Duration.ofSeconds(2);

    private final Role role;
    private final Path path;
    private final String epoch;
    private final boolean classes;
    private final TopicChains chains;
    private final Damage damage;
    private final Duration stall;
    private final BlockingDeque<Task<?>> waiting = new LinkedBlockingDeque<>(MAX_WAITING);
    private final List<Thread> threads = new ArrayList<>();
    private final List<Hand> hands = new CopyOnWriteArrayList<>();
    private final Trouble trouble;
    private volatile @Nullable String closed;
    private volatile @Nullable String unclosed;

    // Confined to whoever does the upkeep.
    private @Nullable CompletableFuture<Boolean> errandDone;

    /** A question to the database. */
    @FunctionalInterface
    interface Question<T> {
        T ask(PageReader reader) throws SQLException;
    }

    private record Task<T>(@Nullable Question<T> question, CompletableFuture<T> answer) {
        /** Answers, once {@code onRead} has been told that there is something to answer; or throws what the database says, and does not. */
        void run(PageReader reader, Runnable onRead) throws SQLException {
            try {
                // Whoever has given up waiting needs no answer.
                if (question != null && !answer.isDone()) {
                    T found = question.ask(reader);
                    onRead.run();
                    answer.complete(found);
                }
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        }
    }

    /** One reader thread's: its connection, which it alone uses, and what it is at. */
    private static final class Hand {
        private @Nullable PageReader reader;
        private final Pulse pulse;
        private volatile @Nullable Task<?> task;

        Hand(PageReader reader, Pulse pulse) {
            this.reader = reader;
            this.pulse = pulse;
        }

        void began(Task<?> begun) {
            pulse.begin();
            task = begun;
        }

        void ended() {
            task = null;
            pulse.end();
        }
    }

    private ReaderPool(
            Role role, Path path, String epoch, boolean classes, TopicChains chains, Damage damage, Duration stall, Trouble trouble) {
        this.role = role;
        this.path = path;
        this.epoch = epoch;
        this.classes = classes;
        this.chains = chains;
        this.damage = damage;
        this.stall = stall;
        this.trouble = trouble;
    }

    /** @param classes whether the log has several classes of topics */
    static ReaderPool start(
            Role role, Path path, String epoch, boolean classes, TopicChains chains, Damage damage, Duration stall, VitalThreads vital)
            throws SQLException {
        var pool = new ReaderPool(role, path, epoch, classes, chains, damage, stall, new Trouble(vital.nanoTime()));
        try {
            for (int i = 0; i < THREADS; i++) {
                var hand = new Hand(new PageReader(path, epoch, classes, chains, damage), vital.pulse());
                Thread thread = vital.unstarted("hark-log-reader-" + i, () -> pool.serve(hand));
                pool.hands.add(hand);
                pool.threads.add(thread);
                thread.start();
            }
        } catch (SQLException e) {
            pool.close();
            throw e;
        }
        return pool;
    }

    /**
     * Has {@code question} answered by a reader.
     *
     * @throws UnusableLogException if it cannot be answered, or not in time
     */
    <T> T ask(Question<T> question) {
        return await(new Task<>(question, new CompletableFuture<>()), false);
    }

    /** The same, before all others who wait: for lanes. */
    <T> T askFirst(Question<T> question) {
        return await(new Task<>(question, new CompletableFuture<>()), true);
    }

    private <T> T await(Task<T> task, boolean first) {
        if (closed != null) {
            throw closedLog();
        }
        String stuck = stuck();
        if (stuck != null) {
            throw new UnusableLogException(stuck);
        }
        if (!(first ? waiting.offerFirst(task) : waiting.offerLast(task))) {
            throw new UnusableLogException(
                    "the log " + path + " cannot be read now: " + MAX_WAITING + " of " + MAX_WAITING + " reads wait");
        }
        if (closed != null) {
            // Perhaps nobody takes it any more.
            refuseWaiting(this::closedLog);
        }
        try {
            // Through interrupts, because what is asked for is needed to end in order, too; and not for ever, see relieve().
            return task.answer().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    private void serve(Hand hand) {
        try {
            while (closed == null) {
                Task<?> task = waiting.take();
                try {
                    hand.began(task);
                    hand.reader = run(task, hand.reader);
                    noteStall();
                    hand.ended();
                } catch (RuntimeException | Error defect) {
                    // The end of this thread; whoever asked must not wait for it.
                    task.answer().completeExceptionally(
                            new UnusableLogException("a reader of the " + role.noun() + ' ' + path + " died", defect));
                    throw defect;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(hand.reader);
        }
    }

    /** A disk that has just hung is not well as soon as it answers. */
    private void noteStall() {
        String stuck = stuck();
        if (stuck != null) {
            note(trouble.why().orElse(stuck), null);
        }
    }

    private void note(String why, @Nullable SQLException cause) {
        boolean first = trouble.why().isEmpty();
        trouble.note(why);
        if (first) {
            Faults.report(LOGGER, why, cause);
        }
    }

    /** Has {@code reader}, or a new one, run {@code task}; gives the one for the next, null where that should be a new one. */
    private @Nullable PageReader run(Task<?> task, @Nullable PageReader given) {
        PageReader reader = given;
        long began = trouble.begin();
        try {
            if (reader == null) {
                reader = new PageReader(path, epoch, classes, chains, damage);
            }
            task.run(reader, () -> noteRead(began));
            return reader;
        } catch (SQLException e) {
            String why = Faults.inWords(role, path, e);
            // Before the answer: who is refused may ask why.
            note(why, e);
            task.answer().completeExceptionally(new UnusableLogException(why, e));
            close(reader);
            return null;
        }
    }

    private void noteRead(long beganNanos) {
        if (trouble.isOver(beganNanos)) {
            LOGGER.log(System.Logger.Level.INFO, "the " + role.noun() + ' ' + path + " can be read again");
        }
    }

    private void close(@Nullable PageReader reader) {
        try {
            if (reader != null) {
                reader.close();
            }
        } catch (SQLException e) {
            LOGGER.log(System.Logger.Level.WARNING, "a reader of the " + role.noun() + ' ' + path + " could not be closed", e);
        }
    }

    /** Has a reader do {@code errand}, which asks the disk, before all that waits; unless the last one is still out. Returns at once. */
    void tell(Runnable errand) {
        CompletableFuture<Boolean> last = errandDone;
        if (closed != null || (last != null && !last.isDone())) {
            return;
        }
        var done = new CompletableFuture<Boolean>();
        errandDone = done;
        waiting.offerFirst(new Task<>(
                reader -> {
                    errand.run();
                    return true;
                },
                done));
    }

    /** Why it cannot be relied on that something can be read; empty as long as it can. */
    Optional<String> trouble() {
        return Optional.ofNullable(stuck()).or(trouble::why);
    }

    /** How many reads wait. */
    int waiting() {
        return waiting.size();
    }

    /** Once it was closed: what of it was left behind, a sentence. */
    Optional<String> unclosed() {
        return Optional.ofNullable(unclosed);
    }

    /** A sentence where no reader comes back; null as long as one does. */
    private @Nullable String stuck() {
        for (Hand hand : hands) {
            if (!hand.pulse.isStuck(stall)) {
                return null;
            }
        }
        return hands.isEmpty()
                ? null
                : "the log " + path + " cannot be read: its disk has not answered for " + stall.toSeconds() + " s; check it";
    }

    /** Answers those who have waited for too long, for a disk that neither answers nor fails. Called about once a second. */
    void relieve() {
        for (Hand hand : hands) {
            Task<?> task = hand.task;
            if (task != null && hand.pulse.isStuck(stall)) {
                task.answer().completeExceptionally(
                        new UnusableLogException("a read of the log " + path + " took more than " + stall.toSeconds() + " s"));
            }
        }
        String stuck = stuck();
        if (stuck != null) {
            refuseWaiting(() -> new UnusableLogException(stuck));
        }
    }

    /**
     * Where something could not be read, has a reader look whether that has passed. Waits for nothing: its caller answers those who
     * wait.
     */
    void recheck() {
        if (trouble.why().isPresent() && stuck() == null && closed == null && waiting.isEmpty()) {
            waiting.offerLast(new Task<>(reader -> readAnew(), new CompletableFuture<>()));
        }
    }

    /** What a connection has read before it need not read again, and proves nothing. */
    private long readAnew() throws SQLException {
        try (var fresh = new PageReader(path, epoch, classes, chains, damage)) {
            return fresh.inSnapshot(LogState::newest);
        }
    }

    private void refuseWaiting(Supplier<UnusableLogException> why) {
        for (Task<?> task = waiting.poll(); task != null; task = waiting.poll()) {
            task.answer().completeExceptionally(why.get());
        }
    }

    private UnusableLogException closedLog() {
        return new UnusableLogException(String.valueOf(closed));
    }

    /** Ends the readers; whoever still waits is refused. One that does not come back from its disk is left behind. */
    @Override
    public void close() {
        close("the log " + path + " is closed");
    }

    /** The same, with what those are told who ask from here on. */
    void close(String why) {
        closed = why;
        // One task that does nothing for each thread, so that it looks up; in a full queue they find enough others.
        threads.forEach(thread -> waiting.offer(new Task<Boolean>(null, new CompletableFuture<>())));
        threads.forEach(this::join);
        refuseWaiting(this::closedLog);
        for (Hand hand : hands) {
            Task<?> task = hand.task;
            if (task != null) {
                task.answer().completeExceptionally(closedLog());
            }
        }
    }

    private void join(Thread thread) {
        try {
            if (!thread.join(LAST_READS)) {
                unclosed = thread.getName() + " does not come back from the disk of the log " + path;
                LOGGER.log(System.Logger.Level.WARNING, unclosed);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
