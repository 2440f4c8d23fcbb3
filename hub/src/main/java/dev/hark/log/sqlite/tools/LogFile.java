package dev.hark.log.sqlite.tools;

import dev.hark.event.Filters;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.ClassStates;
import dev.hark.log.sqlite.DatabaseFile;
import dev.hark.log.sqlite.Faults;
import dev.hark.log.sqlite.HighWaterMark;
import dev.hark.log.sqlite.LogState;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;

/**
 * A log on disk as tools see it: nothing is ever written, and a hub may have it open meanwhile, in another process.
 *
 * <p>Every method throws {@link UnusableLogException}, with one sentence for the operator, where the file cannot be read. Confined to one
 * platform thread.
 */
public final class LogFile implements AutoCloseable {
    /* Not in the process of the hub: POSIX gives up all of a process's locks on a file when any descriptor of it is closed. */

    private final Path path;
    private final Connection connection;

    private LogFile(Path path, Connection connection) {
        this.path = path;
        this.connection = connection;
    }

    /** @throws UnusableLogException if there is none, or the file is not a log of this version */
    public static LogFile open(Path given) {
        Path path = given;
        try {
            path = DatabaseFile.resolve(given);
            DatabaseFile.check(path);
            if (!Files.exists(path)) {
                throw new UnusableLogException("there is no log at " + path + "; 'hark serve' makes one when it first starts");
            }
            return new LogFile(path, connect(path));
        } catch (IOException e) {
            throw new UnusableLogException("the log " + path + " cannot be read: " + e.getClass().getSimpleName() + ' ' + e.getMessage(),
                    e);
        } catch (SQLException e) {
            throw new UnusableLogException(Faults.inWords(path, e), e);
        }
    }

    /** In a folder where SQLite may make no files beside it, a database without a WAL can be read as one that nobody changes. */
    private static Connection connect(Path path) throws SQLException {
        Connection connection = DatabaseFile.openReader(path);
        try {
            touch(connection);
            return connection;
        } catch (SQLException e) {
            connection.close();
            if (!Faults.isAboutFiles(e) || Files.exists(DatabaseFile.walOf(path))) {
                throw e;
            }
        }
        // As a URI the path is escaped, so that nothing in it is taken for a parameter.
        Connection immutable = DriverManager.getConnection("jdbc:sqlite:" + path.toAbsolutePath().toUri() + "?immutable=1");
        try {
            touch(immutable);
            return immutable;
        } catch (SQLException e) {
            immutable.close();
            throw e;
        }
    }

    /** SQLite opens a file when it is first read. */
    private static void touch(Connection connection) throws SQLException {
        try (PreparedStatement first = connection.prepareStatement("SELECT 1 FROM log");
                ResultSet row = first.executeQuery()) {
            row.next();
        }
        connection.setAutoCommit(false);
    }

    /** Whether it is the replica of a log that several nodes share, or a copy of one. */
    public boolean isReplica() {
        return reading(() -> DatabaseFile.isReplica(connection));
    }

    /** What the log holds, with its {@code topics} largest topics. */
    public LogSummary summary(int topics) {
        return reading(() -> {
            HighWaterMark.Peek mark = HighWaterMark.peek(path);
            return bounded(() -> inSnapshot(connection, () -> {
                LogState state = intactState();
                int schema = (int) number("PRAGMA user_version");
                long oldest = number("SELECT time FROM event ORDER BY sequence LIMIT 1");
                boolean empty = state.events() == 0;
                return new LogSummary(
                        schema,
                        state.epoch(),
                        number("SELECT sequence FROM event ORDER BY sequence LIMIT 1"),
                        state.newest(),
                        state.events(),
                        state.bytes(),
                        state.keys(),
                        empty ? OptionalLong.empty() : OptionalLong.of(oldest),
                        empty ? OptionalLong.empty() : OptionalLong.of(state.newestTimeMillis()),
                        Files.size(path),
                        size(DatabaseFile.walOf(path)),
                        closing(mark, state),
                        number("SELECT count(DISTINCT topic) FROM event"),
                        largest(topics),
                        classes());
            }));
        });
    }

    /** What {@code question} finds, unless it comes to no end. */
    private <T> T bounded(Question<T> question) throws SQLException, IOException {
        try (var limit = new StepLimit(connection, Files.size(path) + size(DatabaseFile.walOf(path)))) {
            try {
                return question.ask();
            } catch (SQLException e) {
                if (limit.isReason(e)) {
                    throw new UnusableLogException("the log " + path
                            + " is damaged: it has pages that lead to the same rows over and over; 'hark log verify' says more", e);
                }
                throw e;
            }
        }
    }

