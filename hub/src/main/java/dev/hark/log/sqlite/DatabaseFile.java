package dev.hark.log.sqlite;

import dev.hark.log.UnusableLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * The database as a file: what is checked before SQLite may touch it, how it is made, and how connections to it are set up. Stateless.
 */
public final class DatabaseFile {
    /** "Hark", where SQLite keeps the mark of the program that a file belongs to. */
    static final int APPLICATION_ID = 0x4861726b;

    /** Goes up with every change that an older program would misread. */
    public static final int SCHEMA_VERSION = 2;

    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    /** Offsets in the first page (sqlite.org/fileformat.html, 1.3). */
    private static final int USER_VERSION_AT = 60;

    private static final int APPLICATION_ID_AT = 68;
    private static final int HEADER_BYTES = 100;

    /** How long a checkpoint that wants the whole WAL waits for readers, whose pages take milliseconds. */
    private static final int BUSY_TIMEOUT_MILLIS = 2_000;

    private static final String SCHEMA = """
            CREATE TABLE event (
                sequence INTEGER PRIMARY KEY,  -- the position; an id is <epoch>-<sequence>
                previous INTEGER NOT NULL,     -- the position of the event before this one
                chain    INTEGER NOT NULL,     -- that of its topic: see TopicChains
                chain_previous INTEGER NOT NULL,
                time     INTEGER NOT NULL,     -- milliseconds since 1970 UTC
                bytes    INTEGER NOT NULL,     -- of the event as SSE
                crc      INTEGER NOT NULL,     -- CRC32C over the other columns but chain and bytes
                topic    TEXT NOT NULL,
                type     TEXT NOT NULL,
                key      TEXT,
                data     BLOB NOT NULL
            );
            CREATE INDEX event_by_chain ON event (chain);
            CREATE TABLE idempotency (
                sequence INTEGER PRIMARY KEY,
                key      TEXT NOT NULL UNIQUE,
                high     INTEGER NOT NULL,
                low      INTEGER NOT NULL,
                time     INTEGER NOT NULL
            );
            CREATE TABLE chains (
                one     INTEGER PRIMARY KEY CHECK (one = 1),
                through INTEGER NOT NULL,
                ends    BLOB NOT NULL          -- with a CRC32C
            );
            CREATE TABLE log (
                one         INTEGER PRIMARY KEY CHECK (one = 1),
                epoch       TEXT NOT NULL,
                floor       INTEGER NOT NULL,
                floor_time  INTEGER NOT NULL,
                newest      INTEGER NOT NULL,
                newest_time INTEGER NOT NULL,
                events      INTEGER NOT NULL,
                bytes       INTEGER NOT NULL,
                keys        INTEGER NOT NULL,
                crc         INTEGER NOT NULL
            );
            """;

    /** What came with version 2. */
    private static final String CLASSES = """
            CREATE TABLE class (               -- none where one class holds all topics
                number     INTEGER PRIMARY KEY,
                name       TEXT NOT NULL,      -- the filter of its rule
                latest     INTEGER NOT NULL,   -- whether its newest events stay
                floor      INTEGER NOT NULL,   -- the position of the newest event that it has lost
                floor_time INTEGER NOT NULL,
                swept      INTEGER NOT NULL,   -- up to where nothing else of it is left
                events     INTEGER NOT NULL,
                bytes      INTEGER NOT NULL,
                keys       INTEGER NOT NULL,   -- how many rows of table latest are its
                evicted    INTEGER NOT NULL,   -- the newest event that was there, and had to go because there were too many
                crc        INTEGER NOT NULL
            );
            CREATE TABLE latest (              -- the newest event of each topic and key, where it stays
                sequence INTEGER PRIMARY KEY,
                topic    TEXT NOT NULL,
                key      TEXT NOT NULL,        -- "" for none, which no key is
                UNIQUE (topic, key)
            );
            CREATE TABLE rule (                -- by which rules that was counted: the first that matches decides
                place INTEGER PRIMARY KEY,
                match TEXT NOT NULL,
                class INTEGER NOT NULL
            );
            CREATE TABLE ended (               -- the last events of topics that have ended
                sequence INTEGER PRIMARY KEY,
                topic    TEXT NOT NULL,
                crc      INTEGER NOT NULL      -- CRC32C over the other columns
            )""";

