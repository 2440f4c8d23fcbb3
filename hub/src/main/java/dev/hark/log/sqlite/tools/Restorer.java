package dev.hark.log.sqlite.tools;

import dev.hark.log.Epochs;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.DatabaseFile;
import dev.hark.log.sqlite.Faults;
import dev.hark.log.sqlite.HighWaterMark;
import dev.hark.log.sqlite.HighWaterMark.Mark;
import dev.hark.log.sqlite.LogState;
import dev.hark.log.sqlite.OwnFile;
import dev.hark.log.sqlite.Recovery;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Puts a backup in the place of a log, as a history of its own: with a new epoch, so that everybody who resumes is told {@code reset}.
 *
 * <p>No hub may have the log open, and none can open it meanwhile. Whenever it is cut short, by a crash or a loss of power, the log that
 * was there is in its place, or the restored one is. Confined to one thread.
 */
public final class Restorer {
    /* The one moment that counts is the rename of the database. Before it, what was in the old one's WAL is moved into the old database,
       since a WAL that is left beside the new one would be mixed into it, and one that is taken away first would be missing if the rename
       did not come. After it the mark is written: until then it is that of another log, which begins one more epoch.

       The old database gets a second name before it loses its first. A copy would do as well, and take as much space again. */

    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss").withZone(ZoneOffset.UTC);

    /** What SQLite may keep beside a database, and would mix into another one of the same name. */
    private static final List<String> BESIDE = List.of("-wal", "-journal", "-shm");

    private final InstantSource clock;
    private final RandomGenerator random;
    private final Progress progress;

    /** @param random names the new epoch */
    public Restorer(InstantSource clock, RandomGenerator random) {
        this(clock, random, step -> {});
    }

    Restorer(InstantSource clock, RandomGenerator random, Progress progress) {
        this.clock = clock;
        this.random = random;
        this.progress = progress;
    }

    /** What has been done, one after the other. */
    enum Step {
        LOCKED,
        COPIED,
        RENEWED,
        ABSORBED,
        KEPT,
        CLEARED,
        RENAMED,
        MARKED
    }

    /** Who is told how far it has come. */
    interface Progress {
        void reached(Step step);
    }

    /**
     * Makes a copy of the log {@code backup} the log at {@code target}.
     *
     * @param replace whether a log that is there already is to be kept under another name; otherwise that is an error
     * @throws UnusableLogException with one sentence for the operator: {@code backup} is no log, one of them is a replica, a hub has
     *     {@code target} open, or one of the files cannot be read or written
     */
    public Restored restore(Path backup, Path target, boolean replace) {
        Path path = target;
        try {
            path = DatabaseFile.resolve(target);
            DatabaseFile.checkName(path);
            if (Files.exists(path) && Files.exists(backup) && Files.isSameFile(path, backup)) {
                throw new UnusableLogException("the backup " + backup + " is the log itself; name a copy of it");
            }
            try (LogFile source = LogFile.open(backup)) {
                LogState state = source.state();
                refuseReplicas(source, backup, path);
                refuseToReplace(path, replace);
                Files.createDirectories(path.toAbsolutePath().getParent());
                try (HighWaterMark mark = HighWaterMark.open(path)) {
                    refuseToReplace(path, replace);
                    try (OwnFile _ = claim(path)) {
                        progress.reached(Step.LOCKED);
                        return restore(source, state, path, mark);
                    }
                }
            }
        } catch (IOException e) {
            throw new UnusableLogException("the log " + path + " cannot be restored: " + e.getClass().getSimpleName() + ' ' + e.getMessage()
                    + "; what was there is in its place", e);
        } catch (SQLException e) {
            throw new UnusableLogException(Faults.inWords(path, e), e);
        }
    }

    /** A hub may have the log open by another name, with another mark; null where there is no log. */
    private static @Nullable OwnFile claim(Path path) throws IOException {
        return Files.exists(path) ? OwnFile.claim(path) : null;
    }

    /** A replica has the epoch of all nodes that share the log: under another one it would be at odds with each of them, for good. */
    private static void refuseReplicas(LogFile source, Path backup, Path path) {
        if (source.isReplica()) {
            throw new UnusableLogException("the backup " + backup + " is that of a replica, whose log several nodes share: it is not"
                    + " restored, the node makes its replica anew. For a log of a single node, import what 'hark log export --set log.path="
                    + backup + "' prints");
        }
        if (Files.exists(path) && isReplica(path)) {
            throw new UnusableLogException("the log " + path + " is a replica of a log that several nodes share, and was left as it is;"
                    + " remove it, and the node makes it anew, or choose another log.path");
        }
    }

    /** As far as it can be read: what is damaged is put aside all the same. */
    private static boolean isReplica(Path path) {
        try (LogFile file = LogFile.open(path)) {
            return file.isReplica();
        } catch (UnusableLogException e) {
            return false;
        }
    }

