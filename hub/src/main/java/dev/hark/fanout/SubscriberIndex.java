package dev.hark.fanout;

import dev.hark.event.Event;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which subscribers an event is for: exact topics in a map, filters with wildcards in a {@link WildcardIndex}. A topic is matched in one
 * lookup and as many more as there are shapes of filters.
 *
 * <p>Changed by its lane alone; anybody may count.
 */
final class SubscriberIndex {
    private final Map<String, SubscriberSet> exact = new ConcurrentHashMap<>();
    private final WildcardIndex wildcards = new WildcardIndex();
    private volatile int subscribers;

    // Confined to the lane.
    private final WildcardIndex.Lookup lookup = new WildcardIndex.Lookup();

    void add(Seat seat) {
        List<TopicFilter> filters = seat.filters().asList();
        seat.enter();
        for (int i = 0; i < filters.size(); i++) {
            TopicFilter filter = filters.get(i);
            SubscriberSet set = filter.isExact()
                    ? exact.computeIfAbsent(filter.value(), topic -> new SubscriberSet())
                    : wildcards.setFor(filter);
            set.add(seat, i);
        }
        changeSize(1);
    }

    /** Removes {@code seat}, if it is there. */
    void remove(Seat seat) {
        if (!seat.isIndexed()) {
            return;
        }
        List<TopicFilter> filters = seat.filters().asList();
        for (int i = 0; i < filters.size(); i++) {
            SubscriberSet set = seat.set(i);
            set.remove(seat, i);
            if (set.size() == 0) {
                forget(filters.get(i));
            }
        }
        seat.leave();
        changeSize(-1);
    }

    private void changeSize(int difference) {
        int before = subscribers;
        subscribers = before + difference;
    }

    private void forget(TopicFilter filter) {
        if (filter.isExact()) {
            exact.remove(filter.value());
        } else {
            wildcards.forget(filter);
        }
    }

    /** Offers {@code event}, which goes at once, to all for whom it is, once each; how many lookups that took. */
    int offer(Event event) {
        return offer(event, null);
    }

    /** Offers {@code event} to all for whom it is, once each, {@code queue} as in {@link Seat#offer}; how many lookups that took. */
    int offer(Event event, @Nullable LingerQueue queue) {
        SubscriberSet set = exact.get(event.topic().value());
        if (set != null) {
            set.offer(event, queue);
        }
        return 1 + wildcards.forEachMatching(event.topic(), lookup, matching -> matching.offer(event, queue));
    }

    /** Does {@code action} for each subscriber, for one with several filters as many times. */
    void forEach(Consumer<Seat> action) {
        exact.values().forEach(set -> set.forEach(action));
        wildcards.forEach(set -> set.forEach(action));
    }

    /**
     * How many filters of subscribers match {@code topic}: one with several that match counts as many times, because telling would mean
     * walking over all of them. Costs what matching costs. Thread-safe; while the lane is at work it may miss what just comes or goes.
     */
    int count(Topic topic) {
        SubscriberSet set = exact.get(topic.value());
        var total = new int[] {set == null ? 0 : set.size()};
        wildcards.forEachMatching(topic, new WildcardIndex.Lookup(), matching -> total[0] += matching.size());
        return total[0];
    }

    /** How many subscribers there are. */
    int size() {
        return subscribers;
    }

    /** How many sets are kept: none where there is no subscriber. */
    int sets() {
        return exact.size() + wildcards.sets();
    }
}
