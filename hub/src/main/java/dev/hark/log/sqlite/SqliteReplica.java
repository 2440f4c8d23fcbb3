package dev.hark.log.sqlite;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.Back;
import dev.hark.log.ClassUse;
import dev.hark.log.DraftBatch;
import dev.hark.log.EndedTopics;
import dev.hark.log.Epochs;
import dev.hark.log.Era;
import dev.hark.log.EventLog;
import dev.hark.log.Floors;
import dev.hark.log.LogHealth;
import dev.hark.log.Page;
import dev.hark.log.Retained;
import dev.hark.log.Since;
import dev.hark.log.Tail;
import dev.hark.log.UnusableLogException;
import dev.hark.log.replicated.Checksum;
import dev.hark.log.replicated.Group;
import dev.hark.log.replicated.Replica;
import dev.hark.log.sqlite.HighWaterMark.Mark;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A replica in a SQLite database: the tables of {@link SqliteLog}, written by groups that have their positions already instead of by
 * publishers, and never flushed while anybody waits.
 *
 * <p>What is damaged is thrown away: the journal has it. See {@link Replica} for threads.
 */
public final class SqliteReplica implements Replica {
    /* A group is one step: what it adds, and what retention removes behind it, follow from the state before and the group. How many groups
       one transaction of SQLite's takes is not a part of that: it depends on how they arrive, and differs from node to node. */

    private static final System.Logger LOGGER = System.getLogger(SqliteReplica.class.getName());

    /** How far ahead of the journal's a node's clock may be before it is not believed. */
    private static final long AHEAD_MILLIS = 60_000;

    /** How many events there are between two savings of the chains' ends: what is to be read again at the next start. */
    private static final int CHAINS_EVERY = 8_192;

    private final SqliteSettings settings;
    private final EventStore store;
    private final HighWaterMark mark;
    private final OwnFile own;
    private final VitalThreads vital;
    private final EndTable ends;
    private final Tail tail;
    private final Trimmer trimmer;

    // Confined to the thread that applies.
    private TopicChains chains;
    private AppliedGroups groups;
    private int sinceChains;
    private boolean closed;
    /** The last history that has ended, and is not to be shown again; null where none has, or nobody has said which since the start. */
    private @Nullable Over over;

    // Written by the thread that applies.
    private volatile Damage damage;
    private volatile ReaderPool readers;
    private volatile LogState state;
    private volatile ClassStates counted;
    /** What it will be once what is under way is committed. */
    private volatile ClassStates coming;
    private volatile ReplicaState replica;
    private volatile Checksum checksum = Checksum.NONE;
    private volatile @Nullable String trouble;

    /** Why nothing is written any more: what could not be flushed is perhaps on no disk, and a second try would say that all is well. */
    private volatile @Nullable String unflushed;

    // Written by whoever watches the files.
    private volatile boolean replaced;

    // Written by whoever copies.
    private volatile boolean copying;

    SqliteReplica(Opening.ReplicaParts parts) {
        this.settings = parts.settings();
        this.vital = parts.vital();
        this.store = parts.store();
        this.mark = parts.mark();
        this.own = parts.own();
        this.damage = parts.loaded().damage();
        this.chains = parts.loaded().chains();
        this.ends = parts.loaded().ends();
        this.tail = parts.loaded().tail();
        this.readers = parts.loaded().readers();
        this.trimmer = new Trimmer(store, settings.config());
        this.state = parts.state();
        this.counted = parts.counted();
        this.coming = counted;
        this.replica = parts.replica();
        this.groups = parts.groups();
    }

