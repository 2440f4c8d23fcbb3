package dev.hark.log;

import dev.hark.event.Event;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all streams together hold of the log while they write it: a page each as long as there is room, and beyond that what one write
 * takes.
 *
 * <p>Thread-safe.
 */
final class PageBudget {
    /** How many bytes all pages may have that are more than one write takes. */
    static final long MAX_BYTES = 16 << 20;

    /** How many bytes of frames a page may have, beside its last event: its stream holds it until its client has taken it. */
    static final int PAGE_BYTES = 128 << 10;

    /** The same where there is no room: one write. */
    static final int LEAST_BYTES = 16 << 10;

    /** What an event takes beside its frame, about. */
    private static final long EVENT_BYTES = 256;

    private final AtomicLong free = new AtomicLong(MAX_BYTES);

    /** A first part of {@code page}, or all of it. */
    HeldPage lend(Page page, long lost) {
        Page part = cut(page, PAGE_BYTES);
        long bytes = bytes(part.events());
        if (bytes <= LEAST_BYTES) {
            // No less would be lent to anybody.
            return new HeldPage(part, lost, this, 0);
        }
        if (free.addAndGet(-bytes) >= 0) {
            return new HeldPage(part, lost, this, bytes);
        }
        free.addAndGet(bytes);
        return new HeldPage(cut(part, LEAST_BYTES), lost, this, 0);
    }

    void giveBack(long bytes) {
        free.addAndGet(bytes);
    }

    /** How many bytes are held now, without those pages that are as small as can be. */
    long held() {
        return MAX_BYTES - free.get();
    }

    private static Page cut(Page page, int maxBytes) {
        List<Event> events = page.events();
        long bytes = 0;
        for (int i = 0; i < events.size(); i++) {
            if (bytes > maxBytes) {
                // A copy: a view would hold all of them.
                List<Event> first = List.copyOf(events.subList(0, i));
                return page.first(first, events.get(i).sequence() - 1);
            }
            bytes += events.get(i).frame().length();
        }
        return page;
    }

    private static long bytes(List<Event> events) {
        return events.stream().mapToLong(event -> EVENT_BYTES + event.frame().length()).sum();
    }
}
