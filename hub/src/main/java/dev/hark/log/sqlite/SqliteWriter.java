package dev.hark.log.sqlite;

import dev.hark.event.Draft;
import dev.hark.log.Bounds;
import dev.hark.log.HotEvents;
import dev.hark.log.Retention;
import dev.hark.log.sqlite.HighWaterMark.Mark;
import java.io.IOException;
import java.io.SyncFailedException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes: it takes what is waiting, stores it in one transaction with one fsync, and answers everybody.
 *
 * <p>Everything but {@link #submit}, {@link #bounds} and {@link #trouble} is confined to that thread.
 */
final class SqliteWriter implements Runnable {
    /* The busier the log, the larger its groups and the fewer fsyncs per event. A group that fails is answered as unavailable and the sequence
       numbers it had are not given again: whatever of it may have reached the disk can then never stand beside another event with its number. */

    private static final System.Logger LOGGER = System.getLogger(SqliteWriter.class.getName());

    /** How many batches may wait. */
    private static final int MAX_WAITING = 4_096;

    /** For how long a publisher waits for a place among them. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int MAX_GROUP_EVENTS = 8_192;
    private static final long MAX_GROUP_BYTES = 8L << 20;

    /** How many events or keys a transaction removes, at least as many as it may add; and how many too many are worth the bother. */
    private static final int MAX_REMOVALS = 10_000;

    private static final int TOLERATED_EVENTS = 1_000;
    private static final long TOLERATED_BYTES = 1L << 20;

    /** How many sequence numbers one write of the mark reserves. */
    private static final long RESERVE = 1L << 20;

    /** How many sequence numbers there are between two savings of the chains' ends: what is to be read again at the next start. */
    private static final long CHAINS_EVERY = 8_192;

    /** How much room there must be on a disk that was full before it counts as well. */
    private static final long ROOM_BYTES = 1L << 20;

    private final SqliteSettings settings;
    private final InstantSource clock;
    private final EventStore store;
    private final HighWaterMark mark;
    private final HotEvents hot;
    private final TopicChains chains;
    private final BlockingQueue<Work> waiting = new ArrayBlockingQueue<>(MAX_WAITING);

    // Confined to the writer's thread.
    private LogState state;
    private long next;
    private long ceiling;
    private long marked;
    private long chainsSaved;
    private boolean full;
    private boolean stopping;
    private final List<Work.Upkeep> upkeep = new ArrayList<>();
    private List<Work> taken = List.of();

    // Written by the writer's thread.
    private volatile Bounds bounds;
    private volatile @Nullable String trouble;
    private volatile boolean dead;
    private volatile boolean ended;

    /** @param last the highest sequence number that may have been used, all of which the mark has reserved */
    SqliteWriter(Opening.Parts parts, LogState state, long last) {
        this.settings = parts.settings();
        this.clock = parts.clock();
        this.store = parts.store();
        this.mark = parts.mark();
        this.hot = parts.hot();
        this.chains = parts.chains();
        this.state = state;
        this.next = last + 1;
        this.ceiling = last;
        this.chainsSaved = parts.chainsSaved();
        this.marked = state.newest();
        this.bounds = new Bounds(state.floor(), state.newest());
    }

    /** Has {@code work} done or refused. Thread-safe; may wait. */
    void submit(Work work) {
        try {
            if (!waiting.offer(work, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                work.refuse("the log cannot keep up: " + MAX_WAITING + " of " + MAX_WAITING + " batches wait to be stored");
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            work.refuse("the publish was interrupted");
            return;
        }
        if (ended) {
            refuseWaiting("the log is closed");
        }
    }

    /** Has the thread end once it has done what was submitted before. Thread-safe; may wait. */
    void stop() {
        boolean interrupted = Thread.interrupted();
        while (!ended) {
            try {
                if (waiting.offer(new Work.Stop(), PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is retained and acknowledged. Thread-safe. */
    Bounds bounds() {
        return bounds;
    }

    /** Why nothing is stored now. Thread-safe. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                taken = take();
                serve(taken);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            trouble = "the log's writer died: " + e;
            dead = true;
            taken.forEach(work -> work.refuse("the log's writer died: " + e));
            LOGGER.log(System.Logger.Level.ERROR, trouble, e);
        } finally {
            finish();
        }
    }

    /** What waits, up to a group; waits for something unless there is upkeep to go on with. */
    private List<Work> take() throws InterruptedException {
        var group = new ArrayList<Work>();
        Work work = upkeep.isEmpty() ? waiting.take() : waiting.poll();
        int events = 0;
        long bytes = 0;
        while (work != null) {
            group.add(work);
            if (work instanceof Work.Publish publish) {
                events += publish.drafts().size();
                for (Draft draft : publish.drafts()) {
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

    private void serve(List<Work> group) {
        var batches = new ArrayList<Work.Publish>();
        for (Work work : group) {
            switch (work) {
                case Work.Publish publish -> batches.add(publish);
                case Work.Upkeep asked -> upkeep.add(asked);
                case Work.Stop stop -> stopping = true;
            }
        }
        if (dead) {
            String why = trouble().orElse("the log has stopped");
            batches.forEach(batch -> batch.refuse(why));
            finishUpkeep(false);
            return;
        }
        try {
            boolean more = store(batches);
            if (!upkeep.isEmpty() && !more) {
                store.vacuum();
                writeMark();
                finishUpkeep(true);
            }
            store.checkpoint();
        } catch (SQLException e) {
            full = Faults.isFull(e);
            fail(Faults.inWords(settings.path(), e), Faults.isFinal(e), e, batches);
        } catch (SyncFailedException e) {
            fail(Faults.notFlushed("the mark beside the log " + settings.path()) + " (" + e.getMessage() + ")", true, e, batches);
        } catch (IOException e) {
            fail("the mark beside the log " + settings.path() + " cannot be written; check the disk (" + e.getMessage() + ")", false, e, batches);
        }
    }

    /** Stores a group, and removes what retention does not keep; whether there is more to remove. */
    private boolean store(List<Work.Publish> batches) throws SQLException, IOException {
        int events = batches.stream().mapToInt(batch -> batch.drafts().size()).sum();
        if (next + events > ceiling) {
            reserve(next + events + RESERVE);
        }
        long now = Math.max(state.newestTimeMillis(), clock.millis());
        var transaction = new Transaction(store, settings.idempotency(), chains, state, next, now);
        boolean more;
        LogState after;
        boolean committed = false;
        try {
            store.begin();
            for (Work.Publish batch : batches) {
                transaction.place(batch);
            }
            next = transaction.next();
            transaction.flush();
            if (transaction.next() - chainsSaved >= CHAINS_EVERY) {
                store.saveChains(transaction.state().newest(), chains.encode(transaction.moved()));
            }
            LogState trimmed = trim(transaction.state());
            after = forget(trimmed);
            more = transaction.state().events() - after.events() >= MAX_REMOVALS || transaction.state().keys() - after.keys() >= MAX_REMOVALS;
            if (!after.equals(state) || trouble != null) {
                store.save(after);
            }
            store.commit(transaction.moved().size());
            committed = true;
        } finally {
            if (!committed) {
                store.rollback();
            }
        }
        state = after;
        if (trouble != null && !(full && isTight())) {
            full = false;
            LOGGER.log(System.Logger.Level.INFO, "the log " + settings.path() + " stores again");
            trouble = null;
        }
        if (next - chainsSaved >= CHAINS_EVERY) {
            chainsSaved = next;
        }
        // Before the bounds: who reads up to there must know of every event.
        chains.move(transaction.moved());
        // Before the hot events: who was given an event and comes back for what follows must not be told that its id is unknown.
        bounds = new Bounds(after.floor(), after.newest());
        if (!transaction.events().isEmpty()) {
            hot.add(transaction.events());
        }
        transaction.answer();
        return more;
    }

    /** Whether the disk, which was full, has hardly any room: what is stored now and then does not make the log ready. */
    private boolean isTight() throws IOException {
        return Files.getFileStore(settings.path()).getUsableSpace() < ROOM_BYTES;
    }

    private LogState trim(LogState full) throws SQLException {
        Retention retention = settings.retention();
        boolean asked = !upkeep.isEmpty();
        boolean overfull = full.events() - retention.events() >= TOLERATED_EVENTS || full.bytes() - retention.bytes() >= TOLERATED_BYTES;
        if (!asked && !overfull) {
            return full;
        }
        long oldest = oldestToKeep();
        return store.removeOldest(
                full,
                (events, bytes, timeMillis) -> timeMillis < oldest || events > retention.events() || (bytes > retention.bytes() && events > 1),
                MAX_REMOVALS);
    }

    private long oldestToKeep() {
        return clock.millis() - settings.retention().age().toMillis();
    }

    private LogState forget(LogState full) throws SQLException {
        if (upkeep.isEmpty() || full.keys() == 0) {
            return full;
        }
        long oldest = clock.millis() - settings.idempotency().age().toMillis() + 1;
        return full.withKeys(full.keys() - store.forgetBefore(oldest, MAX_REMOVALS));
    }

    /** Only what the disk knows to be reserved may be used. */
    private void reserve(long higher) throws IOException {
        mark.write(new Mark(state.epoch(), state.newest(), higher, false));
        ceiling = higher;
        marked = state.newest();
    }

    private void writeMark() throws IOException {
        if (marked != state.newest()) {
            reserve(ceiling);
        }
    }

    private void fail(String why, boolean forGood, Exception cause, List<Work.Publish> batches) {
        if (!why.equals(trouble)) {
            LOGGER.log(System.Logger.Level.ERROR, why, cause);
        }
        trouble = why;
        dead = forGood;
        batches.forEach(batch -> batch.refuse(why));
        finishUpkeep(false);
    }

    private void finishUpkeep(boolean done) {
        upkeep.forEach(asked -> asked.done().complete(done));
        upkeep.clear();
    }

    private void finish() {
        ended = true;
        refuseWaiting("the log is closed");
        finishUpkeep(false);
        try {
            if (!dead) {
                // SQLite tries to move the WAL into the database when it closes, and that would be a second try over a failed fsync: then
                // the end of the process closes it.
                store.close();
                mark.write(new Mark(state.epoch(), state.newest(), ceiling, true));
            }
        } catch (SQLException | IOException e) {
            LOGGER.log(System.Logger.Level.ERROR, "the log " + settings.path() + " could not be closed in order: " + e.getMessage(), e);
        } finally {
            try {
                mark.close();
            } catch (IOException e) {
                LOGGER.log(System.Logger.Level.WARNING, "the mark beside the log " + settings.path() + " could not be closed", e);
            }
        }
    }

    private void refuseWaiting(String why) {
        for (Work work = waiting.poll(); work != null; work = waiting.poll()) {
            work.refuse(why);
        }
    }
}
