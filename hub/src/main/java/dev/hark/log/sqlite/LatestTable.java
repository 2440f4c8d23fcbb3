package dev.hark.log.sqlite;

import dev.hark.event.EventKind;
import dev.hark.log.ClassUse;
import dev.hark.log.TopicClass;
import dev.hark.log.TopicClasses;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction changes in table {@code latest}: where the newest event of each topic and key stands, of classes that keep it.
 *
 * <p>Confined to the log's writer thread.
 */
final class LatestTable {
    /* The table says which events stay; the events themselves stand where all do. It follows from them, and is made anew from them where it
       is not as it should be. An event that is kept for being the newest alone goes with the transaction that brings a newer one. */

    /** How many rows too many are removed with a transaction that adds few. */
    private static final long MANY = 500;

    private static final System.Logger LOGGER = System.getLogger(LatestTable.class.getName());

    private final TopicClasses classes;
    private final int maxKeys;
    private final Map<Name, Change> changes = new LinkedHashMap<>();

    /** @param key "" where there is none */
    record Name(String topic, String key) {
        static Name of(String topic, @Nullable String key) {
            return new Name(topic, key == null ? "" : key);
        }
    }

    /** @param sequence of the newest event; 0 where that took back what there was */
    private record Change(int number, long sequence) {}

    /** An event of the class {@code number} that was kept for being the newest alone, and is no more. */
    record Superseded(int number, long sequence) {}

    /** Takes note of an event that the transaction stores. */
    void add(TopicClass topicClass, Name name, long sequence, EventKind kind) {
        if (topicClass.keep().latest()) {
            changes.put(name, new Change(topicClass.number(), kind == EventKind.DELETED ? 0 : sequence));
        }
    }

    /** @param maxKeys how many rows the table has at most */
    LatestTable(TopicClasses classes, int maxKeys) {
        this.classes = classes;
        this.maxKeys = maxKeys;
    }

    /**
     * Has the table say what will be once the transaction is committed.
     *
     * @param superseded is given the events that are to be removed
     * @return what the database will say of its classes
     */
    ClassStates write(EventStore store, ClassStates counted, List<Superseded> superseded) throws SQLException {
        ClassStates after = counted;
        for (Map.Entry<Name, Change> change : changes.entrySet()) {
            ClassState state = after.get(change.getValue().number());
            long sequence = change.getValue().sequence();
            long before = store.latest(change.getKey().topic(), change.getKey().key());
            if (before == 0 && sequence > 0) {
                store.insertLatest(change.getKey().topic(), change.getKey().key(), sequence);
                after = after.with(state.withMoreKeys(1));
            } else if (before > 0 && sequence > 0) {
                store.moveLatest(before, sequence);
            } else if (before > 0) {
                store.deleteLatest(before);
                after = after.with(state.withMoreKeys(-1));
            }
            if (before > 0 && before <= state.swept()) {
                superseded.add(new Superseded(state.number(), before));
            }
        }
        return changes.isEmpty() ? after : evict(store, after, superseded);
    }

    /** Forgets the oldest rows that are too many. Their events go where retention would have taken them already. */
    private ClassStates evict(EventStore store, ClassStates counted, List<Superseded> superseded) throws SQLException {
        long excess = counted.all().stream().mapToLong(each -> each.kept().keys()).sum() - maxKeys;
        if (excess <= 0) {
            return counted;
        }
        ClassStates after = counted;
        // Where the limit was lowered there may be a million too many: some go with each transaction.
        for (EventStore.Newest old : store.oldestLatest(Math.min(excess, Math.max(MANY, 2L * changes.size())))) {
            store.deleteLatest(old.sequence());
            ClassState state = after.get(classes.numberOf(old.topic()));
            if (state.kept().evicted() == 0) {
                LOGGER.log(System.Logger.Level.WARNING, ClassUse.Latest.tooMany(state.name(), maxKeys));
            }
            after = after.with(state.evicted(old.sequence()));
            if (old.sequence() <= state.swept()) {
                superseded.add(new Superseded(state.number(), old.sequence()));
            }
        }
        return after;
    }

    /** What is to be removed of each class. */
    static Map<Integer, List<Long>> byClass(List<Superseded> superseded) {
        Map<Integer, List<Long>> byClass = new LinkedHashMap<>();
        superseded.forEach(each -> byClass.computeIfAbsent(each.number(), number -> new ArrayList<>()).add(each.sequence()));
        return byClass;
    }
}
