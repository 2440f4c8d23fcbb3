package dev.hark.fanout;

import dev.hark.event.Event;
import dev.hark.event.EventKind;
import dev.hark.event.Frame;
import dev.hark.event.Margin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one wake-up of a subscriber writes: events taken from its mailbox, and what was dropped before or after them.
 *
 * <p>Reused through {@link BatchPool}, because a stream that is idle, or writes one event, needs none. Confined to the subscriber's thread
 * that borrowed it.
 */
final class Batch {
    /** How many bytes one socket write carries at most, an event that is larger by itself excepted. */
    static final int WRITE_BYTES = Frame.PART_BYTES;

    /** How many events. */
    static final int MAX_EVENTS = 256;

    private final @Nullable Event[] events = new @Nullable Event[MAX_EVENTS];
    private final byte[] buffer = new byte[Margin.before(WRITE_BYTES) + WRITE_BYTES + Margin.AFTER];
    private int count;
    private int bytes;
    private long droppedBefore;
    private long resumedBefore;
    private long droppedAfter;
    private long resumedAfter;

    /** Whether {@code event} was taken: a batch is full at {@value #WRITE_BYTES} bytes, but always takes one. */
    boolean add(Event event) {
        int length = event.frame().length();
        if (count == MAX_EVENTS || (count > 0 && bytes + length > WRITE_BYTES)) {
            return false;
        }
        events[count++] = event;
        bytes += length;
        return true;
    }

    /** Notes that {@code dropped} events were dropped; the stream goes on after position {@code resumedAt}, with this batch's events. */
    void dropBefore(long dropped, long resumedAt) {
        droppedBefore = dropped;
        resumedBefore = resumedAt;
    }

    /** Notes that {@code dropped} events were dropped after this batch's events, up to position {@code resumedAt}. */
    void dropAfter(long dropped, long resumedAt) {
        droppedAfter = dropped;
        resumedAfter = resumedAt;
    }

    boolean isEmpty() {
        return count == 0 && droppedBefore == 0 && droppedAfter == 0;
    }

    /** The event that is all there is to write; null where there is more, or nothing. */
    @Nullable Event only() {
        return count == 1 && droppedBefore == 0 && droppedAfter == 0 ? events[0] : null;
    }

    int count() {
        return count;
    }

    Event event(int index) {
        Event event = events[index];
        if (event == null) {
            throw new IndexOutOfBoundsException("event " + index + " of " + count);
        }
        return event;
    }

    long droppedBefore() {
        return droppedBefore;
    }

    long resumedBefore() {
        return resumedBefore;
    }

    long droppedAfter() {
        return droppedAfter;
    }

    long resumedAfter() {
        return resumedAfter;
    }

    /** Lets go of the events behind the first that is the last of its topic; whether there is such a one. */
    boolean cutBehindEnd() {
        for (int i = 0; i < count; i++) {
            if (event(i).kind() == EventKind.END) {
                while (count > i + 1) {
                    bytes -= event(count - 1).frame().length();
                    events[--count] = null;
                }
                return true;
            }
        }
        return false;
    }

    /** How many bytes the frames of the events have together. */
    int bytes() {
        return bytes;
    }

    /** The frames of several events one after the other, within the margins of them all: {@link #bytes} from {@link Margin#before} on. */
    byte[] gather() {
        Margin.mark(buffer, bytes);
        int at = Margin.before(bytes);
        for (int i = 0; i < count; i++) {
            Frame frame = event(i).frame();
            System.arraycopy(frame.array(0), frame.offset(0), buffer, at, frame.length());
            at += frame.length();
        }
        return buffer;
    }

    /** As {@link #gather()}, of other frames, which are {@code length} bytes together. */
    byte[] gather(List<Frame> frames, int length) {
        Margin.mark(buffer, length);
        int at = Margin.before(length);
        for (Frame frame : frames) {
            System.arraycopy(frame.array(0), frame.offset(0), buffer, at, frame.length());
            at += frame.length();
        }
        return buffer;
    }

    /** Lets go of the events. */
    void clear() {
        for (int i = 0; i < count; i++) {
            events[i] = null;
        }
        count = 0;
        bytes = 0;
        droppedBefore = 0;
        droppedAfter = 0;
    }
}
