package dev.hark.fanout;

import dev.hark.event.Event;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which subscribers an event is for: exact topics in a map, filters with wildcards in a trie of their segments.
 *
 * <p>Changed by its lane alone; anybody may count.
 */
final class SubscriberIndex {
    private static final String ONE = "*";
    private static final String REST = "**";

    private final Map<String, SubscriberSet> exact = new ConcurrentHashMap<>();
    private final Node wildcards = new Node();
    private volatile int subscribers;

    void add(Subscriber subscriber) {
        List<TopicFilter> filters = subscriber.filters().asList();
        var memberships = new @Nullable Membership[filters.size()];
        for (int i = 0; i < memberships.length; i++) {
            TopicFilter filter = filters.get(i);
            SubscriberSet set = filter.isExact()
                    ? exact.computeIfAbsent(filter.value(), topic -> new SubscriberSet())
                    : wildcards.setFor(filter.segments(), 0);
            memberships[i] = set.add(subscriber);
        }
        subscriber.memberships = memberships;
        changeSize(1);
    }

    /** Removes {@code subscriber}, if it is there. */
    void remove(Subscriber subscriber) {
        @Nullable Membership[] memberships = subscriber.memberships;
        if (memberships == null) {
            return;
        }
        subscriber.memberships = null;
        for (int i = 0; i < memberships.length; i++) {
            Membership membership = memberships[i];
            if (membership == null) {
                continue;
            }
            membership.set.remove(subscriber, membership);
            if (membership.set.isEmpty()) {
                forget(subscriber.filters().asList().get(i));
            }
        }
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
            wildcards.prune(filter.segments(), 0);
        }
    }

    /** Offers {@code event} to all for whom it is, once each. */
    void offer(Event event) {
        SubscriberSet set = exact.get(event.topic().value());
        if (set != null) {
            set.offer(event);
        }
        if (!wildcards.isEmpty()) {
            wildcards.forEachMatching(event.topic().segments(), 0, matching -> matching.offer(event));
        }
    }

    /** Does {@code action} for each subscriber, for one with several filters as many times. */
    void forEach(Consumer<Subscriber> action) {
        exact.values().forEach(set -> set.forEach(action));
        wildcards.forEach(set -> set.forEach(action));
    }

    /** How many subscribers an event of {@code topic} is for. */
    int count(Topic topic) {
        Set<Subscriber> counted = new HashSet<>();
        SubscriberSet set = exact.get(topic.value());
        var total = new int[] {set == null ? 0 : set.count(counted)};
        if (!wildcards.isEmpty()) {
            wildcards.forEachMatching(topic.segments(), 0, matching -> total[0] += matching.count(counted));
        }
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

    private static final class Node {
        private final Map<String, Node> children = new ConcurrentHashMap<>();
        private volatile @Nullable SubscriberSet here;

        SubscriberSet setFor(List<String> segments, int depth) {
            if (depth == segments.size()) {
                SubscriberSet set = here;
                if (set == null) {
                    set = new SubscriberSet();
                    here = set;
                }
                return set;
            }
            return children.computeIfAbsent(segments.get(depth), segment -> new Node()).setFor(segments, depth + 1);
        }

        void forEachMatching(List<String> topic, int depth, Consumer<SubscriberSet> action) {
            if (depth == topic.size()) {
                accept(here, action);
                return;
            }
            Node rest = children.get(REST);
            if (rest != null) {
                accept(rest.here, action);
            }
            Node one = children.get(ONE);
            if (one != null) {
                one.forEachMatching(topic, depth + 1, action);
            }
            Node exact = children.get(topic.get(depth));
            if (exact != null) {
                exact.forEachMatching(topic, depth + 1, action);
            }
        }

        private static void accept(@Nullable SubscriberSet set, Consumer<SubscriberSet> action) {
            if (set != null) {
                action.accept(set);
            }
        }

        void forEach(Consumer<SubscriberSet> action) {
            accept(here, action);
            children.values().forEach(child -> child.forEach(action));
        }

        void prune(List<String> segments, int depth) {
            if (depth == segments.size()) {
                here = null;
                return;
            }
            Node child = children.get(segments.get(depth));
            if (child != null) {
                child.prune(segments, depth + 1);
                if (child.isEmpty()) {
                    children.remove(segments.get(depth));
                }
            }
        }

        boolean isEmpty() {
            return here == null && children.isEmpty();
        }

        int sets() {
            int own = here == null ? 0 : 1;
            return own + children.values().stream().mapToInt(Node::sets).sum();
        }
    }
}
