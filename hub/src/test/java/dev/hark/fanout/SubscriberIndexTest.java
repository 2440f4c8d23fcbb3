package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Filters;
import dev.hark.event.Event;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.History;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;

class SubscriberIndexTest {
    private static final Duration LONG = Duration.ofDays(1);

    private final EventLog log = new MemoryLog(
            Events.EPOCH,
            new LogConfig(new Retention(1, LONG, 1), new HotLimits(1, 1), new IdempotencyLimits(1, LONG)),
            new FakeClock());
    private final Lane lane = new Lane("unused", log, new IndexBudget(IndexLimits.DEFAULT), Events.NO_LINGERS, new VitalThreads());
    private final Surroundings shared = new Surroundings(
            log, new History(log),
            new DeliverySettings(1, LONG, "", LONG, LONG),
            new DeliveryCounters(),
            new BatchPool(), new FakeClock(), System::nanoTime);

    sealed interface Step {}

    record Come(List<String> filters) implements Step {}

    record Leave(int which) implements Step {}

    record Publish(String topic) implements Step {}

    @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
    void offersEachEventOnceToThoseItIsFor(@ForAll("steps") @Size(max = 80) List<Step> steps) {
        var index = new SubscriberIndex();
        var present = new ArrayList<Subscriber>();
        var expected = new IdentityHashMap<Subscriber, Integer>();
        long sequence = 0;
        for (Step step : steps) {
            switch (step) {
                case Come(List<String> filters) -> {
                    Subscriber subscriber = subscriber(filters);
                    index.add(subscriber.seat());
                    present.add(subscriber);
                    expected.put(subscriber, 0);
                }
                case Leave(int which) -> {
                    if (!present.isEmpty()) {
                        Subscriber leaving = present.remove(which % present.size());
                        index.remove(leaving.seat());
                        // Twice does no harm.
                        index.remove(leaving.seat());
                    }
                }
                case Publish(String topic) -> {
                    var published = new Topic(topic);
                    index.offer(Events.event(++sequence, topic, null));
                    List<Subscriber> matching =
                            present.stream().filter(each -> each.filters().matches(published)).toList();
                    matching.forEach(each -> expected.merge(each, 1, Integer::sum));
                    long filters = present.stream()
                            .flatMap(each -> each.filters().asList().stream())
                            .filter(filter -> filter.matches(published))
                            .count();
                    assertThat(index.count(published)).as("filters that match %s", topic).isEqualTo((int) filters);
                }
            }
            assertThat(index.size()).isEqualTo(present.size());
        }
        expected.forEach(
                (subscriber, offered) -> assertThat(subscriber.waiting()).as("offered to %s", subscriber.filters()).isEqualTo(offered));
        var reached = new IdentityHashMap<Seat, Boolean>();
        index.forEach(each -> reached.put(each, true));
        assertThat(reached.keySet()).containsExactlyInAnyOrderElementsOf(present.stream().map(Subscriber::seat).toList());
        present.forEach(each -> index.remove(each.seat()));
        assertThat(index.size()).isZero();
        assertThat(index.sets()).as("sets left behind").isZero();
    }

    @Example
    void keepsNoSetForTopicsThatNobodyWants() {
        var index = new SubscriberIndex();
        var all = new ArrayList<Subscriber>();
        for (int i = 0; i < 1_000; i++) {
            Subscriber subscriber = subscriber(List.of("users/" + i, "groups/" + i % 10 + "/*", "all/**"));
            index.add(subscriber.seat());
            all.add(subscriber);
        }
        assertThat(index.sets()).isEqualTo(1_000 + 10 + 1);
        all.forEach(each -> index.remove(each.seat()));
        assertThat(index.sets()).isZero();
    }

