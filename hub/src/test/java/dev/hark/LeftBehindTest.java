package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.Admission;
import dev.hark.fanout.DeliverySettings;
import dev.hark.fanout.IndexLimits;
import dev.hark.fanout.MailboxLimits;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
import dev.hark.fanout.Subscription;
import dev.hark.fanout.TopicRule;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A hub that is closed, and what of it cannot be ended in order: whoever stopped it is told. */
@Timeout(60)
class LeftBehindTest {
    private static final int HOT = 10;

    private final FakeClock clock = new FakeClock();
    private final AtomicLong nanos = new AtomicLong(1);
    private final CountDownLatch stuck = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private volatile String hanging = "";

    @AfterEach
    void letGo() {
        release.countDown();
    }

    @Test
    void nothingIsWhereAllEndsInOrder() throws Exception {
        Hub hub = start();
        TestStream stream = TestStream.open(hub, new Start.Latest(), "**").awaitOpen();
        hub.drain(Duration.ZERO);
        hub.close();
        assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
        assertThat(hub.leftBehind()).isEmpty();
    }

    @Test
    void aLaneIsThatItsLogKeeps() throws Exception {
        Hub hub = start();
        TestStream stream = TestStream.open(hub, new Start.Latest(), "**").awaitOpen();
        TestHub.await("it is offered events", () -> HubMeter.STREAMS_INDEXED.read(hub) == 1);
        hanging = "hark-lane-";
        // More at once than is hot: the lane has to read on in the log.
        hub.publish(IntStream.range(0, 3 * HOT).mapToObj(i -> TestHub.draft("a", "x", null)).toList());
        stuck.await();
        hub.drain(Duration.ZERO);
        hub.close();
        assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
        assertThat(hub.leftBehind()).hasValueSatisfying(what -> assertThat(what).matches("hark-lane-\\d does not come back"));
    }

    @Test
    void theSweeperIs() throws Exception {
        hanging = "hark-sweeper";
        Hub hub = start();
        stuck.await();
        hub.close();
        assertThat(hub.leftBehind()).contains("hark-sweeper does not come back");
    }

    @Test
    void streamsAreThatNeitherTakeAWordNorEnd() throws Exception {
        Hub hub = start();
        TestStream told = TestStream.open(hub, new Start.Latest(), "**").awaitOpen();
        List<Thread> deaf = List.of(serveDeaf(hub), serveDeaf(hub));
        hub.drain(Duration.ZERO);
        hub.close();
        assertThat(told.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
        assertThat(hub.leftBehind()).contains("2 streams do not end, and may not have been told");
        release.countDown();
        for (Thread each : deaf) {
            assertThat(each.join(Duration.ofSeconds(10))).isTrue();
        }
    }

    /** A stream whose first write does not come back, be it interrupted. */
    private Thread serveDeaf(Hub hub) throws InterruptedException {
        var writing = new CountDownLatch(1);
        Admission admission = hub.subscribe(new Subscription(Filters.ALL, new Start.Latest()));
        assertThat(admission).isInstanceOf(Admission.Admitted.class);
        Thread thread = Thread.ofVirtual().start(() -> hub.serve(((Admission.Admitted) admission).subscriber(), (bytes, offset, length) -> {
            writing.countDown();
            awaitRelease();
        }));
        writing.await();
        return thread;
    }

    private Hub start() {
        var config = new LogConfig(
                new Retention(1_000_000, TestHub.LONG, 1L << 40), new HotLimits(HOT, 1 << 20), new IdempotencyLimits(10, TestHub.LONG));
        var log = new MemoryLog(TestHub.EPOCH, config, clock);
        var type = new Class<?>[] {EventLog.class};
        EventLog keeping = (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), type, (proxy, method, arguments) -> {
            if (method.getName().equals("follow")) {
                hang("hark-lane-");
            }
            try {
                return method.invoke(log, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
        var delivery = new DeliverySettings(1, TestHub.HEARTBEAT, "", Duration.ofSeconds(2), TestHub.WRITE_TIMEOUT);
        var rules = List.of(new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(64, 1 << 20)));
        var settings = new HubConfig(delivery, rules, 100, IndexLimits.DEFAULT, TestHub.LONG);
        return Hub.start(
                settings,
                keeping,
                clock,
                () -> {
                    hang("hark-sweeper");
                    return nanos.get();
                },
                new VitalThreads());
    }

    private void hang(String thread) {
        if (hanging.equals(thread) && Thread.currentThread().getName().startsWith(thread)) {
            stuck.countDown();
            awaitRelease();
        }
    }

    /** Through interrupts, of which a disk knows nothing. */
    private void awaitRelease() {
        boolean interrupted = false;
        while (release.getCount() > 0) {
            try {
                release.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
