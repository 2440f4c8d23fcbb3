package dev.hark.log.sqlite;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.log.Back;
import dev.hark.log.Bounds;
import dev.hark.log.EventLog;
import dev.hark.log.HotLimits;
import dev.hark.log.Page;
import dev.hark.log.Tail;
import dev.hark.log.UnusableLogException;
import dev.hark.log.sqlite.HighWaterMark.Mark;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.function.Supplier;

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
            long chainsSaved) {}

    static SqliteLog open(SqliteSettings settings, InstantSource clock, Supplier<String> epochs, VitalThreads vital)
            throws IOException, SQLException {
        Path path = settings.path();
        HighWaterMark mark = HighWaterMark.open(path);
        try {
            boolean created = !Files.exists(path);
            if (created) {
                DatabaseFile.create(path, epochs.get());
            }
            OwnFile file = OwnFile.claim(path);
            try {
                return open(settings, clock, epochs, vital, mark, file, created);
            } catch (SQLException | IOException | RuntimeException e) {
                file.close();
                throw e;
            }
        } catch (SQLException | IOException | RuntimeException e) {
            mark.close();
            throw e;
        }
    }

    private static SqliteLog open(
            SqliteSettings settings,
            InstantSource clock,
            Supplier<String> epochs,
            VitalThreads vital,
            HighWaterMark mark,
            OwnFile file,
            boolean created)
            throws IOException, SQLException {
        Connection connection = DatabaseFile.openWriter(settings.path(), settings.durability());
        try {
            return open(settings, clock, epochs, vital, mark, file, connection, created);
        } catch (SQLException | IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static SqliteLog open(
            SqliteSettings settings,
            InstantSource clock,
            Supplier<String> epochs,
            VitalThreads vital,
            HighWaterMark mark,
            OwnFile file,
            Connection connection,
            boolean created)
            throws IOException, SQLException {
        Path path = settings.path();
        LogState state = LogState.read(connection);
        if (state == null) {
            throw new UnusableLogException("the log " + path + " is damaged: its row in table log is not what was stored;"
                    + " restore it from a backup, or move it away and begin a new one");
        }
        Recovery recovery = Recovery.of(state, mark.found(), created, mark.existed());
        if (recovery.lost() != null) {
            LOGGER.log(System.Logger.Level.ERROR, "acknowledged events of the log " + path + " are lost: " + recovery.lost()
                    + "; everybody who resumes is told so");
        }
        if (recovery.note() != null) {
            LOGGER.log(System.Logger.Level.WARNING, "the log " + path + ": " + recovery.note());
        }
        if (recovery.newEpoch()) {
            state = state.withEpoch(epochs.get());
        }
        var store = new EventStore(path, connection);
        // Also tells whether the database can be written at all.
        store.begin();
        store.save(state);
        store.commit(0);
        // From here on a change that is not this connection's is somebody else's.
        store.noteVersion();
        mark.write(new Mark(state.epoch(), state.newest(), recovery.last(), false));
        mark.write(new Mark(state.epoch(), state.newest(), recovery.last(), false));
        DatabaseFile.syncFolder(path);
        file.watch();

        var damage = new Damage(path);
        var chains = new TopicChains();
        long saved = EventStore.loadChains(connection, chains);
        long chainsSaved = saved > state.newest() ? 0 : saved;
        moveOn(chains, chainsSaved, settings, state, damage);
        Tail tail = tail(settings, state, chains, damage);
        ReaderPool readers = ReaderPool.start(path, state.epoch(), chains, damage, settings.config().stall(), vital);
        var writer = new SqliteWriter(new Parts(settings, clock, vital, store, mark, tail, chains, chainsSaved), state, recovery.last());
        return new SqliteLog(
                settings, tail, readers, vital.unstarted("hark-log-writer", writer), writer, new SqliteLog.Found(recovery, damage, file));
    }

    /** Moves the chains' ends, which were saved at event {@code saved}, on by the events that came after that. */
    private static void moveOn(TopicChains chains, long saved, SqliteSettings settings, LogState state, Damage damage) throws SQLException {
        long position = Math.max(saved, state.floor());
        try (var reader = new PageReader(settings.path(), state.epoch(), chains, damage)) {
            while (position < state.newest()) {
                Page page = reader.read(position, state.newest(), Filters.ALL, EventLog.MAX_PAGE_EVENTS);
                if (page.from() > position) {
                    chains.moveAll(page.from());
                }
                page.events().forEach(event -> chains.move(TopicChains.of(event.topic().value()), event.sequence()));
                position = page.through();
            }
        }
    }

    /** The newest events, as they were in memory before the restart: whoever comes back now is served from there. */
    private static Tail tail(SqliteSettings settings, LogState state, TopicChains chains, Damage damage) throws SQLException {
        HotLimits limits = settings.config().hot();
        try (var reader = new PageReader(settings.path(), state.epoch(), chains, damage)) {
            var search = new Back(state.newest(), limits.events(), false);
            while (!search.ended()) {
                search = reader.back(search, Filters.ALL);
            }
            long position = search.position();
            long hotAfter = position;
            var events = new ArrayList<Event>();
            while (position < state.newest()) {
                Page page = reader.read(position, state.newest(), Filters.ALL, EventLog.MAX_PAGE_EVENTS);
                if (page.from() > position) {
                    // What is damaged cannot be covered.
                    hotAfter = page.from();
                    events.clear();
                }
                events.addAll(page.events());
                position = page.through();
            }
            return new Tail(state.epoch(), new Bounds(state.floor(), state.newest()), limits, hotAfter, events);
        }
    }
}
