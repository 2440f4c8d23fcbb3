package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.Draft;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many streams while events are published: what each client saw is compared with the log, event by event. What the tests decide is seeded,
 * and the seed is in every failure; threads are real, so the same seed need not fail again. On each engine, the usual one first.
 */
@ParameterizedClass
@EnumSource
@Timeout(120)
class HubSimulationTest {
    private final Engine engine;

    HubSimulationTest(Engine engine) {
        this.engine = engine;
    }

    private static final long SEED = Long.getLong("hark.seed", 20261121L);
    /** After how many publishes an engine is asked to remove what it does not retain, which some do only then. */
    private static final int UPKEEP_EVERY = 10;

    private static final List<String> TOPICS = List.of("t/0", "t/1", "t/2", "u/0", "u/1", "v");

    /** Everything that was published, by position, which here has no holes. */
    private static final class Published {
        private final List<Draft> drafts = new ArrayList<>();

        synchronized void add(List<Draft> batch, List<Long> sequences) {
            assertThat(sequences.getFirst()).isEqualTo(drafts.size() + 1L);
            drafts.addAll(batch);
        }

        synchronized long newest() {
            return drafts.size();
        }

        Topic topic(long sequence) {
            return drafts.get((int) sequence - 1).topic();
        }

        @Nullable String key(long sequence) {
            return drafts.get((int) sequence - 1).key();
        }

        /** The positions after {@code after}, up to {@code through}, whose events match. */
        List<Long> matching(List<TopicFilter> filters, long after, long through) {
            var matching = new ArrayList<Long>();
            for (long sequence = after + 1; sequence <= through; sequence++) {
                Topic topic = topic(sequence);
                if (filters.stream().anyMatch(filter -> filter.matches(topic))) {
                    matching.add(sequence);
                }
            }
            return matching;
        }
    }

    private record Client(TestStream stream, Start start, List<String> filters) {
        static Client open(TestHub test, int writes, Start start, List<String> filters) {
            return new Client(TestStream.open(test.hub, writes, start, filters.toArray(String[]::new)), start, filters);
        }

        List<TopicFilter> topicFilters() {
            return filters.stream().map(TopicFilter::new).toList();
        }

        @Override
        public String toString() {
            return "stream of " + filters + " from " + start + " (seed " + SEED + ")";
        }
    }

    // ---- from replay to live

    @Test
    void joinsReplayAndLiveWithoutASeam() throws Exception {
        joinReplayAndLive(streams() / 2, 600);
    }

    @Tag("long")
    @Timeout(1_800)
    @Test
    void joinsReplayAndLiveWithoutASeamForLong() throws Exception {
        for (int round = 0; round < 10; round++) {
            joinReplayAndLive(streams(), 2_000);
        }
    }

    /** With hardly any hot events nearly every stream reads pages of its own, which a database takes its time for. */
    private int streams() {
        return switch (engine) {
            case SQLITE -> 1_500;
            case MEMORY -> 10_000;
        };
    }