    private static void refuseToReplace(Path path, boolean replace) throws IOException {
        if (replace) {
            return;
        }
        if (Files.exists(path)) {
            throw new UnusableLogException("there is a log at " + path + " already; with --replace it is kept under another name");
        }
        if (hasContent(DatabaseFile.walOf(path))) {
            throw new UnusableLogException("there is no database at " + path + ", but its newest events are in " + DatabaseFile.walOf(path)
                    + "; with --replace that is kept under another name");
        }
    }

    private static boolean hasContent(Path file) throws IOException {
        return Files.exists(file) && Files.size(file) > 0;
    }

    private Restored restore(LogFile source, LogState backup, Path path, HighWaterMark mark) throws IOException, SQLException {
        Path draft = path.resolveSibling(path.getFileName() + "-restoring");
        try {
            // Of an earlier try that was cut short.
            delete(draft);
            source.copy(draft);
            progress.reached(Step.COPIED);
            LogState state = DatabaseFile.setEpoch(draft, Epochs.next(random));
            progress.reached(Step.RENEWED);
            Path kept = putAside(path, mark);
            Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
            DatabaseFile.syncFolder(path);
            progress.reached(Step.RENAMED);
            // Above all that was used here, as after every loss: see Recovery.
            long ceiling = Recovery.of(backup, mark.found(), false, mark.existed(), true).last();
            write(new Mark(state.epoch(), state.newest(), ceiling, false), mark, path);
            progress.reached(Step.MARKED);
            return new Restored(path, state.epoch(), state.newest(), state.events(), kept);
        } catch (IOException | SQLException | RuntimeException e) {
            delete(draft);
            throw e;
        }
    }

    private static void write(Mark next, HighWaterMark mark, Path path) {
        try {
            // Twice: each write goes to the older of two places.
            mark.write(next);
            mark.write(next);
        } catch (IOException e) {
            throw new UnusableLogException("the log " + path + " is restored, but the mark beside it cannot be written (" + e.getMessage()
                    + "); the next hub begins one more epoch", e);
        }
    }

    private static void delete(Path database) throws IOException {
        Files.deleteIfExists(database);
        for (String suffix : BESIDE) {
            Files.deleteIfExists(beside(database, suffix));
        }
    }

    private static Path beside(Path database, String suffix) {
        return database.resolveSibling(database.getFileName() + suffix);
    }

    /** Gives the log at {@code path} a second name, and has nothing lie beside it that would be mixed into another; that name, or null. */
    private @Nullable Path putAside(Path path, HighWaterMark mark) throws IOException, SQLException {
        boolean exists = Files.exists(path);
        if (exists) {
            absorbWal(path);
        }
        progress.reached(Step.ABSORBED);
        boolean isKept = exists || hasContent(DatabaseFile.walOf(path));
        Path kept = freeName(path);
        if (exists) {
            keep(path, kept, mark);
        }
        progress.reached(Step.KEPT);
        for (String suffix : BESIDE) {
            Path file = beside(path, suffix);
            if (!suffix.equals("-shm") && hasContent(file)) {
                // Of a database that is damaged or gone: SQLite has not taken it in.
                Files.move(file, beside(kept, suffix), StandardCopyOption.ATOMIC_MOVE);
            } else {
                Files.deleteIfExists(file);
            }
        }
        DatabaseFile.syncFolder(path);
        progress.reached(Step.CLEARED);
        return isKept ? kept : null;
    }

    private static void keep(Path path, Path kept, HighWaterMark mark) throws IOException {
        try {
            link(path, kept);
            if (mark.found().isPresent()) {
                // Written, not copied: whoever closes a file gives up the locks that his process has on it.
                try (HighWaterMark copy = HighWaterMark.open(kept)) {
                    copy.write(mark.found().get());
                }
            }
            DatabaseFile.syncFolder(path);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(kept);
            Files.deleteIfExists(HighWaterMark.fileOf(kept));
            throw e;
        }
    }

    private static void absorbWal(Path path) throws SQLException {
        try {
            if (!DatabaseFile.absorbWal(path)) {
                throw new UnusableLogException("the log " + path + " is being read by another process; stop that one");
            }
        } catch (SQLException e) {
            if (!Faults.isLocal(e)) {
                throw e;
            }
            // It can be used no more, and is kept as it is.
        }
    }

    private Path freeName(Path path) {
        Instant now = clock.instant();
        Path name = beside(path, "-replaced-" + STAMP.format(now));
        for (int i = 2; Files.exists(name) || Files.exists(HighWaterMark.fileOf(name)) || Files.exists(DatabaseFile.walOf(name)); i++) {
            name = beside(path, "-replaced-" + STAMP.format(now) + '-' + i);
        }
        return name;
    }

    private static void link(Path path, Path kept) throws IOException {
        try {
            Files.createLink(kept, path);
        } catch (UnsupportedOperationException | FileSystemException e) {
            // A file system without links.
            Files.copy(path, kept);
            try (FileChannel file = FileChannel.open(kept, StandardOpenOption.WRITE)) {
                file.force(true);
            }
        }
    }
}
