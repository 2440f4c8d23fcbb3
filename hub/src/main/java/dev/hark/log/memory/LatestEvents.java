package dev.hark.log.memory;

import dev.hark.event.Event;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.log.Floors;
import dev.hark.log.Page;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest event of each topic and key, of classes that keep it.
 *
 * <p>One writer at a time, which its owner sees to; any number of readers, without a lock.
 */
final class LatestEvents {
    private final Map<Name, Event> byName = new HashMap<>();
    private final ConcurrentSkipListMap<Long, Event> byPosition = new ConcurrentSkipListMap<>();

    private record Name(String topic, @Nullable String key) {}

    /** Takes {@code event} for the newest of its topic and key. */
    void add(Event event) {
        var name = new Name(event.topic().value(), event.key());
        Event before = event.kind() == EventKind.DELETED ? byName.remove(name) : byName.put(name, event);
        if (event.kind() != EventKind.DELETED) {
            byPosition.put(event.sequence(), event);
        }
        if (before != null) {
            // Only now: who looks meanwhile sees both, and the newer one comes after what it looks for.
            byPosition.remove(before.sequence());
        }
    }

    /** As {@link dev.hark.log.EventLog#latest}. */
    Page read(String epoch, long after, long through, Filters filters, int limit) {
        var events = new ArrayList<Event>();
        for (Event event : byPosition.subMap(after, false, through, true).values()) {
            if (filters.matches(event.topic())) {
                events.add(event);
                if (events.size() == limit) {
                    return new Page(epoch, after, events, event.sequence(), false, Floors.NONE);
                }
            }
        }
        return new Page(epoch, after, events, through, false, Floors.NONE);
    }
}
