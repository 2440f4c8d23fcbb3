package dev.hark.log.sqlite;

import dev.hark.event.Draft;
import dev.hark.event.TopicFilter;
import dev.hark.log.Append;
import dev.hark.log.Bounds;
import dev.hark.log.Epochs;
import dev.hark.log.EventLog;
import dev.hark.log.EventRing;
import dev.hark.log.HotEvents;
import dev.hark.log.Page;
import dev.hark.log.Since;
import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
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
    private final SqliteSettings settings;
    private final String epoch;
    private final HotEvents hot;
    private final ReaderPool readers;
    private final SqliteWriter writer;
    private final Thread writerThread;

    /** The idempotency keys of batches that are being stored, each with its batch's claim. */
    private final ConcurrentMap<String, Claim> inFlight = new ConcurrentHashMap<>();

    private volatile boolean closed;

    /** One batch's right to an idempotency key, told apart by identity. */
    private static final class Claim {}

    SqliteLog(SqliteSettings settings, String epoch, HotEvents hot, ReaderPool readers, SqliteWriter writer) {
        this.settings = settings;
        this.epoch = epoch;
        this.hot = hot;
        this.readers = readers;
        this.writer = writer;
        this.writerThread = Thread.ofPlatform().name("hark-log-writer").unstarted(writer);
    }

    /**
     * Opens the log at the path in {@code settings}, or makes a new one there, folders included.
     *
     * @param random names new epochs
     * @throws UnusableLogException with one sentence for the operator; nothing was overwritten then
     */
    public static SqliteLog open(SqliteSettings settings, InstantSource clock, RandomGenerator random) {
        Path given = settings.path();
        try {
            return openAt(settings.withPath(DatabaseFile.resolve(given)), clock, random);
        } catch (IOException e) {
            throw new UnusableLogException("the log " + given + " cannot be opened: " + e.getMessage(), e);
        }
    }

    private static SqliteLog openAt(SqliteSettings settings, InstantSource clock, RandomGenerator random) {
        Path path = settings.path();
        try {
            Path folder = path.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            DatabaseFile.check(path);
            SqliteLog log = Opening.open(settings, clock, () -> Epochs.next(random));
            log.writerThread.start();
            return log;
        } catch (AccessDeniedException e) {
            throw new UnusableLogException("the log " + path + " cannot be opened: access to " + e.getFile() + " is denied; "
                    + "make it readable and writable for the user that runs the hub, or choose another log.path", e);
        } catch (FileAlreadyExistsException e) {
            throw new UnusableLogException("the log " + path + " cannot be opened: " + e.getFile() + " is no folder; choose another log.path", e);
        } catch (IOException e) {
            throw new UnusableLogException("the log " + path + " cannot be opened: " + e.getClass().getSimpleName() + ' ' + e.getMessage()
                    + "; make its folder writable, or choose another log.path", e);
        } catch (SQLException e) {
            throw new UnusableLogException(Faults.inWords(path, e), e);
        }
    }

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public String durability() {
        return settings.durability().configName();
    }

    @Override
    public Append append(List<Draft> batch) {
        if (closed) {
            return new Append.Unavailable("the log is closed");
        }
        Work.Publish publish = Work.Publish.of(batch);
        var claim = new Claim();
        try {
            for (int i = 0; i < batch.size(); i++) {
                String key = batch.get(i).idempotencyKey();
                Claim other = key == null ? null : inFlight.putIfAbsent(key, claim);
                if (other != null && other != claim) {
                    return new Append.KeyInFlight(i);
                }
            }
            writer.submit(publish);
            // Not interruptible, and not for long: what was handed in is stored or refused, and the publisher must learn which.
            return publish.answer().join();
        } finally {
            for (Draft draft : batch) {
                if (draft.idempotencyKey() != null) {
                    inFlight.remove(draft.idempotencyKey(), claim);
                }
            }
        }
    }

    @Override
    public Page read(long after, List<TopicFilter> filters, int limit) {
        // What is acknowledged now; what is being stored may be in the database already.
        long newest = bounds().newest();
        return readers.ask(reader -> reader.read(after, newest, filters, limit));
    }

    @Override
    public Since since(long timeMillis) {
        long newest = bounds().newest();
        return readers.ask(reader -> reader.since(timeMillis, newest));
    }

    @Override
    public long beforeLast(List<TopicFilter> filters, int count) {
        EventRing ring = hot.ring();
        long among = ring.beforeLast(filters, count);
        // Later than where the hot events begin: all of them were found there.
        if (count == 0 || among > ring.bounds().floor()) {
            // Retention may keep less than what is hot.
            return Math.max(among, bounds().floor());
        }
        PositionReader.Search search = new PositionReader.Search(bounds().newest(), count, false);
        while (!search.ended()) {
            PositionReader.Search current = search;
            search = readers.ask(reader -> reader.beforeLast(current, filters));
        }
        return search.position();
    }

    @Override
    public Bounds bounds() {
        return writer.bounds();
    }

    @Override
    public HotEvents hot() {
        return hot;
    }

    @Override
    public Optional<String> notReady() {
        return writer.trouble().or(readers::trouble);
    }

    @Override
    public void maintain() {
        if (closed) {
            return;
        }
        var upkeep = new Work.Upkeep(new CompletableFuture<>());
        writer.submit(upkeep);
        upkeep.done().join();
        readers.recheck();
    }

    /** Stores what was handed in before, and says on disk that the log was closed. */
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
        while (writerThread.isAlive()) {
            try {
                writerThread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
