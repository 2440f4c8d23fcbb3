package dev.hark.log.sqlite;

import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.Back;
import dev.hark.log.Capabilities;
import dev.hark.log.Capability;
import dev.hark.log.ClassUse;
import dev.hark.log.DraftBatch;
import dev.hark.log.Epochs;
import dev.hark.log.Era;
import dev.hark.log.EventLog;
import dev.hark.log.LogHealth;
import dev.hark.log.Page;
import dev.hark.log.Since;
import dev.hark.log.Tail;
import dev.hark.log.TopicClasses;
import dev.hark.log.UnusableLogException;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.random.RandomGenerator;

/**
 * A log in a SQLite database: what it acknowledged is there after a restart, a crash and, with {@code fsync}, a loss of power.
 *
 * <p>Publishers' threads hand their batches to one writer thread and wait for its answer; readers ask two reader threads. Thread-safe.
 */
public final class SqliteLog implements EventLog {
    /** How long the end waits for the writer to store what waits, and to close its files. */
    private static final Duration LAST_COMMITS = Duration.ofSeconds(5);

    /** How often whoever waits for the upkeep looks whether the writer is stuck. */
    private static final Duration LOOK = Duration.ofMillis(250);

    private final SqliteSettings settings;
    private final Capabilities capabilities;
    private final Tail tail;
    private final ReaderPool readers;
    private final SqliteWriter writer;
    private final Thread writerThread;
    private final Found found;

    /** The idempotency keys of batches that are being stored, each with its batch's claim. */
    private final ConcurrentMap<String, Claim> inFlight = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /** One batch's right to an idempotency key, told apart by identity. */
    private static final class Claim {}

    /**
     * What was found when it was opened, and since.
     *
     * @param file the log's own, given up when it is closed
     */
    record Found(Recovery recovery, Damage damage, OwnFile file) {}

    SqliteLog(SqliteSettings settings, Tail tail, ReaderPool readers, Thread writerThread, SqliteWriter writer, Found found) {
        this.settings = settings;
        this.tail = tail;
        this.readers = readers;
        this.writer = writer;
        this.writerThread = writerThread;
        this.found = found;
        this.capabilities = Capabilities.of(
                settings.durability().configName(),
                Capability.WHOLE_BATCHES,
                Capability.KEY_WINDOW,
                Capability.RETENTION,
                Capability.CLASSES,
                Capability.OWN_CLOCK,
                Capability.TOPIC_INDEX,
                Capability.DURABLE);
    }

    /**
     * Opens the log at the path in {@code settings}, or makes a new one there, folders included.
     *
     * @param random names new epochs
     * @param vital  what its threads are among
     * @throws UnusableLogException with one sentence for the operator; nothing was overwritten then
     */
    public static SqliteLog open(SqliteSettings settings, InstantSource clock, RandomGenerator random, VitalThreads vital) {
        Path given = settings.path();
        try {
            return openAt(settings.withPath(DatabaseFile.resolve(given)), clock, random, vital);
        } catch (IOException e) {
            throw new UnusableLogException("the log " + given + " cannot be opened: " + e.getMessage(), e);
        }
    }

    private static SqliteLog openAt(SqliteSettings settings, InstantSource clock, RandomGenerator random, VitalThreads vital) {
        Path path = settings.path();
        try {
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            OwnFile.check(path);
            DatabaseFile.check(path);
            SqliteLog log = Opening.open(settings, clock, () -> Epochs.next(random), vital);
            log.writerThread.start();
            return log;
        } catch (AccessDeniedException e) {
            throw new UnusableLogException("the log " + path + " cannot be opened: access to " + e.getFile() + " is denied; "
                    + "make it readable and writable for the user that runs the hub, or choose another log.path", e);
        } catch (FileAlreadyExistsException e) {
            throw new UnusableLogException(
                    "the log " + path + " cannot be opened: " + e.getFile() + " is no folder; choose another log.path", e);
        } catch (IOException e) {
            throw new UnusableLogException("the log " + path + " cannot be opened: " + e.getClass().getSimpleName() + ' ' + e.getMessage()
                    + "; make its folder writable, or choose another log.path", e);
        } catch (SQLException e) {
            throw new UnusableLogException(Faults.inWords(path, e), e);
        }
    }

