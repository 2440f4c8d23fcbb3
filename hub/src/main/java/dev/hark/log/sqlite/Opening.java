package dev.hark.log.sqlite;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.log.Back;
import dev.hark.log.Era;
import dev.hark.log.EventLog;
import dev.hark.log.HotLimits;
import dev.hark.log.Page;
import dev.hark.log.Retained;
import dev.hark.log.Tail;
import dev.hark.log.TopicClasses;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.HighWaterMark.Mark;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** From a path to a log that can be used: locked, recovered, and with its newest events in memory. Stateless. */
final class Opening {
    private static final System.Logger LOGGER = System.getLogger(Opening.class.getName());

    private Opening() {}

    /** What a log's writer works with. */
    record Parts(
            SqliteSettings settings,
            InstantSource clock,
            VitalThreads vital,
            EventStore store,
            HighWaterMark mark,
            Tail tail,
            TopicChains chains,
            long chainsSaved,
            ClassStates counted,
            EndTable ends) {}

    /** What a log has open: the mark, which locks its name, the file itself, and the writer's connection. Closed in the other order. */
    private static final class Opened {
        private final Deque<AutoCloseable> all = new ArrayDeque<>();

        <T extends AutoCloseable> T add(T opened) {
            all.push(opened);
            return opened;
        }

        /** Where the log cannot be opened after all, because of {@code why}. */
        void close(Exception why) {
            for (AutoCloseable each : all) {
                try {
                    each.close();
                } catch (Exception e) {
                    why.addSuppressed(e);
                }
            }
        }
    }

    static SqliteLog open(SqliteSettings settings, InstantSource clock, Supplier<String> epochs, VitalThreads vital)
            throws IOException, SQLException {
        var opened = new Opened();
        try {
            OpenFiles files = open(opened, Role.LOG, settings, epochs);
            if (ReplicaState.read(files.connection()) != null) {
                throw new UnusableLogException("the log " + settings.path() + " is a replica of a log that several nodes share; set"
                        + " log.kind to jetstream, or choose another log.path");
            }
            Recovery recovery = recover(settings.path(), files);
            LogState state = recovery.newEpoch() ? files.state().withEpoch(epochs.get()) : files.state();
            Content content = count(settings, files, state, recovery.last());
            EventStore store = begin(settings.path(), files, content);
            Loaded loaded = load(Role.LOG, settings, store, content, vital);
            var parts = new Parts(settings, clock, vital, store, files.mark(), loaded.tail(), loaded.chains(), loaded.chainsSaved(),
                    content.counted(), loaded.ends());
            var writer = new SqliteWriter(parts, state, recovery.last());
            return new SqliteLog(settings, loaded.tail(), loaded.readers(), vital.unstarted("hark-log-writer", writer), writer,
                    new SqliteLog.Found(recovery, loaded.damage(), files.own()));
        } catch (SQLException | IOException | RuntimeException e) {
            opened.close(e);
            throw e;
        }
    }

    /** What a replica works with. */
    record ReplicaParts(
            SqliteSettings settings, VitalThreads vital, EventStore store, HighWaterMark mark, OwnFile own, Loaded loaded, LogState state,
            ClassStates counted, ReplicaState replica, AppliedGroups groups) {}

    /** The same of a replica: what it says of itself is all that there is to know. */
    static SqliteReplica openReplica(SqliteSettings settings, Supplier<String> epochs, VitalThreads vital)
            throws IOException, SQLException {
        var opened = new Opened();
        try {
            OpenFiles files = open(opened, Role.REPLICA, settings, epochs);
            ReplicaState replica = ReplicaState.read(files.connection());
            if (replica == null) {
                if (files.state().newest() > 0) {
                    throw new UnusableLogException("the log " + settings.path() + " is that of a single node; choose another log.path, and"
                            + " publish to a node what 'hark log export --set log.path=" + settings.path() + "' prints (docs/cluster.md,"
                            + " \"From one node to several\")");
                }
                replica = ReplicaState.create(files.connection());
            }
            Content content = count(settings, files, files.state(), replica.last());
            EventStore store = begin(settings.path(), files, content);
            Loaded loaded = load(Role.REPLICA, settings, store, content, vital);
            return new SqliteReplica(new ReplicaParts(
                    settings, vital, store, files.mark(), files.own(), loaded, content.state(), content.counted(), replica,
                    AppliedGroups.load(files.connection())));
        } catch (SQLException | IOException | RuntimeException e) {
            opened.close(e);
            throw e;
        }
    }