    /**
     * Opens the replica at the path in {@code settings}, or makes a new one there, folders included. One that is damaged, or was found to
     * be so when it was last written, is made anew.
     *
     * @param random names the history of a replica that has applied nothing
     * @throws UnusableLogException with one sentence for the operator; nothing was overwritten then
     */
    public static SqliteReplica open(SqliteSettings settings, RandomGenerator random, VitalThreads vital) {
        Path given = settings.path();
        try {
            SqliteSettings resolved = settings.withPath(DatabaseFile.resolve(given));
            Path folder = resolved.path().toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            OwnFile.check(resolved.path());
            if (!Files.exists(resolved.path()) && Files.exists(damageMark(resolved.path()))) {
                // What stands beside it may be somebody else's, but for that.
                return openAnew(resolved, "a process has ended while it removed it", random, vital);
            }
            DatabaseFile.check(Role.REPLICA, resolved.path());
            if (Files.exists(damageMark(resolved.path()))) {
                return openAnew(resolved, "damage was found in it when it was written", random, vital);
            }
            try {
                return withoutCopies(Opening.openReplica(resolved, () -> Epochs.next(random), vital));
            } catch (DamagedLogException e) {
                return openAnew(resolved, e.finding(), random, vital);
            } catch (SQLException e) {
                if (!Faults.isDamage(e)) {
                    throw e;
                }
                return openAnew(resolved, Faults.said(e), random, vital);
            }
        } catch (IOException e) {
            throw new UnusableLogException("the replica " + given + " cannot be opened: " + e.getClass().getSimpleName() + ' '
                    + e.getMessage() + "; make its folder writable, or choose another log.path", e);
        } catch (SQLException e) {
            throw new UnusableLogException(Faults.inWords(Role.REPLICA, given, e), e);
        }
    }

    /** What another process has left beside it, which can have it open no more. */
    private static SqliteReplica withoutCopies(SqliteReplica opened) throws IOException {
        ReplicaCopy.removeAll(opened.settings.path());
        return opened;
    }

    private static SqliteReplica openAnew(SqliteSettings settings, String why, RandomGenerator random, VitalThreads vital)
            throws IOException, SQLException {
        LOGGER.log(System.Logger.Level.WARNING, "the replica is made anew from what the journal holds: " + why);
        markDamaged(settings.path(), why);
        remove(settings.path());
        return withoutCopies(Opening.openReplica(settings, () -> Epochs.next(random), vital));
    }

    private static void remove(Path database) throws IOException {
        Files.deleteIfExists(database);
        Files.deleteIfExists(DatabaseFile.walOf(database));
        Files.deleteIfExists(database.resolveSibling(database.getFileName() + "-shm"));
        // Last: until then the next start begins here again.
        Files.deleteIfExists(damageMark(database));
    }

    /** A file that says that the replica is to be made anew: much of a database is first read when it is written to. */
    private static Path damageMark(Path database) {
        return database.resolveSibling(database.getFileName() + "-damaged");
    }

    /** Notes that it is to be made anew, for the next process, whatever becomes of this one. The disk may be full. */
    private static void markDamaged(Path database, String why) {
        Path mark = damageMark(database);
        try {
            if (!Files.exists(mark)) {
                Files.writeString(mark, why);
            }
        } catch (IOException unmarked) {
            LOGGER.log(System.Logger.Level.WARNING, "that the replica " + database + " is damaged cannot be noted", unmarked);
        }
    }

    /** Whether it was found damaged, so that it is made anew when it is opened the next time. Any thread. */
    public boolean isDamaged() {
        return Files.exists(damageMark(settings.path()));
    }

