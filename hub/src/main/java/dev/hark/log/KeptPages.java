package dev.hark.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The pages that were read last, for those who follow. One that ended where the log ended stays right as far as it goes: whoever is given
 * it asks on from there. Thread-safe.
 */
final class KeptPages {
    /** How many bytes the kept pages may have, about. */
    private static final long MAX_BYTES = 16 << 20;

    /** What an event takes beside its frame, about. */
    private static final int EVENT_BYTES = 100;

    /** What a page without events takes, with the query that asked for it. */
    private static final int PAGE_BYTES = 500;

    /** By when they were asked for last. */
    @GuardedBy("this")
    private final Map<History.Query, Page> pages = new LinkedHashMap<>(64, 0.75f, true);

    /** Those of every topic by where they begin, for whoever is somewhere in the middle. */
    @GuardedBy("this")
    private final TreeMap<History.Query, History.Query> ofAll =
            new TreeMap<>(Comparator.comparingLong(History.Query::snapshot).thenComparingLong(History.Query::after));

    @GuardedBy("this")
    private long bytes;

    /**
     * The page that {@code query} asks for, or one of every topic that holds what follows its position; null where there is none.
     *
     * @param floor  the position before the oldest event
     * @param floors up to where each class has lost events
     */
    @Nullable Page find(History.Query query, long floor, Floors floors) {
        if (query.after() < floor && !query.isOfSnapshot()) {
            // Retention has removed some of it since. What it removes of a snapshot was superseded behind that, and is given there.
            return null;
        }
        synchronized (this) {
            History.Query kept = query.filters().matchAll() ? beginning(query) : query;
            if (kept == null || kept.snapshot() != query.snapshot()) {
                return null;
            }
            Page page = pages.get(kept);
            if (page == null) {
                return null;
            }
            if (!query.isOfSnapshot() && floors.havePassed(page.lost(), page.from())) {
                // The same, from among others: whoever asked again and again would be given it for ever.
                forget(kept, page);
                return null;
            }
            boolean holds = !query.filters().matchAll() || (page.epoch().equals(query.epoch()) && page.through() > query.after());
            return holds ? page : null;
        }
    }

    /** That of the page of every topic that begins there, or last before. */
    @GuardedBy("this")
    private History.@Nullable Query beginning(History.Query query) {
        // The value: a key stays when another history's takes its place.
        Map.Entry<History.Query, History.Query> begun = ofAll.floorEntry(query);
        return begun == null ? null : begun.getValue();
    }

    @GuardedBy("this")
    private void forget(History.Query query, Page page) {
        pages.remove(query);
        ofAll.remove(query, query);
        bytes -= bytes(page);
    }

    /** Keeps {@code page}, unless it leads nowhere. */
    void keep(History.Query query, Page page) {
        // What begins later than asked for says that something is missing: that is found anew each time.
        if (page.from() != query.after() || page.through() == page.from() || !page.epoch().equals(query.epoch())) {
            return;
        }
        synchronized (this) {
            if (pages.putIfAbsent(query, page) == null) {
                bytes += bytes(page);
                if (query.filters().equals(Filters.EVERYTHING)) {
                    ofAll.put(query, query);
                }
            }
            Iterator<Map.Entry<History.Query, Page>> eldest = pages.entrySet().iterator();
            while (bytes > MAX_BYTES) {
                Map.Entry<History.Query, Page> gone = eldest.next();
                bytes -= bytes(gone.getValue());
                ofAll.remove(gone.getKey(), gone.getKey());
                eldest.remove();
            }
        }
    }

    private static long bytes(Page page) {
        long sum = PAGE_BYTES;
        for (Event event : page.events()) {
            sum += event.frame().length() + EVENT_BYTES;
        }
        return sum;
    }
}
