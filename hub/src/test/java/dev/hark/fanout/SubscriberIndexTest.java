package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.History;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
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

    private final EventLog log =
            new MemoryLog(Events.EPOCH, new Retention(1, LONG, 1), new HotLimits(1, 1), new IdempotencyLimits(1, LONG), new FakeClock());
    private final Lane lane = new Lane("unused", log);
    private final Surroundings shared = new Surroundings(
            Events.EPOCH,
            new History(log),
            new DeliverySettings(1, LONG, "", LONG, LONG),
            new DeliveryCounters(),
            new BatchPool(),
            System::nanoTime);

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
                    index.add(subscriber);
                    present.add(subscriber);
                    expected.put(subscriber, 0);
                }
                case Leave(int which) -> {
                    if (!present.isEmpty()) {
                        Subscriber leaving = present.remove(which % present.size());
                        index.remove(leaving);
                        // Twice does no harm.
                        index.remove(leaving);
                    }
                }
                case Publish(String topic) -> {
                    var published = new Topic(topic);
                    index.offer(Events.event(++sequence, topic, null));
                    List<Subscriber> matching =
                            present.stream().filter(each -> each.filters().stream().anyMatch(filter -> filter.matches(published))).toList();
                    matching.forEach(each -> expected.merge(each, 1, Integer::sum));
                    assertThat(index.count(published)).as("subscribers of %s", topic).isEqualTo(matching.size());
                }
            }
            assertThat(index.size()).isEqualTo(present.size());
        }
        expected.forEach(
                (subscriber, offered) -> assertThat(subscriber.waiting()).as("offered to %s", subscriber.filters()).isEqualTo(offered));
        var reached = new IdentityHashMap<Subscriber, Boolean>();
        index.forEach(each -> reached.put(each, true));
        assertThat(reached.keySet()).containsExactlyInAnyOrderElementsOf(present);
        present.forEach(index::remove);
        assertThat(index.size()).isZero();
        assertThat(index.sets()).as("sets left behind").isZero();
    }

    @Example
    void keepsNoSetForTopicsThatNobodyWants() {
        var index = new SubscriberIndex();
        var all = new ArrayList<Subscriber>();
        for (int i = 0; i < 1_000; i++) {
            Subscriber subscriber = subscriber(List.of("users/" + i, "groups/" + i % 10 + "/*", "all/**"));
            index.add(subscriber);
            all.add(subscriber);
        }
        assertThat(index.sets()).isEqualTo(1_000 + 10 + 1);
        all.forEach(index::remove);
        assertThat(index.sets()).isZero();
    }

    private Subscriber subscriber(List<String> filters) {
        var subscription = new Subscription(filters.stream().map(TopicFilter::new).toList(), new Start.Latest());
        var rule = new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(1_000, 1 << 20));
        return new Subscriber(subscription, new Opening(0, null, null), rule, lane, shared);
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
