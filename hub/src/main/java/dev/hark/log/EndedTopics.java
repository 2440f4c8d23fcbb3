package dev.hark.log;

import dev.hark.event.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/**
 * The topics that have ended, each with the position of its last event, until it is published to again or that event is lost. At most
 * {@value #MAX}: beyond that the oldest ends are forgotten, and their topics count as open.
 *
 * <p>One writer at a time, which its owner sees to; {@link #of} and {@link #size} are for any thread.
 */
public final class EndedTopics {
    /** How many are known at once: a few tens of megabytes, however many events are retained. */
    public static final int MAX = 100_000;

    /** Of a topic that has not ended: no event has this position. */
    public static final long OPEN = 0;

    private final TopicClasses classes;
    private final int max;
    private final Map<String, Long> positions = new ConcurrentHashMap<>();

    /** By class, in the order in which retention removes them. */
    private final List<NavigableMap<Long, String>> byClass = new ArrayList<>();

    private LongConsumer forgotten = position -> {};

    /** @param position of the last event of {@code topic} */
    public record End(String topic, long position) {}

    EndedTopics(TopicClasses classes) {
        this(classes, MAX);
    }

    EndedTopics(TopicClasses classes, int max) {
        this.classes = classes;
        this.max = max;
        classes.all().forEach(each -> byClass.add(new TreeMap<>()));
    }

    /** The position of the last event of {@code topic}; {@value #OPEN} where it is open. */
    public long of(String topic) {
        if (positions.isEmpty()) {
            return OPEN;
        }
        Long position = positions.get(topic);
        return position == null ? OPEN : position;
    }

    /** All of them, in the order of positions. For the writer. */
    public List<End> all() {
        return byClass.stream().flatMap(ends -> ends.entrySet().stream())
                .sorted(Map.Entry.comparingByKey())
                .map(each -> new End(each.getValue(), each.getKey()))
                .toList();
    }

    /** How many topics have ended. */
    public int size() {
        return positions.size();
    }

    /** Has {@code listener} be told of each end that is forgotten although its topic was not opened anew: before it is. */
    void onForgotten(LongConsumer listener) {
        forgotten = listener;
    }

    /** Takes in what was known before a restart, in the order of positions. */
    void load(List<End> ends) {
        for (End end : ends) {
            long before = of(end.topic());
            if (before != OPEN) {
                forgotten.accept(before);
            }
            put(end.topic(), end.position());
        }
    }

    /** Takes note of what {@code events}, which come next, end and open. */
    void take(List<Event> events) {
        for (int i = 0; i < events.size(); i++) {
            Event event = events.get(i);
            switch (event.kind()) {
                case END -> put(event.topic().value(), event.sequence());
                case PLAIN, DELETED -> {
                    if (!positions.isEmpty()) {
                        open(event.topic().value());
                    }
                }
            }
        }
    }

    private void put(String topic, long position) {
        open(topic);
        byClass.get(classes.numberOf(topic)).put(position, topic);
        positions.put(topic, position);
        if (positions.size() > max) {
            forgetOldest();
        }
    }

    private void open(String topic) {
        Long before = positions.remove(topic);
        if (before != null) {
            byClass.get(classes.numberOf(topic)).remove(before);
        }
    }

    private void forgetOldest() {
        int oldest = -1;
        for (int i = 0; i < byClass.size(); i++) {
            if (!byClass.get(i).isEmpty() && (oldest < 0 || byClass.get(i).firstKey() < byClass.get(oldest).firstKey())) {
                oldest = i;
            }
        }
        forgetFirst(byClass.get(oldest));
    }

    /**
     * Forgets the ends that are lost.
     *
     * @param floors  of the classes that are stored
     * @param hotLost up to where those have lost events of which nothing is
     */
    void forgetLost(Floors floors, long hotLost) {
        if (positions.isEmpty()) {
            return;
        }
        for (int i = 0; i < byClass.size(); i++) {
            if ((classes.latest() >>> i & 1) != 0) {
                // The newest event of a topic stays there.
                continue;
            }
            NavigableMap<Long, String> ends = byClass.get(i);
            long lost = (classes.unstored() >>> i & 1) == 0 ? floors.of(i) : hotLost;
            while (!ends.isEmpty() && ends.firstKey() <= lost) {
                forgetFirst(ends);
            }
        }
    }

    private void forgetFirst(NavigableMap<Long, String> ends) {
        Map.Entry<Long, String> first = ends.firstEntry();
        forgotten.accept(first.getKey());
        ends.remove(first.getKey());
        positions.remove(first.getValue(), first.getKey());
    }
}
