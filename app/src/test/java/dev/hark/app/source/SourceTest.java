package dev.hark.app.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.hark.Hub;
import dev.hark.HubMeter;
import dev.hark.app.SilentLog;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.SourceSettings;
import dev.hark.app.state.LogAwayException;
import dev.hark.app.state.StateLog;
import dev.hark.app.state.Turn;
import dev.hark.app.state.WorkState;
import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import dev.hark.log.Append;
import dev.hark.log.EventLog;
import dev.hark.log.SteadyClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One source, and what becomes of its events where several run it, where the log fails, and where it is asked whose turn it is. */
@ResourceLock(SilentLog.LOG)
class SourceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Source.Terms TERMS = new Source.Terms(5, Duration.ofMillis(5));

    private final SteadyClock clock = SteadyClock.ofSystem();
    private final HarkConfig config = new ConfigSource(Path.of("..", "application.yaml"),
            List.of("sources.0.name=numbers", "sources.0.jdbc.url=jdbc:postgresql://none/none"), Map.of()).load();

    private final EventLog memory = new MemoryLog("7k3q9x2m", config.log().config(), clock);
    private final AtomicLong nanos = new AtomicLong();
    private final List<Source> sources = new ArrayList<>();
    private Hub hub = Hub.start(config.hub(), memory, clock, new VitalThreads());

    @AfterEach
    void end() {
        sources.forEach(Source::stop);
        hub.close();
    }

    private Source start(Upstream upstream, boolean shared, String node) {
        return start(upstream, shared, node, new Progress(SourceStatus.State.STANDBY, System::nanoTime));
    }

    private Source start(Upstream upstream, boolean shared, String node, Progress progress) {
        var states = RunningSources.states(hub, "numbers", ThreadLocalRandom.current());
        var source = new Source("numbers", upstream, states, new Turn(shared, node, nanos::get), TERMS, progress);
        sources.add(source);
        source.start();
        return source;
    }

    private List<Integer> inLog() throws Exception {
        List<Integer> numbers = new ArrayList<>();
        var filters = Filters.of(List.of(new TopicFilter(NumberedUpstream.TOPIC)));
        Start from = new Start.Earliest();
        boolean more = true;
        while (more) {
            var request = new PageRequest(new Subscription(filters, from, Format.ENVELOPE), PageRequest.MAX_LIMIT, Duration.ZERO);
            var given = (PageAnswer.Given) hub.look(request);
            try (var page = given.page()) {
                for (JsonNode event : JSON.readTree(page.json(Format.ENVELOPE)).path("events")) {
                    numbers.add(event.path("data").asInt());
                }
                more = !page.events().isEmpty();
                from = new Start.After(page.next().toString());
            }
        }
        return numbers;
    }

    private void awaitNumbers(int count) {
        await().atMost(PATIENCE).until(() -> inLog().size() >= count);
    }

    private static List<Integer> upTo(int count) {
        return IntStream.rangeClosed(1, count).boxed().toList();
    }

    @Test
    void publishesAllInOrderAndCountsNoPosition() throws Exception {
        Source source = start(new NumberedUpstream(123, () -> false), false, "");
        awaitNumbers(123);

        assertThat(inLog()).isEqualTo(upTo(123));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(HubMeter.PUBLISHED_EVENTS.read(hub)).isEqualTo(123));
        await().atMost(PATIENCE).until(() -> source.status().state() == SourceStatus.State.RUNNING && source.status().behind().isZero());
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(source.status().inAll().published()).isEqualTo(123));
    }

    /** Both are sure that it is their turn, as a node that was stopped in the middle and goes on. */
    @RepeatedTest(5)
    void twoThatBothRunItDoubleNothing() throws Exception {
        start(new NumberedUpstream(2_000, () -> false), false, "");
        start(new NumberedUpstream(2_000, () -> false), false, "");
        awaitNumbers(2_000);
        sources.forEach(Source::stop);

        assertThat(inLog()).isEqualTo(upTo(2_000));
    }

    @Test
    void oneRunsItAndTheOtherFollowsWhenItEnds() throws Exception {
        Source first = start(new NumberedUpstream(20, () -> false), true, "first");
        awaitNumbers(20);
        Source second = start(new NumberedUpstream(40, () -> false), true, "second");
        await().atMost(PATIENCE).until(() -> first.status().state() == SourceStatus.State.RUNNING);
        assertThat(second.status().state()).isEqualTo(SourceStatus.State.STANDBY);
        assertThat(inLog()).isEqualTo(upTo(20));

        first.stop();
        awaitNumbers(40);
        assertThat(inLog()).isEqualTo(upTo(40));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(second.status().inAll().published()).isEqualTo(40));
    }

    @Test
    void takesOverFromOneThatSaysNothing() throws Exception {
        var states = RunningSources.states(hub, "numbers", ThreadLocalRandom.current());
        states.store(states.load(), List.of(), WorkState.first(states.nonce(), "gone"));
        Source source = start(new NumberedUpstream(10, () -> false), true, "here");
        nanos.addAndGet(Turn.LEASE.toNanos() - 1);
        await().during(Duration.ofMillis(50)).atMost(PATIENCE).until(() -> inLog().isEmpty());
        assertThat(source.status().state()).isEqualTo(SourceStatus.State.STANDBY);
        // It has seen the state by now, or sees it at its next look: either way its time is over then.
        await().atMost(PATIENCE).until(() -> {
            nanos.addAndGet(Turn.LEASE.toNanos());
            return inLog().size() == 10;
        });

        assertThat(inLog()).isEqualTo(upTo(10));
    }

    @Test
    void handsItOnWhereItDoesNotReachItsUpstream() throws Exception {
        start(new NumberedUpstream(10, () -> true), true, "cut off");
        start(new NumberedUpstream(10, () -> false), true, "well");
        awaitNumbers(10);

        assertThat(inLog()).isEqualTo(upTo(10));
    }

    /** A log that fails before or after it has stored something, or says that it is too much, and an upstream that fails at any step. */
    @RepeatedTest(3)
    void losesAndDoublesNothingWhateverFails() throws Exception {
        long seed = Long.getLong("hark.seed", System.nanoTime());
        var random = new Random(seed);
        hub.close();
        hub = Hub.start(config.hub(), failing(new MemoryLog("7k3q9x2n", config.log().config(), clock), random), clock, new VitalThreads());
        BooleanSupplier sometimes = () -> {
            synchronized (random) {
                return random.nextInt(50) == 0;
            }
        };
        start(new NumberedUpstream(300, sometimes), false, "");
        awaitNumbers(300);
        sources.forEach(Source::stop);

        assertThat(inLog()).as("seed %d", seed).isEqualTo(upTo(300));
    }

    private static EventLog failing(EventLog log, Random random) {
        var types = new Class<?>[] {EventLog.class};
        return (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), types, (self, method, arguments) -> {
            int what;
            synchronized (random) {
                what = method.getName().equals("append") ? random.nextInt(40) : 40;
            }
            if (what == 0) {
                return new Append.Unavailable("planted");
            }
            if (what < 5 && ((List<?>) arguments[0]).size() > 2) {
                return new Append.TooLarge(2, 1);
            }
            try {
                Object answer = method.invoke(log, arguments);
                return what == 5 ? new Append.Unknown("planted") : answer;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    @Test
    void beginsAnewWhereItsFirstKeyIsUsedAndItsStateIsGone() throws Exception {
        var states = RunningSources.states(hub, "numbers", ThreadLocalRandom.current());
        StateLog.Known none = new StateLog.Known("7k3q9x2m", null);
        assertThat(states.append(none, List.of(), WorkState.first(states.nonce(), ""))).isInstanceOf(StateLog.Outcome.Stored.class);

        assertThat(states.append(none, List.of(), WorkState.first(states.nonce(), ""))).isInstanceOf(StateLog.Outcome.Overtaken.class);
        assertThat(states.append(none, List.of(), WorkState.first(states.nonce(), ""))).isInstanceOf(StateLog.Outcome.Stored.class);
    }

    @Test
    void recallsTheNewestPositionsInTheirOrder() throws Exception {
        var states = RunningSources.states(hub, "numbers", ThreadLocalRandom.current());
        StateLog.Known known = states.load();
        WorkState before = WorkState.first("", "");
        for (int number = 1; number <= SourceSettings.KEPT_STATES + 6; number++) {
            WorkState after = before.after(JsonNodeFactory.instance.numberNode(number), 0, List.of(), states.nonce());
            known = ((StateLog.Outcome.Stored) states.store(known, List.of(), after)).known();
            before = after;
        }
        hub.publish(List.of(new Draft(new Topic("other"), Draft.DEFAULT_TYPE, null, new byte[0], null)));

        assertThat(states.positions(before, SourceSettings.KEPT_STATES)).extracting(JsonNode::asInt)
                .isEqualTo(IntStream.rangeClosed(7, SourceSettings.KEPT_STATES + 6).boxed().toList());
        assertThat(catchThrowable(() -> states.positions(WorkState.first("of another log", ""), 1))).isInstanceOf(LogAwayException.class);
    }

    /** What a queue gives back and gets again is counted, and deleted by the broker when that was too often. */
    @ParameterizedTest
    @CsvSource({"3, 0", "0, 3", "1, 1"})
    void keepsItsReadingWhileTheLogIsAwayAndWhileItIsHeldUp(int away, int held) throws Exception {
        var logFails = new AtomicInteger(away);
        var heldUp = new AtomicInteger(held);
        var opened = new AtomicInteger();
        hub.close();
        EventLog log = new MemoryLog("7k3q9x2n", config.log().config(), clock);
        var types = new Class<?>[] {EventLog.class};
        var failing = (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), types, (self, method, arguments) -> {
            if (method.getName().equals("append") && logFails.getAndDecrement() > 0) {
                // Once it has the portion, and does not say so.
                return logFails.get() > 0 ? new Append.Unavailable("planted") : unknown(method.invoke(log, arguments));
            }
            return method.invoke(log, arguments);
        });
        hub = Hub.start(config.hub(), failing, clock, new VitalThreads());
        var numbers = new NumberedUpstream(20, () -> false);
        start(new Upstream() {
            @Override
            public String kind() {
                return numbers.kind();
            }

            @Override
            public String address() {
                return numbers.address();
            }

            @Override
            public Reading open() throws UpstreamException {
                opened.incrementAndGet();
                return new HeldUpReading(numbers.open(), heldUp);
            }
        }, false, "");
        awaitNumbers(20);

        assertThat(inLog()).isEqualTo(upTo(20));
        assertThat(logFails.get()).isNegative();
        assertThat(heldUp.get()).isNegative();
        assertThat(opened.get()).isEqualTo(1);
    }

    private static Append unknown(Object stored) {
        assertThat(stored).isInstanceOf(Append.Stored.class);
        return new Append.Unknown("planted");
    }

    /** Is held up where it is told that something is stored, and says so before each read, {@code times} in all. */
    private record HeldUpReading(Reading reading, AtomicInteger times) implements Reading {
        @Override
        public Portion read(@Nullable JsonNode position, int limit) throws UpstreamException, HeldUpException {
            if (position != null) {
                step();
            }
            return reading.read(position, limit);
        }

        private void step() throws HeldUpException {
            if (times.getAndDecrement() > 0) {
                throw new HeldUpException("planted", new IllegalStateException("planted"));
            }
        }

        @Override
        public void stored(JsonNode position, List<String> refused) throws UpstreamException, HeldUpException {
            reading.stored(position, refused);
            step();
        }

        @Override
        public boolean awaitMore(Duration most) throws UpstreamException, HeldUpException {
            return reading.awaitMore(most);
        }

        @Override
        public void abort() {
            reading.abort();
        }

        @Override
        public void close() {
            reading.close();
        }
    }

    @Test
    void storesNothingWhereItReachesNothing() throws Exception {
        Source source = start(new NumberedUpstream(10, () -> true), true, "here");
        await().atMost(PATIENCE).until(() -> source.status().state() == SourceStatus.State.TROUBLE);

        assertThat(RunningSources.states(hub, "numbers", ThreadLocalRandom.current()).load().state()).isNull();
    }

    /** That another one has its turn does not mean that anybody gets on. */
    @Test
    void keepsItsTroubleUntilAnotherNodeGetsOn() throws Exception {
        Source source = start(new NumberedUpstream(10, () -> true), true, "here");
        await().atMost(PATIENCE).until(() -> source.status().state() == SourceStatus.State.TROUBLE);
        var states = RunningSources.states(hub, "numbers", ThreadLocalRandom.current());
        WorkState state = WorkState.first(states.nonce(), "there");
        StateLog.Known known = ((StateLog.Outcome.Stored) states.store(states.load(), List.of(), state)).known();
        await().during(Duration.ofSeconds(3)).atMost(PATIENCE).until(() -> source.status().state() == SourceStatus.State.TROUBLE);

        states.store(known, List.of(), state.by("there", states.nonce()));
        await().atMost(PATIENCE).until(() -> source.status().state() == SourceStatus.State.STANDBY);
    }

    /** Each look finds something, and takes a second. */
    @Test
    void isNotLateWhereItHasAllAfterEachPortion() throws Exception {
        var seconds = new AtomicLong();
        Upstream steady = new PlantedUpstream(at -> {
            seconds.incrementAndGet();
            return new Portion(List.of(PlantedUpstream.event("numbers")), JsonNodeFactory.instance.numberNode(at + 1), 0);
        });
        var progress = new Progress(SourceStatus.State.STANDBY, () -> Duration.ofSeconds(seconds.get()).toNanos());
        Source source = start(steady, false, "", progress);
        await().atMost(PATIENCE).until(() -> seconds.get() > 200);
        source.stop();

        assertThat(source.status().state()).isEqualTo(SourceStatus.State.RUNNING);
        // What the portion before the newest began with is published.
        assertThat(source.status().behind()).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void whatSomebodyElseWroteIsOneLineOfTheLog() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        var handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Upstream forging = new PlantedUpstream(at -> {
            if (at > 0) {
                throw new UpstreamException("cannot be read\nSEVERE forged by the broker");
            }
            return new Portion(List.of(new Item.Refused("m-1\nSEVERE forged by an id", "topic 'a\nSEVERE forged by a topic'")),
                    JsonNodeFactory.instance.numberNode(1), 0);
        });
        Logger.getLogger("").addHandler(handler);
        try {
            start(forging, false, "");
            await().atMost(PATIENCE).until(() -> lines.stream().anyMatch(line -> line.contains("by the broker")));
        } finally {
            Logger.getLogger("").removeHandler(handler);
        }

        assertThat(lines).anyMatch(line -> line.contains("m-1\uFFFDSEVERE forged by an id: topic 'a\uFFFDSEVERE forged by a topic'"));
        assertThat(lines).allMatch(line -> line.chars().noneMatch(Character::isISOControl));
    }

    /** A database that swallows packets. */
    @Test
    void endsWhileItsUpstreamDoesNotAnswerAndClosesWhatComesLater() throws Exception {
        var opening = new CountDownLatch(1);
        var answer = new CountDownLatch(1);
        var closed = new CountDownLatch(1);
        Source source = start(new PlantedUpstream(new PlantedUpstream.Reads() {
            @Override
            public Portion at(int position) {
                return new Portion(List.of(PlantedUpstream.event(NumberedUpstream.TOPIC)), JsonNodeFactory.instance.numberNode(1), 0);
            }

            @Override
            public void opens() {
                opening.countDown();
                try {
                    answer.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public void closes() {
                closed.countDown();
            }
        }), false, "");
        opening.await();
        source.stop();

        assertThat(source.isAlive()).isFalse();
        answer.countDown();
        assertThat(closed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(inLog()).isEmpty();
    }
}
