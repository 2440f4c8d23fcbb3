package dev.hark.fanout;

import dev.hark.event.Event;
import org.jspecify.annotations.Nullable;

/**
 * The mailboxes of a lane that hold events back for one and the same {@link TopicRule#linger}, in the order in which they are due.
 * Confined to the lane.
 */
final class LingerQueue {
    /* What is added is due last, because every event of this queue waits equally long. So it is a list, and not a heap. It is linked
       through its entries, of which each seat has one: a mailbox that was emptied before it was due leaves its entry behind, and takes it
       along to the end when it holds something back again. So a queue is never longer than there are streams, whatever their clients do. */

    /** Where a mailbox stands, in one queue at most. */
    static final class Entry {
        private final Mailbox mailbox;
        private @Nullable LingerQueue queue;
        private @Nullable Entry before;
        private @Nullable Entry after;
        private long dueNanos;

        Entry(Mailbox mailbox) {
            this.mailbox = mailbox;
        }

        private void moveTo(LingerQueue other) {
            leave();
            other.append(this);
        }

        /** Is not to be woken any more, if it was. */
        void leave() {
            if (queue != null) {
                queue.remove(this);
            }
        }
    }

    private final long lingerNanos;
    private @Nullable Entry first;
    private @Nullable Entry last;

    /** When what is offered now is due. */
    private long dueNanos;

    private long writes;
    private long events;

    LingerQueue(long lingerNanos) {
        this.lingerNanos = lingerNanos;
    }

    long lingerNanos() {
        return lingerNanos;
    }

    /** Begins with another event: {@link #offer} is called now. */
    void begin(long nowNanos) {
        dueNanos = nowNanos + lingerNanos;
    }

    /** Offers {@code event} to the mailbox of {@code entry}, and sees to it that its owner is woken in time. */
    Offer offer(Entry entry, Event event) {
        Offer offer = entry.mailbox.offerHeld(event);
        if (offer == Offer.HELD) {
            writes++;
            events++;
            entry.moveTo(this);
        } else if (offer == Offer.HELD_TOO) {
            events++;
            if (dueNanos - entry.dueNanos < 0) {
                // Another topic's events may wait longer: the first that is due takes all with it.
                entry.moveTo(this);
            }
        }
        return offer;
    }

    /** Wakes the owners of all that are due at {@code nowNanos}. */
    void release(long nowNanos) {
        for (Entry entry = first; entry != null && entry.dueNanos - nowNanos <= 0; entry = first) {
            remove(entry);
            entry.mailbox.release();
        }
    }

    /** Wakes the owners of all. */
    void releaseAll() {
        for (Entry entry = first; entry != null; entry = first) {
            remove(entry);
            entry.mailbox.release();
        }
    }

    boolean isEmpty() {
        return first == null;
    }

    /** How long after {@code nowNanos} the first is due; {@link Long#MAX_VALUE} where there is none. */
    long untilDue(long nowNanos) {
        return first == null ? Long.MAX_VALUE : first.dueNanos - nowNanos;
    }

    /** How many writes were put off since this was asked last. */
    long takeWrites() {
        long taken = writes;
        writes = 0;
        return taken;
    }

    /** How many events waited since this was asked last. */
    long takeEvents() {
        long taken = events;
        events = 0;
        return taken;
    }

    private void append(Entry entry) {
        entry.queue = this;
        entry.dueNanos = dueNanos;
        entry.before = last;
        if (last == null) {
            first = entry;
        } else {
            last.after = entry;
        }
        last = entry;
    }

    private void remove(Entry entry) {
        Entry before = entry.before;
        Entry after = entry.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        entry.before = null;
        entry.after = null;
        entry.queue = null;
    }
}