    @Override
    public Tail tail() {
        return tail;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public Append append(List<Draft> batch) {
        if (closed) {
            return new Append.Unavailable("the log is closed");
        }
        if (isUnstored(batch)) {
            return writer.pass(DraftBatch.of(batch));
        }
        var publish = writer.handIn(DraftBatch.of(batch));
        var claim = new Claim();
        boolean settled = true;
        try {
            for (int i = 0; i < batch.size(); i++) {
                String key = batch.get(i).idempotencyKey();
                Claim other = key == null ? null : inFlight.putIfAbsent(key, claim);
                if (other != null && other != claim) {
                    return new Append.KeyInFlight(i);
                }
            }
            writer.submit(publish);
            Append answer = publish.await();
            settled = !(answer instanceof Append.Unknown);
            return answer;
        } finally {
            if (settled) {
                release(batch, claim);
            } else {
                // It may still be stored: a retry must not overtake it.
                publish.whenSettled(() -> release(batch, claim));
            }
        }
    }

    /** Whether nothing of {@code batch} is to be stored. */
    private boolean isUnstored(List<Draft> batch) {
        TopicClasses classes = settings.config().classes();
        if (classes.unstored() == 0) {
            return false;
        }
        for (Draft draft : batch) {
            if (classes.of(draft.topic().value()).keep().isStored()) {
                return false;
            }
        }
        return true;
    }

    private void release(List<Draft> batch, Claim claim) {
        for (Draft draft : batch) {
            if (draft.idempotencyKey() != null) {
                inFlight.remove(draft.idempotencyKey(), claim);
            }
        }
    }

    @Override
    public Page read(long after, Filters filters, int limit) {
        // What is acknowledged now; what is being stored may be in the database already.
        Era.Ends ends = tail.era().ends();
        return readers.ask(reader -> reader.read(after, ends, filters, limit));
    }

    @Override
    public Page follow(long after) {
        Era.Ends ends = tail.era().ends();
        return readers.askFirst(reader -> reader.read(after, ends, Filters.EVERYTHING, MAX_PAGE_EVENTS));
    }

    @Override
    public Since since(long timeMillis) {
        long newest = tail.era().ends().stored();
        return readers.ask(reader -> reader.since(timeMillis, newest));
    }

    @Override
    public Back back(Back search, Filters filters) {
        return readers.ask(reader -> reader.back(search, filters));
    }

    @Override
    public Page latest(long after, long through, Filters filters, int limit) {
        return readers.ask(reader -> reader.latest(after, through, filters, limit));
    }

    @Override
    public List<ClassUse> kept() {
        return writer.kept();
    }

    /** Who reads it for those who ask. */
    ReaderPool readers() {
        return readers;
    }

    @Override
    public LogHealth health() {
        // At the end only what is left behind counts: a disk that is full has lost nothing.
        Optional<String> known = closed ? writer.unclosed().or(readers::unclosed) : writer.trouble().or(readers::trouble);
        String trouble = known.orElse(null);
        var alarms = new ArrayList<String>();
        if (found.recovery().lost() != null) {
            alarms.add("acknowledged events of the log " + settings.path() + " were lost before it was opened: " + found.recovery().lost());
        }
        if (found.damage().count() > 0) {
            alarms.add("the log " + settings.path() + " is damaged in " + found.damage().count()
                    + " places that were read; 'hark log verify' says more");
        }
        return new LogHealth(trouble, null, alarms, found.recovery().lostEvents(), found.damage().count());
    }

    @Override
    public void maintain() {
        if (closed) {
            return;
        }
        // First: a writer that is stuck already takes no upkeep, and whoever came to it since the last look waits.
        readers.relieve();
        writer.relieve();
        readers.tell(() -> found.file().missing().ifPresent(writer::condemn));
        var upkeep = new Work.Upkeep(new CompletableFuture<>());
        writer.submit(upkeep);
        // Not for ever: a bound that was lowered may leave a million events to remove, which the writer does bit by bit.
        long deadline = System.nanoTime() + settings.config().stall().toNanos();
        while (!upkeep.isDone(LOOK) && System.nanoTime() - deadline < 0) {
            writer.relieve();
            if (writer.isStuck()) {
                return;
            }
            readers.relieve();
        }
        readers.recheck();
    }

    /**
     * Stores what was handed in before, and says on disk that the log was closed. A writer that does not come back from its disk is left
     * behind, and {@link #health} says so.
     */
    @Override
    public void close() {
        synchronized (writerThread) {
            if (closed) {
                return;
            }
            closed = true;
        }
        readers.close();
        writer.stop();
        boolean interrupted = Thread.interrupted();
        long deadline = System.nanoTime() + LAST_COMMITS.toNanos();
        while (writerThread.isAlive() && deadline - System.nanoTime() > 0) {
            try {
                writerThread.join(LOOK);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (writerThread.isAlive()) {
            writer.leaveBehind();
        } else {
            found.file().close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
