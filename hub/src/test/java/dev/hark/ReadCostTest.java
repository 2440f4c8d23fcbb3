package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.Draft;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.thread.VitalThreads;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What streams that look far back into a log of 200,000 events on disk have it read: counted in rows, not in time. */
@Tag("long")
@Timeout(300)
class ReadCostTest {
    private static final int EVENTS = 200_000;
    private static final int TOPICS = 2_000;
    private static final int BATCH = 1_000;
    private static final int SPARSE = 45;

    /** Of a question about positions nobody says how many rows it took: no more than this. */
    private static final int MOST = EventLog.MAX_SCAN_EVENTS;

    private final AtomicLong rows = new AtomicLong();
    private TestHub test;

    @BeforeEach
    void fill() {
        test = TestHub.start(this::counting, Setup.USUAL.hot(BATCH));
        for (int first = 0; first < EVENTS; first += BATCH) {
            int from = first;
            test.publish(IntStream.range(from, from + BATCH)
                    .mapToObj(i -> TestHub.draft(i < 3 ? "old" : "common/" + i % TOPICS, "x", null))
                    .toArray(Draft[]::new));
        }
        rows.set(0);
    }

    @AfterEach
    void end() {
        test.close();
    }

    @Test
    void aTopicThatTheIndexKnowsCostsOneQuestion() {
        assertThat(last("nobody").start()).isZero();
        assertThat(rows.getAndSet(0)).as("a topic without events").isLessThanOrEqualTo(2 * MOST);
        assertThat(last("old").awaitMessages(1).sequences()).containsExactly(3L);
        assertThat(rows.getAndSet(0)).as("one with three old events").isLessThanOrEqualTo(3 * MOST);
        last("common/7").awaitMessages(1);
        assertThat(rows.getAndSet(0)).as("one with a hundred").isLessThanOrEqualTo(3 * MOST);
    }

    @Test
    void clientsThatAskAndLeaveCostNoMoreThanAFewQuestions() {
        var streams = new ArrayList<TestStream>();
        for (int i = 0; i < 100; i++) {
            TestStream stream = TestStream.open(test.hub, new Start.Last(1), "nobody-" + i + "/*").awaitAdmitted();
            stream.clientGone();
            streams.add(stream);
        }
        streams.forEach(stream -> assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE));
        assertThat(rows.get()).as("a hundred searches of the whole log would be %d", 100 * EVENTS).isLessThan(5L * EVENTS);
    }

    /** Each is cut again and again, and goes on where it was; the log is read about once for all of them. */
    @Test
    void sparseReplaysThatAreCutComeToTheEnd() {
        List<TestStream> streams = new ArrayList<>();
        for (int i = 0; i < SPARSE; i++) {
            streams.add(TestStream.open(test.hub, new Start.Earliest(), "rare-" + i + "/*").awaitOpen());
        }
        for (int cut = 1; cut <= 3; cut++) {
            long most = (long) cut * EVENTS / 5;
            awaitProgress("cut " + cut, () -> rows.get() >= most);
            for (int i = 0; i < SPARSE; i++) {
                TestStream before = streams.get(i);
                before.clientGone();
                before.awaitEnd();
                TestStream after = TestStream.open(test.hub, new Start.After(before.lastEventId()), "rare-" + i + "/*").awaitOpen();
                assertThat(after.start()).isEqualTo(TestStream.sequence(before.lastEventId()));
                streams.set(i, after);
            }
        }
        awaitProgress("all are through", () -> streams.stream().allMatch(
                stream -> TestStream.sequence(stream.lastEventId()) == EVENTS));
        assertThat(rows.get()).as("one reading for each would be %d", SPARSE * EVENTS).isLessThan(5L * EVENTS);
        streams.forEach(stream -> assertThat(stream.messages()).isEmpty());
    }

    private TestStream last(String topic) {
        return TestStream.open(test.hub, new Start.Last(1), topic).awaitOpen();
    }

    /** Has time pass, so that streams say how far they are. */
    private void awaitProgress(String what, BooleanSupplier condition) {
        TestHub.await(what, () -> {
            test.pass(TestHub.HEARTBEAT);
            LockSupport.parkNanos(1_000_000);
            return condition.getAsBoolean();
        });
    }

    private EventLog counting(Path folder, LogConfig config, FakeClock clock, VitalThreads vital) {
        EventLog log = Engine.SQLITE.open(folder, config, clock, vital);
        var type = new Class<?>[] {EventLog.class};
        return (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), type, (proxy, method, arguments) -> {
            try {
                Object answer = method.invoke(log, arguments);
                if (method.getName().equals("read") && answer instanceof Page page) {
                    // All of a scan, since a scan gives every topic; of the index, what was found.
                    rows.addAndGet(page.events().size() + 1);
                } else if (method.getName().equals("back") || method.getName().equals("since")) {
                    rows.addAndGet(MOST);
                }
                return answer;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }
}
