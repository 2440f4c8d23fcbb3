package dev.hark.fanout;

import dev.hark.event.Event;
import dev.hark.event.TopicFilter;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.History;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
 * An event's way through a lane's index to ten thousand subscribers, or to the one it is for. Their mailboxes are closed, so that the way
 * is what is measured and not what they do with events.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SubscriberIndexBenchmark {
    private static final int SUBSCRIBERS = 10_000;
    private static final Duration LONG = Duration.ofDays(1);

    /** Who listens to what. */
    public enum Shape {
        ALL_TO_ONE_TOPIC,
        EACH_TO_ITS_OWN,
        ALL_TO_A_WILDCARD,
        EACH_TO_ITS_OWN_WILDCARD
    }

    @Param
    Shape shape = Shape.ALL_TO_ONE_TOPIC;

    private final EventLog log =
            new MemoryLog(Events.EPOCH, new Retention(1, LONG, 1), new HotLimits(1, 1), new IdempotencyLimits(1, LONG), new FakeClock());
    private final Lane lane = new Lane("unused", log);
    private final Surroundings shared = new Surroundings(
            Events.EPOCH, new History(log), new DeliverySettings(1, LONG, "", LONG, LONG), new DeliveryCounters(),
            new BatchPool(), System::nanoTime);
    private final SubscriberIndex index = new SubscriberIndex();
    private final Event event = Events.event(1, "users/5000/orders", null);

    @Setup
    public void fill() {
        for (int i = 0; i < SUBSCRIBERS; i++) {
            Subscriber subscriber = subscriber(switch (shape) {
                case ALL_TO_ONE_TOPIC -> "users/5000/orders";
                case EACH_TO_ITS_OWN -> "users/" + i + "/orders";
                case ALL_TO_A_WILDCARD -> "users/*/orders";
                case EACH_TO_ITS_OWN_WILDCARD -> "users/" + i + "/**";
            });
            subscriber.clientGone();
            index.add(subscriber);
        }
    }

    private Subscriber subscriber(String filter) {
        var subscription = new Subscription(List.of(new TopicFilter(filter)), new Start.Latest());
        var rule = new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(1_000, 1 << 20));
        return new Subscriber(subscription, new Opening(0, null, null), rule, lane, shared);
    }

    @Benchmark
    public void offer() {
        index.offer(event);
    }
}
