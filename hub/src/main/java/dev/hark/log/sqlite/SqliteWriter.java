package dev.hark.log.sqlite;

import dev.hark.log.Append;
import dev.hark.log.ClassUse;
import dev.hark.log.DraftBatch;
import dev.hark.log.Floors;
import dev.hark.log.Retained;
import dev.hark.log.Tail;
import dev.hark.log.sqlite.HighWaterMark.Mark;
import dev.hark.thread.Pulse;
import java.io.IOException;
import java.io.SyncFailedException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes: it takes what is waiting, stores it in one transaction with one fsync, and answers everybody.
 *
 * <p>Confined to that thread, but for the methods that say that they are thread-safe.
 */
final class SqliteWriter implements Runnable {
    /* The busier the log, the larger its groups and the fewer fsyncs per event. A group that fails is answered as unavailable
       and the sequence numbers it had are not given again: whatever of it may have reached the disk can then never stand
       beside another event with its number.

       A disk may also neither succeed nor fail. Then somebody else, who looks about once a second, answers those who wait (relieve): what
       is under way may still be stored, and is delivered if so; what waits behind it is taken back. */

    private static final System.Logger LOGGER = System.getLogger(SqliteWriter.class.getName());

    /** How many events or keys a transaction removes, or twice as many as it adds. */
    static final int MAX_REMOVALS = 10_000;

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
    private final Tail tail;
    private final TopicChains chains;
    private final EndTable ends;
    private final Pulse pulse;
    private final LongSupplier nanoTime;
    private final Trouble trouble;
    private final Trimmer trimmer;
    private final WriterQueue waiting = new WriterQueue();
    private final Positions positions;

    // Confined to the writer's thread.
    private long next;
    private long ceiling;
    private boolean reserveMore;
    private long marked;
    private long chainsSaved;
    private boolean full;
    private boolean stopping;
    private long probes;
    private final List<Work.Upkeep> upkeep = new ArrayList<>();

    // Written by the writer's thread.
    private volatile LogState state;
    private volatile ClassStates counted;
    /** What it will be once what is under way is committed. */
    private volatile ClassStates coming;
    private volatile List<Work> taken = List.of();
    private volatile boolean dead;
    private volatile boolean ended;

    // Written by whoever watches the files.
    private volatile @Nullable String condemned;

    // Written by the writer's thread or, where that does not come back, by whoever closes the log.
    private volatile @Nullable String unclosed;

    /** @param last the highest sequence number that may have been used, all of which the mark has reserved */
    SqliteWriter(Opening.Parts parts, LogState state, long last) {
        this.settings = parts.settings();
        this.clock = parts.clock();
        this.store = parts.store();
        this.mark = parts.mark();
        this.tail = parts.tail();
        this.chains = parts.chains();
        this.ends = parts.ends();
        this.pulse = parts.vital().pulse();
        this.nanoTime = parts.vital().nanoTime();
        this.trouble = new Trouble(nanoTime);
        this.state = state;
        this.counted = parts.counted();
        this.coming = counted;
        this.trimmer = new Trimmer(store, settings.config());
        this.next = last + 1;
        this.positions = new Positions(tail, settings.config().idempotency(), clock, next, state.newestTimeMillis(),
                settings.config().classes().unstored() != 0, () -> waiting.offer(new Work.Reserve()));
        this.ceiling = last;
        this.chainsSaved = parts.chainsSaved();
        this.marked = state.newest();
    }

    /** Has {@code work} done or refused. Thread-safe; may wait. */
    void submit(Work work) {
        if (isStuck()) {
            work.refuse(stuck() + "; nothing of this was stored");
            return;
        }
        waiting.add(work);
        if (ended) {
            waiting.refuseAll(trouble().orElse("the log is closed"));
        }
    }

    /** Has the thread end once it has done what was submitted before. Thread-safe; may wait. */
    void stop() {
        if (!ended) {
            waiting.addStop();
        }
    }

    /** Why nothing is stored now. Thread-safe. */
    Optional<String> trouble() {
        return isStuck() && !dead ? Optional.of(stuck()) : trouble.why();
    }

    /** Whether the disk has neither stored nor refused what it was given, for longer than anybody should wait. Thread-safe. */
    boolean isStuck() {
        return pulse.isStuck(settings.config().stall());
    }

    private String stuck() {
        return "the disk of the log " + settings.path() + " has not answered for " + pulse.busy().toSeconds() + " s; check it";
    }

    /** Makes {@code batch} known, of which nothing is stored. Thread-safe. */
    Append pass(DraftBatch batch) {
        return dead || ended
                ? new Append.Unavailable(trouble().orElse("the log is closed"))
                : positions.pass(batch, settings.config().stall());
    }

