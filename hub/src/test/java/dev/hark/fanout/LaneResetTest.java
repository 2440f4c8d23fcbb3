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
import dev.hark.log.EventLog;
import dev.hark.log.History;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** A lane that learns of another history while subscribers come and go. */
@Timeout(30)
@Isolated("it looks for a thread by its name")
class LaneResetTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final String NEW = "00000001";
    private static final int HOT = 100;

    private final MemoryLog log = new MemoryLog(
            "7k3q9x2m",
            new LogConfig(new Retention(1_000, LONG, 1 << 30), new HotLimits(HOT, 1 << 20), new IdempotencyLimits(10, LONG)),
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

    /** The lane has many to tell, or waits for its turn on a processor, while more comes than stays in memory. */
    @Test
    void skipsNothingThatLeavesTheHotEventsWhileItTellsOfTheNewHistory() throws Exception {
        var mailbox = new Mailbox(new MailboxLimits(10_000, 1 << 20), OverflowPolicy.REPLAY, log.tail().era());
        Filters filters = Filters.of("t");
        assertThat(budget.take(filters)).isEmpty();
        var loader = EventLog.class.getClassLoader();
        EventLog read = (EventLog) Proxy.newProxyInstance(loader, new Class<?>[] {EventLog.class}, (proxy, method, arguments) -> {
            if (method.getName().equals("follow")) {
                long next = (long) arguments[0] + 1;
                return new Page(NEW, next - 1, List.of(event(next)), next);
            }
            return method.invoke(log, arguments);
        });
        var lane = new Lane("lane-under-test", read, budget, Events.NO_LINGERS, new VitalThreads());
        lane.start();
        lane.submit(new Seat(filters, mailbox, new LongAdder()));
        await().until(() -> lane.subscribers() == 1 && mailbox.spilledThrough() != Mailbox.NOT_JOINED);
        synchronized (mailbox) {
            log.tail().reset(NEW, new Bounds(5, 5));
            lane.signal();
            await().until(() -> thread().getState() == Thread.State.BLOCKED);
            for (long sequence = 6; sequence <= 5 + 2 * HOT; sequence++) {
                log.tail().commit(List.of(event(sequence)), 5, () -> {});
            }
        }
        await().until(() -> lane.walked() == 5 + 2 * HOT);
        var batch = new Batch();
        assertThat(mailbox.drain(batch, 0)).isEqualTo(Mailbox.Drained.RESET);
        mailbox.takeReset();
        assertThat(mailbox.drain(batch, 5)).isEqualTo(Mailbox.Drained.FILLED);
        assertThat(batch.event(0).sequence()).isEqualTo(6);
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