    /** A crowd leaves one by one, in another order than it came: whoever is left is still found, once. */
    @Property(tries = 50)
    void keepsTrackOfPlacesWhileACrowdLeaves(@ForAll Random random) {
        var index = new SubscriberIndex();
        var present = new ArrayList<Subscriber>();
        for (int i = 0; i < 100; i++) {
            Subscriber subscriber = subscriber(switch (i % 3) {
                case 0 -> List.of("a/b");
                case 1 -> List.of("a/b", "c");
                default -> List.of("c", "a/*", "d/**");
            });
            index.add(subscriber.seat());
            present.add(subscriber);
        }
        long sequence = 0;
        Collections.shuffle(present, random);
        while (!present.isEmpty()) {
            index.remove(present.removeLast().seat());
            index.offer(Events.event(++sequence, "a/b", null));
            assertThat(index.count(new Topic("a/b"))).isEqualTo(present.size());
        }
    }

    /** What a lane does for an event is bounded by the shapes that its streams' filters have, and the topic may be any. */
    @Example
    void looksEachHostileTopicUpOnceForEachShape() {
        var random = new Random(7);
        var index = new SubscriberIndex();
        var budget = new IndexBudget(new IndexLimits(1, Long.MAX_VALUE));
        var shapes = new HashSet<Shape>();
        for (int i = 0; i < 50; i++) {
            Subscriber subscriber = subscriber(Stream.generate(() -> segments(random, "a", "*")).limit(Filters.MAX).toList());
            if (budget.take(subscriber.filters()).isEmpty()) {
                index.add(subscriber.seat());
                subscriber.filters().asList().forEach(filter -> shapes.add(Shape.of(filter)));
            }
        }
        assertThat(shapes).as("ten streams' fill it")
                .hasSizeBetween(IndexBudget.MAX_SHAPES - Filters.MAX, IndexBudget.MAX_SHAPES);
        var topics = new ArrayList<>(List.of("a/".repeat(Topic.MAX_SEGMENTS - 1) + 'a', "b", "a/a"));
        for (int i = 0; i < 100; i++) {
            topics.add(segments(random, "a", "b"));
        }
        long sequence = 0;
        for (String topic : topics) {
            int lookups = index.offer(Events.event(++sequence, topic, null));
            assertThat(lookups).as("lookups of %s", topic).isLessThanOrEqualTo(1 + shapes.size());
        }
        assertThat(index.count(new Topic(topics.getFirst()))).as("all of them match").isEqualTo(shapes.size());
        assertThat(index.offer(Events.event(++sequence, "a/b/c", null))).as("no filter has three segments").isEqualTo(1);
    }

    /** All the simple shapes that a topic can meet, beside as many of the others as there may be. */
    @Example
    void boundsLookupsByANumber() {
        var index = new SubscriberIndex();
        var budget = new IndexBudget(new IndexLimits(1, Long.MAX_VALUE));
        var filters = new ArrayList<String>();
        for (int length = 0; length <= Topic.MAX_SEGMENTS; length++) {
            for (int star = 0; star <= length; star++) {
                // The last one has no star.
                var segments = new ArrayList<>(Collections.nCopies(length, "a"));
                if (star < length) {
                    segments.set(star, "*");
                }
                if (length < Topic.MAX_SEGMENTS) {
                    filters.add(String.join("/", Stream.concat(segments.stream(), Stream.of("**")).toList()));
                } else if (star < length) {
                    filters.add(String.join("/", segments));
                }
            }
        }
        var random = new Random(11);
        for (int i = 0; i < 2 * IndexBudget.MAX_SHAPES; i++) {
            filters.add(segments(random, "a", "*"));
        }
        for (String filter : filters) {
            Seat seat = subscriber(List.of(filter)).seat();
            if (budget.take(seat.filters()).isEmpty()) {
                index.add(seat);
            }
        }

        String topic = "a/".repeat(Topic.MAX_SEGMENTS - 1) + 'a';
        assertThat(index.offer(Events.event(1, topic, null))).isBetween(IndexBudget.MAX_LOOKUPS - 1, IndexBudget.MAX_LOOKUPS);
        assertThat(index.count(new Topic(topic))).as("one filter a lookup at most").isLessThanOrEqualTo(IndexBudget.MAX_LOOKUPS);
    }