    private static LogSummary.Closing closing(HighWaterMark.Peek found, LogState state) {
        if (found.mark() == null) {
            return found.existed() ? LogSummary.Closing.DAMAGED_MARK : LogSummary.Closing.NO_MARK;
        }
        if (!found.mark().epoch().equals(state.epoch())) {
            return LogSummary.Closing.OTHER_MARK;
        }
        return found.mark().clean() ? LogSummary.Closing.CLOSED : LogSummary.Closing.NOT_CLOSED;
    }

    private List<LogSummary.TopicCount> largest(int topics) throws SQLException {
        try (PreparedStatement count = connection.prepareStatement(
                "SELECT topic, count(*) AS events FROM event GROUP BY topic ORDER BY events DESC, topic LIMIT ?")) {
            count.setInt(1, topics);
            var counts = new ArrayList<LogSummary.TopicCount>();
            try (ResultSet row = count.executeQuery()) {
                while (row.next()) {
                    counts.add(new LogSummary.TopicCount(String.valueOf(row.getString(1)), row.getLong(2)));
                }
            }
            return counts;
        }
    }

    private List<LogSummary.ClassTotal> classes() throws SQLException {
        ClassStates states = ClassStates.read(connection).orElseThrow(() -> new UnusableLogException("the log " + path
                + " is damaged: a row in table class or rule is not what was stored; 'hark log verify' says more"));
        return states.all().stream()
                .map(each -> new LogSummary.ClassTotal(each.name(), each.events(), each.bytes(), each.floor(), each.latest(), each.kept()))
                .toList();
    }

    /** Reads all of it, and has {@code findings} told what is damaged or lost, in sentences. */
    public Verification verify(Consumer<String> findings) {
        return reading(() -> new Verifier(path, connection, findings).verify());
    }

    /**
     * Hands the events that match any of {@code filters}, as far as the log goes now, to {@code sink}.
     *
     * @return how many
     * @throws IllegalArgumentException if {@code start} is an id of another epoch, or beyond the newest event
     * @throws IOException from the sink
     */
    public long export(ExportStart start, Filters filters, ExportSink sink) throws IOException {
        LogState state = state();
        try {
            return new Exporter(connection, state, filters, sink).export(start);
        } catch (SQLException e) {
            throw new UnusableLogException(Faults.inWords(path, e), e);
        }
    }

    /** What the log says of itself. */
    LogState state() {
        return reading(() -> inSnapshot(connection, this::intactState));
    }

    /**
     * Writes a copy of the database as it is now, with all that is in its WAL, damaged pages included, to {@code file}; returns when it is
     * on disk.
     */
    void copy(Path file) {
        String name = file.toAbsolutePath().toString();
        int code = reading(() -> connection.unwrap(SQLiteConnection.class).getDatabase().backup("main", name, null));
        if (code != SQLiteErrorCode.SQLITE_OK.code) {
            throw new UnusableLogException("the log " + path + " cannot be copied to " + file + ": " + SQLiteErrorCode.getErrorCode(code));
        }
    }

    /**
     * Writes the log as it is now to {@code file}, which is there when it is complete and on disk, and not before. The log is read in one
     * state, however long that takes and whatever is stored meanwhile.
     *
     * @throws FileAlreadyExistsException if there is something at {@code file}, which is left as it is
     * @throws IOException if it cannot be written
     */
    public Backup backup(Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        // Its name is free when the copy begins. It is of this process alone, and goes with it where that is cut short.
        Path draft = Files.createTempFile(file.toAbsolutePath().getParent(), file.getFileName() + ".", ".writing");
        try {
            LogState state = reading(() -> inSnapshot(connection, () -> {
                LogState found = intactState();
                copy(draft);
                return found;
            }));
            // Links, unlike renames, refuse to replace what has come meanwhile.
            Files.createLink(file, draft);
            DatabaseFile.syncFolder(file);
            return new Backup(state.epoch(), state.newest(), state.events(), Files.size(file));
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private LogState intactState() throws SQLException {
        LogState state = LogWalk.state(connection);
        if (state == null) {
            throw new UnusableLogException("the log " + path
                    + " is damaged: its row in table log is not what was stored; 'hark log verify' says more");
        }
        return state;
    }

    private long number(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    @FunctionalInterface
    interface Question<T> {
        T ask() throws SQLException, IOException;
    }

    /** What {@code question} finds in one state of the database. */
    static <T> T inSnapshot(Connection connection, Question<T> question) throws SQLException, IOException {
        try {
            return question.ask();
        } finally {
            connection.rollback();
        }
    }

    private <T> T reading(Question<T> question) {
        try {
            return question.ask();
        } catch (SQLException e) {
            throw new UnusableLogException(Faults.inWords(path, e), e);
        } catch (IOException e) {
            throw new UnusableLogException("the log " + path + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new UnusableLogException(Faults.inWords(path, e), e);
        }
    }
}
