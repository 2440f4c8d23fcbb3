package dev.hark.fanout;

import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The filters with wildcards: a map of sets for each {@link Shape}. A topic is looked up once in each shape that its number of segments
 * fits, whatever the filters are, so matching costs as many lookups as there are shapes, of which {@link IndexBudget} bounds the number.
 *
 * <p>Changed by the lane alone; anybody may look up.
 */
final class WildcardIndex {
    private static final Group[] NONE = {};

    private static final class Group {
        final Shape shape;
        final int exact;
        final Map<Projection, SubscriberSet> sets = new ConcurrentHashMap<>(1);

        /** In its array. */
        int place;

        Group(Shape shape) {
            this.shape = shape;
            this.exact = shape.exact();
        }
    }

    // Confined to the lane.
    private final Map<Shape, Group> groups = new HashMap<>();

    // By number of segments. The arrays in them are never changed, so that a reader sees whole ones.
    private final AtomicReferenceArray<Group[]> closed = newTable();
    private final AtomicReferenceArray<Group[]> open = newTable();
    private volatile int shapes;

    private static AtomicReferenceArray<Group[]> newTable() {
        var table = new Group[Topic.MAX_SEGMENTS + 1][];
        Arrays.fill(table, NONE);
        return new AtomicReferenceArray<>(table);
    }

    /** The set of {@code filter}, made if it is missing. */
    SubscriberSet setFor(TopicFilter filter) {
        Shape shape = Shape.of(filter);
        Group group = groups.get(shape);
        if (group == null) {
            group = new Group(shape);
            groups.put(shape, group);
            change(shape, with(tableOf(shape).get(shape.length()), group));
        }
        return group.sets.computeIfAbsent(Projection.of(shape, filter), projection -> new SubscriberSet());
    }

    /** Removes the set of {@code filter}, which is empty. */
    void forget(TopicFilter filter) {
        Shape shape = Shape.of(filter);
        Group group = groups.get(shape);
        if (group == null) {
            return;
        }
        group.sets.remove(Projection.of(shape, filter));
        if (group.sets.isEmpty()) {
            groups.remove(shape);
            change(shape, without(tableOf(shape).get(shape.length()), group));
        }
    }

    private void change(Shape shape, Group[] changed) {
        tableOf(shape).set(shape.length(), changed);
        shapes = groups.size();
    }

    private AtomicReferenceArray<Group[]> tableOf(Shape shape) {
        return shape.open() ? open : closed;
    }

    private static Group[] with(Group[] before, Group added) {
        Group[] after = Arrays.copyOf(before, before.length + 1);
        added.place = before.length;
        after[added.place] = added;
        return after;
    }

    /** The last one takes the place of one that goes. */
    private static Group[] without(Group[] before, Group removed) {
        Group last = before[before.length - 1];
        Group[] after = Arrays.copyOf(before, before.length - 1);
        if (removed.place < after.length) {
            after[removed.place] = last;
            last.place = removed.place;
        }
        return after;
    }

    /** Does {@code action} for the set of each filter that matches {@code topic}; how many lookups that took. */
    int forEachMatching(Topic topic, Lookup lookup, Consumer<SubscriberSet> action) {
        if (shapes == 0) {
            return 0;
        }
        int segments = lookup.read(topic);
        int lookups = segments <= Topic.MAX_SEGMENTS ? lookup.in(closed.get(segments), action) : 0;
        for (int length = Math.min(segments - 1, Topic.MAX_SEGMENTS); length >= 0; length--) {
            lookups += lookup.in(open.get(length), action);
        }
        return lookups;
    }

    /** What a thread needs to look a topic up. Confined to it. */
    static final class Lookup {
        private final SegmentHashes hashes = new SegmentHashes();
        private final Projection projection = Projection.ofTopics(hashes);
        private String text = "";

        private int read(Topic topic) {
            text = topic.value();
            hashes.read(text);
            return hashes.count();
        }

        private int in(Group[] groups, Consumer<SubscriberSet> action) {
            for (Group group : groups) {
                projection.change(group.shape, text, hashes.of(group.exact));
                @Nullable SubscriberSet found = group.sets.get(projection);
                if (found != null) {
                    action.accept(found);
                }
            }
            return groups.length;
        }
    }

    void forEach(Consumer<SubscriberSet> action) {
        groups.values().forEach(group -> group.sets.values().forEach(action));
    }

    /** How many sets are kept. */
    int sets() {
        return groups.values().stream().mapToInt(group -> group.sets.size()).sum();
    }
}