    /**
     * A log's files, locked, and its database, of this version.
     *
     * @param before  what it says of its classes
     * @param version the one that it had
     */
    private record OpenFiles(
            HighWaterMark mark, OwnFile own, Connection connection, LogState state, ClassStates before, boolean created, int version) {}

    private static OpenFiles open(Opened opened, Role role, SqliteSettings settings, Supplier<String> epochs)
            throws IOException, SQLException {
        Path path = settings.path();
        HighWaterMark mark = opened.add(HighWaterMark.open(path));
        boolean created = !Files.exists(path);
        if (created) {
            DatabaseFile.create(path, epochs.get());
        }
        OwnFile own = opened.add(OwnFile.claim(path));
        Connection connection = opened.add(DatabaseFile.openWriter(path, settings.durability()));
        LogState state = readState(role, path, connection);
        ClassStates before = readClasses(role, path, connection);
        int version = DatabaseFile.migrate(connection);
        if (version < DatabaseFile.SCHEMA_VERSION) {
            LOGGER.log(System.Logger.Level.INFO, "the " + role.noun() + ' ' + path + " was written by an older Hark (schema " + version
                    + "); it is now of schema " + DatabaseFile.SCHEMA_VERSION + ", which that one does not read");
        }
        return new OpenFiles(mark, own, connection, state, before, created, version);
    }

    private static LogState readState(Role role, Path path, Connection connection) throws SQLException {
        LogState state = LogState.read(connection);
        if (state == null) {
            throw new DamagedLogException(role, path, "its row in table log is not what was stored");
        }
        return state;
    }

    private static ClassStates readClasses(Role role, Path path, Connection connection) throws SQLException {
        return ClassStates.read(connection).orElseThrow(
                () -> new DamagedLogException(role, path, "a row in table class or rule is not what was stored"));
    }

    private static Recovery recover(Path path, OpenFiles files) {
        HighWaterMark mark = files.mark();
        Recovery recovery = Recovery.of(files.state(), mark.found(), files.created(), mark.existed(), files.version() >= 2);
        if (recovery.lost() != null) {
            LOGGER.log(System.Logger.Level.ERROR, "acknowledged events of the log " + path + " are lost: " + recovery.lost()
                    + "; everybody who resumes is told so");
        }
        if (recovery.note() != null) {
            LOGGER.log(System.Logger.Level.WARNING, "the log " + path + ": " + recovery.note());
        }
        return recovery;
    }

    /**
     * What the database says.
     *
     * @param last   the highest position that may have been given
     * @param latest where newest events stand, where that and the classes are not what it knew
     */
    private record Content(LogState state, long last, ClassStates counted, @Nullable Map<LatestTable.Name, Long> latest) {
        boolean hasClasses() {
            return !counted.areNone();
        }
    }

    private static Content count(SqliteSettings settings, OpenFiles files, LogState state, long last) throws SQLException {
        ClassCount.Counted counted = ClassCount.of(files.connection(), settings.config().classes(), files.before(), state);
        return new Content(state, last, counted.states(), counted.latest());
    }

    /** Writes what the log says of itself; tells whether it can be written at all. */
    private static EventStore begin(Path path, OpenFiles files, Content content) throws IOException, SQLException {
        LogState state = content.state();
        var store = new EventStore(path, files.connection());
        store.begin();
        store.save(state);
        if (content.latest() != null) {
            store.saveAllClasses(content.counted());
            store.replaceLatest(content.latest());
        }
        store.commit(0);
        // From here on a change that is not this connection's is somebody else's.
        store.noteVersion();
        files.mark().write(new Mark(state.epoch(), state.newest(), content.last(), false));
        files.mark().write(new Mark(state.epoch(), state.newest(), content.last(), false));
        DatabaseFile.syncFolder(path);
        files.own().watch();
        return store;
    }

    /** What a replica is once its database has another content. */
    record Restored(
            Damage damage, TopicChains chains, ReaderPool readers, long newest, LogState state, ClassStates counted, ReplicaState replica,
            AppliedGroups groups) {}

