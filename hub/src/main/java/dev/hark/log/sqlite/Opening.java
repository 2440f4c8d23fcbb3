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
        Path path = settings.path();
        var opened = new Opened();
        try {
            HighWaterMark mark = opened.add(HighWaterMark.open(path));
            boolean created = !Files.exists(path);
            if (created) {
                DatabaseFile.create(path, epochs.get());
            }
            OwnFile file = opened.add(OwnFile.claim(path));
            Connection connection = opened.add(DatabaseFile.openWriter(path, settings.durability()));
            LogState stored = readState(path, connection);
            ClassStates before = readClasses(path, connection);
            int version = DatabaseFile.migrate(connection);
            if (version < DatabaseFile.SCHEMA_VERSION) {
                LOGGER.log(System.Logger.Level.INFO, "the log " + path + " was written by an older Hark (schema " + version
                        + "); it is now of schema " + DatabaseFile.SCHEMA_VERSION + ", which that one does not read");
            }
            Recovery recovery = recover(path, stored, mark, created, version);
            LogState state = recovery.newEpoch() ? stored.withEpoch(epochs.get()) : stored;
            ClassCount.Counted counted = ClassCount.of(connection, settings.config().classes(), before, state);
            var content = new Content(state, counted.states(), counted.latest());
            EventStore store = begin(path, connection, mark, content, recovery);
            file.watch();
            return build(settings, clock, vital, new LogFiles(store, mark, file), content, recovery);
        } catch (SQLException | IOException | RuntimeException e) {
            opened.close(e);
            throw e;
        }
    }

    private static LogState readState(Path path, Connection connection) throws SQLException {
        LogState state = LogState.read(connection);
        if (state == null) {
            throw new UnusableLogException("the log " + path + " is damaged: its row in table log is not what was stored;"
                    + " restore it from a backup, or move it away and begin a new one");
        }
        return state;
    }

    private static ClassStates readClasses(Path path, Connection connection) throws SQLException {
        return ClassStates.read(connection).orElseThrow(() -> new UnusableLogException("the log " + path
                + " is damaged: a row in table class or rule is not what was stored; restore it from a backup, or move it away and begin"
                + " a new one"));
    }

    private static Recovery recover(Path path, LogState state, HighWaterMark mark, boolean created, int version) {
        Recovery recovery = Recovery.of(state, mark.found(), created, mark.existed(), version >= 2);
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
     * @param latest where newest events stand, where that and the classes are not what it knew
     */
    private record Content(LogState state, ClassStates counted, @Nullable Map<LatestTable.Name, Long> latest) {
        boolean hasClasses() {
            return !counted.areNone();
        }
    }

    /** A log's, ready to be used. */
    private record LogFiles(EventStore store, HighWaterMark mark, OwnFile own) {}

    /** Writes what the log says of itself; tells whether it can be written at all. */
    private static EventStore begin(Path path, Connection connection, HighWaterMark mark, Content content, Recovery recovery)
            throws IOException, SQLException {
        LogState state = content.state();
        var store = new EventStore(path, connection);
        store.begin();
        store.save(state);
        if (content.latest() != null) {
            store.saveAllClasses(content.counted());
            store.replaceLatest(content.latest());
        }
        store.commit(0);
        // From here on a change that is not this connection's is somebody else's.
        store.noteVersion();
        mark.write(new Mark(state.epoch(), state.newest(), recovery.last(), false));
        mark.write(new Mark(state.epoch(), state.newest(), recovery.last(), false));
        DatabaseFile.syncFolder(path);
        return store;
    }

    private static SqliteLog build(
            SqliteSettings settings,
            InstantSource clock,
            VitalThreads vital,
            LogFiles files,
            Content content,
            Recovery recovery)
            throws SQLException {
        LogState state = content.state();
        Path path = settings.path();
        var damage = new Damage(path);
        var chains = new TopicChains();
        long saved = files.store().loadChains(chains);
        long chainsSaved = saved > state.newest() ? 0 : saved;
        moveOn(chains, chainsSaved, settings, content, damage);
        Tail tail = tail(settings, content, recovery, chains, damage);
        ReaderPool readers = ReaderPool.start(path, state.epoch(), content.hasClasses(), chains, damage, settings.config().stall(), vital);
        var parts = new Parts(settings, clock, vital, files.store(), files.mark(), tail, chains, chainsSaved,
                content.counted(), EndTable.load(path, files.store(), tail));
        var writer = new SqliteWriter(parts, state, recovery.last());
        return new SqliteLog(settings, tail, readers, vital.unstarted("hark-log-writer", writer), writer,
                new SqliteLog.Found(recovery, damage, files.own()));
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
    private static Tail tail(SqliteSettings settings, Content content, Recovery recovery, TopicChains chains, Damage damage)
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
            // Positions of what was not stored were given to clients, and are not beyond the newest.
            long newest = classes.unstored() == 0 ? state.newest() : recovery.last();
            var retained = new Retained(state.floor(), state.newest(), content.counted().floors(state.floor()));
            return new Tail(state.epoch(), newest, retained, classes, limits, hotAfter, events);
        }
    }

    private static Era.Ends end(LogState state) {
        return new Era.Ends(state.newest(), state.newest());
    }
}
