package dev.hark.log.sqlite;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.log.Append;
import dev.hark.log.DraftBatch;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.KnownKey;
import dev.hark.log.LogConfig;
import dev.hark.log.Placement;
import dev.hark.log.TopicClass;
import dev.hark.log.TopicClasses;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the batches of one group become: positions, rows, keys, and an answer for each that holds once the group is committed.
 *
 * <p>Confined to the log's writer thread.
 */
final class Transaction {
    private final EventStore store;
    private final IdempotencyLimits limits;
    private final long nowMillis;
    private final List<Event> events = new ArrayList<>();
    private final List<StoredEvent> rows = new ArrayList<>();
    private final List<Integer> frames = new ArrayList<>();
    private final List<Consumer<Append>> told = new ArrayList<>();
    private final List<Append> answers = new ArrayList<>();
    private final TopicChains chains;
    private final Map<Integer, Long> moved;
    private final TopicClasses classes;
    private final EndTable ends;
    private final LatestTable latest;
    private final List<LatestTable.Superseded> superseded = new ArrayList<>();
    private ClassStates counted;
    private final long[] moreEvents;
    private final long[] moreBytes;
    private LogState state;
    private long next;

    /**
     * @param moved where chains end by what was written before and is not committed yet; is given where they will end
     * @param ends  which has begun
     * @param turn  the position of the first event, and its time
     */
    Transaction(EventStore store, LogConfig config, TopicChains chains, Map<Integer, Long> moved, LogState state, ClassStates counted,
            EndTable ends, Positions.Turn turn) {
        this.store = store;
        this.limits = config.idempotency();
        this.classes = config.classes();
        this.chains = chains;
        this.moved = moved;
        this.latest = new LatestTable(classes, config.latestKeys());
        this.ends = ends;
        this.state = state;
        this.counted = counted;
        this.moreEvents = new long[counted.all().size()];
        this.moreBytes = new long[counted.all().size()];
        this.next = turn.first();
        this.nowMillis = turn.timeMillis();
    }

    /**
     * Takes all of a batch in, or nothing of it.
     *
     * @param answer is told which, once that is committed
     */
    void place(DraftBatch batch, Consumer<Append> answer) throws SQLException {
        Placement placed = Placement.of(state.epoch(), batch, this::find, next, nowMillis);
        for (Placement.Fresh fresh : placed.fresh()) {
            add(fresh);
        }
        remember(placed.keys());
        next = placed.next();
        told.add(answer);
        answers.add(placed.answer());
    }

    private @Nullable KnownKey find(String key) throws SQLException {
        KnownKey known = store.find(key);
        return known == null || nowMillis - known.timeMillis() >= limits.age().toMillis() ? null : known;
    }

    private void add(Placement.Fresh fresh) {
        long sequence = fresh.sequence();
        Draft draft = fresh.draft();
        events.add(Event.of(state.epoch(), sequence, nowMillis, draft));
        int frameBytes = events.getLast().frame().length();
        if (!counted.areNone()) {
            TopicClass topicClass = classes.of(draft.topic().value());
            if (!topicClass.keep().isStored()) {
                return;
            }
            moreEvents[topicClass.number()]++;
            moreBytes[topicClass.number()] += frameBytes;
            if (topicClass.keep().latest()) {
                latest.add(topicClass, LatestTable.Name.of(draft.topic().value(), draft.key()), sequence, draft.kind());
            }
        }
        frames.add(frameBytes);
        int chain = TopicChains.of(draft.topic().value());
        rows.add(StoredEvent.of(sequence, state.newest(), moved.getOrDefault(chain, chains.end(chain)), nowMillis, draft));
        moved.put(chain, sequence);
        ends.add(draft.topic().value(), sequence, draft.kind());
        state = state.added(sequence, nowMillis, frameBytes);
    }

    private void remember(Map<String, KnownKey> keys) throws SQLException {
        for (Map.Entry<String, KnownKey> entry : keys.entrySet()) {
            // One that was too old may still be there, and is replaced.
            long replaced = store.find(entry.getKey()) == null ? 0 : 1;
            store.remember(entry.getKey(), entry.getValue());
            state = state.withKeys(state.keys() + 1 - replaced);
        }
        long excess = state.keys() - limits.keys();
        if (excess > 0 && !keys.isEmpty()) {
            // Where the limit was lowered there may be a million too many: the upkeep takes care of them, while nobody waits.
            long few = Math.max(SqliteWriter.MAX_REMOVALS, 2L * keys.size());
            state = state.withKeys(state.keys() - store.forgetOldest(Math.min(excess, few)));
        }
    }

    /** Writes the events of all batches to the database. */
    void flush() throws SQLException {
        for (int i = 0; i < rows.size(); i++) {
            store.insert(rows.get(i), frames.get(i));
        }
        ends.write(store);
        if (!counted.areNone()) {
            counted = latest.write(store, counted, superseded);
        }
    }

    /** The events that were kept for being the newest of their topics and keys, and are no more. */
    List<LatestTable.Superseded> superseded() {
        return superseded;
    }

    /** Where chains will end: each with its newest event. */
    Map<Integer, Long> moved() {
        return moved;
    }

    /** Where a chain will end. */
    long chainEnd(int chain) {
        return moved.getOrDefault(chain, chains.end(chain));
    }

    /** What the database will say of itself. */
    LogState state() {
        return state;
    }

    /** What it will say of the classes of topics. */
    ClassStates counted() {
        ClassStates after = counted;
        for (int i = 0; i < moreEvents.length; i++) {
            after = moreEvents[i] == 0 ? after : after.with(counted.get(i).counted(moreEvents[i], moreBytes[i]));
        }
        return after;
    }

    /** The sequence number after the last that was given. */
    long next() {
        return next;
    }

    /** The new events, in order. */
    List<Event> events() {
        return events;
    }

    /** Answers every batch: the group is committed. */
    void answer() {
        for (int i = 0; i < told.size(); i++) {
            told.get(i).accept(answers.get(i));
        }
    }
}
