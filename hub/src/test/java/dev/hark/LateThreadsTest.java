package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.DeliverySettings;
import dev.hark.fanout.IndexLimits;
import dev.hark.fanout.MailboxLimits;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.fanout.TopicRule;
import dev.hark.log.Append;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A hub one of whose threads does not come on: it is not ready after {@code health.stall}, says why, and is ready again afterwards. */
@Timeout(60)
class LateThreadsTest {
    private static final Duration STALL = Duration.ofSeconds(10);

    /** Between two looks of the sweeper, at most. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private static final int BURST = 100;
    private static final int HOT = 10;

    private final AtomicLong nanos = new AtomicLong(1);
    private final AtomicLong looks = new AtomicLong();
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);

    /** What to hold up: a method of the log, or the sweeper's look at the clock; null for nothing. */
    private volatile @Nullable String holding;

    private Hub hub;

    @BeforeEach
    void start() {
        var config = new LogConfig(
                new Retention(1_000_000, TestHub.LONG, 1L << 40), new HotLimits(HOT, 1 << 20), new IdempotencyLimits(10, TestHub.LONG));
        var log = new MemoryLog(TestHub.EPOCH, config, new FakeClock());
        var type = new Class<?>[] {EventLog.class};
        EventLog gated = (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), type, (proxy, method, arguments) -> {
            hold(method.getName());
            try {
                return method.invoke(log, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
        var delivery = new DeliverySettings(1, TestHub.HEARTBEAT, "", Duration.ofSeconds(2), TestHub.WRITE_TIMEOUT);
        var rules = List.of(new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(2 * BURST, 1 << 20)));
        hub = Hub.start(new HubConfig(delivery, rules, 10, IndexLimits.DEFAULT, STALL), gated, new FakeClock(), () -> {
            if (Thread.currentThread().getName().equals("hark-sweeper")) {
                looks.incrementAndGet();
                hold("sweeper");
            }
            return nanos.get();
        }, new VitalThreads(nanos::get));
    }

    @AfterEach
    void end() {
        release.countDown();
        hub.close();
    }

    @Test
    void aLaneThatIsStuckIsSaidWithItsAge() {
        TestStream stream = TestStream.open(hub, new Start.Latest(), "**").awaitOpen();
        holding = "follow";
        // More at once than is hot: the lane has to ask the log, unless it was quicker.
        List<Draft> burst = IntStream.range(0, BURST).mapToObj(i -> TestHub.draft("a", "x", null)).toList();
        TestHub.await("the lane asks the log", () -> {
            assertThat(hub.publish(burst)).isInstanceOf(Append.Stored.class);
            return held.getCount() == 0;
        });
        awaitLook();
        long behind = HubMeter.LANE_BACKLOG.read(hub);
        assertThat(behind).isPositive();
        pass(STALL);
        TestHub.await("the sweeper sees how late it is", () -> lagMillis() == STALL.toMillis());
        awaitReady();

        pass(Duration.ofSeconds(2));
        awaitNotReady("a delivery thread is 12 s and " + behind + " events behind");
        assertThat(lagMillis()).isEqualTo(STALL.plusSeconds(2).toMillis());
        assertThat(hub.notLive()).as("it may come back").isEmpty();

        release.countDown();
        stream.awaitMessages((int) HubMeter.PUBLISHED_EVENTS.read(hub));
        awaitReady();
        TestHub.await("it is not late any more", () -> lagMillis() == 0);
        assertThat(HubMeter.LANE_BACKLOG.read(hub)).isZero();
    }

    @Test
    void aSweeperThatDoesNotComeByIsSaidWithItsAge() {
        holding = "sweeper";
        awaitHeld();
        pass(STALL.plus(LOOK));
        assertThat(hub.notReady()).as("on the edge").isEmpty();
        pass(Duration.ofNanos(1));
        assertThat(hub.notReady()).hasValue("the thread that looks after streams has not come by for 10 s");
        pass(Duration.ofSeconds(60));
        assertThat(hub.notReady()).hasValue("the thread that looks after streams has not come by for 70 s");
        assertThat(hub.notLive()).isEmpty();
        release.countDown();
        awaitReady();
    }

    @Test
    void anUpkeepThatDoesNotEndIsSaidWithItsAge() {
        holding = "maintain";
        awaitHeld();
        pass(STALL.plus(STALL));
        awaitReady();
        pass(Duration.ofNanos(1));
        assertThat(hub.notReady()).hasValue("the upkeep of the log has not come to its end for 20 s");
        assertThat(hub.notLive()).isEmpty();
        release.countDown();
        awaitReady();
    }

    private void hold(String what) {
        if (what.equals(holding)) {
            held.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void awaitHeld() {
        TestHub.await(holding + " is held up", () -> held.getCount() == 0);
    }

    /** Until the sweeper has been where it is now. */
    private void awaitLook() {
        // The one that is under way may have begun before.
        long next = looks.get() + 2;
        TestHub.await("the sweeper has come by", () -> looks.get() > next);
    }

    private long lagMillis() {
        return HubMeter.LANE_LAG_MILLIS.read(hub);
    }

    /** Not at once: whoever looks at a time that has just leapt finds the sweeper late, until that comes by. */
    private void awaitReady() {
        TestHub.await("it is ready", () -> hub.notReady().isEmpty());
    }

    private void awaitNotReady(String why) {
        TestHub.await("it is not ready: " + why, () -> hub.notReady().filter(why::equals).isPresent());
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
