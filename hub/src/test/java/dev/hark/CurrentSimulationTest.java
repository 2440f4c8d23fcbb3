package dev.hark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.CurrentModel.Allowed;
import dev.hark.CurrentModel.Given;
import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.TopicClasses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that begin with the newest event of each topic and key while those change: streams that are cut anywhere and come back, and pages
 * that follow {@code next}. A plain model of all that was published says what each has to be given, over all cuts: the snapshot at one
 * position, and then what came after that. What the test decides is seeded, and the seed is in every failure; threads are real.
 */
@ParameterizedClass
@EnumSource
@Timeout(120)
class CurrentSimulationTest {
    private static final long SEED = Long.getLong("hark.seed", 20261129L);
    private static final int CLIENTS = 100;
    private static final int BATCHES = 100;
    private static final int FEW = 30;
    private static final long MANY = 1_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final List<String> TOPICS = List.of("p/0", "p/1", "p/2", "q/0", "q/1", "n/0", "live/0", "d");
    private static final List<List<String>> FILTERS = List.of(
            List.of("p/0"), List.of("q/1"), List.of("p/*"), List.of("**"), List.of("p/1", "q/0"), List.of("q/*", "n/0"),
            List.of("p/**", "live/0"), List.of("q/0", "d"), List.of("*/0"),
            List.of("p/0", "p/1", "p/2", "p/3", "p/4", "p/5", "p/6", "p/7", "q/0", "q/1"));

    private final Engine engine;

    CurrentSimulationTest(Engine engine) {
        this.engine = engine;
    }

    @Test
    void joinsSnapshotAndLiveWithoutASeam() throws Exception {
        rounds(0, 5, 250);
    }

    /** Ten thousand times, over both engines. */
    @Tag("long")
    @Timeout(600)
    @Test
    void joinsSnapshotAndLiveWithoutASeamForLong() throws Exception {
        rounds(1_000, 50, 5_000);
    }

    /** @param least how many snapshots have to be followed by what came after */
    private void rounds(int first, int count, int least) throws Exception {
        int excused = 0;
        int seams = 0;
        for (int i = 0; i < count || seams < least; i++) {
            var round = new Round(first + i);
            round.run();
            excused += round.excused;
            seams += round.seams;
        }
        assertThat(excused).as("events that were told to be missing").isPositive();
    }

    /** How much a hub keeps, each round otherwise. */
    private enum Keeping {
        ALL_HOT(MANY, 10_000, 1_000_000),
        FEW_HOT(MANY, 20, 1_000_000),
        FEW_STORED(FEW, 20, 1_000_000),
        FEW_STORED_ALL_HOT(FEW, 10_000, 1_000_000),
        FEW_KEYS(MANY, 100, 40);

        private final long events;
        private final int hot;
        private final int keys;

        Keeping(long events, int hot, int keys) {
            this.events = events;
            this.hot = hot;
            this.keys = keys;
        }

        TopicClasses classes() {
            var rules = List.of(
                    rule("p/**", new Keep(new Retention(events, TestHub.LONG, 1L << 40), true)),
                    rule("q/*", new Keep(new Retention(events * 2, TestHub.LONG, 1L << 40), true)),
                    rule("n/*", new Keep(new Retention(events, TestHub.LONG, 1L << 40))),
                    rule("live/*", Keep.NOTHING));
            return TopicClasses.of(rules, new Retention(MANY, TestHub.LONG, 1L << 40));
        }

        private static TopicClasses.Rule rule(String match, Keep keep) {
            return new TopicClasses.Rule(new TopicFilter(match), keep);
        }
    }

    /** A hub, some publishers and many clients. */
    private final class Round {
        private final int number;
        private final SplittableRandom random;
        private final Keeping keeping;
        private final OverflowPolicy policy;
        private final CurrentModel model;
        private final CompletableFuture<Long> end = new CompletableFuture<>();
        private int excused;
        private int seams;

