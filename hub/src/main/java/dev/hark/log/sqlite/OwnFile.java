package dev.hark.log.sqlite;

import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of a log as one hub has them, or whoever puts another log in their place: nobody else may have the same file under whatever
 * name, and the names must go on to lead to them.
 *
 * <p>The mark keeps away whoever opens the log by the same name. A hard link or a bind mount of the file alone has another mark; so the
 * file itself is locked too ({@link InodeLock}), and one that has several names is refused. Thread-safe.
 */
public final class OwnFile implements AutoCloseable {
    /** The files that this process has open: a lock says nothing to the process that holds it. */
    private static final Set<Object> OPEN = ConcurrentHashMap.newKeySet();

    private final Path database;
    private final @Nullable Object key;
    private final @Nullable InodeLock lock;
    private final List<Watched> watched = new ArrayList<>();

    private record Watched(Path file, @Nullable Object key) {}

    private OwnFile(Path database, @Nullable Object key, @Nullable InodeLock lock) {
        this.database = database;
        this.key = key;
        this.lock = lock;
    }

    /**
     * Refuses a file that has several names, or that this process has open already: before anything else opens and closes it, because that
     * would take SQLite's locks from the one that has it.
     *
     * @throws UnusableLogException if it is so
     */
    static void check(Path database) throws IOException {
        if (!Files.isRegularFile(database)) {
            return;
        }
        Object key = keyOf(database);
        if (key != null && OPEN.contains(key)) {
            throw HighWaterMark.inUse(database);
        }
        if (names(database) > 1) {
            throw new UnusableLogException("the log " + database + " has " + names(database)
                    + " names (hard links), and a hub that opened it by another one would damage it; remove the others"
                    + " (an interrupted 'hark log restore' leaves one that holds '-replaced-'), or copy the log to a file of its own");
        }
    }

    /** @throws UnusableLogException if another process has {@code database} open, by whatever name */
    public static OwnFile claim(Path database) throws IOException {
        Object key = keyOf(database);
        if (key != null && !OPEN.add(key)) {
            throw HighWaterMark.inUse(database);
        }
        try {
            return new OwnFile(database, key, InodeLock.tryLock(database).orElseThrow(() -> HighWaterMark.inUse(database)));
        } catch (IOException | RuntimeException e) {
            release(key);
            throw e;
        }
    }

    /** Takes the files as they are now for the log's: its database, the WAL and the mark. */
    void watch() throws IOException {
        for (Path file : List.of(database, database.resolveSibling(database.getFileName() + "-wal"), HighWaterMark.fileOf(database))) {
            watched.add(new Watched(file, keyOf(file)));
        }
    }

    /** What became of the files: a sentence; empty where all are there, and the same. */
    Optional<String> missing() {
        for (Watched each : watched) {
            try {
                Object now = keyOf(each.file());
                if (each.key() != null && !each.key().equals(now)) {
                    return Optional.of("the file " + each.file()
                            + " was replaced while the hub had it open; nothing is stored until the hub is restarted");
                }
            } catch (IOException e) {
                return Optional.of("the file " + each.file() + " was removed while the hub had it open (" + e.getClass().getSimpleName()
                        + "); nothing is stored until it is put back and the hub restarted");
            }
        }
        return Optional.empty();
    }

    private static @Nullable Object keyOf(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
    }

    private static int names(Path file) throws IOException {
        return Files.getFileStore(file).supportsFileAttributeView("unix") ? (Integer) Files.getAttribute(file, "unix:nlink") : 1;
    }

    private static void release(@Nullable Object key) {
        if (key != null) {
            OPEN.remove(key);
        }
    }

    /** Gives the file up. After SQLite has closed it: closing any descriptor of it takes SQLite's locks. */
    @Override
    public void close() {
        if (lock != null) {
            lock.close();
        }
        release(key);
    }
}
