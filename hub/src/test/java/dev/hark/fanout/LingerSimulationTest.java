package dev.hark.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Draft;
import dev.hark.event.EventId;
import dev.hark.event.EventStreamParser;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Streams with and without topics that linger, in real time and on real threads, in rounds that end in silence. Nothing but what the lane
 * noted wakes a stream then, because no heartbeat comes: an event that was forgotten stays where it is, and the round never ends. What the
 * test decides is seeded.
 */
@Timeout(300)
class LingerSimulationTest {
    private static final long SEED = Long.getLong("hark.seed", 20261129L);
    private static final Duration LONG = Duration.ofDays(1);
    private static final long WATCHDOG_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final int STREAMS = 60;

    private static final List<String> TOPICS = List.of("short/a", "short/b", "long/a", "long/b", "now/a", "now/b");
    private static final List<List<String>> FILTERS = List.of(
            List.of("short/a"), List.of("long/a"), List.of("now/a"), List.of("**"), List.of("short/*"), List.of("*/a"),
            List.of("short/a", "long/b"), List.of("long/*", "*/b"), List.of("short/**", "now/b", "**"));

    private final FakeClock clock = new FakeClock();
    private final MemoryLog log = new MemoryLog(
            Events.EPOCH,
            new LogConfig(new Retention(1_000_000, LONG, 1L << 40), new HotLimits(1_000, 1 << 24), new IdempotencyLimits(1, LONG)), clock);
    private final VitalThreads vital = new VitalThreads();
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<String> published = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();

    private static TopicRule rule(String match, OverflowPolicy policy, Duration linger) {
        return new TopicRule(new TopicFilter(match), policy, new MailboxLimits(30, 1 << 20), linger);
    }

    /** Reads all that is written, checks its order, and dawdles now and then. Its position is read by others. */
    private final class Client implements StreamOutput {
        private final Subscriber subscriber;
        private final Filters filters;
        private final long start;
        private final EventStreamParser parser = new EventStreamParser();
        private final SplittableRandom own = random.split();
        private final Thread thread;
        private int seen;
        private volatile long position;

        Client(Fanout fanout, List<String> wanted) {
            filters = Filters.of(wanted.toArray(String[]::new));
            start = log.tail().bounds().newest();
            subscriber = ((Admission.Admitted) fanout.admit(new Subscription(filters, new Start.Latest()))).subscriber();
            thread = Thread.ofVirtual().start(() -> fanout.serve(subscriber, this));
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            parser.feed(bytes, offset, length);
            List<Message> all = parser.messages();
            for (; seen < all.size(); seen++) {
                Message message = all.get(seen);
                if (message.type().equals("message")) {
                    position = EventId.parse(message.lastEventId()).orElseThrow().sequence();
                }
            }
            if (own.nextInt(10) == 0) {
                LockSupport.parkNanos(own.nextLong(2_000_000));
            }
        }

        /** The events that it has to have, by position. */
        List<Long> due() {
            return IntStream.range((int) start, published.size())
                    .filter(i -> filters.matches(published.get(i))).mapToObj(i -> i + 1L).toList();
        }

        void awaitAll(int round) {
            List<Long> due = due();
            if (due.isEmpty()) {
                return;
            }
            long deadline = System.nanoTime() + WATCHDOG_NANOS;
            while (position < due.getLast()) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("round %s of seed %s: %s is at position %s of %s with %s events waiting".formatted(
                            round, SEED, filters.asList(), position, due.getLast(), subscriber.waiting()));
                }
                LockSupport.parkNanos(50_000);
            }
        }

        void check() {
            List<Long> given = parser.messages().stream().filter(message -> message.type().equals("message"))
                    .map(message -> EventId.parse(message.lastEventId()).orElseThrow().sequence()).toList();
            assertThat(given).as("%s of seed %s", filters.asList(), SEED).isEqualTo(due());
        }
    }

    @Test
    void forgetsNobody() throws InterruptedException {
        rounds(150);
    }

    @Tag("long")
    @Test
    void forgetsNobodyInManyRounds() throws InterruptedException {
        rounds(5_000);
    }

    private void rounds(int rounds) throws InterruptedException {
        var settings = new DeliverySettings(2, LONG, "", Duration.ofSeconds(2), LONG);
        List<TopicRule> rules = List.of(
                rule("short/**", OverflowPolicy.REPLAY, Duration.ofNanos(300_000)),
                rule("long/**", OverflowPolicy.REPLAY, Duration.ofMillis(3)),
                rule("**", OverflowPolicy.REPLAY, Duration.ZERO));
        try (var fanout = new Fanout(log, settings, rules, 1_000, clock, System::nanoTime, vital)) {
            fanout.start();
            for (int round = 0; round < rounds; round++) {
                while (clients.size() < STREAMS) {
                    clients.add(new Client(fanout, FILTERS.get(random.nextInt(FILTERS.size()))));
                }
                for (int burst = random.nextInt(1, 8); burst > 0; burst--) {
                    publish(random.nextInt(1, random.nextInt(10) == 0 ? 100 : 4));
                    if (random.nextBoolean()) {
                        LockSupport.parkNanos(random.nextLong(1_000_000));
                    }
                }
                for (Client client : clients) {
                    client.awaitAll(round);
                }
                for (int leaving = random.nextInt(4); leaving > 0; leaving--) {
                    leave(clients.remove(random.nextInt(clients.size())));
                }
            }
            for (Client client : clients) {
                leave(client);
            }
            assertThat(vital.death()).isEmpty();
            assertThat(fanout.counters().lingeredWrites()).as("writes that were put off").isGreaterThan(rounds);
            assertThat(fanout.counters().lingeredEvents()).isGreaterThan(fanout.counters().lingeredWrites());
        }
    }

    private static void leave(Client client) throws InterruptedException {
        client.subscriber.clientGone();
        client.thread.join();
        client.check();
    }

    private void publish(int count) {
        var drafts = new ArrayList<Draft>();
        for (int i = 0; i < count; i++) {
            String topic = TOPICS.get(random.nextInt(TOPICS.size()));
            published.add(topic);
            drafts.add(new Draft(new Topic(topic), Draft.DEFAULT_TYPE, null, "x".getBytes(UTF_8), null));
        }
        log.append(drafts);
    }
}