        Round(int number) {
            this.number = number;
            this.random = new SplittableRandom(SEED + number);
            List<Keeping> all = List.copyOf(EnumSet.allOf(Keeping.class));
            this.keeping = all.get(number % all.size());
            this.policy = random.nextInt(3) == 0 ? any(OverflowPolicy.class, random) : OverflowPolicy.REPLAY;
            this.model = new CurrentModel(keeping.classes());
        }

        void run() throws Exception {
            Setup setup = Setup.USUAL.policy(policy, random.nextInt(4, 40), 1 << 20).hot(keeping.hot);
            try (TestHub test = TestHub.startInRealTime(
                    (folder, config, clock, vital) -> engine.open(
                            folder, new LogConfig(keeping.classes(), config.hot(), config.idempotency(), keeping.keys, config.stall()),
                            clock, vital),
                    setup)) {
                for (int i = 0; i < 40; i++) {
                    publish(test, random);
                }
                List<CompletableFuture<Boolean>> publishers = IntStream.range(0, 2).mapToObj(i -> publisher(test, random.split())).toList();
                List<Client> clients = IntStream.range(0, CLIENTS).mapToObj(i -> new Client(this, test, random.split())).toList();
                List<CompletableFuture<Boolean>> running = clients.stream().map(client -> start(client::follow)).toList();
                for (var publisher : publishers) {
                    publisher.get(60, TimeUnit.SECONDS);
                }
                // A last event of each topic, which a client has to come to.
                publish(test, TOPICS.stream().map(topic -> TestHub.draft(topic, "the end of " + topic, "end")).toList());
                end.complete(test.hub.log().tail().bounds().newest());
                for (var each : running) {
                    each.get(90, TimeUnit.SECONDS);
                }
                clients.forEach(client -> client.check(test));
                assertThat(test.hub.notReady()).isEmpty();
            }
        }

        private CompletableFuture<Boolean> publisher(TestHub test, SplittableRandom own) {
            return start(() -> {
                for (int i = 0; i < BATCHES; i++) {
                    publish(test, own);
                    if (own.nextInt(15) == 0) {
                        test.maintain();
                    }
                    LockSupport.parkNanos(own.nextLong(1_500_000));
                }
            });
        }

        private void publish(TestHub test, SplittableRandom own) {
            var batch = new ArrayList<Draft>();
            for (int i = own.nextInt(1, 5); i > 0; i--) {
                String topic = TOPICS.get(own.nextInt(TOPICS.size()));
                String key = own.nextInt(12) == 0 ? null : "k" + own.nextInt(12);
                boolean latest = keeping.classes().of(topic).keep().latest();
                batch.add(latest && own.nextInt(6) == 0
                        ? Draft.deleted(new Topic(topic), key, null)
                        : TestHub.draft(topic, Long.toString(own.nextLong() >>> 1) + "x".repeat(own.nextInt(600)), key));
            }
            publish(test, batch);
        }

        private void publish(TestHub test, List<Draft> batch) {
            model.add(batch, test.publish(batch.toArray(Draft[]::new)));
        }

        @Override
        public String toString() {
            return "round " + number + " of seed " + SEED + " on " + engine + " with " + keeping + " and " + policy;
        }
    }

    private static <E extends Enum<E>> E any(Class<E> of, SplittableRandom random) {
        List<E> all = List.copyOf(EnumSet.allOf(of));
        return all.get(random.nextInt(all.size()));
    }

    private static CompletableFuture<Boolean> start(Runnable action) {
        return CompletableFuture.supplyAsync(
                () -> {
                    action.run();
                    return true;
                },
                command -> Thread.ofVirtual().start(command));
    }

    /** One client over all its streams, or one that follows pages. */
    private static final class Client {
        private final Round round;
        private final TestHub test;
        private final SplittableRandom random;
        private final List<String> names;
        private final Filters filters;
        private final Format format;
        private final boolean pages;
        private final List<Given> given = new ArrayList<>();
        private Start start = new Start.Current();
        private long first = -1;
        private long snapshot = -1;

