package dev.hark.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.CloseReason;
import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventStreamParser;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.Append;
import dev.hark.log.Bounds;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Streams of topics that linger, in a time that stands still until a test moves it. A lane that waits for that time looks at it when an
 * event comes, so each test that moves it publishes something to nobody.
 */
@Timeout(60)
class LingerTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration LINGER = Duration.ofSeconds(5);
    private static final Duration LONGER = Duration.ofSeconds(9);
    private static final Duration HEARTBEAT = Duration.ofMinutes(10);

    private final FakeClock clock = new FakeClock();
    private final AtomicLong nanos = new AtomicLong(1);
    private final MemoryLog log = log(10_000);
    private final Fanout fanout = fanout(log);
    private final List<Client> clients = new ArrayList<>();

    private MemoryLog log(int hot) {
        return new MemoryLog(
                Events.EPOCH,
                new LogConfig(new Retention(100_000, LONG, 1L << 40), new HotLimits(hot, 1 << 24), new IdempotencyLimits(1, LONG)), clock);
    }

    private Fanout fanout(MemoryLog log) {
        return new Fanout(
                log, new DeliverySettings(1, HEARTBEAT, "", Duration.ofSeconds(2), HEARTBEAT),
                List.of(rule("linger/**", LINGER), rule("longer/**", LONGER), rule("**", Duration.ZERO)),
                10, clock, nanos::get, new VitalThreads());
    }

    private static TopicRule rule(String match, Duration linger) {
        return new TopicRule(new TopicFilter(match), OverflowPolicy.DROP_OLDEST, new MailboxLimits(400, 1 << 20), linger);
    }

    LingerTest() {
        fanout.start();
    }

    @AfterEach
    void end() {
        clients.forEach(client -> client.subscriber.clientGone());
        until(() -> fanout.streams() == 0 && fanout.indexed() == 0);
        fanout.close();
        assertThat(fanout.leftBehind()).isEmpty();
    }

    /** A stream whose client reads all that is written. */
    private final class Client implements StreamOutput {
        private final Subscriber subscriber;
        private final EventStreamParser parser = new EventStreamParser();
        private final List<List<String>> writes = new ArrayList<>();
        private int seen;
        private @Nullable StreamEnd end;

        Client(Fanout fanout, Start start, String... filters) {
            subscriber = ((Admission.Admitted) fanout.admit(new Subscription(Filters.of(filters), start))).subscriber();
            Thread.ofVirtual().start(() -> {
                StreamEnd result = fanout.serve(subscriber, this);
                synchronized (this) {
                    end = result;
                }
            });
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            parser.feed(bytes, offset, length);
            List<Message> all = parser.messages();
            writes.add(all.subList(seen, all.size()).stream()
                    .map(message -> message.type().equals("message") ? message.data() : message.type()).toList());
            seen = all.size();
        }

        /** What each write carried: the data of events, and the types of the hub's own. */
        synchronized List<List<String>> writes() {
            return List.copyOf(writes);
        }

        synchronized @Nullable StreamEnd end() {
            return end;
        }

        /** Waits until it sleeps with nothing to do, or with what it lets wait. */
        Client awaitLive() {
            until(() -> fanout.indexed() == fanout.streams() && writes().size() == 1 && subscriber.sleeps());
            return this;
        }

        void awaitWrites(int count) {
            until(() -> writes().size() >= count);
        }

        void awaitWaiting(int count) {
            until(() -> subscriber.waiting() == count && subscriber.sleeps());
        }
    }

    private Client open(String... filters) {
        return open(new Start.Latest(), filters).awaitLive();
    }

    private Client open(Start start, String... filters) {
        var client = new Client(fanout, start, filters);
        clients.add(client);
        return client;
    }

    private void publish(String topic, String... data) {
        publish(log, topic, data);
    }

    private static void publish(MemoryLog log, String topic, String... data) {
        List<Draft> drafts = Arrays.stream(data)
                .map(each -> new Draft(new Topic(topic), Draft.DEFAULT_TYPE, null, each.getBytes(UTF_8), null)).toList();
        assertThat(log.append(drafts)).isInstanceOf(Append.Stored.class);
    }

    private static void until(Callable<Boolean> condition) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2)).until(condition);
    }

    /** Moves the time and has the lane see it; returns once the lane has been by twice. */
    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        for (int i = 0; i < 2; i++) {
            publish("nobody", "x");
            until(() -> fanout.laneBacklog() == 0);
        }
    }

    @Test
    void writesAtOnceWhatWaitedUntilTheFirstWasDue() {
        Client client = open("linger/a");
        publish("linger/a", "1");
        client.awaitWaiting(1);
        pass(Duration.ofSeconds(2));
        publish("linger/a", "2");
        pass(LINGER.minusSeconds(2).minusNanos(1));
        publish("linger/a", "3");
        client.awaitWaiting(3);
        assertThat(client.writes()).as("a nanosecond too early").hasSize(1);
        pass(Duration.ofNanos(1));
        client.awaitWrites(2);
        assertThat(client.writes()).containsExactly(List.of("hark.open"), List.of("1", "2", "3"));
        assertThat(fanout.counters().lingeredWrites()).isEqualTo(1);
        assertThat(fanout.counters().lingeredEvents()).isEqualTo(3);

        publish("linger/a", "4");
        client.awaitWaiting(1);
        pass(LINGER);
        client.awaitWrites(3);
        assertThat(client.writes().getLast()).containsExactly("4");
    }

    @Test
    void writesWithoutWaitingWhereTheTopicDoesNotLinger() {
        Client client = open("other");
        publish("other", "1");
        client.awaitWrites(2);
        publish("other", "2");
        client.awaitWrites(3);
        assertThat(client.writes()).containsExactly(List.of("hark.open"), List.of("1"), List.of("2"));
        assertThat(fanout.counters().lingeredWrites()).isZero();
    }

    /** The topic's rule decides, though the stream falls under the last one. */
    @Test
    void letsAStreamOfManyTopicsGoWhenItsFirstEventIsDue() {
        Client all = open("**");
        Client some = open("linger/a", "longer/a", "*/a");
        publish("longer/a", "1");
        publish("linger/a", "2");
        all.awaitWaiting(2);
        some.awaitWaiting(2);
        nanos.addAndGet(LINGER.toNanos() - 1);
        publish("longer/a", "3");
        all.awaitWaiting(3);
        nanos.addAndGet(1);
        publish("longer/b", "4");
        some.awaitWrites(2);
        assertThat(some.writes()).as("each once").containsExactly(List.of("hark.open"), List.of("1", "2", "3"));
        all.awaitWrites(2);
        // Where the lane has seen the time before the last event, that one is the first of another write.
        assertThat(all.writes().get(1)).isIn(List.of("1", "2", "3", "4"), List.of("1", "2", "3"));
    }

    @Test
    void letsAllGoWithAnEventThatDoesNotWait() {
        Client client = open("**");
        publish("longer/a", "1");
        publish("linger/a", "2");
        client.awaitWaiting(2);
        publish("other", "3");
        client.awaitWrites(2);
        publish("linger/a", "4");
        client.awaitWaiting(1);
        pass(LINGER.minusNanos(1));
        // What was due first has gone; "4" has all its time, but what was published to nobody goes to this client, and takes it along.
        client.awaitWrites(3);
        assertThat(client.writes().subList(0, 2)).containsExactly(List.of("hark.open"), List.of("1", "2", "3"));
        assertThat(client.writes().get(2)).startsWith("4");
    }

    @Test
    void letsABurstThatFillsAWriteGoAtOnce() {
        Client client = open("linger/a");
        String[] burst = new String[Batch.MAX_EVENTS];
        Arrays.setAll(burst, i -> "b" + i);
        publish("linger/a", Arrays.copyOf(burst, burst.length - 1));
        client.awaitWaiting(burst.length - 1);
        publish("linger/a", burst[burst.length - 1]);
        client.awaitWrites(2);
        assertThat(client.writes()).containsExactly(List.of("hark.open"), List.of(burst));
    }

    @Test
    void givesTheLogFirstAndThenWhatWaits() {
        publish("linger/a", "1", "2");
        Client client = open(new Start.Earliest(), "linger/a");
        client.awaitWrites(2);
        assertThat(client.writes()).as("what is read in the log goes at once").containsExactly(List.of("hark.open"), List.of("1", "2"));
        client.awaitWaiting(0);
        publish("linger/a", "3");
        client.awaitWaiting(1);
        pass(LINGER);
        client.awaitWrites(3);
        assertThat(client.writes().getLast()).containsExactly("3");
    }

    /** A lane that fell behind: what it reads in the log has waited already. */
    @Test
    void letsNothingWaitThatComesLate() {
        String[] data = new String[100];
        Arrays.setAll(data, i -> "b" + i);
        MemoryLog small = log(5);
        try (Fanout late = fanout(small)) {
            var client = new Client(late, new Start.Latest(), "linger/a");
            client.awaitWrites(1);
            publish(small, "linger/a", data);
            late.start();
            until(() -> client.writes().stream().mapToInt(List::size).sum() == 1 + data.length);
            assertThat(client.writes().stream().skip(1).flatMap(List::stream)).containsExactly(data);
            client.subscriber.clientGone();
            until(() -> late.streams() == 0);
        }
    }

    @Test
    void writesWhatWaitsBeforeItDrains() throws InterruptedException {
        Client client = open("linger/a");
        publish("linger/a", "1", "2");
        client.awaitWaiting(2);
        fanout.drain(Duration.ZERO);
        assertThat(client.writes()).containsExactly(List.of("hark.open"), List.of("1", "2"), List.of("hark.close"));
        until(() -> client.end() != null);
        assertThat(client.end()).isEqualTo(StreamEnd.CLOSED);
    }

    @Test
    void writesNothingOfWhatWaitsWhereItIsCut() {
        Client client = open("linger/a");
        publish("linger/a", "1");
        client.awaitWaiting(1);
        client.subscriber.cut(CloseReason.SLOW);
        until(() -> client.end() != null);
        assertThat(client.writes()).containsExactly(List.of("hark.open"), List.of("hark.close"));
    }

    @Test
    void letsGoOfAStreamWhoseClientLeavesWhileEventsWait() {
        Client leaving = open("linger/a");
        Client staying = open("linger/a");
        publish("linger/a", "1");
        leaving.awaitWaiting(1);
        staying.awaitWaiting(1);
        leaving.subscriber.clientGone();
        until(() -> fanout.indexed() == 1 && leaving.end() != null);
        assertThat(leaving.end()).isEqualTo(StreamEnd.CLIENT_GONE);
        pass(LINGER);
        staying.awaitWrites(2);
        assertThat(staying.writes().getLast()).containsExactly("1");
    }

    /** A stream that owes its client a sign of life has something better. */
    @Test
    void givesWhatWaitsInsteadOfAHeartbeat() {
        Client client = open("linger/a");
        pass(HEARTBEAT.minus(Duration.ofSeconds(1)));
        until(() -> client.writes().size() >= 2); // its heartbeats may come a fifth earlier
        publish("linger/a", "1");
        client.awaitWaiting(1);
        nanos.addAndGet(HEARTBEAT.toNanos());
        until(() -> client.writes().getLast().equals(List.of("1")));
    }

    @Test
    void forgetsWhatWaitedWhereTheHistoryChanges() {
        Client client = open("linger/a");
        publish("linger/a", "1");
        client.awaitWaiting(1);
        log.tail().reset("00000001", new Bounds(7, 7));
        client.awaitWrites(2);
        assertThat(client.writes().get(1)).containsExactly("hark.gap");
        client.awaitWaiting(0);
        log.tail().commit(List.of(event(8, "linger/a"), event(9, "linger/a")), 7, () -> {});
        client.awaitWaiting(2);
        nanos.addAndGet(LINGER.toNanos());
        log.tail().commit(List.of(event(10, "nobody")), 7, () -> {});
        client.awaitWrites(3);
        assertThat(client.writes().get(2)).containsExactly("8", "9");
    }

    private static Event event(long sequence, String topic) {
        return Event.of(
                "00000001", sequence, 0,
                new Draft(new Topic(topic), Draft.DEFAULT_TYPE, null, Long.toString(sequence).getBytes(UTF_8), null));
    }

    /** A lane that waits for what is due is at the end of the log, and well. */
    @Test
    void isNotLateWhileEventsWait() {
        Client client = open("linger/a");
        publish("linger/a", "1");
        client.awaitWaiting(1);
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        long looks = nanos.get();
        until(() -> fanout.laneLag().isZero() && fanout.laneBacklog() == 0 && nanos.get() == looks);
        assertThat(fanout.trouble(Duration.ofSeconds(30))).isEmpty();
    }
}
