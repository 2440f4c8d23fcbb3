package dev.hark.log;

import dev.hark.event.TopicFilter;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * The log as replays read it: from the hot events where they reach back far enough, otherwise page by page from the engine, a few at a time.
 *
 * <p>Thread-safe; callers are subscribers' virtual threads and may wait here for their turn.
 */
public final class History {
    /** How many pages are read from the engine at once. More would take the disk and the processors from live delivery. */
    private static final int CONCURRENT_READS = 4;

    private final EventLog log;
    private final Semaphore turns = new Semaphore(CONCURRENT_READS, true);

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
        turns.acquire();
        try {
            return log.read(after, filters, EventLog.MAX_PAGE_EVENTS);
        } finally {
            turns.release();
        }
    }
}