        /** How many of what it was given came before its snapshot. */
        private int begun;
        private int cuts;

        Client(Round round, TestHub test, SplittableRandom random) {
            this.round = round;
            this.test = test;
            this.random = random;
            this.names = FILTERS.get(random.nextInt(FILTERS.size()));
            this.filters = Filters.of(names.toArray(String[]::new));
            this.format = any(Format.class, random);
            this.pages = random.nextInt(4) == 0;
            this.cuts = random.nextInt(4);
        }

        void follow() {
            LockSupport.parkNanos(random.nextLong(120_000_000));
            if (pages) {
                followPages();
            } else {
                while (!stream()) {
                    // The next one goes on where this one ended.
                }
            }
        }

        // ---- streams

        /** One stream up to its end; whether it came to the end of all. */
        private boolean stream() {
            boolean last = cuts-- <= 0;
            int writes = random.nextInt(3) == 0 ? random.nextInt(1, 5) : Integer.MAX_VALUE;
            TestStream stream = TestStream.open(test.hub, writes, new Subscription(filters, start, format));
            if (random.nextInt(3) > 0) {
                LockSupport.parkNanos(random.nextLong(60_000_000));
            }
            List<Message> read;
            if (last) {
                stream.release();
                long end = get(round.end);
                long due = round.model.last(filters);
                stream.await("is at " + due + " of " + end + ": " + this,
                        each -> each.hasEnded() || (!each.lastEventId().isEmpty() && isAt(due, each.lastEventId())));
                boolean ended = stream.hasEnded();
                leave(stream);
                read = stream.everything();
                last = !ended;
            } else {
                leave(stream);
                read = stream.everything();
                // What was on its way when the connection broke never came.
                read = random.nextBoolean() ? read : read.subList(0, random.nextInt(read.size() + 1));
            }
            read.forEach(this::take);
            if (!read.isEmpty()) {
                boolean keepsNewest = round.policy == OverflowPolicy.CONFLATE;
                start = new Start.After(read.getLast().lastEventId(), keepsNewest || random.nextBoolean());
            }
            return last;
        }

        private static boolean isAt(long due, String id) {
            EventId at = EventId.parse(id).orElseThrow();
            return at.sequence() >= due && !at.isWithinSnapshot();
        }

        private static void leave(TestStream stream) {
            stream.clientGone();
            stream.release();
            stream.awaitEnd();
        }

        private void take(Message message) {
            EventId id = EventId.parse(message.lastEventId()).orElseThrow();
            if (snapshot < 0) {
                assertThat(id.within()).as("%s begins at the beginning", this).isZero();
                snapshot = id.sequence();
                first = snapshot;
            }
            switch (message.type()) {
                case "hark.open", "hark.close" -> {
                    if (!id.isWithinSnapshot()) {
                        given.add(new Given.Position(id.sequence()));
                    }
                }
                case "hark.position" ->
                        given.add(id.sequence() == snapshot ? new Given.Whole(snapshot) : new Given.Position(id.sequence()));
                case "hark.gap" -> {
                    String reason = TestPage.parse(message.data()).path("reason").asText();
                    if (beginsAnew(reason, id)) {
                        break;
                    }
                    given.add(new Given.Gap(reason, id.sequence(), TestStream.dropped(message)));
                }
                default -> given.add(id.isWithinSnapshot()
                        ? new Given.OfSnapshot(id.sequence(), id.within(), message.data())
                        : new Given.Live(id.sequence(), message.data()));
            }
            if (format != Format.DATA && !message.type().startsWith("hark.")) {
                String own = "\"id\":\"" + TestHub.EPOCH + '-' + TestStream.own(message.lastEventId()) + '"';
                assertThat(message.data()).as("%s: its own id", this).contains(own);
            }
        }