    private DatabaseFile() {}

    /**
     * The file that {@code path} means. What lies beside it (the WAL, the mark and its lock) lies beside the database itself, so a link to
     * it must not be taken for another log.
     *
     * @throws UnusableLogException if it is a link to nothing: a new log there would take the place of the link
     */
    public static Path resolve(Path path) throws IOException {
        if (!Files.isSymbolicLink(path)) {
            return path;
        }
        if (!Files.exists(path)) {
            throw new UnusableLogException("the log " + path + " is a link to " + Files.readSymbolicLink(path)
                    + ", and nothing is there; is its disk mounted? Remove the link to begin a new log");
        }
        return path.toRealPath();
    }

    /** @throws UnusableLogException if no log can lie at {@code path}, whatever is there */
    public static void checkName(Path path) {
        if (path.toString().indexOf('?') >= 0) {
            throw new UnusableLogException(
                    "log.path " + path + " holds a '?', which SQLite takes for the end of the path; choose another name");
        }
        if (Files.isDirectory(path)) {
            throw new UnusableLogException("log.path " + path + " is a folder; name a file in it, such as " + path.resolve("hark.db"));
        }
    }

    /** @throws UnusableLogException if there is a file at {@code path} that is not a log of this version; nothing is changed */
    public static void check(Path path) throws IOException {
        check(Role.LOG, path);
    }

    /** @throws UnusableLogException if there is a file at {@code path} that is not what it should be; nothing is changed */
    static void check(Role role, Path path) throws IOException {
        checkName(path);
        if (!Files.exists(path)) {
            Path wal = walOf(path);
            if (Files.exists(wal)) {
                throw new UnusableLogException("the " + role.noun() + ' ' + path + " is missing, but its newest events are still in " + wal
                        + switch (role) {
                            case LOG -> "; put the database back, or remove that file to begin a new log";
                            case REPLICA -> "; remove that file as well if it is this node's, and the node makes the replica anew";
                        });
            }
            return;
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            while (header.hasRemaining() && file.read(header) >= 0) {
                // A read may be short.
            }
        }
        byte[] magic = new byte[MAGIC.length];
        header.get(0, magic);
        int version = header.getInt(USER_VERSION_AT);
        if (header.hasRemaining() || !Arrays.equals(magic, MAGIC)) {
            throw new UnusableLogException("the file " + path + " is no SQLite database, or its beginning is damaged; it was left as it is."
                    + switch (role) {
                        case LOG -> " Restore it from a backup, or choose another log.path";
                        case REPLICA -> " If it is this node's replica, remove it, and the node makes it anew; or choose another log.path";
                    });
        }
        if (header.getInt(APPLICATION_ID_AT) != APPLICATION_ID) {
            throw new UnusableLogException(
                    "the database " + path + " belongs to another program; it was left as it is. Choose another log.path");
        }
        if (version > SCHEMA_VERSION) {
            throw new UnusableLogException("the " + role.noun() + ' ' + path + " was written by a newer Hark (schema " + version
                    + "; this one knows up to " + SCHEMA_VERSION + "); run that version, or choose another log.path");
        }
    }

    /** Makes an empty log with {@code epoch}: under another name first, so that a crash leaves none that is half made. */
    static void create(Path path, String epoch) throws IOException, SQLException {
        Path draft = path.resolveSibling(path.getFileName() + "-new");
        Files.deleteIfExists(draft);
        try (Connection connection = connect(draft, false);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA auto_vacuum = INCREMENTAL");
            statement.execute("PRAGMA synchronous = FULL");
            statement.execute("BEGIN");
            for (String table : (SCHEMA + CLASSES).split(";\n")) {
                statement.execute(table);
            }
            statement.execute("PRAGMA application_id = " + APPLICATION_ID);
            statement.execute("PRAGMA user_version = " + SCHEMA_VERSION);
            LogState empty = LogState.empty(epoch);
            statement.execute("INSERT INTO log VALUES (1, '%s', %d, %d, %d, %d, %d, %d, %d, %d)".formatted(
                    empty.epoch(), empty.floor(), empty.floorTimeMillis(), empty.newest(), empty.newestTimeMillis(),
                    empty.events(), empty.bytes(), empty.keys(), empty.crc()));
            statement.execute("COMMIT");
        }
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
        syncFolder(path);
    }

