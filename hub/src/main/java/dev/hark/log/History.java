package dev.hark.log;

import dev.hark.event.Event;
import dev.hark.event.TopicFilter;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The log as replays read it: from the hot events where they reach back far enough, otherwise page by page from the engine, a few at a time.
 *
 * <p>Whoever asks for what another is reading is given the same page, and so is who asks a moment later. Thread-safe; callers are subscribers'
 * virtual threads and may wait here for their turn.
 */
public final class History {
    /* After a restart thousands come back at once with much the same id and the same filters, and then read on at their own pace: those who are
       together share a read, and those who follow find the page that it left. Only full pages are kept: a short one ends where the log ended. */

    /** How many pages are read from the engine at once. More would take the disk and the processors from live delivery. */
    private static final int CONCURRENT_READS = 4;

    /** How many bytes of frames the kept pages may have. */
    private static final int MAX_KEPT_BYTES = 16 << 20;

    private static final System.Logger LOGGER = System.getLogger(History.class.getName());

    private final EventLog log;
    private final Semaphore turns = new Semaphore(CONCURRENT_READS, true);

    /** The pages that are being read: at most one for each waiting stream. */
    private final ConcurrentMap<Query, CompletableFuture<Page>> reads = new ConcurrentHashMap<>();

    // Guarded by kept.
    private final Map<Query, Page> kept = new LinkedHashMap<>(64, 0.75f, true);
    private long keptBytes;

    private record Query(long after, List<TopicFilter> filters) {}

    public History(EventLog log) {
        this.log = log;
    }

    /** As {@link EventLog#read}. */
    public Page read(long after, List<TopicFilter> filters) throws InterruptedException {
        EventRing hot = log.hot().ring();
        if (hot.covers(after)) {
            Page page = hot.read(after, filters, EventLog.MAX_PAGE_EVENTS);
            if (page.from() == after) {
                return page;
            }
        }
        var query = new Query(after, filters);
        while (true) {
            Page page = kept(query);
            if (page != null) {
                return page;
            }
            var mine = new CompletableFuture<Page>();
            CompletableFuture<Page> other = reads.putIfAbsent(query, mine);
            if (other == null) {
                return readFor(query, mine);
            }
            try {
                return other.get();
            } catch (ExecutionException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "whoever read for others failed or was interrupted; each tries for itself", e);
            }
        }
    }

    private Page readFor(Query query, CompletableFuture<Page> result) throws InterruptedException {
        try {
            turns.acquire();
            try {
                Page page = log.read(query.after(), query.filters(), EventLog.MAX_PAGE_EVENTS);
                keep(query, page);
                result.complete(page);
                return page;
            } finally {
                turns.release();
            }
        } finally {
            reads.remove(query, result);
            // Without effect where there is a page.
            result.completeExceptionally(new IllegalStateException("not read"));
        }
    }

    private @Nullable Page kept(Query query) {
        if (query.after() < log.bounds().floor()) {
            // Retention has removed some of it since.
            return null;
        }
        synchronized (kept) {
            return kept.get(query);
        }
    }

    private void keep(Query query, Page page) {
        if (page.events().size() < EventLog.MAX_PAGE_EVENTS) {
            return;
        }
        synchronized (kept) {
            if (kept.putIfAbsent(query, page) == null) {
                keptBytes += bytes(page);
            }
            Iterator<Page> eldest = kept.values().iterator();
            while (keptBytes > MAX_KEPT_BYTES) {
                keptBytes -= bytes(eldest.next());
                eldest.remove();
            }
        }
    }

    private static long bytes(Page page) {
        long sum = 0;
        for (Event event : page.events()) {
            sum += event.frame().length();
        }
        return sum;
    }
}
