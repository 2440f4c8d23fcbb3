package dev.hark.log.sqlite;

import dev.hark.event.EventKind;
import dev.hark.log.EndedTopics;
import dev.hark.log.Tail;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Table {@code ended}: which topics have ended, so that it is known after a restart.
 *
 * <p>Confined to the log's writer thread, but for what the tail tells it of.
 */
final class EndTable {
    /* What the tail knows, the table says too, but for ends that were forgotten: their rows go with the next transaction. A topic that was
       forgotten can be opened anew by that one at the earliest, so no row stays behind an event that would belie it. */

    private static final System.Logger LOGGER = System.getLogger(EndTable.class.getName());

    private final Tail tail;

    /** The positions of rows that are to go. */
    private final Queue<Long> unwanted = new ConcurrentLinkedQueue<>();

    // Of the transaction that is under way.
    private final Map<String, Long> changes = new HashMap<>();
    private final Map<String, Long> uncommitted = new HashMap<>();
    private int removed;

    private EndTable(Tail tail) {
        this.tail = tail;
    }

    /** Tells {@code tail} what the table of the log at {@code path} says; a topic whose row is damaged counts as open. */
    static EndTable load(Path path, EventStore store, Tail tail) throws SQLException {
        var table = new EndTable(tail);
        tail.begin(table.read(path, store, tail.bounds().newest()), table::forget);
        return table;
    }

    /** What the table says once it is another one, of events up to {@code newest}. */
    List<EndedTopics.End> readAnew(Path path, EventStore store, long newest) throws SQLException {
        clear();
        return read(path, store, newest);
    }

    private List<EndedTopics.End> read(Path path, EventStore store, long newest) throws SQLException {
        List<EndedTopics.End> ends = new ArrayList<>();
        for (EndRow row : store.readEnds()) {
            if (row.isIntact() && row.sequence() > 0 && row.sequence() <= newest) {
                ends.add(new EndedTopics.End(row.topic(), row.sequence()));
            } else {
                LOGGER.log(System.Logger.Level.DEBUG, "the log " + path + ": the row of event " + row.sequence()
                        + " in table ended is damaged; its topic counts as open");
                unwanted.add(row.sequence());
            }
        }
        return ends;
    }

    /** Has the row of the event at {@code sequence} go with the next transaction. */
    void forget(long sequence) {
        unwanted.add(sequence);
    }

    /** Says that the table is empty. */
    void clear() {
        unwanted.clear();
        begin();
    }

    /** Begins a transaction. */
    void begin() {
        changes.clear();
        uncommitted.clear();
        removed = 0;
    }

    /** Takes note of an event that the transaction stores. */
    void add(String topic, long sequence, EventKind kind) {
        switch (kind) {
            case END -> changes.put(topic, sequence);
            case PLAIN, DELETED -> {
                if (changes.containsKey(topic) || end(topic) != EndedTopics.OPEN) {
                    changes.put(topic, EndedTopics.OPEN);
                }
            }
        }
    }

    /** What the table says: {@link EndedTopics#OPEN} where it has no row. */
    private long end(String topic) {
        Long written = uncommitted.get(topic);
        return written == null ? tail.era().ended().of(topic) : written;
    }

    /** Has the table say what will be once the transaction is committed; may be called several times in one. */
    void write(EventStore store) throws SQLException {
        int wanted = 0;
        for (long sequence : unwanted) {
            if (wanted++ == removed) {
                store.deleteEnd(sequence);
                removed++;
            }
        }
        for (Map.Entry<String, Long> change : changes.entrySet()) {
            long before = end(change.getKey());
            if (before != EndedTopics.OPEN) {
                store.deleteEnd(before);
            }
            if (change.getValue() != EndedTopics.OPEN) {
                store.insertEnd(EndRow.of(change.getValue(), change.getKey()));
            }
        }
        uncommitted.putAll(changes);
        changes.clear();
    }

    /** Says that the transaction is committed. */
    void written() {
        for (; removed > 0; removed--) {
            unwanted.remove();
        }
        uncommitted.clear();
    }
}