    @Example
    void needsOneLookupForAllFiltersOfOneShape() {
        var index = new SubscriberIndex();
        for (int i = 0; i < 1_000; i++) {
            index.add(subscriber(List.of("users/" + i + "/**", "groups/" + i)).seat());
        }

        assertThat(index.offer(Events.event(1, "users/7/orders", null))).isEqualTo(2);
        assertThat(index.count(new Topic("users/7/orders"))).isEqualTo(1);
        assertThat(index.count(new Topic("users/7"))).as("** is one segment at least").isZero();
    }

    /** Such events are in logs that an older version wrote, which knew no such bound. */
    @Example
    void offersEventsWithMoreSegmentsThanATopicMayHave() {
        var index = new SubscriberIndex();
        String most = "a/".repeat(Topic.MAX_SEGMENTS - 1) + "**";
        Subscriber open = subscriber(List.of("a/**", most));
        Subscriber closed = subscriber(List.of("a/".repeat(Topic.MAX_SEGMENTS - 1) + '*'));
        index.add(open.seat());
        index.add(closed.seat());
        Event old = new Event(1, Topic.stored("a/".repeat(Topic.MAX_SEGMENTS + 8) + 'a'), null, 0, Events.event(1, "t", null).frame());

        index.offer(old);

        assertThat(open.waiting()).isEqualTo(1);
        assertThat(closed.waiting()).isZero();
    }

    /** What is always there is always counted, whatever else comes and goes meanwhile, and no reader meets half a change. */
    @Example
    void countsWhileTheLaneChangesIt() throws Exception {
        var index = new SubscriberIndex();
        Stream.of("a/b", "a/*", "*/b", "a/**").forEach(filter -> index.add(subscriber(List.of(filter)).seat()));
        var passing = Stream.of("a/*", "*/*", "a/b", "**", "*/**", "a/*/c").map(filter -> subscriber(List.of(filter, "z"))).toList();
        var done = new AtomicBoolean();
        var topic = new Topic("a/b");
        try (ExecutorService publisher = Executors.newSingleThreadExecutor()) {
            Future<Integer> counted = publisher.submit(() -> {
                int counts = 0;
                do {
                    assertThat(index.count(topic)).isBetween(4, 4 + passing.size());
                    counts++;
                } while (!done.get());
                return counts;
            });
            for (int i = 0; i < 20_000; i++) {
                passing.forEach(each -> index.add(each.seat()));
                passing.forEach(each -> index.remove(each.seat()));
            }
            done.set(true);
            assertThat(counted.get()).isPositive();
        }
        assertThat(index.count(topic)).isEqualTo(4);
    }

    private static String segments(Random random, String one, String other) {
        return Stream.generate(() -> random.nextBoolean() ? one : other).limit(Topic.MAX_SEGMENTS).collect(Collectors.joining("/"));
    }

    private Subscriber subscriber(List<String> filters) {
        var subscription = new Subscription(Filters.of(filters.toArray(String[]::new)), new Start.Latest());
        var rule = new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(1_000, 1 << 20));
        return new Subscriber(subscription, new Opening(0, null, null, 0), Events.ERA, rule, lane, shared);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<String> segment = Arbitraries.of("a", "b", "c");
        Arbitrary<String> topic = segment.list().ofMinSize(1).ofMaxSize(3).map(segments -> String.join("/", segments));
        Arbitrary<String> filter = Combinators.combine(
                Arbitraries.of("a", "b", "*").list().ofMaxSize(2), Arbitraries.of("a", "b", "*", "**"))
                .as((first, last) -> {
                    var segments = new ArrayList<>(first);
                    segments.add(last);
                    return String.join("/", segments);
                });
        Arbitrary<Step> come = filter.list().ofMinSize(1).ofMaxSize(4).map(Come::new);
        Arbitrary<Step> leave = Arbitraries.integers().between(0, 100).map(Leave::new);
        Arbitrary<Step> publish = topic.map(Publish::new);
        return Arbitraries.frequencyOf(Tuple.of(3, come), Tuple.of(2, leave), Tuple.of(4, publish)).list();
    }
}
