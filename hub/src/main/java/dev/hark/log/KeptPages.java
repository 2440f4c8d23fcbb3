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

    /** The page that {@code query} asks for, or one of every topic that holds what follows its position; null where there is none. */
    @Nullable Page find(History.Query query, long floor) {
        if (query.after() < floor && !query.isOfSnapshot()) {
            // Retention has removed some of it since. What it removes of a snapshot was superseded behind that, and is given there.
            return null;
        }
        synchronized (this) {
            if (!query.filters().matchAll()) {
                return pages.get(query);
            }
            Map.Entry<History.Query, History.Query> begun = ofAll.floorEntry(query);
            boolean same = begun != null && begun.getKey().snapshot() == query.snapshot();
            Page page = same ? pages.get(begun.getValue()) : null;
            boolean holds = page != null && page.epoch().equals(query.epoch()) && page.through() > query.after();
            return holds ? page : null;
        }
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
                if (query.filters().equals(Filters.ALL)) {
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