    /** What is retained of each class of topics. Thread-safe. */
    List<ClassUse> kept() {
        // Whoever finds that a newest event is gone must find out why: it may be gone before that is known to be committed.
        return counted.use(settings.config().classes(), state, coming);
    }

    /** {@code batch}, to be submitted. Thread-safe. */
    Work.Publish handIn(DraftBatch batch) {
        return new Work.Publish(batch, nanoTime.getAsLong());
    }

    /** Answers those who have waited for too long. Thread-safe; called about once a second. */
    void relieve() {
        if (isStuck()) {
            String why = stuck();
            waiting.refuseAll(why + "; nothing of this was stored");
            taken.forEach(work -> work.leave(why));
        } else {
            waiting.refuseOverdue(nanoTime.getAsLong(), settings.config().stall());
        }
    }

    /** Says that nothing may be stored any more, because what is stored would be lost. Thread-safe. */
    void condemn(String why) {
        condemned = why;
    }

    /** Says that nobody waits for it any more. Thread-safe. */
    void leaveBehind() {
        String why = "the log " + settings.path() + " was not closed: its disk does not answer";
        waiting.refuseAll("the log is closed");
        taken.forEach(work -> work.leave(why));
        unclosed = why;
    }

    /** Once it was closed: what of it was not closed in order, a sentence. Thread-safe. */
    Optional<String> unclosed() {
        return Optional.ofNullable(unclosed);
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                // There may be upkeep to go on with.
                List<Work> group = waiting.takeGroup(upkeep.isEmpty());
                taken = group;
                pulse.begin();
                serve(group);
                taken = List.of();
                noteStall();
                pulse.end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            String why = "the log's writer died of a defect: " + e;
            trouble.note(why);
            dead = true;
            // Where it died is not known, so neither is what became of them.
            taken.forEach(work -> work.leave(why));
            throw e;
        } finally {
            finish();
        }
    }

    /** A disk that has just hung is not well as soon as it answers. */
    private void noteStall() {
        if (isStuck() && !dead) {
            // What was said before says more, but it is to be calm from now on.
            String why = trouble.why().orElse("the disk of the log " + settings.path() + " did not answer for "
                    + pulse.busy().toSeconds() + " s");
            if (trouble.note(why)) {
                LOGGER.log(System.Logger.Level.WARNING, why);
            }
        }
    }

    private void serve(List<Work> group) {
        var batches = new ArrayList<Work.Publish>();
        for (Work work : group) {
            switch (work) {
                case Work.Publish publish -> batches.add(publish);
                case Work.Upkeep asked -> upkeep.add(asked);
                case Work.Reserve more -> reserveMore = true;
                case Work.Stop stop -> stopping = true;
            }
        }
        String lost = condemned == null ? anotherWriter() : condemned;
        if (lost != null && !dead) {
            LOGGER.log(System.Logger.Level.ERROR, lost);
            trouble.note(lost);
            dead = true;
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
                positions.expire();
                store.vacuum();
                writeMark();
                finishUpkeep(true);
            }
            store.checkpoint();
        } catch (SQLException e) {
            full = Faults.isFull(e);
            String why = Faults.inWords(settings.path(), e);
            if (Faults.isUnflushed(e)) {
                // It was written, and may be there after a restart.
                batches.forEach(batch -> batch.settle(new Append.Unknown(why)));
            }
            fail(why, Faults.isFinal(e), e, batches);
        } catch (SyncFailedException e) {
            fail(Faults.notFlushed("the mark beside the log " + settings.path()) + " (" + e.getMessage() + ")", true, e, batches);
        } catch (IOException e) {
            fail("the mark beside the log " + settings.path() + " cannot be written; check the disk (" + e.getMessage() + ")",
                    false, e, batches);
        }
    }

    /** A sentence where somebody else has written into the database, once in each upkeep; null where nobody has. */
    private @Nullable String anotherWriter() {
        if (upkeep.isEmpty() || dead) {
            return null;
        }
        try {
            return store.wasChangedByOthers()
                    ? "another process has written into the log " + settings.path()
                            + "; nothing more is stored. Stop that process, look at the log with "
                            + "'hark log verify', and restart the hub"
                    : null;
        } catch (SQLException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "whether others wrote cannot be told", e);
            return null;
        }
    }

    /** Stores a group, and removes what retention does not keep; whether there is more to remove. */
    private boolean store(List<Work.Publish> batches) throws SQLException, IOException {
        int events = batches.stream().mapToInt(batch -> batch.batch().drafts().size()).sum();
        long needed = positions.needed(events);
        if (reserveMore || needed > 0) {
            reserveMore = false;
            reserve(Math.max(needed, positions.last()) + RESERVE);
        }
        int removals = Math.max(MAX_REMOVALS, 2 * events);
        long began = trouble.begin();
        boolean proves = trouble.isProof(began) && !(full && isTight());
        Floors floors = counted.floors(state.floor());
        Positions.Turn turn = positions.begin(events);
        next = turn.first();
        ends.begin();
        var transaction = new Transaction(store, settings.config(), chains, new HashMap<>(), state, counted, ends, turn);
        boolean more;
        Trimmer.Trimmed trimmed;
        LogState after;
        boolean committed = false;
        try {
            store.begin();
            for (Work.Publish batch : batches) {
                transaction.place(batch.batch(), batch::settle);
            }
            next = transaction.next();
            transaction.flush();
            trimmed = trimmer.trim(transaction, counted, removals, !upkeep.isEmpty(), clock);
            if (transaction.next() - chainsSaved >= CHAINS_EVERY || trimmed.endsMoved()) {
                store.saveChains(transaction.state().newest(), chains.encode(transaction.moved()));
            }
            after = upkeep.isEmpty() ? trimmed.state() : trimmer.forget(trimmed.state(), clock);
            more = trimmed.more() || transaction.state().keys() - after.keys() >= MAX_REMOVALS;
            if (!after.equals(state)) {
                store.save(after);
            }
            store.saveClasses(trimmed.counted(), counted);
            // Before anything is gone: whoever finds it missing must find out why.
            positions.announce(trimmed.counted().areNone() ? floors : trimmed.counted().floors(after.floor()));
            coming = trimmed.counted();
            if (proves && transaction.events().isEmpty()) {
                // What changes no byte reaches no disk, and proves nothing.
                store.probe(++probes);
            }
            store.commit(transaction.moved().size());
            committed = true;
        } finally {
            if (!committed) {
                store.rollback();
                coming = counted;
                positions.fail(next, floors);
            }
        }
        // From here on nothing can fail: what is stored is acknowledged and delivered.
        state = after;
        counted = trimmed.counted();
        if (next - chainsSaved >= CHAINS_EVERY) {
            chainsSaved = next;
        }
        // First of all: who reads up to the new bounds must know of every event.
        chains.move(transaction.moved());
        ends.written();
        positions.end(next, transaction.events(), new Retained(after.floor(), after.newest(), counted.floors(after.floor())),
                transaction::answer);
        if (proves && trouble.isOver(began)) {
            full = false;
            LOGGER.log(System.Logger.Level.INFO, "the log " + settings.path() + " stores again");
        }
        return more;
    }

    /** Whether the disk, which was full, has hardly any room: what is stored now and then does not make the log ready. */
    private boolean isTight() {
        try {
            return Files.getFileStore(settings.path()).getUsableSpace() < ROOM_BYTES;
        } catch (IOException e) {
            // The list of mounts may not be readable, or not know the path. Then what is stored has to be proof enough.
            LOGGER.log(System.Logger.Level.DEBUG, "how much room there is cannot be told", e);
            return false;
        }
    }

    /** Only what the disk knows to be reserved may be used. */
    private void reserve(long higher) throws IOException {
        mark.write(new Mark(state.epoch(), state.newest(), higher, false));
        ceiling = higher;
        marked = state.newest();
        positions.reserved(higher);
    }

    private void writeMark() throws IOException {
        if (marked != state.newest()) {
            reserve(ceiling);
        }
    }

    private void fail(String why, boolean forGood, Exception cause, List<Work.Publish> batches) {
        if (trouble.note(why)) {
            Faults.report(LOGGER, why, cause);
        }
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
        waiting.refuseAll(trouble().orElse("the log is closed"));
        finishUpkeep(false);
        long last = positions.close();
        try {
            if (dead) {
                unclosed = trouble.why().orElse(null);
            } else {
                // SQLite tries to move the WAL into the database when it closes, and that would be a second try over a failed fsync: then
                // the end of the process closes it.
                store.close();
                mark.write(new Mark(state.epoch(), state.newest(), Math.max(state.newest(), last), true));
            }
        } catch (SQLException | IOException e) {
            unclosed = "the log " + settings.path() + " could not be closed in order: " + e.getMessage();
            LOGGER.log(System.Logger.Level.ERROR, unclosed, e);
        } finally {
            try {
                mark.close();
            } catch (IOException e) {
                LOGGER.log(System.Logger.Level.WARNING, "the mark beside the log " + settings.path() + " could not be closed", e);
            }
        }
    }
}
