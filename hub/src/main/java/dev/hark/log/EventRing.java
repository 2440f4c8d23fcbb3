package dev.hark.log;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A run of consecutive events in memory, bounded in number and bytes, from which the oldest go first.
 *
 * <p>Events are counted by ordinals, from 0 and without holes, whatever holes their sequence numbers have. One writer at a time, which its
 * owner sees to; any number of readers, without a lock.
 */
public final class EventRing {
    /* A reader takes an event out of its slot and only then looks whether the ordinal is still retained: the writer moves `first` on before
       it touches the slot, so an event that was read while `first` had not passed it is the right one. When the ring grows, the old array
       is left as it is for those who still read it. */

    private static final int INITIAL_SLOTS = 1024;

    /** What a call may cost: after so many comparisons of events with filters a reader returns a short page, or lets others run. */
    private static final int MAX_COMPARISONS = 20_000;

    /** How many bytes of frames a page may bring together, its last event excepted. */
    private static final int MAX_PAGE_BYTES = 1 << 20;

    private final long maxEvents;
    private final long maxBytes;

    // Written by the owner, read by everybody.
    private volatile AtomicReferenceArray<@Nullable Event> slots;
    private volatile long first;
    private volatile long end;
    private volatile long floor;
    private volatile long floorTimeMillis = Long.MIN_VALUE;
    private volatile long newest;
    private volatile long bytes;

    /** @param position the sequence number after which the first event will come */
    public EventRing(long maxEvents, long maxBytes, long position) {
        this.maxEvents = maxEvents;
        this.maxBytes = maxBytes;
        this.floor = position;
        this.newest = position;
        this.slots = new AtomicReferenceArray<>((int) Math.min(INITIAL_SLOTS, ceilingPowerOfTwo(maxEvents)));
    }

    /** Appends {@code event}, whose sequence number is greater than every one before, and removes the oldest where a bound is passed. */
    public void add(Event event) {
        if (event.sequence() <= newest) {
            throw new IllegalArgumentException("event " + event.sequence() + " does not come after " + newest);
        }
        while (end > first && (end - first >= maxEvents || bytes + event.frame().length() > maxBytes)) {
            removeOldest();
        }
        if (end - first == slots.length()) {
            grow();
        }
        long ordinal = end;
        slots.set(slot(slots, ordinal), event);
        changeBytes(event.frame().length());
        end = ordinal + 1;
        // Last: who reads this position also finds the event.
        newest = event.sequence();
    }

    /** Says that nothing comes up to {@code position} but what is in the ring: as far is it searched by who reads it. */
    void pass(long position) {
        newest = Math.max(newest, position);
    }

    /** The floor that the ring will have once {@code coming} are added. */
    public long floorWith(List<Event> coming) {
        long ordinal = first;
        long kept = end;
        long total = bytes;
        long position = floor;
        for (Event event : coming) {
            while (kept > ordinal && (kept - ordinal >= maxEvents || total + event.frame().length() > maxBytes)) {
                Event oldest = ordinal < end ? get(ordinal) : coming.get((int) (ordinal - end));
                if (oldest != null) {
                    total -= oldest.frame().length();
                    position = oldest.sequence();
                }
                ordinal++;
            }
            kept++;
            total += event.frame().length();
        }
        return position;
    }

    /** The floor that the ring will have after {@link #removeBefore}. */
    public long floorWithout(long timeMillis) {
        long position = floor;
        for (long ordinal = first; ordinal < end; ordinal++) {
            Event event = get(ordinal);
            if (event == null || event.timeMillis() >= timeMillis) {
                break;
            }
            position = event.sequence();
        }
        return position;
    }

    /** Removes what was stored before {@code timeMillis}. */
    public void removeBefore(long timeMillis) {
        while (end > first) {
            Event oldest = slots.get(slot(slots, first));
            if (oldest == null || oldest.timeMillis() >= timeMillis) {
                return;
            }
            removeOldest();
        }
    }

    /** The event with {@code ordinal}, or null where it is gone or not there yet. */
    public @Nullable Event get(long ordinal) {
        if (ordinal >= end) {
            return null;
        }
        AtomicReferenceArray<@Nullable Event> current = slots;
        Event event = current.get(slot(current, ordinal));
        return ordinal < first ? null : event;
    }

    /** The ordinal of the oldest event in the ring, or of the next one where there is none. */
    public long firstOrdinal() {
        return first;
    }

    /** The ordinal that the next event will have. */
    public long endOrdinal() {
        return end;
    }

