package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.Draft;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams of topics that the log keeps differently: who is told of a gap, and who is not. On each engine. */
@ParameterizedClass
@EnumSource
@Timeout(120)
class HubClassesTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final long SEED = Long.getLong("hark.seed", 20261129L);
    private static final String GAP = "hark.gap";

    private final Engine engine;

    HubClassesTest(Engine engine) {
        this.engine = engine;
    }

    private TestHub start(TopicClasses classes, Setup setup) {
        return TestHub.start(
                (folder, config, clock, vital) -> engine.open(
                        folder, new LogConfig(classes, config.hot(), config.idempotency(), config.stall()), clock, vital),
                setup);
    }

    private static Keep keep(int events) {
        return new Keep(new Retention(events, DAY, 1L << 40));
    }

    private static TopicClasses classes(Object... matchesAndKeeps) {
        var rules = new ArrayList<TopicClasses.Rule>();
        for (int i = 0; i < matchesAndKeeps.length; i += 2) {
            rules.add(new TopicClasses.Rule(new TopicFilter((String) matchesAndKeeps[i]), (Keep) matchesAndKeeps[i + 1]));
        }
        return TopicClasses.of(rules, new Retention(1_000_000, DAY, 1L << 40));
    }

    private static TestStream resume(TestHub test, long after, String... filters) {
        return TestStream.open(test.hub, new Start.After(TestHub.EPOCH + '-' + after), filters).awaitOpen();
    }

    // ---- who is told

    @Test
    void tellsThoseAloneWhoseTopicsHaveLostEvents() throws Exception {
        try (TestHub test = start(classes("a/**", keep(3)), Setup.USUAL.hot(4))) {
            long first = test.publish("a/x", "a0", null);
            for (int i = 1; i <= 10; i++) {
                test.publish("a/x", "a" + i, null);
                test.publish("b", "b" + i, null);
            }
            test.maintain();
            TestStream other = resume(test, first, "b");
            assertThat(other.awaitMessages(10).control(GAP)).isEmpty();
            assertThat(other.messages()).extracting(Message::data).startsWith("b1").endsWith("b10");

            TestStream lost = resume(test, first, "a/x");
            assertThat(lost.awaitMessages(4).control(GAP)).hasSize(1).first().asString().contains("retention");
            assertThat(lost.messages()).extracting(Message::data).endsWith("a8", "a9", "a10");

            // What other classes have kept from there on is given: the gap skips nothing.
            TestStream both = resume(test, first, "**");
            both.awaitMessages(14);
            assertThat(both.control(GAP)).hasSize(1).first().asString().contains("\"after\":\"" + TestHub.EPOCH + '-' + first + '"');
            assertThat(both.messages().stream().filter(message -> !message.type().equals(GAP)).map(Message::data))
                    .containsExactly("b1", "b2", "b3", "b4", "b5", "b6", "b7", "a8", "b8", "a9", "b9", "a10", "b10");
        }
    }

    /** The lowest of what it asks for has lost nothing that it was promised, and something else has. */
    @Test
    void tellsOfWhatRetentionRemovesBeforeTheFirstPage() throws Exception {
        try (TestHub test = start(classes("a/**", keep(3), "b/**", keep(20)), Setup.USUAL.hot(4))) {
            test.publish("kept", "k", null);
            for (int i = 1; i <= 30; i++) {
                test.publish("a/x", "a" + i, null);
                test.publish("b/x", "b" + i, null);
            }
            test.maintain();
            TestStream stream = TestStream.open(test.hub, 0, new Start.Earliest(), "a/**", "b/**");
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 1);
            long newest = 0;
            for (int i = 31; i <= 35; i++) {
                newest = test.publish("a/x", "a" + i, null);
            }
            test.maintain();
            stream.release();
            stream.awaitPosition(newest);
            assertThat(stream.control(GAP)).as("a28 to a30 were there when it came").hasSize(1).first().asString().contains("retention");
            assertThat(stream.messages()).extracting(Message::data).contains("b11", "b30").endsWith("a33", "a34", "a35");
        }
    }

    /** No index knows them, so a short look at the newest of all events is not enough. */
    @Test
    void findsTheLastOfThoseThatAreNotStoredBehindManyOthers() throws Exception {
        try (TestHub test = start(classes("live/**", Keep.NOTHING), Setup.USUAL.hot(5_000))) {
            for (int i = 1; i <= 3; i++) {
                test.publish("live/x", "x" + i, null);
            }
            for (int i = 0; i < 1_500; i++) {
                test.publish("kept", "k", null);
            }
            test.publish("live/x", "x4", null);
            TestStream two = TestStream.open(test.hub, new Start.Last(2), "live/x").awaitMessages(2);
            assertThat(two.messages()).extracting(Message::data).containsExactly("x3", "x4");
            assertThat(two.control(GAP)).isEmpty();
        }
    }

    @Test
    void tellsWhoComesTooLateForWhatIsNotStored() throws Exception {
        try (TestHub test = start(classes("live/**", Keep.NOTHING), Setup.USUAL.hot(4))) {
            long first = test.publish("live/x", "0", null);
            test.publish("kept", "1", null);
            assertThat(resume(test, first - 1, "live/*", "kept").awaitMessages(2).messages()).extracting(Message::data)
                    .as("all of it is hot").containsExactly("0", "1");
            for (int i = 2; i < 12; i++) {
                test.publish(i % 2 == 0 ? "live/x" : "kept", Integer.toString(i), null);
            }
            TestStream late = resume(test, first, "**");
            late.await("has the last", stream -> stream.messages().getLast().data().equals("11"));
            assertThat(late.control(GAP)).hasSize(1).first().asString().contains("retention");
            assertThat(late.messages().stream().filter(message -> !message.type().equals(GAP)).map(Message::data))
                    .as("what is stored, and what is hot").containsExactly("1", "3", "5", "7", "8", "9", "10", "11");
            TestStream stored = resume(test, first, "kept");
            assertThat(stored.awaitMessages(6).control(GAP)).isEmpty();
        }
    }

    @Test
    void tellsNoNewcomerOfWhatIsGone() throws Exception {
        try (TestHub test = start(classes("a/**", keep(3), "live/**", Keep.NOTHING), Setup.USUAL.hot(2))) {
            for (int i = 0; i < 10; i++) {
                test.publish("a/x", "x", null);
                test.publish("live/x", "x", null);
            }
            test.publish("b", "x", null);
            test.maintain();
            for (Start start : List.of(new Start.Earliest(), new Start.Last(3), new Start.Latest())) {
                TestStream stream = TestStream.open(test.hub, start, "**").awaitOpen();
                if (start instanceof Start.Earliest || start instanceof Start.Last) {
                    // Before anything more is hot, and something else is not any more.
                    stream.awaitPosition(test.hub.log().tail().bounds().newest());
                }
                test.publish("b", "end of " + start, null);
                stream.await("has what came last", each -> each.messages().stream().anyMatch(m -> m.data().equals("end of " + start)));
                assertThat(stream.control(GAP)).as("%s", start).isEmpty();
            }
            TestStream back = TestStream.open(test.hub, new Start.Back(Duration.ofMinutes(1)), "a/x").awaitOpen();
            assertThat(back.awaitMessages(4).control(GAP)).as("of that time some are gone").hasSize(1);
            assertThat(TestStream.open(test.hub, new Start.Back(Duration.ofMinutes(1)), "b").awaitOpen().control(GAP)).isEmpty();
        }
    }

    // ---- whatever happens

    @Test
    void losesNothingWithoutAWord() throws Exception {
        for (int round = 0; round < 6; round++) {
            simulate(round, 300);
        }
    }

    @Tag("long")
    @Timeout(600)
    @Test
    void losesNothingWithoutAWordForLong() throws Exception {
        for (int round = 100; round < 120; round++) {
            simulate(round, 1_000);
        }
    }

    private static final List<String> TOPICS = List.of("a/1", "a/2", "b/1", "c", "live/1", "live/2");
    private static final List<List<String>> FILTERS = List.of(
            List.of("a/*"), List.of("b/1"), List.of("c"), List.of("live/*"), List.of("**"), List.of("c", "a/1"), List.of("*/1"),
            List.of("live/2", "b/*"));

    private record Client(TestStream stream, Filters filters, long after) {}

    /** Streams that come back at random, some of them slow, while classes lose events. */
    private void simulate(int round, int steps) throws Exception {
        var random = new SplittableRandom(SEED + round);
        Keep live = random.nextBoolean() ? Keep.NOTHING : keep(30);
        TopicClasses classes = classes("a/**", keep(random.nextInt(5, 60)), "b/*", keep(random.nextInt(1, 20)), "live/**", live);
        Setup setup = Setup.USUAL.policy(OverflowPolicy.REPLAY, random.nextInt(2, 20), 1 << 20).hot(random.nextInt(4, 60));
        try (TestHub test = start(classes, setup)) {
            var published = new TreeMap<Long, String>();
            var clients = new ArrayList<Client>();
            for (int step = 0; step < steps; step++) {
                int count = random.nextInt(1, 4);
                Draft[] batch = new Draft[count];
                for (int i = 0; i < count; i++) {
                    batch[i] = TestHub.draft(TOPICS.get(random.nextInt(TOPICS.size())), "x", null);
                }
                List<Long> sequences = test.publish(batch);
                for (int i = 0; i < count; i++) {
                    published.put(sequences.get(i), batch[i].topic().value());
                }
                if (random.nextInt(8) == 0) {
                    test.maintain();
                }
                if (random.nextInt(10) == 0) {
                    List<Long> known = List.copyOf(published.keySet());
                    long after = known.get(random.nextInt(known.size()));
                    List<String> filters = FILTERS.get(random.nextInt(FILTERS.size()));
                    int writes = random.nextBoolean() ? Integer.MAX_VALUE : 1;
                    clients.add(new Client(
                            TestStream.open(
                                    test.hub, writes, new Start.After(TestHub.EPOCH + '-' + after), filters.toArray(String[]::new)),
                            Filters.of(filters.toArray(String[]::new)), after));
                }
                for (int n = random.nextInt(4); n > 0 && !clients.isEmpty(); n--) {
                    clients.get(random.nextInt(clients.size())).stream().permit(random.nextInt(1, 4));
                }
            }
            for (String topic : TOPICS) {
                published.put(test.publish(topic, "the last", null), topic);
            }
            clients.forEach(client -> client.stream().release());
            for (Client client : clients) {
                check("round " + round + ", seed " + SEED, classes, client, published);
            }
        }
    }

    private static void check(String at, TopicClasses classes, Client client, SortedMap<Long, String> published) {
        String who = at + ": " + client.filters() + " after " + client.after();
        List<Long> due = published.tailMap(client.after() + 1).entrySet().stream()
                .filter(each -> client.filters().matches(each.getValue())).map(Map.Entry::getKey).toList();
        client.stream().await("has the last: " + who, stream -> !stream.messages().isEmpty()
                && TestStream.sequence(stream.messages().getLast().lastEventId()) >= due.getLast());
        var got = new ArrayList<Long>();
        boolean told = false;
        int next = 0;
        for (Message message : client.stream().messages()) {
            long sequence = TestStream.sequence(message.lastEventId());
            if (message.type().equals(GAP)) {
                assertThat(message.data()).as(who).contains("\"reason\":\"retention\"");
                told = true;
                continue;
            }
            assertThat(due.subList(next, due.size())).as("%s: each once, in order", who).contains(sequence);
            boolean missing = due.get(next) != sequence;
            assertThat(!missing || told).as("%s: something before event %s is missing, and nothing was said", who, sequence).isTrue();
            next = due.indexOf(sequence) + 1;
            got.add(sequence);
        }
        assertThat(next).as("%s: all up to the end", who).isEqualTo(due.size());
        // Of class 0 nothing is ever lost, and who wants nothing else is never told that anything was.
        if (classes.touchedBy(client.filters()) == TopicClasses.DEFAULT_ONLY) {
            assertThat(told).as(who).isFalse();
            assertThat(got).as(who).isEqualTo(due);
        }
        assertThat(got).as("%s: what class 0 keeps", who)
                .containsAll(published.entrySet().stream()
                        .filter(each -> due.contains(each.getKey()) && classes.numberOf(each.getValue()) == 0)
                        .map(Map.Entry::getKey)
                        .toList());
    }
}