    private void joinReplayAndLive(int subscribes, int events) throws Exception {
        var random = new SplittableRandom(SEED);
        // Few are hot and mailboxes are small: most replays read pages of the log, and many run over on the way.
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.REPLAY, 8, 1 << 20).hot(40))) {
            var published = new Published();
            for (int i = 0; i < 100; i++) {
                publishSome(test, published, random, 1);
            }
            var opened = new AtomicInteger();
            Thread publisher = publishWhile(test, published, events, opened, subscribes);
            var clients = new ArrayList<Client>();
            for (int i = 0; i < subscribes; i++) {
                clients.add(open(test, published, random));
                opened.incrementAndGet();
            }
            publisher.join();
            long end = test.publish(TestHub.draft("t/0", "x", null), TestHub.draft("t/1", "x", null)).getLast();
            published.add(List.of(TestHub.draft("t/0", "x", null), TestHub.draft("t/1", "x", null)), List.of(end - 1, end));
            for (Client client : clients) {
                List<TopicFilter> filters = client.topicFilters();
                List<Long> all = published.matching(filters, 0, end);
                client.stream().awaitOpen();
                long last = all.isEmpty() ? 0 : all.getLast();
                if (last > client.stream().start()) {
                    client.stream().await("has all of " + client, stream -> TestStream.sequence(stream.lastEventId()) >= last);
                }
                assertThat(client.stream().messages().stream().map(message -> TestStream.sequence(message.lastEventId())).toList())
                        .as("%s, which began at %s", client, client.stream().start())
                        .isEqualTo(published.matching(filters, client.stream().start(), end));
                assertThat(client.stream().control("hark.gap")).as("%s", client).isEmpty();
                checkIdNeverRunsAhead(client, published);
                checkStart(client, published);
            }
            assertThat(test.read(HubMeter.STREAMS)).isEqualTo(subscribes);
            assertThat(test.read(HubMeter.REPLAYED_EVENTS)).isPositive();
            clients.forEach(client -> client.stream().clientGone());
            clients.forEach(client -> assertThat(client.stream().awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE));
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 0);
            assertThat(test.read(HubMeter.STREAMS)).isZero();
            assertThat(test.hub.notReady()).isEmpty();
        }
    }

    private static Client open(TestHub test, Published published, SplittableRandom random) {
        long newest = published.newest();
        Start start =
                switch (random.nextInt(6)) {
                    case 0 -> new Start.Earliest();
                    case 1 -> new Start.After(TestHub.EPOCH + '-' + random.nextLong(newest + 1));
                    case 2 -> new Start.After(TestHub.EPOCH + '-' + newest);
                    case 3 -> new Start.Last(random.nextInt(40));
                    case 4 -> new Start.Back(Duration.ofMillis(random.nextInt(50)));
                    default -> new Start.Latest();
                };
        List<String> filters =
                switch (random.nextInt(5)) {
                    case 0 -> List.of("t/*");
                    case 1 -> List.of("**");
                    case 2 -> List.of("t/*", "*/0", "v");
                    case 3 -> List.of("t/0", "u/1");
                    default -> List.of(TOPICS.get(random.nextInt(TOPICS.size())));
                };
        return Client.open(test, Integer.MAX_VALUE, start, filters);
    }

    /** Publishes as streams open, so that every stream opens while something happens. */
    private static Thread publishWhile(TestHub test, Published published, int events, AtomicInteger opened, int subscribes) {
        return Thread.ofPlatform().start(() -> {
            var random = new SplittableRandom(SEED + 1);
            for (int i = 0; i < events; i++) {
                long due = (long) i * subscribes / events;
                TestHub.await("stream " + due + " opens", () -> opened.get() >= due);
                test.clock.advance(Duration.ofMillis(random.nextInt(2)));
                publishSome(test, published, random, random.nextInt(1, 4));
            }
        });
    }

    private static void publishSome(TestHub test, Published published, SplittableRandom random, int count) {
        Draft[] batch = IntStream.range(0, count)
                .mapToObj(i -> TestHub.draft(TOPICS.get(random.nextInt(TOPICS.size())), "x", "k" + random.nextInt(5)))
                .toArray(Draft[]::new);
        synchronized (published) {
            published.add(List.of(batch), test.publish(batch));
        }
    }

    private static void checkStart(Client client, Published published) {
        long from = client.stream().start();
        switch (client.start()) {
            case Start.After(String id, boolean current) -> assertThat(from).as("%s", client).isEqualTo(TestStream.sequence(id));
            case Start.Earliest() -> assertThat(from).as("%s", client).isZero();
            case Start.Last(int count) -> {
                // As many as there were by then, at least: others have come since.
                List<Long> before = published.matching(client.topicFilters(), 0, 100);
                List<Long> given = published.matching(client.topicFilters(), from, published.newest());
                assertThat(given.size()).as("%s", client).isGreaterThanOrEqualTo(Math.min(count, before.size()));
            }
            case Start.Latest _, Start.Current _, Start.Back _, Start.Lost _ ->
                assertThat(from).as("%s", client).isBetween(0L, published.newest());
        }
    }

    /** Whoever resumes after any of the writes misses nothing: all up to the id that he has by then was given, or announced as dropped. */
    private static void checkIdNeverRunsAhead(Client client, Published published) {
        List<Message> messages = client.stream().messages();
        List<TopicFilter> filters = client.topicFilters();
        long position = client.stream().start();
        int seen = 0;
        for (TestStream.Moment moment : client.stream().moments()) {
            long accounted = 0;
            for (Message message : messages.subList(seen, moment.messages())) {
                accounted += message.type().equals("hark.gap") ? TestStream.dropped(message) : 1;
            }
            seen = moment.messages();
            assertThat(moment.sequence()).as("%s", client).isGreaterThanOrEqualTo(position);
            assertThat(accounted)
                    .as("given or announced between positions %s and %s to %s", position, moment.sequence(), client)
                    .isEqualTo(published.matching(filters, position, moment.sequence()).size());
            position = moment.sequence();
        }
    }

    // ---- heartbeats

    @Test
    void movesNoIdPastAnEventThatIsStillToCome() throws Exception {
        var random = new SplittableRandom(SEED);
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.REPLAY, 4, 1 << 20).hot(40))) {
            var published = new Published();
            var clients = IntStream.range(0, 200)
                    .mapToObj(i -> {
                        String topic = TOPICS.get(i % TOPICS.size());
                        return Client.open(test, Integer.MAX_VALUE, new Start.Latest(), List.of(topic));
                    })
                    .toList();
            clients.forEach(client -> client.stream().awaitOpen());
            var done = new AtomicBoolean();
            // Every look of the sweeper finds all heartbeats due; and no write takes long enough to be overdue.
            Thread time = Thread.ofPlatform().start(() -> {
                while (!done.get()) {
                    test.pass(TestHub.HEARTBEAT);
                    LockSupport.parkNanos(1_000_000);
                }
            });
            for (int i = 0; i < 500; i++) {
                // One look of the sweeper brings many: most of these meet it half-way.
                long due = i * 10L;
                TestHub.await(due + " heartbeats were given", () -> test.read(HubMeter.HEARTBEATS) >= due);
                publishSome(test, published, random, random.nextInt(1, 4));
            }
            done.set(true);
            time.join();
            test.awaitWalked();
            clients.forEach(client -> client.stream().awaitPosition(lastMatching(published, client)));
            for (Client client : clients) {
                checkIdNeverRunsAhead(client, published);
            }
        }
    }

    private static long lastMatching(Published published, Client client) {
        List<Long> all = published.matching(client.topicFilters(), client.stream().start(), published.newest());
        return all.isEmpty() ? 0 : all.getLast();
    }

    // ---- slow clients

    @ParameterizedTest
    @EnumSource
    void losesNothingSilentlyHoweverSlowTheClients(OverflowPolicy policy) throws Exception {
        var random = new SplittableRandom(SEED);
        int limit = 6;
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(policy, limit, 1 << 20).hot(100))) {
            var published = new Published();
            var clients = IntStream.range(0, 40)
                    .mapToObj(i -> {
                        List<String> filters = i % 3 == 0 ? List.of("**") : List.of("t/*", "*/0");
                        return Client.open(test, 1, new Start.Latest(), filters);
                    })
                    .toList();
            clients.forEach(client -> client.stream().awaitOpen());
            test.awaitMeter(HubMeter.STREAMS_INDEXED, clients.size());
            // Batch by batch, some clients take some writes.
            for (int i = 0; i < 800; i++) {
                publishSome(test, published, random, random.nextInt(1, 4));
                for (int n = random.nextInt(8); n > 0; n--) {
                    clients.get(random.nextInt(clients.size())).stream().permit(random.nextInt(1, 4));
                }
            }
            test.awaitWalked();
            var finished = new ArrayList<Client>();
            for (Client client : clients) {
                client.stream().release();
                finished.add(policy == OverflowPolicy.DISCONNECT ? client : awaitAll(published, client));
            }
            switch (policy) {
                case REPLAY -> {
                    forEach(finished, client -> assertThat(client.stream().sequences()).isEqualTo(due(published, client)));
                    forEach(finished, client -> checkIdNeverRunsAhead(client, published));
                    forEach(finished, client -> assertThat(client.stream().control("hark.gap")).isEmpty());
                    assertThat(test.read(HubMeter.MAILBOX_SPILLS)).isPositive();
                    assertThat(test.read(HubMeter.REPLAYED_EVENTS)).isPositive();
                }
                case DROP_OLDEST, DROP_NEWEST -> {
                    forEach(finished, client -> checkIdNeverRunsAhead(client, published));
                    forEach(finished, client -> checkEachGap(client, published));
                    HubMeter dropped = policy == OverflowPolicy.DROP_OLDEST ? HubMeter.DROPPED_OLDEST : HubMeter.DROPPED_NEWEST;
                    checkMeter(test, dropped, finished, published);
                }
                case CONFLATE -> {
                    forEach(finished, client -> checkLatestOfEachKey(client, published));
                    checkMeter(test, HubMeter.DROPPED_CONFLATED, finished, published);
                }
                case DISCONNECT -> {
                    for (Client client : finished) {
                        resumeUntilAllIsRead(test, published, client);
                    }
                    assertThat(test.read(HubMeter.STREAMS_CLOSED_SLOW)).isPositive();
                }
            }
            assertThat(test.hub.notReady()).isEmpty();
        }
    }

    private static void forEach(List<Client> clients, Consumer<Client> check) {
        clients.forEach(check);
    }

    private static List<Long> due(Published published, Client client) {
        return published.matching(client.topicFilters(), client.stream().start(), published.newest());
    }

    private static Client awaitAll(Published published, Client client) {
        client.stream().awaitPosition(lastMatching(published, client));
        return client;
    }

    private static long announced(Client client) {
        return client.stream().control("hark.gap").stream().mapToLong(TestStream::dropped).sum();
    }

    private static void checkMeter(TestHub test, HubMeter dropped, List<Client> clients, Published published) {
        for (Client client : clients) {
            assertThat(client.stream().sequences()).as("%s", client).doesNotHaveDuplicates().isSorted();
            assertThat(client.stream().sequences().size() + announced(client)).as("%s", client).isEqualTo(due(published, client).size());
        }
        long all = clients.stream().mapToLong(HubSimulationTest::announced).sum();
        assertThat(all).isPositive();
        test.awaitMeter(dropped, all);
        assertThat(test.read(HubMeter.GAPS_OVERFLOW))
                .isEqualTo(clients.stream().mapToLong(client -> client.stream().control("hark.gap").size()).sum());
        assertThat(Arrays.stream(HubMeter.values()).filter(meter -> meter.name().startsWith("DROPPED_")).mapToLong(test::read).sum())
                .isEqualTo(all);
        assertThat(Arrays.stream(HubMeter.values()).filter(meter -> meter.name().startsWith("GAPS_")).mapToLong(test::read).sum())
                .isEqualTo(test.read(HubMeter.GAPS_OVERFLOW));
    }

    /** A gap stands exactly where the events are missing. */
    private static void checkEachGap(Client client, Published published) {
        long position = client.stream().start();
        for (Message message : client.stream().messages()) {
            if (message.type().equals("hark.gap")) {
                long resumedAt = TestStream.resumedAt(message);
                assertThat(published.matching(client.topicFilters(), position, resumedAt)).as("%s: %s", client, message)
                        .hasSize((int) TestStream.dropped(message));
                // The stream may have passed over what is not for it.
                assertThat(TestStream.after(message)).as("%s: %s", client, message).isGreaterThanOrEqualTo(position);
                assertThat(published.matching(client.topicFilters(), position, TestStream.after(message))).as("%s: %s", client, message)
                        .isEmpty();
                position = resumedAt;
            } else {
                long sequence = TestStream.sequence(message.lastEventId());
                assertThat(published.matching(client.topicFilters(), position, sequence)).as("%s", client).containsExactly(sequence);
                position = sequence;
            }
        }
    }

    /** Of those that still fit into a mailbox, the last one of each topic and key was given. */
    private static void checkLatestOfEachKey(Client client, Published published) {
        var latest = new HashMap<List<@Nullable String>, Long>();
        List<Long> due = due(published, client);
        due.forEach(sequence -> latest.put(Arrays.asList(published.topic(sequence).value(), published.key(sequence)), sequence));
        List<Long> newest = latest.values().stream().sorted().toList();
        assertThat(client.stream().sequences()).as("%s", client).containsAll(newest.subList(Math.max(0, newest.size() - 6), newest.size()));
    }

    /** As a browser does it: come back with the last id, however often the hub ends the stream. */
    private static void resumeUntilAllIsRead(TestHub test, Published published, Client client) {
        var read = new ArrayList<Long>();
        long end = published.newest();
        Client current = client;
        long last = published.matching(client.topicFilters(), client.stream().start(), end).getLast();
        for (int tries = 0; tries < 1_000; tries++) {
            TestStream stream = current.stream();
            stream.await("ends or has all", each -> each.hasEnded()
                    || each.messages().stream().anyMatch(message -> TestStream.sequence(message.lastEventId()) >= last));
            read.addAll(stream.sequences());
            if (!read.isEmpty() && read.getLast() >= last) {
                assertThat(read).as("%s", client).isEqualTo(due(published, client));
                return;
            }
            assertThat(stream.control("hark.close")).as("%s", client).hasSize(1);
            var again = new Start.After(stream.lastEventId());
            current = Client.open(test, Integer.MAX_VALUE, again, client.filters());
        }
        throw new AssertionError(client + " came back too often");
    }

    // ---- retention

    @Test
    void announcesWhateverRetentionTakesFromSlowReplays() throws Exception {
        var random = new SplittableRandom(SEED);
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.REPLAY, 4, 1 << 20).retention(60).hot(20))) {
            var published = new Published();
            var clients = new ArrayList<Client>();
            for (int i = 0; i < 40; i++) {
                clients.add(Client.open(test, 1, new Start.Earliest(), List.of("t/*")));
            }
            clients.forEach(client -> client.stream().awaitOpen());
            for (int i = 0; i < 1_500; i++) {
                publishSome(test, published, random, random.nextInt(1, 4));
                if (i % UPKEEP_EVERY == 0) {
                    test.maintain();
                }
                for (int n = random.nextInt(6); n > 0; n--) {
                    clients.get(random.nextInt(clients.size())).stream().permit(random.nextInt(1, 4));
                }
            }
            test.awaitWalked();
            clients.forEach(client -> client.stream().release());
            long gaps = 0;
            for (Client client : clients) {
                awaitAll(published, client);
                long position = client.stream().start();
                for (Message message : client.stream().messages()) {
                    long sequence = TestStream.sequence(message.lastEventId());
                    if (message.type().equals("hark.gap")) {
                        assertThat(message.data()).contains("\"reason\":\"retention\"", "\"dropped\":null");
                        gaps++;
                    } else {
                        assertThat(published.matching(client.topicFilters(), position, sequence)).as("%s", client)
                                .containsExactly(sequence);
                    }
                    assertThat(sequence).isGreaterThan(position);
                    position = sequence;
                }
            }
            assertThat(gaps).isPositive().isEqualTo(test.read(HubMeter.GAPS_RETENTION));
        }
    }

    // ---- coming and going

    @Test
    void keepsNothingOfThoseWhoComeAndGoWhileItPublishes() throws Exception {
        var random = new SplittableRandom(SEED);
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.DROP_OLDEST, 4, 1 << 20))) {
            var published = new Published();
            var done = new AtomicBoolean();
            Thread publisher = Thread.ofPlatform().start(() -> {
                var own = new SplittableRandom(SEED + 1);
                while (!done.get() && published.newest() < 50_000) {
                    publishSome(test, published, own, 2);
                }
            });
            for (int round = 0; round < 20; round++) {
                var clients = new ArrayList<Client>();
                for (int i = 0; i < 100; i++) {
                    clients.add(open(test, published, random));
                }
                for (Client client : clients) {
                    switch (random.nextInt(4)) {
                        case 0 -> client.stream().clientGone();
                        case 1 -> client.stream().awaitAdmitted().interrupt();
                        case 2 -> {
                            client.stream().stall();
                            client.stream().clientGone();
                        }
                        default -> {
                            client.stream().awaitOpen();
                            client.stream().clientGone();
                        }
                    }
                }
                clients.forEach(client -> client.stream().awaitEnd());
            }
            done.set(true);
            publisher.join();
            assertThat(test.read(HubMeter.STREAMS)).isZero();
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 0);
            assertThat(test.read(HubMeter.STREAMS_OPENED)).isEqualTo(2_000);
            assertThat(test.read(HubMeter.STREAMS_GONE) + test.read(HubMeter.STREAMS_INTERRUPTED)).isEqualTo(2_000);
            assertThat(test.hub.notReady()).isEmpty();
        }
    }
}
