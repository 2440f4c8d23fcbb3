package dev.hark.log.sqlite;

import dev.hark.log.Fingerprint;
import dev.hark.log.KnownKey;
import dev.hark.log.TopicClasses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteErrorCode;

/**
 * The database as its writer sees it: statements, transactions and checkpoints, without any decision about what to store.
 *
 * <p>Confined to the log's writer thread.
 */
final class EventStore implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(EventStore.class.getName());

    /** What the WAL may grow to before the writer waits for readers to let it start again from its beginning. */
    static final long MAX_WAL_BYTES = 64L << 20;

    /**
     * About how much is written to the WAL between two checkpoints. Small, so that a checkpoint holds nobody up for long, and the WAL is
     * soon begun anew: writing over what is there takes the file system less than making the file longer.
     */
    private static final long CHECKPOINT_BYTES = 8L << 20;

    private static final int MAX_DOUBLINGS = 10;

    /** SQLite's own choice. A transaction writes every page that it changes as a whole. */
    private static final long PAGE_BYTES = 4_096;

    /** What every transaction changes: the last pages of the table and of its root, and the row in table log. */
    private static final int PAGES_OF_EACH = 3;

    /** How many free pages there are before any are given back to the file system, and how many at once. */
    private static final int SPARE_PAGES = 4_096;

    private static final int VACUUM_PAGES = 1_024;

    /** Some pages: a disk with less room than that is still full. */
    private static final int PROBE_BYTES = 16 << 10;

    private static final String INSERT_EVENT =
            "INSERT INTO event (sequence, previous, chain, chain_previous, time, bytes, crc, topic, type, key, data)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String SAVE_STATE = "UPDATE log SET epoch = ?, floor = ?, floor_time = ?, newest = ?, newest_time = ?, events = ?,"
            + " bytes = ?, keys = ?, crc = ? WHERE one = 1";

    private final Path wal;
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    private long bytesSinceCheckpoint;

    /** What SQLite changes when another connection commits (sqlite.org/pragma.html#pragma_data_version). */
    private long dataVersion;

    /** How often in a row readers were waited for in vain, and from which length of the WAL on they are again. */
    private int heldUp;

    private long heldUpBytes;

    EventStore(Path path, Connection connection) {
        this.wal = path.resolveSibling(path.getFileName() + "-wal");
        this.connection = connection;
    }

    private PreparedStatement prepared(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    /** What reads what the log says of itself. */
    Connection connection() {
        return connection;
    }

    /** Takes the database as it is for this connection's own. */
    void noteVersion() throws SQLException {
        dataVersion = pragma("data_version");
    }

    /** Whether another connection has changed the database since {@link #noteVersion}. */
    boolean wasChangedByOthers() throws SQLException {
        return pragma("data_version") != dataVersion;
    }

    void begin() throws SQLException {
        prepared("BEGIN IMMEDIATE").executeUpdate();
    }

    /**
     * Returns when everything since {@link #begin} is as durable as the connection was told.
     *
     * @param chains how many chains it moved: each has its own place in the index
     */
    void commit(int chains) throws SQLException {
        prepared("COMMIT").executeUpdate();
        bytesSinceCheckpoint += (PAGES_OF_EACH + chains) * PAGE_BYTES;
    }

    /** Undoes everything since {@link #begin}; harmless where SQLite has done so itself. */
    void rollback() {
        // One that failed was thrown away by SQLite's driver, and cannot be used again; the others are native memory until they are closed.
        for (PreparedStatement statement : prepared.values()) {
            try {
                statement.close();
            } catch (SQLException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "a statement was closed already", e);
            }
        }
        prepared.clear();
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("ROLLBACK");
        } catch (SQLException e) {
            // "no transaction is active": an I/O error or a full disk made SQLite roll back.
            LOGGER.log(System.Logger.Level.DEBUG, "nothing to roll back", e);
        }
    }

    /** Writes {@code event}, whose frame has {@code frameBytes}. */
    void insert(StoredEvent event, int frameBytes) throws SQLException {
        // One by one: a batch that fails does not say with which of SQLite's errors.
        PreparedStatement insert = prepared(INSERT_EVENT);
        insert.setLong(1, event.sequence());
        insert.setLong(2, event.previous());
        insert.setInt(3, TopicChains.of(event.topic()));
        insert.setLong(4, event.chainPrevious());
        insert.setLong(5, event.timeMillis());
        insert.setInt(6, frameBytes);
        insert.setLong(7, event.crc());
        insert.setString(8, event.topic());
        insert.setString(9, event.storedType());
        insert.setString(10, event.key());
        insert.setBytes(11, event.data());
        insert.executeUpdate();
        bytesSinceCheckpoint += frameBytes;
    }

    /** Keeps the ends of the chains as they are with the events up to {@code through}. */
    void saveChains(long through, byte[] ends) throws SQLException {
        PreparedStatement save = prepared("INSERT OR REPLACE INTO chains (one, through, ends) VALUES (1, ?, ?)");
        save.setLong(1, through);
        save.setBytes(2, ends);
        save.executeUpdate();
        bytesSinceCheckpoint += ends.length;
    }

    /** Fills {@code chains} with what was kept last; up to which event that holds, 0 where nothing was, or it is damaged. */
    long loadChains(TopicChains chains) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT through, ends FROM chains WHERE one = 1")) {
            byte[] ends = row.next() ? row.getBytes(2) : null;
            return ends != null && chains.decode(ends) ? row.getLong(1) : 0;
        }
    }

    /** What the database remembers under {@code key}, however old. */
    @Nullable KnownKey find(String key) throws SQLException {
        PreparedStatement findKey = prepared("SELECT sequence, high, low, time FROM idempotency WHERE key = ?");
        findKey.setString(1, key);
        try (ResultSet row = findKey.executeQuery()) {
            return row.next() ? new KnownKey(row.getLong(1), new Fingerprint(row.getLong(2), row.getLong(3)), row.getLong(4)) : null;
        }
    }

    void remember(String key, KnownKey known) throws SQLException {
        PreparedStatement insertKey = prepared(
                "INSERT OR REPLACE INTO idempotency (sequence, key, high, low, time) VALUES (?, ?, ?, ?, ?)");
        insertKey.setLong(1, known.sequence());
        insertKey.setString(2, key);
        insertKey.setLong(3, known.fingerprint().high());
        insertKey.setLong(4, known.fingerprint().low());
        insertKey.setLong(5, known.timeMillis());
        insertKey.executeUpdate();
        bytesSinceCheckpoint += PAGE_BYTES;
    }

    /** Forgets the {@code count} oldest keys; how many there were. */
    int forgetOldest(long count) throws SQLException {
        return forget("DELETE FROM idempotency WHERE sequence IN (SELECT sequence FROM idempotency ORDER BY sequence LIMIT ?)", count);
    }

    /** Forgets keys of before {@code timeMillis}, at most {@code limit}, oldest first; how many there were. */
    int forgetBefore(long timeMillis, int limit) throws SQLException {
        return forget("DELETE FROM idempotency WHERE sequence IN (SELECT sequence FROM (SELECT sequence, time FROM idempotency"
                + " ORDER BY sequence LIMIT " + limit + ") WHERE time < ?)", timeMillis);
    }

    private int forget(String sql, long parameter) throws SQLException {
        int count = delete(sql, parameter);
        // Keys are strewn over their index: each is on a page of its own.
        bytesSinceCheckpoint += count * PAGE_BYTES;
        return count;
    }

    private int delete(String sql, long parameter) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(sql)) {
            delete.setLong(1, parameter);
            return delete.executeUpdate();
        }
    }

    /** Says what the oldest events are, until {@code wanted} has had enough, and removes those that it wanted. */
    LogState removeOldest(LogState state, Wanted wanted, int limit) throws SQLException {
        long count = 0;
        long bytes = 0;
        long last = state.floor();
        long lastTime = state.floorTimeMillis();
        var chains = new BitSet(TopicChains.CHAINS);
        try (PreparedStatement oldest = connection.prepareStatement(
                "SELECT sequence, time, bytes, chain FROM event ORDER BY sequence LIMIT ?")) {
            oldest.setInt(1, limit);
            try (ResultSet row = oldest.executeQuery()) {
                while (row.next() && wanted.removes(state.events() - count, state.bytes() - bytes, row.getLong(2))) {
                    last = row.getLong(1);
                    lastTime = row.getLong(2);
                    bytes += row.getLong(3);
                    chains.set(Math.floorMod(row.getInt(4), TopicChains.CHAINS));
                    count++;
                }
            }
        }
        if (count == 0) {
            return state;
        }
        delete("DELETE FROM event WHERE sequence <= ?", last);
        bytesSinceCheckpoint += bytes + chains.cardinality() * PAGE_BYTES;
        return state.removed(last, lastTime, count, bytes);
    }

    /** As {@link ClassSweep#sweep}. */
    ClassSweep.Swept sweep(
            LogState log, ClassState state, TopicClasses classes, Wanted wanted, int limit, ClassSweep.ChainEnd chainEnd)
            throws SQLException {
        ClassSweep.Swept swept = new ClassSweep(connection, classes::numberOf, log).sweep(state, wanted, limit, chainEnd);
        bytesSinceCheckpoint += log.bytes() - swept.log().bytes() + swept.writes() * PAGE_BYTES;
        return swept;
    }

    /** Removes single events, of which others have taken the place. */
    ClassSweep.Swept remove(LogState log, ClassState state, List<Long> sequences, TopicClasses classes, ClassSweep.ChainEnd chainEnd)
            throws SQLException {
        ClassSweep.Swept swept = new ClassSweep(connection, classes::numberOf, log).remove(state, sequences, chainEnd);
        bytesSinceCheckpoint += log.bytes() - swept.log().bytes() + swept.writes() * PAGE_BYTES;
        return swept;
    }

    /** The position of the newest event of {@code topic} and {@code key}; 0 where none is known. */
    long latest(String topic, String key) throws SQLException {
        PreparedStatement find = prepared("SELECT sequence FROM latest WHERE topic = ? AND key = ?");
        find.setString(1, topic);
        find.setString(2, key);
        try (ResultSet row = find.executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    void insertLatest(String topic, String key, long sequence) throws SQLException {
        PreparedStatement insert = prepared("INSERT INTO latest (sequence, topic, key) VALUES (?, ?, ?)");
        insert.setLong(1, sequence);
        insert.setString(2, topic);
        insert.setString(3, key);
        insert.executeUpdate();
        bytesSinceCheckpoint += PAGE_BYTES;
    }

    void moveLatest(long before, long sequence) throws SQLException {
        PreparedStatement move = prepared("UPDATE latest SET sequence = ? WHERE sequence = ?");
        move.setLong(1, sequence);
        move.setLong(2, before);
        move.executeUpdate();
        bytesSinceCheckpoint += PAGE_BYTES;
    }

    void deleteLatest(long sequence) throws SQLException {
        delete("DELETE FROM latest WHERE sequence = ?", sequence);
        bytesSinceCheckpoint += PAGE_BYTES;
    }

    /** An event that is the newest of its topic and key. */
    record Newest(long sequence, String topic) {}

    /** The oldest of those that are the newest of their topics and keys, in order. */
    List<Newest> oldestLatest(long limit) throws SQLException {
        var oldest = new ArrayList<Newest>();
        PreparedStatement find = prepared("SELECT sequence, topic FROM latest ORDER BY sequence LIMIT ?");
        find.setLong(1, limit);
        try (ResultSet row = find.executeQuery()) {
            while (row.next()) {
                oldest.add(new Newest(row.getLong(1), String.valueOf(row.getString(2))));
            }
        }
        return oldest;
    }

    /** Writes {@code names} in the place of all that was known. */
    void replaceLatest(Map<LatestTable.Name, Long> names) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM latest");
        }
        for (Map.Entry<LatestTable.Name, Long> each : names.entrySet()) {
            insertLatest(each.getKey().topic(), each.getKey().key(), each.getValue());
        }
    }

    /** Writes those of {@code states} that are not as in {@code before}. */
    void saveClasses(ClassStates states, ClassStates before) throws SQLException {
        for (ClassState state : states.all()) {
            if (!state.equals(before.get(state.number()))) {
                PreparedStatement save = prepared(
                        "UPDATE class SET floor = ?, floor_time = ?, swept = ?, events = ?, bytes = ?, keys = ?, evicted = ?, crc = ?"
                                + " WHERE number = ?");
                save.setLong(1, state.floor());
                save.setLong(2, state.floorTimeMillis());
                save.setLong(3, state.swept());
                save.setLong(4, state.events());
                save.setLong(5, state.bytes());
                save.setLong(6, state.kept().keys());
                save.setLong(7, state.kept().evicted());
                save.setLong(8, state.crc());
                save.setInt(9, state.number());
                save.executeUpdate();
            }
        }
    }

    /** Writes all of {@code states}, and the rules that they were counted by. */
    void saveAllClasses(ClassStates states) throws SQLException {
        states.saveAll(connection);
    }

    /** What table {@code ended} says, in the order of positions. */
    List<EndRow> readEnds() throws SQLException {
        return EndRow.readAll(connection);
    }

    void insertEnd(EndRow end) throws SQLException {
        PreparedStatement insert = prepared("INSERT INTO ended (sequence, topic, crc) VALUES (?, ?, ?)");
        insert.setLong(1, end.sequence());
        insert.setString(2, end.topic());
        insert.setLong(3, end.crc());
        insert.executeUpdate();
        bytesSinceCheckpoint += PAGE_BYTES;
    }

    void deleteEnd(long sequence) throws SQLException {
        PreparedStatement delete = prepared("DELETE FROM ended WHERE sequence = ?");
        delete.setLong(1, sequence);
        delete.executeUpdate();
        bytesSinceCheckpoint += PAGE_BYTES;
    }

    /** Whether the oldest event must go. */
    @FunctionalInterface
    interface Wanted {
        boolean removes(long events, long bytes, long timeMillis);
    }

    /**
     * Changes something in the database, each time another way, and some pages of it: once that is committed, the disk takes events again.
     */
    void probe(long count) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(
                    "CREATE TABLE IF NOT EXISTS probe (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL, room BLOB)");
            statement.executeUpdate("INSERT OR REPLACE INTO probe VALUES (1, " + count + ", randomblob(" + PROBE_BYTES + "))");
        }
        bytesSinceCheckpoint += PROBE_BYTES;
    }

    void save(LogState state) throws SQLException {
        PreparedStatement saveState = prepared(SAVE_STATE);
        saveState.setString(1, state.epoch());
        saveState.setLong(2, state.floor());
        saveState.setLong(3, state.floorTimeMillis());
        saveState.setLong(4, state.newest());
        saveState.setLong(5, state.newestTimeMillis());
        saveState.setLong(6, state.events());
        saveState.setLong(7, state.bytes());
        saveState.setLong(8, state.keys());
        saveState.setLong(9, state.crc());
        saveState.executeUpdate();
    }

    void save(ReplicaState state) throws SQLException {
        state.save(connection);
        bytesSinceCheckpoint += PAGE_BYTES;
    }

    void save(AppliedGroups groups) throws SQLException {
        groups.write(connection);
        bytesSinceCheckpoint += PAGE_BYTES;
    }

    /** Removes all that is not the log's own description. */
    void clear() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String table : List.of("event", "idempotency", "chains", "latest", "ended", "applied")) {
                statement.executeUpdate("DELETE FROM " + table);
            }
        }
    }

    /**
     * Takes the content of the database {@code file} in the place of all that is there, whole or not at all.
     *
     * @return what the disk said where it could not flush that; null where nothing speaks against it
     */
    @Nullable SQLException restore(Path file) throws SQLException {
        int code = connection.unwrap(SQLiteConnection.class).getDatabase().restore("main", file.toAbsolutePath().toString(), null);
        if (code != SQLiteErrorCode.SQLITE_OK.code) {
            throw new SQLException("the copy cannot be taken over: " + SQLiteErrorCode.getErrorCode(code), null, code);
        }
        // All of it went through the WAL. It is there, whether it fits into the database's file now or later.
        try {
            execute("PRAGMA wal_checkpoint(TRUNCATE)");
            bytesSinceCheckpoint = 0;
        } catch (SQLException e) {
            bytesSinceCheckpoint = CHECKPOINT_BYTES;
            if (Faults.isUnflushed(e)) {
                return e;
            }
            LOGGER.log(System.Logger.Level.WARNING, "what was restored stays in the WAL for now: " + Faults.said(e));
        }
        return null;
    }

    /** Moves what is in the WAL into the database, where there is enough of it. */
    void checkpoint() throws SQLException {
        checkpoint(true);
    }

    /** @param patient whether readers may be waited for: not for one that is known to take its time */
    void checkpoint(boolean patient) throws SQLException {
        if (bytesSinceCheckpoint < CHECKPOINT_BYTES) {
            return;
        }
        long before = walBytes();
        boolean truncate = patient && waitsForReaders(before);
        execute("PRAGMA wal_checkpoint(" + (truncate ? "TRUNCATE" : "PASSIVE") + ")");
        bytesSinceCheckpoint = 0;
        if (walBytes() <= MAX_WAL_BYTES) {
            heldUp = 0;
            heldUpBytes = 0;
        } else if (truncate) {
            // Publishers wait with it: a reader that does not let go is waited for after twice as much has been written, each time.
            heldUpBytes = before + (CHECKPOINT_BYTES << Math.min(heldUp++, MAX_DOUBLINGS));
        }
    }

    /** Whether a checkpoint of a WAL of that length waits for readers to let it start again from its beginning. */
    boolean waitsForReaders(long walBytes) {
        return walBytes > Math.max(MAX_WAL_BYTES, heldUpBytes);
    }

    /** How long the WAL is. */
    long walBytes() {
        try {
            return Files.size(wal);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Gives some of the pages that retention has freed back to the file system, where they are more than will soon be used again. */
    void vacuum() throws SQLException {
        if (pragma("freelist_count") > SPARE_PAGES) {
            // It frees a page with each step and answers nothing, so the driver would end an ordinary execute() after the first one.
            try (Statement vacuum = connection.createStatement()) {
                vacuum.executeUpdate("PRAGMA incremental_vacuum(" + VACUUM_PAGES + ")");
            }
            // Pages are moved through the WAL, and the file is cut when that is checkpointed.
            bytesSinceCheckpoint += VACUUM_PAGES * pragma("page_size");
        }
    }

    long pragma(String name) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA " + name)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /** Steps through all that a pragma answers. */
    void execute(String pragma) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (statement.execute(pragma)) {
                try (ResultSet rows = statement.getResultSet()) {
                    while (rows.next()) {
                        // Only for its effect.
                    }
                }
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
