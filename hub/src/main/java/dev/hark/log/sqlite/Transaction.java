package dev.hark.log.sqlite;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.log.Append;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.IdempotencyWindow.Fingerprint;
import dev.hark.log.IdempotencyWindow.Known;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private final List<Work.Publish> batches = new ArrayList<>();
    private final List<Append> answers = new ArrayList<>();
    private final TopicChains chains;
    private final Map<Integer, Long> moved = new HashMap<>();
    private LogState state;
    private long next;

    /** @param next the sequence number of the first event */
    Transaction(EventStore store, IdempotencyLimits limits, TopicChains chains, LogState state, long next, long nowMillis) {
        this.store = store;
        this.limits = limits;
        this.chains = chains;
        this.state = state;
        this.next = next;
        this.nowMillis = nowMillis;
    }

    /** Takes all of a batch in, or nothing of it. */
    void place(Work.Publish batch) throws SQLException {
        var entries = new ArrayList<Append.Entry>(batch.drafts().size());
        var fresh = new ArrayList<Draft>(batch.drafts().size());
        Map<String, Known> keys = new LinkedHashMap<>();
        long sequence = next;
        for (int i = 0; i < batch.drafts().size(); i++) {
            Draft draft = batch.drafts().get(i);
            Fingerprint fingerprint = batch.fingerprints().get(i);
            String key = draft.idempotencyKey();
            if (key != null && fingerprint != null) {
                Known known = find(keys, key);
                if (known != null && !known.fingerprint().equals(fingerprint)) {
                    answer(batch, new Append.KeyReused(i));
                    return;
                }
                if (known != null) {
                    entries.add(new Append.Entry(known.sequence(), true));
                    continue;
                }
                keys.put(key, new Known(sequence, fingerprint, nowMillis));
            }
            entries.add(new Append.Entry(sequence++, false));
            fresh.add(draft);
        }
        fresh.forEach(this::add);
        remember(keys);
        answer(batch, new Append.Stored(entries));
    }

    private void answer(Work.Publish batch, Append append) {
        batches.add(batch);
        answers.add(append);
    }

    private @Nullable Known find(Map<String, Known> inBatch, String key) throws SQLException {
        Known fresh = inBatch.get(key);
        if (fresh != null) {
            return fresh;
        }
        Known known = store.find(key);
        return known == null || nowMillis - known.timeMillis() >= limits.age().toMillis() ? null : known;
    }

    private void add(Draft draft) {
        events.add(Event.of(state.epoch(), next, nowMillis, draft));
        int chain = TopicChains.of(draft.topic().value());
        rows.add(StoredEvent.of(next, state.newest(), moved.getOrDefault(chain, chains.end(chain)), nowMillis, draft));
        moved.put(chain, next);
        state = state.added(next, nowMillis, events.getLast().frame().length());
        next++;
    }

    private void remember(Map<String, Known> keys) throws SQLException {
        for (Map.Entry<String, Known> entry : keys.entrySet()) {
            // One that was too old may still be there, and is replaced.
            long replaced = store.find(entry.getKey()) == null ? 0 : 1;
            store.remember(entry.getKey(), entry.getValue());
            state = state.withKeys(state.keys() + 1 - replaced);
        }
        long excess = state.keys() - limits.keys();
        if (excess > 0) {
            state = state.withKeys(state.keys() - store.forgetOldest(excess));
        }
    }

    /** Writes the events of all batches to the database. */
    void flush() throws SQLException {
        for (int i = 0; i < rows.size(); i++) {
            store.insert(rows.get(i), events.get(i).frame().length());
        }
    }

    /** Where chains will end: each with its newest event. */
    Map<Integer, Long> moved() {
        return moved;
    }

    /** What the database will say of itself. */
    LogState state() {
        return state;
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
        for (int i = 0; i < batches.size(); i++) {
            batches.get(i).answer().complete(answers.get(i));
        }
    }
}
