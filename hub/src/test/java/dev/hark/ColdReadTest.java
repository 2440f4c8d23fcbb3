package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.CloseReason;
import dev.hark.event.Draft;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.DeliverySettings;
import dev.hark.fanout.IndexLimits;
import dev.hark.fanout.MailboxLimits;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that need what is no longer hot, of a log each of whose answers the test has to permit. */
@Timeout(60)
class ColdReadTest {
    private static final int EVENTS = 50_000;
    private static final int TURNS = 4;

    /** More than is hot. */
    private static final int LAST = 50;
    private static final Set<String> GATED = Set.of("read", "since", "back");

    private final FakeClock clock = new FakeClock();
    private final AtomicLong nanos = new AtomicLong(1);
    private final Semaphore gate = new Semaphore(0);

    /** What the log was asked, each with its first argument. */
    private final List<String> asked = new CopyOnWriteArrayList<>();

    private Hub hub;

    @BeforeEach
    void start() {
        var config = new LogConfig(
                new Retention(1_000_000, TestHub.LONG, 1L << 40), new HotLimits(10, 1 << 20), new IdempotencyLimits(10, TestHub.LONG));
        var log = new MemoryLog(TestHub.EPOCH, config, clock);
        var type = new Class<?>[] {EventLog.class};
        EventLog gated = (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), type, (proxy, method, arguments) -> {
            if (GATED.contains(method.getName())) {
                asked.add(method.getName() + ' ' + arguments[0]);
                gate.acquireUninterruptibly();
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
        hub = Hub.start(settings, gated, clock, nanos::get, new VitalThreads());
        for (int i = 0; i < EVENTS; i += 5_000) {
            List<Draft> batch = IntStream.range(i, i + 5_000).mapToObj(n -> TestHub.draft("common/" + n % 7, "x", null)).toList();
            assertThat(hub.publish(batch)).isInstanceOf(Append.Stored.class);
        }
    }

    @AfterEach
    void end() {
        gate.release(1_000_000);
        hub.close();
    }

    @Test
    void aStreamThatWaitsForItsTurnGivesSignsOfLife() {
        List<TestStream> first = takeAllTurns();
        TestStream waiting = TestStream.open(hub, after(10), "rare/*").awaitOpen();
        awaitWaiting(1);
        int comments = waiting.comments();
        for (int i = 1; i <= 3; i++) {
            int more = comments + i;
            pass(TestHub.HEARTBEAT);
            waiting.await("gives sign of life " + i, stream -> stream.comments() >= more);
        }
        assertThat(waiting.lastEventId()).as("nothing was searched yet").isEqualTo(hub.id(10).toString());
        assertThat(asked).hasSize(TURNS);
        gate.release(1_000_000);
        pass(TestHub.HEARTBEAT);
        waiting.await("has come to the end", stream -> beat(stream).equals(hub.id(EVENTS).toString()));
        first.forEach(stream -> assertThat(stream.hasEnded()).isFalse());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSearchForTheStartGivesSignsOfLifeToo(boolean last) {
        takeAllTurns();
        Start start = last ? new Start.Last(LAST) : new Start.Back(Duration.ofMinutes(1));
        TestStream waiting = TestStream.open(hub, start, "common/*").awaitAdmitted();
        awaitWaiting(1);
        for (int i = 1; i <= 3; i++) {
            int count = i;
            pass(TestHub.HEARTBEAT);
            waiting.await("gives sign of life " + i, stream -> stream.comments() >= count);
        }
        gate.release(1_000_000);
        waiting.awaitOpen();
        assertThat(waiting.start()).isEqualTo(last ? EVENTS - LAST : 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatLeavesWhileItWaitsCostsNoRead(boolean searching) {
        takeAllTurns();
        TestStream waiting = TestStream.open(hub, searching ? new Start.Last(LAST) : after(10), "rare/*").awaitAdmitted();
        awaitWaiting(1);
        waiting.clientGone();
        assertThat(waiting.awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE);
        awaitWaiting(0);
        gate.release(TURNS);
        TestHub.await("the others go on", () -> asked.size() > TURNS);
        assertThat(asked).noneMatch(question -> question.startsWith("back")).doesNotContain("read 10");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamWhoseReadTakesLongGivesSignsOfLife(boolean searching) {
        TestStream reading = openReading(searching);
        int comments = reading.comments();
        for (int i = 1; i <= 3; i++) {
            int more = comments + i;
            pass(TestHub.HEARTBEAT);
            reading.await("gives sign of life " + i, stream -> stream.comments() >= more);
        }
        assertThat(asked).hasSize(1);
        gate.release(1_000_000);
        reading.awaitOpen();
        pass(TestHub.HEARTBEAT);
        reading.await("has come to the end", stream -> beat(stream).equals(hub.id(EVENTS).toString()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientThatLeavesWhileTheLogReadsForItIsNoticed(boolean searching) {
        TestStream reading = openReading(searching);
        reading.clientGone();
        assertThat(reading.awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE);
    }

    /** It may have closed its sending half alone, as some do behind their request. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPageIsFoundForAClientThatSendsNothingMore(boolean waits) {
        // In this order: what was read is kept for a while.
        for (Start start : List.of(after(EVENTS - LAST), new Start.Last(LAST))) {
            int before = asked.size();
            TestPage page = TestPage.ask(hub, 500, waits ? Duration.ofSeconds(50) : Duration.ZERO, start, "common/*");
            TestHub.await("the log is asked", () -> asked.size() > before);
            page.clientGone();
            gate.release(1_000_000);
            assertThat(page.sequences()).isEqualTo(LongStream.rangeClosed(EVENTS - LAST + 1, EVENTS).boxed().toList());
            gate.drainPermits();
        }
    }

    @Test
    void aSearchForAClientThatSendsNothingMoreHasAnEnd() {
        TestPage page = TestPage.ask(hub, new Start.Last(LAST), "rare/*");
        TestHub.await("the log is asked", () -> asked.size() == 1);
        pass(Duration.ofMinutes(1));
        page.clientGone();
        assertThat(page.answer()).isInstanceOfSatisfying(PageAnswer.Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(CloseReason.OVERLOADED);
            assertThat(refused.detail()).startsWith("where the page begins was not found in 10 s");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theEndOfTheHubEndsAStreamWhoseReadTakesLong(boolean searching) {
        TestStream reading = openReading(searching);
        reading.close(CloseReason.DRAINING);
        assertThat(reading.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
        assertThat(reading.control("hark.close")).hasSize(1);
    }

    /** A stream that has its turn, and waits for the log's answer. */
    private TestStream openReading(boolean searching) {
        TestStream reading = TestStream.open(hub, searching ? new Start.Last(LAST) : after(10), "rare/*").awaitAdmitted();
        TestHub.await("the log is asked", () -> asked.size() == 1);
        return reading;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theEndOfTheHubEndsAStreamThatWaits(boolean searching) {
        takeAllTurns();
        TestStream waiting = TestStream.open(hub, searching ? new Start.Last(LAST) : after(10), "rare/*").awaitAdmitted();
        awaitWaiting(1);
        waiting.close(CloseReason.DRAINING);
        assertThat(waiting.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
        assertThat(waiting.control("hark.close")).singleElement().satisfies(
                word -> assertThat(word.data()).isEqualTo("{\"reason\":\"draining\"}"));
    }

    @Test
    void aLongSearchSaysHowFarItHasComeAndIsResumedThere() {
        TestStream searching = TestStream.open(hub, new Start.Earliest(), "rare/*").awaitOpen();
        assertThat(searching.start()).isZero();
        for (int pages = 1; pages <= 4; pages++) {
            int read = pages;
            TestHub.await("page " + pages, () -> asked.size() >= read);
            gate.release();
            // One heartbeat may come before the stream has the page.
            TestHub.await("page " + pages + " is behind it",
                    () -> TestStream.sequence(beat(searching)) >= (long) read * EventLog.MAX_SCAN_EVENTS);
        }
        TestHub.await("page 5", () -> asked.size() == 5);
        String last = searching.lastEventId();
        searching.clientGone();
        gate.release();
        assertThat(searching.awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE);

        asked.clear();
        TestStream resumed = TestStream.open(hub, new Start.After(last), "rare/*").awaitOpen();
        TestHub.await("it reads on", () -> !asked.isEmpty());
        assertThat(asked).as("behind the page that was left there")
                .containsExactly("read " + (TestStream.sequence(last) + EventLog.MAX_SCAN_EVENTS));
        gate.release(1_000_000);
        TestHub.await("to the end", () -> asked.size() >= EVENTS / EventLog.MAX_SCAN_EVENTS - 5);
        // The last page has been asked for; when the stream has taken it, nobody can see but by what it says at a heartbeat after that.
        TestHub.await("it says so", () -> beat(resumed).equals(hub.id(EVENTS).toString()));
        assertThat(resumed.messages()).as("nothing but ids").isEmpty();
        assertThat(resumed.lastEventId()).isEqualTo(hub.id(EVENTS).toString());
        int comments = resumed.comments();
        pass(TestHub.HEARTBEAT);
        resumed.await("is quiet, and says no id twice", stream -> stream.comments() > comments);
    }

    /** Streams whose reads hold all the turns there are. */
    private List<TestStream> takeAllTurns() {
        var streams = new ArrayList<TestStream>();
        for (int i = 0; i < TURNS; i++) {
            streams.add(TestStream.open(hub, after(i), "rare/*").awaitOpen());
        }
        TestHub.await("all turns are taken", () -> asked.size() == TURNS);
        return streams;
    }

    private void awaitWaiting(long count) {
        TestHub.await(count + " wait", () -> HubMeter.READS_WAITING.read(hub) == count);
    }

    /** Not faster than the sweeper comes by: a time that runs away would cut a stream in the middle of a write. */
    private String beat(TestStream stream) {
        LockSupport.parkNanos(5_000_000);
        pass(TestHub.HEARTBEAT);
        return stream.lastEventId();
    }

    private Start after(long position) {
        return new Start.After(hub.id(position).toString());
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