    /** The ordinal of the first event in the ring after position {@code sequence}. */
    public long ordinalAfter(long sequence) {
        long low = first;
        long high = end;
        while (low < high) {
            long middle = (low + high) >>> 1;
            Event event = get(middle);
            if (event == null || event.sequence() <= sequence) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** What the ring retains: every event after {@code floor}. */
    public Bounds bounds() {
        // The floor first: it only grows, and never past the newest that is read after it.
        long position = floor;
        return new Bounds(position, newest);
    }

    /** Whether every event after position {@code sequence} is still in the ring. */
    public boolean covers(long sequence) {
        return sequence >= floor;
    }

    /** How many bytes the frames in the ring have. */
    public long bytes() {
        return bytes;
    }

    /** As {@link EventLog#read}, of the history with {@code epoch}. */
    public Page read(String epoch, long after, Filters filters, int limit) {
        while (true) {
            Page page = readFrom(epoch, Math.max(after, floor), filters, limit);
            if (page != null) {
                return page;
            }
        }
    }

    /** The page that begins at {@code from}; null where the ring's beginning moved past that before an event was found. */
    private @Nullable Page readFrom(String epoch, long from, Filters filters, int limit) {
        var events = new ArrayList<Event>(Math.min(limit, 64));
        long tail = newest;
        long through = from;
        long pageBytes = 0;
        long ordinal = ordinalAfter(from);
        if (floor > from) {
            // The search may have begun after events that were there when `from` was chosen; the floor moves before they go.
            return null;
        }
        for (int comparisons = 0; ; comparisons += filters.size(), ordinal++) {
            Event event = get(ordinal);
            if (event == null) {
                if (ordinal >= end) {
                    // Everything up to the newest of before the search was seen; sequence numbers may have holes at the end.
                    return new Page(epoch, from, events, Math.max(through, tail));
                }
                return through > from ? new Page(epoch, from, events, through) : null;
            }
            if (events.size() == limit || comparisons >= MAX_COMPARISONS || pageBytes > MAX_PAGE_BYTES) {
                return new Page(epoch, from, events, through);
            }
            // Who was given an event by another node may be ahead of the ring: what is added during the search may still be before that.
            if (event.sequence() > from) {
                if (filters.matches(event.topic())) {
                    events.add(event);
                    pageBytes += event.frame().length();
                }
                through = event.sequence();
            }
        }
    }

    /** As {@link EventLog#since}. */
    public Since since(long timeMillis) {
        long low = first;
        long high = end;
        while (low < high) {
            long middle = (low + high) >>> 1;
            Event event = get(middle);
            if (event == null || event.timeMillis() < timeMillis) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Event before = get(low - 1);
        return new Since(before == null ? floor : before.sequence(), first > 0 && floorTimeMillis >= timeMillis);
    }

    /** As {@link EventLog#back}, among the events in the ring: ended and something left means that the rest is older than they are. */
    public Back back(Back search, Filters filters) {
        return back(search, filters, MAX_COMPARISONS);
    }

    /** The same, with another bound on what one call costs: it ends after {@code maxComparisons} of events with filters, about. */
    Back back(Back search, Filters filters, int maxComparisons) {
        int left = search.left();
        long position = search.position();
        long ordinal = ordinalAfter(position) - 1;
        for (int comparisons = 0; left > 0; comparisons += filters.size(), ordinal--) {
            if (comparisons >= maxComparisons) {
                return new Back(position, left, false);
            }
            Event event = get(ordinal);
            if (event == null) {
                return new Back(Math.min(position, floor), left, true);
            }
            position = event.sequence() - 1;
            if (filters.matches(event.topic())) {
                left--;
            }
        }
        return new Back(position, 0, true);
    }

    private void removeOldest() {
        Event oldest = slots.get(slot(slots, first));
        if (oldest != null) {
            floorTimeMillis = oldest.timeMillis();
            floor = oldest.sequence();
            changeBytes(-oldest.frame().length());
        }
        long removed = first;
        first = removed + 1;
        slots.set(slot(slots, removed), null);
    }

    private void changeBytes(int difference) {
        long before = bytes;
        bytes = before + difference;
    }

    private void grow() {
        AtomicReferenceArray<@Nullable Event> current = slots;
        var larger = new AtomicReferenceArray<@Nullable Event>(current.length() * 2);
        for (long ordinal = first; ordinal < end; ordinal++) {
            larger.set(slot(larger, ordinal), current.get(slot(current, ordinal)));
        }
        slots = larger;
    }

    private static int slot(AtomicReferenceArray<?> slots, long ordinal) {
        return (int) (ordinal & (slots.length() - 1));
    }

    private static long ceilingPowerOfTwo(long value) {
        return value <= 1 ? 1 : Long.highestOneBit(value - 1) << 1;
    }
}