    /**
     * Brings a database of an older version to this one; nothing where it is of this one.
     *
     * @param connection writes, and is in no transaction
     * @return the version that it had
     */
    static int migrate(Connection connection) throws SQLException {
        int version = ClassStates.schema(connection);
        if (version >= SCHEMA_VERSION) {
            return version;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            for (String table : CLASSES.split(";\n")) {
                statement.execute(table);
            }
            statement.execute("PRAGMA user_version = " + SCHEMA_VERSION);
            statement.execute("COMMIT");
        }
        return version;
    }

    /**
     * Makes the database at {@code path}, which nobody else has open, that of a log with {@code epoch}, and leaves nothing beside it.
     *
     * @throws UnusableLogException if its row in table {@code log} is not what was stored
     */
    public static LogState setEpoch(Path path, String epoch) throws IOException, SQLException {
        LogState state;
        try (Connection connection = connect(path, false);
                Statement statement = connection.createStatement()) {
            // What it has of a WAL becomes a part of it.
            statement.execute("PRAGMA journal_mode = DELETE");
            statement.execute("PRAGMA synchronous = FULL");
            LogState before = LogState.read(connection);
            if (before == null) {
                throw new UnusableLogException("the log " + path + " is damaged: its row in table log is not what was stored");
            }
            state = before.withEpoch(epoch);
            statement.executeUpdate("UPDATE log SET epoch = '%s', crc = %d WHERE one = 1".formatted(epoch, state.crc()));
        }
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            file.force(true);
        }
        return state;
    }

    /**
     * Moves all that the WAL of {@code path} holds into the database, so that it is whole on its own; no hub may have it open.
     *
     * @return false where somebody reads it, and nothing can be said for sure
     */
    public static boolean absorbWal(Path path) throws SQLException {
        try (Connection connection = connect(path, false);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
            return row.next() && row.getInt(1) == 0;
        }
    }

    /** Whether the database is the replica of a log that several nodes share. */
    public static boolean isReplica(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet table = statement.executeQuery("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'replica'")) {
            return table.next();
        }
    }

    /** Where the write-ahead log of {@code database} lies. */
    public static Path walOf(Path database) {
        return database.resolveSibling(database.getFileName() + "-wal");
    }

    /** Makes the names in the folder of {@code path} durable. */
    public static void syncFolder(Path path) throws IOException {
        try (FileChannel folder = FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /** The one connection that writes. */
    static Connection openWriter(Path path, SqliteSettings.Durability durability) throws SQLException {
        Connection connection = connect(path, false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
            statement.execute("PRAGMA synchronous = " + durability.synchronous());
            // Checkpoints are the writer's own business: SQLite would not tell when one of its own failed to sync.
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            statement.execute("PRAGMA journal_size_limit = " + EventStore.MAX_WAL_BYTES);
            statement.execute("PRAGMA cache_size = -16384");
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    /** The one connection to a database that nobody else has open, which it leaves without a WAL. */
    static Connection openAlone(Path path) throws SQLException {
        Connection connection = connect(path, false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = DELETE");
            statement.execute("PRAGMA synchronous = OFF");
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    /** A connection that reads. */
    public static Connection openReader(Path path) throws SQLException {
        return connect(path, true);
    }

    private static Connection connect(Path path, boolean readOnly) throws SQLException {
        NativeLibrary.load();
        var config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        // The driver would ask for the last row's number, with a statement that it compiles, after every row that is inserted.
        config.setGetGeneratedKeys(false);
        config.setOpenMode(SQLiteOpenMode.NOMUTEX);
        config.resetOpenMode(SQLiteOpenMode.FULLMUTEX);
        config.setReadOnly(readOnly);
        return config.createConnection("jdbc:sqlite:" + path.toAbsolutePath());
    }
}
