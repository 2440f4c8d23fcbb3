package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.hark.event.CloseReason;
import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.DeliverySettings;
import dev.hark.fanout.IndexLimits;
import dev.hark.fanout.MailboxLimits;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
import dev.hark.fanout.TopicRule;
import dev.hark.log.Append;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.Retention;
import dev.hark.log.sqlite.SqliteLog;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.thread.VitalThreads;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A hub on its durable log, one of whose threads dies of a defect in the middle of its work. */
@Timeout(60)
class OneFateTest {
    private static final int PUBLISHERS = 4;
    private static final int HOT = 20;

    /** More than a few writes. */
    private static final int OLD = 2_000;

    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();
    private final AtomicLong nanos = new AtomicLong(1);
    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final Queue<Append> refusals = new ConcurrentLinkedQueue<>();
    private volatile boolean armed;
    private volatile boolean publishing = true;

    /** Which thread dies, and what happens to it. */
    enum Defect {
        LANE("hark-lane-"),
        SWEEPER("hark-sweeper"),
        WRITER("hark-log-writer"),
        READER("hark-log-reader-"),
        MAINTENANCE("hark-maintenance");

        private final String thread;

        Defect(String thread) {
            this.thread = thread;
        }
    }

    @ParameterizedTest
    @EnumSource
    void isTheNodesEndWhicheverThreadDies(Defect defect) throws Exception {
        var vital = new VitalThreads(failing(defect, Defect.READER, System::nanoTime));
        SqliteLog log = open(defect, vital);
        Hub hub = Hub.start(config(), faulty(defect, log), clock, failing(defect, Defect.SWEEPER, nanos::get), vital);
        var publishers = new ArrayList<Thread>();
        try {
            publish(hub, batch("old", OLD));
            List<TestStream> live = IntStream.range(0, 4)
                    .mapToObj(i -> TestStream.open(hub, new Start.Latest(), "**").awaitOpen())
                    .toList();
            TestStream searching = TestStream.open(hub, 2, new Start.After(hub.id(0).toString()), "**").awaitBlocked();
            TestStream deaf = TestStream.open(hub, 1, new Start.After(hub.id(0).toString()), "**").awaitBlocked();
            for (int i = 0; i < PUBLISHERS; i++) {
                int number = i;
                publishers.add(Thread.ofVirtual().start(() -> publishOn(hub, "p" + number + "-")));
            }
            await().until(() -> acknowledged.size() > OLD + PUBLISHERS * 3);
            assertThat(hub.notLive()).isEmpty();
            assertThat(hub.notReady()).isEmpty();
            for (TestStream stream : live) {
                stream.awaitMessages(1);
            }

            armed = true;
            provoke(defect, hub);
            await().untilAsserted(() -> assertThat(hub.notLive()).isPresent());
            assertThat(hub.notLive()).hasValueSatisfying(why -> assertThat(why).contains(defect.thread).contains("planted"));
            assertThat(hub.notReady()).isEqualTo(hub.notLive());
            for (TestStream stream : live) {
                endsWithAWord(stream);
            }
            searching.release();
            endsWithAWord(searching);
            if (defect == Defect.SWEEPER) {
                // Nobody is left to cut it: the process ends.
                deaf.release();
                endsWithAWord(deaf);
            } else {
                nanos.addAndGet(TestHub.WRITE_TIMEOUT.toNanos());
                assertThat(deaf.awaitEnd()).isEqualTo(StreamEnd.STALLED);
            }
            assertThat(TestStream.open(hub, new Start.Latest(), "a").awaitRefused()).isEqualTo(CloseReason.FAILED);
            assertThat(HubMeter.STREAMS_CLOSED_FAILED.read(hub)).isGreaterThanOrEqualTo(5);

            if (defect == Defect.WRITER) {
                await().until(() -> refusals.size() >= PUBLISHERS);
                assertThat(refusals).allMatch(answer -> answer instanceof Append.Unknown || answer instanceof Append.Unavailable);
                assertThat(refusals).as("what was under way").anyMatch(answer -> answer instanceof Append.Unknown);
                assertThat(hub.publish(batch("late", 1))).isInstanceOfSatisfying(
                        Append.Unavailable.class, answer -> assertThat(answer.why()).contains("writer died"));
            } else {
                assertThat(refusals).isEmpty();
            }
        } finally {
            publishing = false;
            for (Thread publisher : publishers) {
                assertThat(publisher.join(Duration.ofSeconds(10))).as("no publisher waits without end").isTrue();
            }
            long start = System.nanoTime();
            hub.close();
            assertThat(System.nanoTime() - start).as("closed in time").isCloseTo(0, within(Duration.ofSeconds(10).toNanos()));
        }
        armed = false;
        try (SqliteLog again = open(defect, new VitalThreads())) {
            assertThat(stored(again)).as("everything that was acknowledged").containsAll(acknowledged);
        }
    }

