package dev.hark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Logs;
import dev.hark.TestHub.Setup;
import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.EventKind;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Filters;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import dev.hark.log.EventLog;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The newest event of each topic and key, as streams and pages are given it. */
@Timeout(120)
class HubCurrentTest {
    private static final int KEPT = 10;

    /** An engine whose log keeps few prices, and the newest of each key, of which there may be {@code keys}. */
    private static Logs latest(Engine engine, int keys) {
        return (folder, config, clock, vital) -> {
            var keep = new Keep(new Retention(KEPT, TestHub.LONG, 1L << 40), true);
            var classes = TopicClasses.of(List.of(new TopicClasses.Rule(new TopicFilter("prices/**"), keep)), config.retention());
            return engine.open(folder, new LogConfig(classes, config.hot(), config.idempotency(), keys, config.stall()), clock, vital);
        };
    }

    private static TestHub start(Engine engine) {
        return TestHub.startInRealTime(latest(engine, 1_000), Setup.USUAL.hot(20));
    }

    /** Each of {@code keys} once, and the last of them many times. */
    private static void publish(TestHub test, int keys, int more) {
        IntStream.range(0, keys).forEach(key -> test.publish("prices/a", "first", "k" + key));
        IntStream.range(0, more).forEach(i -> test.publish("prices/a", "later", "k" + (keys - 1)));
        test.maintain();
    }

