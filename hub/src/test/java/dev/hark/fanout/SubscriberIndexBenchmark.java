package dev.hark.fanout;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Frame;
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
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * An event's way through a lane's index to ten thousand subscribers, or to the one it is for, and what it costs to count them. Their
 * mailboxes are closed, so that the way is what is measured and not what they do with events.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SubscriberIndexBenchmark {
    private static final int SUBSCRIBERS = 10_000;
    private static final int HOSTILE_SUBSCRIBERS = 50;
    private static final int HOSTILE_TOPICS = 1_024;
    private static final int SEGMENTS = 32;
    private static final Frame FRAME = Events.event(1, "t", null).frame();
    private static final Duration LONG = Duration.ofDays(1);

    /** Who listens to what. */
    public enum Shape {
        ALL_TO_ONE_TOPIC,
        EACH_TO_ITS_OWN,
        ALL_TO_A_WILDCARD,
        EACH_TO_ITS_OWN_WILDCARD,
        /** Two filters each, of which one matches. */
        ALL_WITH_A_SECOND_FILTER,
        /**
         * As many as are admitted of fifty streams with a hundred filters of {@value #SEGMENTS} segments that are {@code a} or {@code *},
         * and events that all of them match.
         */
        HOSTILE_ONE_TOPIC,
        /** The same streams, and ever other topics of segments that are {@code a} or {@code b}. */
        HOSTILE_MANY_TOPICS,
        /** The same, and topics with two segments {@code b}: a quarter of the filters match each. */
        HOSTILE_SIMILAR_TOPICS
    }

    @Param
    Shape shape = Shape.ALL_TO_ONE_TOPIC;

    private final EventLog log = new MemoryLog(
            Events.EPOCH,
            new LogConfig(new Retention(1, LONG, 1), new HotLimits(1, 1), new IdempotencyLimits(1, LONG)),
            new FakeClock());
    private final IndexBudget budget = new IndexBudget(IndexLimits.DEFAULT);
    private final Lane lane = new Lane("unused", log, budget, Events.NO_LINGERS, new VitalThreads());
    private final Surroundings shared = new Surroundings(
            log, new History(log), new DeliverySettings(1, LONG, "", LONG, LONG), new DeliveryCounters(), new BatchPool(),
            new FakeClock(), System::nanoTime);
    private final SubscriberIndex index = new SubscriberIndex();
    private final Random random = new Random(1);
    private final List<Topic> topics = new ArrayList<>();
    private long sequence;

    @Setup
    public void fill() {
        boolean hostile = shape.name().startsWith("HOSTILE");
        for (int i = 0; i < (hostile ? HOSTILE_SUBSCRIBERS : SUBSCRIBERS); i++) {
            Subscriber subscriber = subscriber(switch (shape) {
                case ALL_TO_ONE_TOPIC -> List.of("users/5000/orders");
                case EACH_TO_ITS_OWN -> List.of("users/" + i + "/orders");
                case ALL_TO_A_WILDCARD -> List.of("users/*/orders");
                case EACH_TO_ITS_OWN_WILDCARD -> List.of("users/" + i + "/**");
                case ALL_WITH_A_SECOND_FILTER -> List.of("users/5000/orders", "groups/" + i);
                case HOSTILE_ONE_TOPIC, HOSTILE_MANY_TOPICS, HOSTILE_SIMILAR_TOPICS ->
                     Stream.generate(() -> segments("a", "*")).limit(Filters.MAX).toList();
            });
            subscriber.clientGone();
            if (budget.take(subscriber.filters()).isEmpty()) {
                index.add(subscriber.seat());
            }
        }
        for (int i = 0; i < HOSTILE_TOPICS; i++) {
            topics.add(new Topic(switch (shape) {
                case HOSTILE_ONE_TOPIC -> "a/".repeat(SEGMENTS - 1) + 'a';
                case HOSTILE_MANY_TOPICS -> segments("a", "b");
                case HOSTILE_SIMILAR_TOPICS -> similar(i % SEGMENTS, i / SEGMENTS);
                default -> "users/5000/orders";
            }));
        }
    }

    private static String similar(int one, int other) {
        return IntStream.range(0, SEGMENTS).mapToObj(i -> i == one || i == other ? "b" : "a").collect(Collectors.joining("/"));
    }

    private String segments(String one, String other) {
        return Stream.generate(() -> random.nextBoolean() ? one : other).limit(SEGMENTS).collect(Collectors.joining("/"));
    }

    private Subscriber subscriber(List<String> filters) {
        var subscription = new Subscription(Filters.of(filters.toArray(String[]::new)), new Start.Latest());
        var rule = new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(1_000, 1 << 20));
        return new Subscriber(subscription, new Opening(0, null, null, 0), Events.ERA, rule, lane, shared);
    }

    @Benchmark
    public void offer() {
        long next = ++sequence;
        index.offer(new Event(next, topic(next), null, 0, FRAME));
    }

    @Benchmark
    public int count() {
        return index.count(topic(++sequence));
    }

    private Topic topic(long number) {
        return topics.get((int) (number % HOSTILE_TOPICS));
    }
}