        /** Whether it is told that it gets a new snapshot for what it has missed. */
        private boolean beginsAnew(String reason, EventId resumedAt) {
            boolean anew = reason.equals("retention") && resumedAt.within() == 0 && resumedAt.sequence() != snapshot;
            if (anew) {
                snapshot = resumedAt.sequence();
                given.add(new Given.Anew(snapshot));
                begun = given.size();
            }
            return anew;
        }

        // ---- pages

        private void followPages() {
            int limit = random.nextInt(1, 9);
            while (!round.end.isDone() || !isAt()) {
                Duration wait = random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(random.nextInt(1, 50));
                TestPage page = TestPage.ask(test.hub, limit, wait, start, names.toArray(String[]::new));
                EventId next = EventId.parse(page.next()).orElseThrow();
                if (random.nextInt(5) == 0) {
                    // The answer never came: the same is asked for again.
                    continue;
                }
                boolean begins = snapshot < 0 || page.json().path("gap").path("resumedAt").asText().endsWith(".0");
                if (begins && !next.isWithinSnapshot() && limit > 1) {
                    // It holds all of the snapshot, and may hold what came after that: nothing says where one ends.
                    limit = 1;
                    continue;
                }
                take(page, next);
                start = new Start.After(page.next(), random.nextBoolean());
                limit = random.nextInt(3) == 0 ? 500 : random.nextInt(1, 30);
            }
        }

        private boolean isAt() {
            return start instanceof Start.After(String id, boolean current) && isAt(round.model.last(filters), id);
        }

        private void take(TestPage page, EventId next) {
            if (snapshot < 0) {
                snapshot = next.sequence();
                first = snapshot;
            }
            if (!page.gap().equals("null")) {
                var gap = page.json().path("gap");
                String reason = gap.path("reason").asText();
                EventId resumedAt = EventId.parse(gap.path("resumedAt").asText()).orElseThrow();
                if (!beginsAnew(reason, resumedAt)) {
                    given.add(new Given.Gap(reason, resumedAt.sequence(), 0));
                }
            }
            boolean within = sinceBegun().noneMatch(Given.Whole.class::isInstance);
            page.json().path("events").forEach(event -> {
                long own = TestStream.sequence(event.path("id").asText());
                if (own <= snapshot && sinceBegun().noneMatch(Given.Live.class::isInstance)) {
                    given.add(new Given.OfSnapshot(snapshot, own, event.path("data").toString()));
                } else {
                    given.add(new Given.Live(own, event.path("data").toString()));
                }
            });
            if (within && !next.isWithinSnapshot()) {
                int live = begun + (int) sinceBegun().takeWhile(each -> !(each instanceof Given.Live)).count();
                given.add(live, new Given.Whole(snapshot));
            }
            if (!next.isWithinSnapshot()) {
                given.add(new Given.Position(next.sequence()));
            }
        }

        private Stream<Given> sinceBegun() {
            return given.stream().skip(begun);
        }

        // ---- what came of it

        void check(TestHub hub) {
            boolean live = filters.matches("live/0");
            boolean few = round.keeping.events == FEW;
            boolean drops = round.policy.compareTo(OverflowPolicy.CONFLATE) >= 0 && !pages;
            var allowed = new Allowed(few || (live && round.keeping.hot < 1_000), round.keeping == Keeping.FEW_KEYS, drops,
                    round.policy == OverflowPolicy.CONFLATE,
                    topic -> hub.hub.log().tail().era().lostStored(1L << round.keeping.classes().numberOf(topic)));
            CurrentModel.Check check = round.model.new Check(toString(), filters, allowed, first);
            check.all(given);
            round.excused += check.excused();
            round.seams += Stream.of(given).anyMatch(each -> each.stream().anyMatch(Given.Live.class::isInstance)) ? 1 : 0;
        }

        @Override
        public String toString() {
            return (pages ? "pages of " : format + " stream of ") + names + " in " + round;
        }

        private static <T> T get(CompletableFuture<T> future) {
            try {
                return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new AssertionError(e);
            }
        }
    }
}
