package dev.hark.app.source.jdbc;

import java.util.Collection;
import java.util.LinkedHashMap;

/**
 * Rows that were marked or deleted of late, which no look should give again. Bounded. Confined to the thread of its source: it outlives the
 * readings, one of which comes after the other.
 */
final class MarkedRows {
    /** More than one look gives. */
    static final int MAX = 10_000;

    private final LinkedHashMap<Long, String> until = new LinkedHashMap<>();

    /** These are marked: their ids, and when the newest of them was made. */
    void add(Collection<Long> ids, String until) {
        for (Long id : ids) {
            this.until.putLast(id, until);
        }
        while (this.until.size() > MAX) {
            this.until.pollFirstEntry();
        }
    }

    /** Whether a row that was made at {@code made} was marked, and is not another one that has its id. */
    boolean has(long id, String made) {
        String marked = until.get(id);
        return marked != null && made.compareTo(marked) <= 0;
    }
}