    private static List<Long> positions(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    @ParameterizedTest
    @EnumSource
    void beginsWithTheNewestOfEachAndGoesOn(Engine engine) {
        try (TestHub test = start(engine)) {
            publish(test, 50, 30);
            TestStream stream = TestStream.open(test.hub, new Start.Current(), "prices/*").awaitMessages(50);
            long next = test.publish("prices/b", "new", "k0");
            stream.awaitMessages(51);

            List<Long> given = stream.sequences();
            assertThat(given.subList(0, 49)).isEqualTo(positions(1, 49));
            assertThat(given.subList(49, 51)).containsExactly(80L, next);
            assertThat(stream.firstId()).isEqualTo(TestHub.EPOCH + "-80.0");
            assertThat(stream.messages().getFirst().lastEventId()).isEqualTo(TestHub.EPOCH + "-80.1");
            assertThat(stream.control("hark.gap")).isEmpty();
            assertThat(stream.control("hark.position").getFirst().lastEventId()).isEqualTo(TestHub.EPOCH + "-80");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsDeletedIsNotInIt(Engine engine) {
        try (TestHub test = start(engine)) {
            publish(test, 5, 0);
            TestStream live = TestStream.open(test.hub, new Start.Latest(), "prices/*").awaitOpen();
            test.publish(Draft.deleted(new Topic("prices/a"), "k2", null));
            TestStream late = TestStream.open(test.hub, new Start.Current(), "prices/*").awaitMessages(4);
            Message told = live.awaitMessages(1).messages().getFirst();

            assertThat(told.type()).isEqualTo("hark.deleted");
            assertThat(told.data()).isEqualTo("{\"topic\":\"prices/a\",\"key\":\"k2\"}");
            assertThat(late.sequences()).startsWith(1L, 2L, 4L, 5L);
        }
    }

    /** It is read in pages that all share, and each is cut where it holds too much for one stream. */
    @ParameterizedTest
    @EnumSource
    void isWholeHoweverLarge(Engine engine) {
        try (TestHub test = TestHub.startInRealTime(latest(engine, 10_000), Setup.USUAL.hot(20))) {
            for (int i = 0; i < 1_300; i += 100) {
                test.publish(IntStream.range(i, i + 100).mapToObj(key -> TestHub.draft("prices/a", "x", "k" + key)).toArray(Draft[]::new));
            }
            for (String filter : List.of("prices/*", "prices/a")) {
                TestStream stream = TestStream.open(test.hub, new Start.Current(), filter);
                stream.await("is whole", each -> each.control("hark.position").size() == 1);
                assertThat(stream.sequences()).isEqualTo(positions(1, 1_300));
                assertThat(stream.control("hark.gap")).isEmpty();
            }
        }
    }

    /** Wherever it is cut, the rest follows, and nothing comes twice. */
    @ParameterizedTest
    @EnumSource
    void goesOnWithinIt(Engine engine) {
        try (TestHub test = start(engine)) {
            publish(test, 100, 0);
            for (int cut = 0; cut <= 100; cut += 20) {
                String id = new EventId(TestHub.EPOCH, 100, cut).toString();
                TestStream stream = TestStream.open(test.hub, new Start.After(id), "prices/*").awaitMessages(100 - cut);
                stream.await("is whole", each -> each.control("hark.position").size() == 1);
                assertThat(stream.sequences()).isEqualTo(positions(cut + 1, 100));
                assertThat(stream.control("hark.gap")).isEmpty();
            }
        }
    }

    /** What was lost meanwhile, a deletion perhaps, is made up for by a new snapshot. */
    @ParameterizedTest
    @EnumSource
    void beginsAnewWhereSomethingWasLost(Engine engine) {
        try (TestHub test = start(engine)) {
            publish(test, 100, 0);
            test.publish(Draft.deleted(new Topic("prices/a"), "k3", null));
            IntStream.range(0, 60).forEach(i -> test.publish("prices/a", "later", "k99"));
            test.maintain();
            List<Start> late = List.of(new Start.After(new EventId(TestHub.EPOCH, 100, 50).toString()),
                    new Start.After(new EventId(TestHub.EPOCH, 100).toString(), true));
            for (Start start : late) {
                TestStream stream = TestStream.open(test.hub, start, "prices/*").awaitMessages(1 + 99);
                stream.await("is whole", each -> each.control("hark.position").size() == 1);

                assertThat(stream.messages().getFirst().type()).isEqualTo("hark.gap");
                assertThat(stream.messages().getFirst().data()).contains("\"retention\"", "\"resumedAt\":\"" + TestHub.EPOCH + "-161.0\"");
                assertThat(stream.sequences()).hasSize(99).startsWith(1L, 2L, 3L, 5L).endsWith(161L);
            }
            TestStream others = TestStream.open(test.hub, late.getLast(), "prices/*", "news").awaitMessages(1 + KEPT);
            assertThat(others.sequences()).as("news has events that no snapshot holds").isEqualTo(positions(152, 161));
        }
    }

    @ParameterizedTest
    @EnumSource
    void isGivenInPages(Engine engine) {
        try (TestHub test = start(engine)) {
            publish(test, 95, 30);
            TestPage page = TestPage.ask(test.hub, new Start.Current(), "prices/*");
            var given = new ArrayList<>(page.sequences());
            test.publish("prices/a", "new", "k0");
            while (!page.sequences().isEmpty()) {
                page = TestPage.ask(test.hub, new Start.After(page.next()), "prices/*");
                assertThat(page.gap()).isEqualTo("null");
                given.addAll(page.sequences());
            }
            List<Long> expected = new ArrayList<>(positions(1, 94));
            expected.addAll(List.of(125L, 126L));
            assertThat(given).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysThatItIsNotWholeWhereKeysHadToGo(Engine engine) {
        try (TestHub test = TestHub.startInRealTime(latest(engine, 20), Setup.USUAL.hot(20))) {
            publish(test, 20, 0);
            test.publish("prices/a", "one too many", "k20");
            test.publish("other", "x", null);
            TestStream stream = TestStream.open(test.hub, new Start.Current(), "prices/*").awaitMessages(21);

            assertThat(stream.messages().getFirst().type()).isEqualTo("hark.gap");
            assertThat(stream.messages().getFirst().data()).contains("\"retention\"");
            assertThat(stream.sequences()).isEqualTo(positions(2, 21));
            assertThat(TestPage.ask(test.hub, new Start.Current(), "prices/*").gap()).startsWith("retention ");
        }
    }

    /** Whoever is within it when keys have to go is told where it ends. */
    @ParameterizedTest
    @EnumSource
    void saysAtItsEndThatKeysHadToGoMeanwhile(Engine engine) {
        try (TestHub test = TestHub.startInRealTime(latest(engine, 20), Setup.USUAL.hot(20))) {
            publish(test, 20, 0);
            var within = new Start.After(new EventId(TestHub.EPOCH, 20, 5).toString());
            IntStream.range(20, 30).forEach(key -> test.publish("prices/a", "one too many", "k" + key));
            TestStream stream = TestStream.open(test.hub, within, "prices/*").awaitMessages(10 + 1 + 10);
            assertThat(stream.sequences()).isEqualTo(positions(11, 30));
            assertThat(stream.messages().get(10).type()).isEqualTo("hark.gap");
            assertThat(stream.messages().get(10).data()).contains("\"retention\"");

            TestPage page = TestPage.ask(test.hub, within, "prices/*");
            assertThat(page.sequences()).isEqualTo(positions(11, 20));
            assertThat(page.gap()).isEqualTo("null");
            TestPage next = TestPage.ask(test.hub, new Start.After(page.next()), "prices/*");
            assertThat(next.gap()).startsWith("retention ");
            assertThat(next.sequences()).isEqualTo(positions(21, 30));
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsWithTheLastOfATopicThatHasEnded(Engine engine) {
        try (TestHub test = start(engine)) {
            test.publish("prices/a", "1", "k1");
            test.publish(new Draft(new Topic("prices/a"), "message", null, "last".getBytes(UTF_8), null, EventKind.END));
            TestStream whole = TestStream.open(test.hub, new Start.Current(), "prices/a");
            whole.awaitEnd();

            assertThat(whole.sequences()).containsExactly(1L, 2L);
            assertThat(whole.control("hark.close").getFirst().data()).contains("ended");
            test.publish("prices/a", "again", "k2");
            TestStream again = TestStream.open(test.hub, new Start.Current(), "prices/a").awaitMessages(3);
            test.publish("prices/a", "more", "k2");
            assertThat(again.awaitMessages(4).sequences()).containsExactly(1L, 2L, 3L, 4L);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedWhereNothingIsKept(Engine engine) {
        try (TestHub test = start(engine)) {
            assertThatThrownBy(() -> test.hub.requireFits(new Subscription(Filters.of("orders"), new Start.Current())))
                    .isInstanceOf(InvalidEventException.class).hasMessageContaining("no rule with keep.latest");
            TestStream.open(test.hub, new Start.Current(), "orders", "prices/a").awaitOpen();
            TestStream.open(test.hub, new Start.Current(), "**").awaitOpen();
        }
    }

    /** However many they are, the log is asked for each page about once. */
    @Test
    void aCrowdSharesItsReads() {
        int keys = 4_000;
        int crowd = 200;
        var reads = new AtomicInteger();
        Logs counting = (folder, config, clock, vital) -> {
            EventLog log = latest(Engine.SQLITE, keys).open(folder, config, clock, vital);
            ClassLoader loader = EventLog.class.getClassLoader();
            return (EventLog) Proxy.newProxyInstance(loader, new Class<?>[] {EventLog.class}, (self, method, given) -> {
                reads.addAndGet(method.getName().equals("latest") ? 1 : 0);
                return method.invoke(log, given);
            });
        };
        // In a moment that lasts as long as the test.
        try (TestHub test = TestHub.start(counting, Setup.USUAL.hot(1_000))) {
            for (int i = 0; i < keys; i += 1_000) {
                int first = i;
                test.publish(IntStream.range(0, 1_000)
                        .mapToObj(key -> TestHub.draft("prices/" + key % 7, "x", "k" + (first + key))).toArray(Draft[]::new));
            }
            List<TestStream> streams = IntStream.range(0, crowd)
                    .mapToObj(i -> {
                        // Each would have a snapshot of its own if they shared none.
                        test.publish("prices/0", "later", "k0");
                        return TestStream.open(test.hub, new Start.Current(), i % 2 == 0 ? "prices/*" : "prices/**").awaitAdmitted();
                    })
                    .toList();
            streams.forEach(stream -> stream.awaitMessages(keys));

            assertThat(streams).allSatisfy(stream -> assertThat(stream.sequences()).hasSizeGreaterThanOrEqualTo(keys));
            assertThat(reads.get()).as("pages that were read for %s streams", crowd).isBetween(4 * keys / 1_000, 5 * keys / 1_000);
        }
    }
}
