package dev.hark.fanout;

import dev.hark.event.Event;
import dev.hark.event.EventId;
import dev.hark.event.Format;
import dev.hark.event.Gap;
import dev.hark.event.Shapes;
import dev.hark.log.HeldPage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of events for one client, of which it holds a part of what all may hold ({@link HeldPage}) until it is closed.
 *
 * <p>Whoever asks for what follows {@link #next} is given every event that matches and was not in this page, and none that was. Confined to
 * the thread that asked for it.
 */
public final class EventPage implements AutoCloseable {
    private final List<Event> events;
    private final EventId next;
    private final @Nullable Gap gap;
    private final List<HeldPage> held;
    private final Shapes shapes;

    EventPage(List<Event> events, EventId next, @Nullable Gap gap, List<HeldPage> held, Shapes shapes) {
        this.events = List.copyOf(events);
        this.next = next;
        this.gap = gap;
        this.held = List.copyOf(held);
        this.shapes = shapes;
    }

    /** In the order of the log; may be empty. */
    public List<Event> events() {
        return events;
    }

    /** The position up to which the log was searched, at least that of the last event. */
    public EventId next() {
        return next;
    }

    /** What is missing before the first event, or null. */
    public @Nullable Gap gap() {
        return gap;
    }

    /** As its client is given it. */
    public byte[] json(Format format) {
        return shapes.page(events, format, next, gap);
    }

    @Override
    public void close() {
        held.forEach(HeldPage::close);
    }
}