    /**
     * Reads the content of a replica anew, which another node may have written: its classes are counted by this node's rules, and its
     * chains known again.
     */
    static Restored reopen(SqliteSettings settings, EventStore store, VitalThreads vital) throws SQLException {
        Path path = settings.path();
        LogState state = readState(Role.REPLICA, path, store.connection());
        ClassStates before = readClasses(Role.REPLICA, path, store.connection());
        ReplicaState replica = ReplicaState.read(store.connection());
        if (replica == null) {
            throw new DamagedLogException(Role.REPLICA, path, "it has no table replica");
        }
        ClassCount.Counted counted = ClassCount.of(store.connection(), settings.config().classes(), before, state);
        var content = new Content(state, replica.last(), counted.states(), counted.latest());
        if (content.latest() != null) {
            store.begin();
            store.saveAllClasses(content.counted());
            store.replaceLatest(content.latest());
            store.commit(0);
        }
        var damage = new Damage(Role.REPLICA, path);
        var chains = new TopicChains();
        long saved = store.loadChains(chains);
        moveOn(chains, saved > state.newest() ? 0 : saved, settings, content, damage);
        ReaderPool readers = readers(Role.REPLICA, settings, state, counted.states(), chains, damage, vital);
        return new Restored(damage, chains, readers, newest(settings, content), state, content.counted(), replica,
                AppliedGroups.load(store.connection()));
    }

    /** Who reads what the database holds now. */
    static ReaderPool readers(
            Role role, SqliteSettings settings, LogState state, ClassStates counted, TopicChains chains, Damage damage, VitalThreads vital)
            throws SQLException {
        return ReaderPool.start(role, settings.path(), state.epoch(), !counted.areNone(), chains, damage, settings.config().stall(), vital);
    }

    /** Positions of what was not stored were given to clients, and are not beyond the newest. */
    private static long newest(SqliteSettings settings, Content content) {
        return settings.config().classes().unstored() == 0 ? content.state().newest() : content.last();
    }

    /** A log's content, as it is known in memory. */
    record Loaded(Damage damage, TopicChains chains, long chainsSaved, Tail tail, ReaderPool readers, EndTable ends) {}

    private static Loaded load(Role role, SqliteSettings settings, EventStore store, Content content, VitalThreads vital)
            throws SQLException {
        LogState state = content.state();
        Path path = settings.path();
        var damage = new Damage(role, path);
        var chains = new TopicChains();
        long saved = store.loadChains(chains);
        long chainsSaved = saved > state.newest() ? 0 : saved;
        moveOn(chains, chainsSaved, settings, content, damage);
        Tail tail = tail(settings, content, chains, damage);
        ReaderPool readers = readers(role, settings, state, content.counted(), chains, damage, vital);
        return new Loaded(damage, chains, chainsSaved, tail, readers, EndTable.load(path, store, tail));
    }

    /** Moves the chains' ends, which were saved at event {@code saved}, on by the events that came after that. */
    private static void moveOn(TopicChains chains, long saved, SqliteSettings settings, Content content, Damage damage)
            throws SQLException {
        LogState state = content.state();
        long position = Math.max(saved, state.floor());
        try (var reader = new PageReader(settings.path(), state.epoch(), content.hasClasses(), chains, damage)) {
            while (position < state.newest()) {
                Page page = reader.read(position, end(state), Filters.EVERYTHING, EventLog.MAX_PAGE_EVENTS);
                if (page.from() > position) {
                    chains.moveAll(page.from());
                }
                page.events().forEach(event -> chains.move(TopicChains.of(event.topic().value()), event.sequence()));
                position = page.through();
            }
        }
    }

    /** The newest events, as they were in memory before the restart: whoever comes back now is served from there. */
    private static Tail tail(SqliteSettings settings, Content content, TopicChains chains, Damage damage)
            throws SQLException {
        LogState state = content.state();
        HotLimits limits = settings.config().hot();
        try (var reader = new PageReader(settings.path(), state.epoch(), content.hasClasses(), chains, damage)) {
            var search = new Back(state.newest(), limits.events(), false);
            while (!search.ended()) {
                search = reader.back(search, Filters.EVERYTHING);
            }
            long position = search.position();
            long hotAfter = position;
            var events = new ArrayList<Event>();
            while (position < state.newest()) {
                Page page = reader.read(position, end(state), Filters.EVERYTHING, EventLog.MAX_PAGE_EVENTS);
                if (page.from() > position) {
                    // What is damaged cannot be covered.
                    hotAfter = page.from();
                    events.clear();
                }
                events.addAll(page.events());
                position = page.through();
            }
            TopicClasses classes = settings.config().classes();
            var retained = new Retained(state.floor(), state.newest(), content.counted().floors(state.floor()));
            return new Tail(state.epoch(), newest(settings, content), retained, classes, limits, hotAfter, events);
        }
    }

    private static Era.Ends end(LogState state) {
        return new Era.Ends(state.newest(), state.newest());
    }
}
