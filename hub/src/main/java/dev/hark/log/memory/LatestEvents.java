package dev.hark.log.memory;

import dev.hark.event.Event;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.log.ClassUse;
import dev.hark.log.Floors;
import dev.hark.log.Page;
import dev.hark.log.TopicClass;
import dev.hark.log.TopicClasses;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The newest event of each topic and key, of classes that keep it.
 *
 * <p>One writer at a time, which its owner sees to; any number of readers, without a lock.
 */
final class LatestEvents {
    private static final System.Logger LOGGER = System.getLogger(LatestEvents.class.getName());

    /** How many bytes of frames a page may bring together, its last event excepted. */
    private static final int MAX_PAGE_BYTES = 1 << 20;

    private final TopicClasses classes;
    private final int maxKeys;
    private final Map<Name, Event> byName = new HashMap<>();
    private final ConcurrentSkipListMap<Long, Event> byPosition = new ConcurrentSkipListMap<>();

    /** By class. */
    private final AtomicLongArray keys;

    private final AtomicLongArray evicted;

    private record Name(String topic, @Nullable String key) {
        static Name of(Event event) {
            return new Name(event.topic().value(), event.key());
        }
    }

    LatestEvents(TopicClasses classes, int maxKeys) {
        this.classes = classes;
        this.maxKeys = maxKeys;
        this.keys = new AtomicLongArray(classes.all().size());
        this.evicted = new AtomicLongArray(classes.all().size());
    }

    /** Takes {@code event} for the newest of its topic and key, where its class keeps that. */
    void add(Event event) {
        TopicClass topicClass = classes.of(event.topic().value());
        if (!topicClass.keep().latest()) {
            return;
        }
        boolean stays = event.kind() != EventKind.DELETED;
        Event before = stays ? byName.put(Name.of(event), event) : byName.remove(Name.of(event));
        if (stays) {
            byPosition.put(event.sequence(), event);
            keys.addAndGet(topicClass.number(), before == null ? 1 : 0);
        }
        if (before != null) {
            // Only now: who looks meanwhile sees both, and the newer one comes after what it looks for.
            byPosition.remove(before.sequence());
            keys.addAndGet(topicClass.number(), stays ? 0 : -1);
        }
        if (byName.size() > maxKeys) {
            evictOldest();
        }
    }

    private void evictOldest() {
        Event oldest = byPosition.firstEntry().getValue();
        int number = classes.numberOf(oldest.topic().value());
        if (evicted.get(number) == 0) {
            LOGGER.log(System.Logger.Level.WARNING, ClassUse.Latest.tooMany(classes.all().get(number).name(), maxKeys));
        }
        // First: whoever misses it finds out why.
        evicted.set(number, oldest.sequence());
        byName.remove(Name.of(oldest));
        byPosition.remove(oldest.sequence());
        keys.decrementAndGet(number);
    }

    /** The next one after position {@code passed}, or before it; null where there is none. */
    @Nullable Event next(long passed, boolean forwards) {
        Map.Entry<Long, Event> next = forwards ? byPosition.higherEntry(passed) : byPosition.lowerEntry(passed);
        return next == null ? null : next.getValue();
    }

    /** The position before the oldest; {@link Long#MAX_VALUE} where there is none. */
    long floor() {
        Event oldest = next(0, true);
        return oldest == null ? Long.MAX_VALUE : oldest.sequence() - 1;
    }

    /** What there is of the class {@code number}. */
    ClassUse.Latest use(int number) {
        return new ClassUse.Latest(keys.get(number), evicted.get(number));
    }

    /** As {@link dev.hark.log.EventLog#latest}. */
    Page read(String epoch, long after, long through, Filters filters, int limit) {
        var events = new ArrayList<Event>();
        long bytes = 0;
        for (Event event : byPosition.subMap(after, false, through, true).values()) {
            if (filters.matches(event.topic())) {
                events.add(event);
                bytes += event.frame().length();
                if (events.size() == limit || bytes > MAX_PAGE_BYTES) {
                    return new Page(epoch, after, events, event.sequence(), false, Floors.NONE);
                }
            }
        }
        return new Page(epoch, after, events, through, false, Floors.NONE);
    }
}
