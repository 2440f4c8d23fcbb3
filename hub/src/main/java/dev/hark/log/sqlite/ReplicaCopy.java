package dev.hark.log.sqlite;

import dev.hark.event.Filters;
import dev.hark.log.Era;
import dev.hark.log.EventLog;
import dev.hark.log.UnusableLogException;
import dev.hark.log.replicated.Replica.Copied;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;

/**
 * A replica's database as a file of its own, for other nodes. Nothing in it is a node's: its rules of what is kept are in it too, and who
 * takes it over counts it by its own. The mark and the locks lie beside a database and are not copied. Stateless.
 */
final class ReplicaCopy {
    /** Goes up with whatever an older version would misread or apply differently; the schema of the log has a version of its own. */
    static final int FORMAT = 1;

    private static final int SPARE = 3;

    private static final String BETWEEN = ".snapshot";

    private ReplicaCopy() {}

    /** A file beside {@code database} that is of no use after the next start. */
    static Path beside(Path database, String suffix) {
        return database.resolveSibling(database.getFileName() + BETWEEN + suffix);
    }

    /** Removes what is of no use any more: the process that made it has ended. */
    static void removeAll(Path database) throws IOException {
        Path folder = database.toAbsolutePath().getParent();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, each -> isCopyOf(database, each))) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    /**
     * Requires room for what {@code file} takes when it is taken over: once in the WAL, and once in the database.
     *
     * @throws UnusableLogException where there is none
     */
    static void requireRoom(Path database, Path file) {
        try {
            long room = Files.getFileStore(database).getUsableSpace();
            long bytes = Files.size(file);
            if (room < 2 * bytes) {
                throw new UnusableLogException("there is no room to take a copy of " + bytes + " bytes over into the replica " + database
                        + ": its disk has " + room + " bytes left, and it has to be twice as many");
            }
        } catch (IOException e) {
            throw new UnusableLogException("a copy of the replica " + database + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isCopyOf(Path database, Path file) {
        return String.valueOf(file.getFileName()).startsWith(database.getFileName() + BETWEEN + '-');
    }

    /**
     * Writes the database as it is in one moment to {@code file}, whatever is stored meanwhile.
     *
     * @throws UnusableLogException if that is not possible
     */
    static void write(Path database, Path file) {
        try {
            Files.deleteIfExists(file);
            long room = Files.getFileStore(database).getUsableSpace();
            if (room < SPARE * Files.size(database)) {
                // What it takes is taken from the replica itself, which needs it more.
                throw new UnusableLogException("there is no room for a copy of the replica " + database + ": its disk has " + room
                        + " bytes left, and it has to be " + SPARE + " times as many as the replica has");
            }
            try (Connection connection = DatabaseFile.openReader(database)) {
                connection.setAutoCommit(false);
                // What is read first is the moment.
                if (LogState.read(connection) == null) {
                    throw new UnusableLogException("the replica " + database + " is damaged: its row in table log is not what was stored");
                }
                int code = connection.unwrap(SQLiteConnection.class).getDatabase()
                        .backup("main", file.toAbsolutePath().toString(), null);
                connection.rollback();
                if (code != SQLiteErrorCode.SQLITE_OK.code) {
                    throw new UnusableLogException(
                            "the replica " + database + " cannot be copied to " + file + ": " + SQLiteErrorCode.getErrorCode(code));
                }
            }
        } catch (SQLException e) {
            throw new UnusableLogException(Faults.inWords(Role.REPLICA, database, e), e);
        } catch (IOException e) {
            throw new UnusableLogException("the replica " + database + " cannot be copied to " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads all of the copy {@code file}, which becomes one without a WAL.
     *
     * @throws UnusableLogException if it is damaged, or none of this version
     */
    static Copied check(Path file, SqliteSettings settings) {
        try {
            Copied found = describe(file);
            check(file, found, settings);
            return found;
        } catch (SQLException e) {
            throw new UnusableLogException("the copy " + file + " cannot be read: " + Faults.said(e), e);
        } catch (IOException e) {
            throw new UnusableLogException("the copy " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** @throws UnusableLogException if {@code file} is not such a copy as {@code what} says, or one of a newer version */
    static void expect(Path file, Copied what, SqliteSettings settings) {
        if (what.format() > FORMAT) {
            throw new UnusableLogException("it is of format " + what.format() + "; this version of Hark knows up to " + FORMAT
                    + ", so a newer one is needed");
        }
        try {
            Copied found = describe(file);
            if (!found.equals(what)) {
                throw new UnusableLogException("it is " + found + ", and says that it is " + what);
            }
        } catch (SQLException e) {
            throw new UnusableLogException("the copy " + file + " cannot be read: " + Faults.said(e), e);
        } catch (IOException e) {
            throw new UnusableLogException("the copy " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Has the copy {@code file} show its log as {@code epoch}. */
    static void rename(Path file, String epoch) {
        try {
            DatabaseFile.setEpoch(file, epoch);
        } catch (SQLException e) {
            throw new UnusableLogException(Faults.inWords(file, e), e);
        } catch (IOException e) {
            throw new UnusableLogException("the copy " + file + " cannot be written: " + e.getMessage(), e);
        }
    }

    private static Copied describe(Path file) throws IOException, SQLException {
        DatabaseFile.check(file);
        try (Connection connection = DatabaseFile.openAlone(file)) {
            DatabaseFile.migrate(connection);
            LogState state = LogState.read(connection);
            ReplicaState replica = ReplicaState.read(connection);
            if (state == null || replica == null || ClassStates.read(connection).isEmpty()) {
                throw new UnusableLogException("the copy " + file + " is damaged: what it says of itself is not what was stored");
            }
            return new Copied(replica.position(), replica.id(), state.epoch(), FORMAT);
        }
    }

    private static void check(Path file, Copied found, SqliteSettings settings) throws SQLException {
        LogState state;
        try (Connection connection = DatabaseFile.openReader(file);
                Statement statement = connection.createStatement()) {
            state = LogState.read(connection);
            try (ResultSet row = statement.executeQuery("PRAGMA quick_check(1)")) {
                String said = row.next() ? row.getString(1) : "nothing";
                if (!"ok".equals(said) || state == null) {
                    throw new UnusableLogException("the replica " + settings.path() + " is damaged: " + said);
                }
            }
        }
        // Each row has a checksum, which SQLite does not look at.
        var damage = new Damage(Role.REPLICA, settings.path());
        try (var reader = new PageReader(file, found.epoch(), false, new TopicChains(), damage)) {
            long position = state.floor();
            while (position < state.newest()) {
                var ends = new Era.Ends(state.newest(), state.newest());
                position = reader.read(position, ends, Filters.EVERYTHING, EventLog.MAX_PAGE_EVENTS).through();
            }
        }
        if (damage.count() > 0) {
            throw new UnusableLogException("the replica " + settings.path() + " is damaged in " + damage.count()
                    + " places; " + Role.REPLICA.remedy());
        }
    }
}