    /** What was damaged is not there any more. */
    private void forgetDamage() {
        try {
            Files.deleteIfExists(damageMark(settings.path()));
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, "that the replica " + settings.path() + " is no longer damaged cannot be noted", e);
        }
    }

    /** What is wrong, in words; where it is damage, the next opening knows of it. */
    private String wrong(SQLException e) {
        if (Faults.isUnflushed(e)) {
            return notFlushed(Faults.said(e));
        }
        if (Faults.isDamage(e)) {
            markDamaged(settings.path(), Faults.said(e));
        }
        String why = Faults.inWords(Role.REPLICA, settings.path(), e);
        trouble = why;
        return why;
    }

    /** The same where what was written may be on no disk: nothing more is written, and the next opening makes it anew. */
    private String notFlushed(String said) {
        markDamaged(settings.path(), said);
        String why = Faults.notFlushed("the " + Role.REPLICA.noun() + ' ' + settings.path()) + " (" + said + ")";
        trouble = why;
        unflushed = why;
        return why;
    }

    private void requireFlushed() {
        String why = unflushed;
        if (why != null) {
            throw new UnusableLogException(why);
        }
    }

    @Override
    public Tail tail() {
        return tail;
    }

    @Override
    public Applied applied() {
        ReplicaState now = replica;
        return new Applied(now.position(), now.position() == 0 ? null : now.id());
    }

    @Override
    public long timeMillis() {
        return replica.timeMillis();
    }

    @Override
    public Checksum checksum() {
        return checksum;
    }

    // ---- what comes

    @Override
    public void apply(List<Step> steps) {
        requireFlushed();
        try {
            nameEpoch(steps);
            int begun = 0;
            for (int i = 0; i < steps.size(); i++) {
                if (steps.get(i).group().kind() == Group.Kind.EPOCH) {
                    store(steps.subList(begun, i));
                    beginEpoch(steps.get(i));
                    begun = i + 1;
                }
            }
            store(steps.subList(begun, steps.size()));
            store.checkpoint(!copying);
            trouble = null;
        } catch (SQLException e) {
            throw new UnusableLogException(wrong(e), e);
        }
    }

    /** What several steps make of the log, while nobody knows of it yet. */
    private final class Stage {
        private final Map<Integer, Long> moved = new HashMap<>();
        private final List<Event> events = new ArrayList<>();
        private final List<Runnable> answers = new ArrayList<>();
        private LogState log = state;
        private ClassStates classes = counted;
        private ReplicaState after = replica;
        private Checksum sum = checksum;
        private boolean endsMoved;
        private boolean timePassed;

        void take(Step step) throws SQLException {
            Group group = step.group();
            long position = step.entry().position();
            // Time is what removes events, so two clocks have to say that it has passed: one that is wrong only holds it back.
            long now = Math.max(after.timeMillis(), Math.min(group.timeMillis(), step.entry().timeMillis() + AHEAD_MILLIS));
            long first = Group.firstSequence(position, after.last());
            var transaction = new Transaction(
                    store, settings.config(), chains, moved, log, classes, ends, new Positions.Turn(first, now));
            var told = new ArrayList<Append>();
            boolean isNew = groups.take(step.entry().id(), position);
            if (isNew) {
                for (DraftBatch batch : group.batches()) {
                    transaction.place(batch, told::add);
                }
            }
            transaction.flush();
            boolean time = group.kind() == Group.Kind.TIME;
            int removals = Math.max(SqliteWriter.MAX_REMOVALS, 2 * transaction.events().size());
            InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(now));
            Trimmer.Trimmed trimmed = trimmer.trim(transaction, classes, removals, time, clock);
            log = time ? trimmer.forget(trimmed.state(), clock) : trimmed.state();
            classes = trimmed.counted();
            endsMoved |= trimmed.endsMoved();
            timePassed |= time;
            events.addAll(transaction.events());
            long last = transaction.events().isEmpty() ? after.last() : transaction.events().getLast().sequence();
            after = new ReplicaState(position, step.entry().id(), last, now);
            if (position % Checksum.EVERY == 0) {
                // The name that is shown is this node's alone.
                sum = isHidden() ? Checksum.NONE : after.checksum(log, classes);
            }
            if (isNew) {
                answers.add(() -> {
                    transaction.answer();
                    step.told().tell(told);
                });
            }
        }

        void answer() {
            answers.forEach(Runnable::run);
        }
    }

    private void store(List<Step> steps) throws SQLException {
        long known = replica.position();
        List<Step> fresh = steps.stream().filter(step -> step.entry().position() > known).toList();
        if (fresh.isEmpty()) {
            return;
        }
        Floors before = counted.floors(state.floor());
        boolean committed = false;
        ends.begin();
        groups.begin();
        Stage stage;
        try {
            store.begin();
            stage = new Stage();
            for (Step step : fresh) {
                stage.take(step);
            }
            sinceChains += stage.events.size();
            boolean savesChains = sinceChains >= CHAINS_EVERY || stage.endsMoved;
            if (savesChains) {
                store.saveChains(stage.log.newest(), chains.encode(stage.moved));
            }
            write(stage.log, stage.classes, stage.after);
            if (!stage.classes.areNone()) {
                // Before anything is gone: whoever finds it missing must find out why.
                tail.announce(stage.classes.floors(stage.log.floor()));
            }
            coming = stage.classes;
            store.commit(stage.moved.size());
            committed = true;
            sinceChains = savesChains ? 0 : sinceChains;
        } finally {
            if (!committed) {
                store.rollback();
                coming = counted;
                tail.announce(before);
            }
        }
        state = stage.log;
        counted = stage.classes;
        // First of all: who reads up to the new bounds must know of every event.
        chains.move(stage.moved);
        ends.written();
        groups.written();
        tail.commit(stage.events, retained(), stage::answer);
        checksum = stage.sum;
        // Last: whoever waits for a group finds what it became.
        replica = stage.after;
        if (stage.timePassed) {
            store.vacuum();
        }
    }

    private void write(LogState log, ClassStates classes, ReplicaState after) throws SQLException {
        if (!log.equals(state)) {
            store.save(log);
        }
        store.saveClasses(classes, counted);
        store.save(after);
        store.save(groups);
    }

    private Retained retained() {
        return new Retained(state.floor(), state.newest(), counted.floors(state.floor()));
    }

    /**
     * Where the first group of all begins no history, its id names the one that it is in: all nodes have to call it the same, also where
     * nobody comes to begin another.
     */
    private void nameEpoch(List<Step> steps) throws SQLException {
        if (isHidden() || replica.position() > 0 || steps.isEmpty() || steps.getFirst().group().kind() == Group.Kind.EPOCH) {
            return;
        }
        LogState named = state.withEpoch(Epochs.of(steps.getFirst().entry().id()));
        begin(() -> store.save(named));
        state = named;
        reset(0, tail.era().ended().all());
    }

    /** All that is retained is of another history from here on. */
    private void beginEpoch(Step step) throws SQLException {
        String epoch = step.group().epoch();
        if (step.entry().position() <= replica.position() || epoch == null) {
            return;
        }
        boolean shown = mayShow(epoch, step.entry().timeMillis());
        boolean hides = !shown && !isHidden();
        // One that has its name already was begun by somebody who did not know that.
        boolean isNew = hides || (shown && !epoch.equals(state.epoch()));
        LogState renamed = shown ? state.withEpoch(epoch) : hides ? state.withEpoch(interim()) : state;
        var after = new ReplicaState(step.entry().position(), step.entry().id(), replica.last(), replica.timeMillis());
        groups.begin();
        groups.take(step.entry().id(), after.position());
        begin(() -> write(renamed, counted, after));
        groups.written();
        state = renamed;
        checksum = hides ? Checksum.NONE : checksum;
        if (isNew) {
            reset(after.last(), tail.era().ended().all());
        }
        replica = after;
    }

    /** What is over stays so: a copy may hold a history from before it, which is shown, and then what is over once more. */
    private boolean mayShow(String epoch, long seenMillis) {
        return over == null || (isHidden() ? over.isBefore(epoch, seenMillis) : !epoch.equals(over.epoch()));
    }

    @Override
    public Over hide(Over now) {
        requireFlushed();
        Over hides = over == null || !isHidden() ? now : new Over(over.epoch(), over.lastMillis(), now.next());
        try {
            LogState hidden = state.withEpoch(interim());
            begin(() -> store.save(hidden));
            over = hides;
            state = hidden;
            checksum = Checksum.NONE;
            reset(replica.last(), tail.era().ended().all());
            return hides;
        } catch (SQLException e) {
            throw new UnusableLogException(wrong(e), e);
        }
    }

    @Override
    public boolean isHidden() {
        return Epochs.isInterim(state.epoch());
    }

    private static String interim() {
        return Epochs.interim(RandomGenerator.getDefault());
    }

    /** Something that is written whole or not at all. */
    private interface Writing {
        void run() throws SQLException;
    }

    private void begin(Writing writing) throws SQLException {
        boolean committed = false;
        try {
            store.begin();
            writing.run();
            store.commit(0);
            committed = true;
        } finally {
            if (!committed) {
                store.rollback();
            }
        }
    }

    private void reset(long newest, List<EndedTopics.End> ended) {
        reset(newest, ended, () -> {});
    }

    private void reset(long newest, List<EndedTopics.End> ended, Runnable begin) {
        tail.reset(state.epoch(), newest, retained(), ended, ends::forget, begin);
    }

    @Override
    public void clear() {
        requireFlushed();
        try {
            LogState empty = LogState.empty(isHidden() ? interim() : Epochs.next(RandomGenerator.getDefault()));
            ClassStates none = counted.emptied();
            begin(() -> {
                store.clear();
                store.save(empty);
                store.saveClasses(none, counted);
                store.save(ReplicaState.empty());
            });
            state = empty;
            counted = none;
            coming = none;
            chains.clear();
            ends.clear();
            groups.clear();
            checksum = Checksum.NONE;
            reset(0, List.of());
            replica = ReplicaState.empty();
        } catch (SQLException e) {
            throw new UnusableLogException(wrong(e), e);
        }
    }

    // ---- copies

    @Override
    public Copied copy(Path file) {
        requireFlushed();
        copying = true;
        try {
            ReplicaCopy.write(settings.path(), file);
        } finally {
            copying = false;
        }
        return ReplicaCopy.check(file, settings);
    }

    @Override
    public void restore(Path file, Copied what, long lastMillis) {
        requireFlushed();
        ReplicaCopy.expect(file, what, settings);
        if (!mayShow(what.epoch(), lastMillis)) {
            ReplicaCopy.rename(file, interim());
        }
        ReplicaCopy.requireRoom(settings.path(), file);
        // Nobody may read one content by what is known of another: whoever asks meanwhile is told to come again.
        readers.close("the replica " + settings.path() + " is being made anew from a snapshot; ask again in a moment");
        @Nullable SQLException unkept;
        try {
            unkept = store.restore(file);
        } catch (SQLException e) {
            readOn(e);
            throw new UnusableLogException(Faults.isUnflushed(e) ? wrong(e) : Faults.inWords(Role.REPLICA, settings.path(), e), e);
        }
        takeOver();
        if (unkept != null) {
            throw new UnusableLogException(wrong(unkept), unkept);
        }
        if (!applied().equals(new Applied(what.position(), what.id()))) {
            // The driver does not say what fails at the end of it, where the disk has to flush: all is as it was.
            throw new UnusableLogException(notFlushed("it has not taken the copy over"));
        }
    }

    /** All is as it was: that can be read again. */
    private void readOn(SQLException why) {
        try {
            readers = Opening.readers(Role.REPLICA, settings, state, counted, chains, damage, vital);
        } catch (SQLException e) {
            why.addSuppressed(e);
        }
    }

    /** What is known of the database in memory is to be what it says now. */
    private void takeOver() {
        try {
            Opening.Restored restored = Opening.reopen(settings, store, vital);
            damage = restored.damage();
            chains = restored.chains();
            state = restored.state();
            counted = restored.counted();
            coming = counted;
            groups = restored.groups();
            sinceChains = 0;
            // Nobody reads the new content as if it were the old one, and whoever is told of it can read it.
            reset(restored.newest(), ends.readAnew(settings.path(), store, restored.newest()), () -> readers = restored.readers());
            // Last: what is read of it from here on is what it says.
            replica = restored.replica();
            checksum = Checksum.NONE;
            forgetDamage();
        } catch (SQLException e) {
            // The file is whole, and this process does not know it: the next one will.
            throw new IllegalStateException("the replica has another content now, which cannot be read: "
                    + Faults.inWords(Role.REPLICA, settings.path(), e), e);
        }
    }

    @Override
    public Path scratch(String suffix) {
        // Before anything is fetched that could not be taken over.
        requireFlushed();
        return ReplicaCopy.beside(settings.path(), suffix);
    }

    // ---- what is there

    @Override
    public Page read(long after, Filters filters, int limit) {
        return ofOneEra(era -> readers.ask(reader -> reader.read(name -> isOf(era, name), after, era.ends(), filters, limit)));
    }

    @Override
    public Page follow(long after) {
        return ofOneEra(era -> readers.askFirst(reader ->
                reader.read(name -> isOf(era, name), after, era.ends(), Filters.EVERYTHING, EventLog.MAX_PAGE_EVENTS)));
    }

    /**
     * What {@code reading} finds, read anew where another era has begun meanwhile: where the last one ended says nothing about it, and it
     * may have the same name, as where a copy from before is applied again.
     */
    private Page ofOneEra(Function<Era, Page> reading) {
        while (true) {
            Era era = tail.era();
            Page page = reading.apply(era);
            if (era == tail.era()) {
                return page;
            }
        }
    }

    /**
     * Whether what a reader sees in the database is of {@code era}: by its name, for that changes there first; and because no other has
     * begun, for another may have the same name.
     */
    private boolean isOf(Era era, String name) {
        return name.equals(era.epoch()) && tail.era() == era;
    }

    @Override
    public Since since(long timeMillis) {
        long newest = tail.era().ends().stored();
        return readers.ask(reader -> reader.since(timeMillis, newest));
    }

    @Override
    public Back back(Back search, Filters filters) {
        return readers.ask(reader -> reader.back(search, filters));
    }

    @Override
    public Page latest(long after, long through, Filters filters, int limit) {
        return readers.ask(reader -> reader.latest(after, through, filters, limit));
    }

    @Override
    public List<ClassUse> kept() {
        return counted.use(settings.config().classes(), state, coming);
    }

    @Override
    public LogHealth health() {
        var alarms = new ArrayList<String>();
        if (damage.count() > 0) {
            alarms.add("the replica " + settings.path() + " is damaged in " + damage.count()
                    + " places that were read; " + Role.REPLICA.remedy());
        }
        if (replaced) {
            alarms.add("the file of the replica " + settings.path() + " was removed or replaced while the node had it open; restart the"
                    + " node, which makes it anew");
        }
        return new LogHealth(Optional.ofNullable(trouble).or(readers::trouble).orElse(null), null, alarms, 0, damage.count());
    }

    @Override
    public void maintain() {
        readers.relieve();
        readers.tell(this::look);
        readers.recheck();
    }

    /** Whether the files are still its own. What is left beside a database that was removed is, too: the next opening makes it anew. */
    private void look() {
        boolean missing = own.missing().isPresent();
        if (missing && !replaced && !Files.exists(settings.path())) {
            markDamaged(settings.path(), "it was removed while the node had it open");
        }
        replaced = missing;
    }

    /** Called by the thread that applies, or once that has ended. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        readers.close();
        try (own; mark) {
            store.close();
            mark.write(new Mark(state.epoch(), state.newest(), Math.max(state.newest(), replica.last()), true));
        } catch (SQLException | IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, "the replica " + settings.path() + " could not be closed in order", e);
        }
    }
}