    private static void endsWithAWord(TestStream stream) {
        assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
        List<Message> words = stream.control("hark.close");
        assertThat(words).extracting(Message::data).containsExactly("{\"reason\":\"failed\"}");
        assertThat(stream.messages().getLast()).isEqualTo(words.getFirst());
    }

    private void provoke(Defect defect, Hub hub) {
        switch (defect) {
            // More at once than is hot: every lane has to read on in the log.
            case LANE -> publish(hub, batch("burst", 3 * HOT));
            case READER -> TestStream.open(hub, new Start.After(hub.id(1).toString()), "old", "older").await(
                    "ends", TestStream::hasEnded);
            case SWEEPER, WRITER, MAINTENANCE -> {
                // They have their own work, all the time.
            }
        }
    }

    private LongSupplier failing(Defect defect, Defect concerned, LongSupplier nanoTime) {
        return () -> {
            if (defect == concerned) {
                failOn(defect.thread);
            }
            return nanoTime.getAsLong();
        };
    }

    private void failOn(String thread) {
        if (armed && Thread.currentThread().getName().startsWith(thread)) {
            throw new IllegalStateException("planted");
        }
    }

    private EventLog faulty(Defect defect, EventLog log) {
        Set<String> methods = switch (defect) {
            case LANE -> Set.of("follow");
            case MAINTENANCE -> Set.of("maintain");
            case SWEEPER, WRITER, READER -> Set.of();
        };
        var type = new Class<?>[] {EventLog.class};
        return (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), type, (proxy, method, arguments) -> {
            if (armed && methods.contains(method.getName())) {
                throw new IllegalStateException("planted");
            }
            try {
                return method.invoke(log, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private SqliteLog open(Defect defect, VitalThreads vital) {
        InstantSource source = new InstantSource() {
            @Override
            public Instant instant() {
                if (defect == Defect.WRITER) {
                    failOn(defect.thread);
                }
                return clock.instant();
            }
        };
        var config = new LogConfig(
                new Retention(1_000_000, TestHub.LONG, 1L << 40), new HotLimits(HOT, 1 << 20), new IdempotencyLimits(1_000, TestHub.LONG));
        return SqliteLog.open(
                new SqliteSettings(folder.resolve("hark.db"), SqliteSettings.Durability.FSYNC, config), source, new Random(1), vital);
    }

    private static HubConfig config() {
        var delivery = new DeliverySettings(2, TestHub.HEARTBEAT, "", Duration.ofSeconds(2), TestHub.WRITE_TIMEOUT);
        var rules = List.of(new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(64, 1 << 20)));
        return new HubConfig(delivery, rules, 100, IndexLimits.DEFAULT, TestHub.LONG);
    }

    private static List<Draft> batch(String topic, int count) {
        return IntStream.range(0, count).mapToObj(i -> TestHub.draft(topic, topic + i, null)).toList();
    }

    private void publish(Hub hub, List<Draft> batch) {
        assertThat(hub.publish(batch)).isInstanceOf(Append.Stored.class);
        batch.forEach(draft -> acknowledged.add(new String(draft.data(), StandardCharsets.UTF_8)));
    }

    private void publishOn(Hub hub, String prefix) {
        for (int i = 0; publishing; i++) {
            Append answer = hub.publish(List.of(TestHub.draft("a", prefix + i, null)));
            if (answer instanceof Append.Stored) {
                acknowledged.add(prefix + i);
            } else {
                refusals.add(answer);
                return;
            }
        }
    }

    private static Set<String> stored(EventLog log) {
        var events = new ArrayList<Event>();
        for (long position = 0; position < log.tail().bounds().newest(); ) {
            Page page = log.read(position, Filters.ALL, EventLog.MAX_PAGE_EVENTS);
            events.addAll(page.events());
            position = page.through();
        }
        return events.stream()
                .map(event -> new String(event.frame().bytes(), 0, event.frame().length(), StandardCharsets.UTF_8))
                .map(frame -> frame.substring(frame.indexOf("data: ") + "data: ".length()).strip())
                .collect(Collectors.toSet());
    }
}
