package dev.hark.fanout;

import dev.hark.event.Event;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The events that wait in a {@link Mailbox}, oldest first, in as many slots as it needs for a while.
 *
 * <p>Guarded by its mailbox's monitor.
 */
final class MailboxRing {
    /* It grows with a burst, and `shrink` gives back what was not needed since the last call. What counts is how many events waited
       at once in that time, not how many wait now: a subscriber that needs 100 slots for a moment of every second keeps its 128 and
       allocates nothing. A ring shrinks where a quarter was enough, and then to twice of what was needed, so that a load on the border
       between two sizes does not go back and forth. A burst that comes less often than that makes the ring grow anew, once each time. */

    private static final int INITIAL_SLOTS = 4;

    /** A ring of which no more than this part was in use is too large. */
    private static final int USED_SHARE = 4;

    private @Nullable Event[] slots = new @Nullable Event[INITIAL_SLOTS];
    private int head;
    private int size;

    /** How many waited at once since {@link #shrink} looked. */
    private int most;

    private long bytes;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** How many bytes their frames have. */
    long bytes() {
        return bytes;
    }

    /** For how many events there is room without growing. */
    int slots() {
        return slots.length;
    }

    /** The oldest; there must be one. */
    Event first() {
        return at(0);
    }

    void add(Event event) {
        if (size == slots.length) {
            resize(slots.length * 2);
        }
        slots[slot(size)] = event;
        size++;
        most = Math.max(most, size);
        bytes += event.frame().length();
    }

    /** Removes the oldest; there must be one. */
    Event removeFirst() {
        Event event = at(0);
        slots[head] = null;
        head = (head + 1) & (slots.length - 1);
        size--;
        bytes -= event.frame().length();
        return event;
    }

    /**
     * What was removed.
     *
     * @param count   how many events
     * @param through the highest sequence number among them; 0 where there are none
     */
    record Removed(int count, long through) {}

    /** Removes what {@code unwanted} says, which is asked of the newest first. */
    Removed removeIf(Predicate<Event> unwanted) {
        int from = size;
        long through = 0;
        for (int i = size - 1; i >= 0; i--) {
            Event event = at(i);
            if (unwanted.test(event)) {
                bytes -= event.frame().length();
                through = Math.max(through, event.sequence());
            } else {
                slots[slot(--from)] = event;
            }
        }
        for (int i = 0; i < from; i++) {
            slots[slot(i)] = null;
        }
        head = slot(from);
        size -= from;
        return new Removed(from, through);
    }

    /** Removes all. Who overflowed once is likely slow: a larger ring is given back. */
    void clear() {
        slots = new @Nullable Event[INITIAL_SLOTS];
        head = 0;
        size = 0;
        bytes = 0;
    }

    /** Gives back the slots that a burst took, where they were not needed since the last call. */
    void shrink() {
        if (slots.length > INITIAL_SLOTS && most <= slots.length / USED_SHARE) {
            int fewer = INITIAL_SLOTS;
            while (fewer < most * 2) {
                fewer *= 2;
            }
            resize(fewer);
        }
        most = size;
    }

    /** @param count a power of two, at least as many as events wait */
    private void resize(int count) {
        var resized = new @Nullable Event[count];
        for (int i = 0; i < size; i++) {
            resized[i] = slots[slot(i)];
        }
        slots = resized;
        head = 0;
    }

    private Event at(int index) {
        Event event = slots[slot(index)];
        if (event == null) {
            throw new IllegalStateException("slot " + index + " of " + size + " is empty");
        }
        return event;
    }

    private int slot(int index) {
        return (head + index) & (slots.length - 1);
    }
}
