package dev.hark.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.Bounds;
import dev.hark.log.Era;
import dev.hark.log.History;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** A lane that learns of another history while subscribers come and go. */
@Timeout(30)
@Isolated("it looks for a thread by its name")
class LaneResetTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final String NEW = "00000001";

    private final MemoryLog log = new MemoryLog(
            "7k3q9x2m",
            new LogConfig(new Retention(1_000, LONG, 1 << 30), new HotLimits(1_000, 1 << 20), new IdempotencyLimits(10, LONG)),
            Clock.systemUTC());
    private final DeliverySettings settings = new DeliverySettings(1, LONG, "", Duration.ofSeconds(2), LONG);
    private final Surroundings shared =
            new Surroundings(log, new History(log), settings, new DeliveryCounters(), new BatchPool(), Clock.systemUTC(), System::nanoTime);
    private final IndexBudget budget = new IndexBudget(IndexLimits.DEFAULT);
    private final Lane lane = new Lane("lane-under-test", log, budget, Events.NO_LINGERS, new VitalThreads());

    private Subscriber subscriber() throws InterruptedException {
        Era era = log.tail().era();
        var subscription = new Subscription(Filters.of("t"), new Start.Latest());
        var rule = new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(10, 1 << 20));
        assertThat(budget.take(subscription.filters())).isEmpty();
        return new Subscriber(subscription, Opening.at(subscription.start(), subscription.filters(), era, shared), era, rule, lane, shared);
    }

    /** Between the lane's look at the history and its look at who has come, there is a new history, and somebody of it. */
    @Test
    void tellsNobodyOfTheNewHistoryThatItChanged() throws Exception {
        Subscriber leaving = subscriber();
        Subscriber coming;
        synchronized (budget) {
            leaving.run((bytes, offset, length) -> {
                throw new IOException("gone");
            });
            log.tail().follow(lane::signal);
            lane.start();
            // It gives back what the one that left had taken.
            await().until(() -> thread().getState() == Thread.State.BLOCKED);
            log.tail().reset(NEW, new Bounds(5, 5));
            coming = subscriber();
            lane.submit(coming.seat());
        }
        var out = new ByteArrayOutputStream();
        Thread stream = Thread.ofVirtual().start(() -> coming.run((bytes, offset, length) -> {
            synchronized (out) {
                out.write(bytes, offset, length);
            }
        }));
        await().until(() -> lane.subscribers() == 1);
        log.tail().commit(List.of(event(6)), 5, () -> {});
        await().untilAsserted(() -> assertThat(text(out)).contains("id: " + NEW + "-6\n"));
        assertThat(text(out)).startsWith("retry: 2000\nevent: hark.open\nid: " + NEW + "-5\n")
                .doesNotContain("hark.gap").doesNotContain("7k3q9x2m");
        coming.clientGone();
        stream.join();
        lane.stop();
    }

    private static Thread thread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("lane-under-test")).findAny().orElseThrow();
    }

    private static Event event(long sequence) {
        return Event.of(NEW, sequence, 0, new Draft(new Topic("t"), Draft.DEFAULT_TYPE, null, "x".getBytes(UTF_8), null));
    }

    private static String text(ByteArrayOutputStream out) {
        synchronized (out) {
            return out.toString(UTF_8);
        }
    }
}
