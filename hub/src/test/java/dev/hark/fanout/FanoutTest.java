package dev.hark.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.hark.event.CloseReason;
import dev.hark.event.Draft;
import dev.hark.event.Event;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.EventStreamParser;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.Append;
import dev.hark.log.Back;
import dev.hark.log.Bounds;
import dev.hark.log.ClassUse;
import dev.hark.log.Capabilities;
import dev.hark.log.EventLog;
import dev.hark.log.EventRing;
import dev.hark.log.FakeClock;
import dev.hark.log.History;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Page;
import dev.hark.log.Patiences;
import dev.hark.log.Retention;
import dev.hark.log.Since;
import dev.hark.log.Tail;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What needs a lane that has not started, a log that fails or a thread that is caught at one instruction. What a hub does
 * as a whole is in {@code HubTest}.
 */
@Timeout(60)
class FanoutTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final DeliverySettings SETTINGS = new DeliverySettings(1, LONG, "", Duration.ofSeconds(2), LONG);

    private final FakeClock clock = new FakeClock();

    @ParameterizedTest
    @EnumSource
    void announcesWhatRetentionRemovedBeforeTheLaneCameBy(OverflowPolicy policy) throws Exception {
        var log = new MemoryLog(Events.EPOCH,
                new LogConfig(new Retention(10, LONG, 1L << 40), new HotLimits(5, 1 << 20), new IdempotencyLimits(1, LONG)), clock);
        try (Fanout fanout = fanout(log, policy)) {
            Subscriber subscriber = admit(fanout, new Start.Latest());
            log.append(drafts(100));
            fanout.start();
            EventStreamParser client = serveUntil(fanout, subscriber, Events.EPOCH + "-100");
            assertThat(said(client).getFirst())
                    .isEqualTo(new Message(
                            "hark.gap",
                            "{\"reason\":\"retention\",\"after\":\"7k3q9x2m-0\",\"resumedAt\":\"7k3q9x2m-90\",\"dropped\":null}",
                            "7k3q9x2m-90"));
            assertThat(said(client).stream().skip(1).map(Message::lastEventId).toList()).isEqualTo(ids(91, 100));
        }
    }

    @Test
    void announcesItToThoseWhoLeftSomethingInTheirMailboxToo() throws Exception {
        var log = new MemoryLog(Events.EPOCH,
                new LogConfig(new Retention(10, LONG, 1L << 40), new HotLimits(5, 1 << 20), new IdempotencyLimits(1, LONG)), clock);
        try (Fanout fanout = fanout(log, OverflowPolicy.DROP_OLDEST)) {
            Subscriber subscriber = admit(fanout, new Start.Latest());
            subscriber.seat().join(log.tail().era(), 0);
            // As if the lane had come this far before it was held up.
            for (long sequence = 1; sequence <= 40; sequence++) {
                subscriber.seat().offer(Events.event(sequence), null);
            }
            log.append(drafts(100));
            fanout.start();
            EventStreamParser client = serveUntil(fanout, subscriber, Events.EPOCH + "-100");
            assertThat(client.messages()).filteredOn(message -> message.type().equals("hark.gap")).hasSize(1);
            assertThat(client.messages().stream().filter(message -> message.type().equals("message")).map(Message::lastEventId).toList())
                    .isEqualTo(ids(91, 100));
        }
    }

    @ParameterizedTest
    @EnumSource
    void skipsNothingWhereTheLaneIsFurtherBehindThanAPage(OverflowPolicy policy) throws Exception {
        var log = new MemoryLog(Events.EPOCH,
                new LogConfig(new Retention(10_000, LONG, 1L << 40), new HotLimits(5, 1 << 20), new IdempotencyLimits(1, LONG)), clock);
        try (var fanout = new Fanout(log, SETTINGS, rules(policy, 5_000), 10, clock, System::nanoTime, new VitalThreads())) {
            Subscriber subscriber = admit(fanout, new Start.Latest());
            log.append(drafts(3 * EventLog.MAX_PAGE_EVENTS + 7));
            fanout.start();
            awaitWalked(fanout, 1_507);
            EventStreamParser client = serveUntil(fanout, subscriber, Events.EPOCH + "-1507");
            assertThat(said(client).stream().map(Message::lastEventId).toList()).isEqualTo(ids(1, 1_507));
        }
    }

    /** The node's end may come by before it does what a death asks for. */
    @Test
    void saysThatItFailedAlsoWhereItIsDrained() throws Exception {
        var config = new LogConfig(new Retention(10, LONG, 1L << 40), new HotLimits(5, 1 << 20), new IdempotencyLimits(1, LONG));
        var log = new MemoryLog(Events.EPOCH, config, clock);
        var vital = new VitalThreads();
        try (var fanout = new Fanout(log, SETTINGS, rules(OverflowPolicy.REPLAY, 10), 10, clock, System::nanoTime, vital)) {
            fanout.start();
            Subscriber subscriber = admit(fanout, new Start.Latest());
            var told = new ByteArrayOutputStream();
            Thread stream = Thread.ofVirtual().start(() -> fanout.serve(subscriber, told::write));
            Thread dying = vital.unstarted("hark-test", () -> {
                throw new IllegalStateException("planted");
            });
            dying.start();
            dying.join();
            fanout.drain(Duration.ZERO);
            stream.join();
            assertThat(told.toString(UTF_8)).endsWith("event: hark.close\nid: 7k3q9x2m-0\ndata: {\"reason\":\"failed\"}\n\n");
            assertThat(fanout.admit(new Subscription(Filters.of("t"), new Start.Latest()))).isInstanceOfSatisfying(
                    Admission.Refused.class, refused -> assertThat(refused.reason()).isEqualTo(CloseReason.FAILED));
        }
    }

    @Test
    void offersNothingTwiceWhereTheLogIsAheadOfItsHotEvents() throws Exception {
        var log = new StubLog();
        try (Fanout fanout = fanout(log, OverflowPolicy.REPLAY)) {
            Subscriber subscriber = admit(fanout, new Start.Latest());
            // Six are stored, and the first four of them are hot by now, of which two stay: the lane has to read the others in the log.
            LongStream.rangeClosed(1, 6).forEach(sequence -> log.stored.add(Events.event(sequence)));
            log.commit(LongStream.rangeClosed(1, 4).mapToObj(Events::event).toList());
            fanout.start();
            awaitWalked(fanout, 4);
            log.commit(LongStream.rangeClosed(5, 6).mapToObj(Events::event).toList());
            log.stored.add(Events.event(7));
            log.commit(List.of(Events.event(7)));
            awaitWalked(fanout, 7);
            EventStreamParser client = serveUntil(fanout, subscriber, Events.EPOCH + "-7");
            assertThat(said(client)).extracting(Message::lastEventId).isEqualTo(ids(1, 7));
        }
    }

    /** Who has a page comes back at once, with an id that is known by then. */
    @Test
    void givesNoPageBeforeTheLogHasToldOfIt() throws Exception {
        var log = new StubLog();
        try (Fanout fanout = fanout(log, OverflowPolicy.REPLAY)) {
            // Four are stored, and the log has told of three.
            LongStream.rangeClosed(1, 4).forEach(sequence -> log.stored.add(Events.event(sequence)));
            log.commit(LongStream.rangeClosed(1, 3).mapToObj(Events::event).toList());
            var newest = new AtomicLong();
            var took = new AtomicLong();
            var answer = new CompletableFuture<PageAnswer>();
            Thread client = Thread.ofVirtual().start(() -> {
                long begun = System.nanoTime();
                PageAnswer given = page(fanout, new Start.Earliest());
                newest.set(log.tail().bounds().newest());
                took.set(System.nanoTime() - begun);
                answer.complete(given);
            });
            await().pollDelay(Duration.ZERO).until(() -> client.getState() == Thread.State.TIMED_WAITING || answer.isDone());
            log.commit(List.of(Events.event(4)));
            client.join();
            assertThat(answer.join()).isInstanceOfSatisfying(
                    PageAnswer.Given.class, given -> assertThat(given.page().next()).hasToString(Events.EPOCH + "-4"));
            // A log that does not tell for a second is waited for no longer.
            if (took.get() < Duration.ofSeconds(1).toNanos()) {
                assertThat(newest.get()).isEqualTo(4);
            }
        }
    }

    private static PageAnswer page(Fanout fanout, Start start) {
        try {
            return fanout.page(new PageRequest(new Subscription(Filters.ALL, start), 500, Duration.ZERO), gone -> {});
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void keepsNoPlaceForASubscriberThatCouldNotBeAdmitted() throws Exception {
        var log = new StubLog();
        try (var fanout = new Fanout(log, SETTINGS, rules(OverflowPolicy.REPLAY), 1, clock, System::nanoTime, new VitalThreads())) {
            log.fails.set(true);
            assertThatIllegalStateException().isThrownBy(() -> fanout.admit(new Subscription(Filters.ALL, new Start.Latest())));
            var waits = new PageRequest(new Subscription(Filters.ALL, new Start.Latest()), 1, Duration.ofSeconds(1));
            assertThatIllegalStateException().isThrownBy(() -> fanout.page(waits, gone -> {}));
            log.fails.set(false);
            assertThat(fanout.streams()).isZero();
            assertThat(fanout.indexBytes()).isZero();
            assertThat(fanout.admit(new Subscription(Filters.ALL, new Start.Latest()))).isInstanceOf(Admission.Admitted.class);
        }
    }

    @Test
    void endsAStreamWhoseClientGoesJustBeforeAWrite() throws Exception {
        var log = new StubLog();
        var subscriber = new AtomicReference<Subscriber>();
        var goes = new AtomicBoolean();
        // A write reads the clock before it says that it has begun: here the client goes in between.
        try (var fanout = new Fanout(log, SETTINGS, rules(OverflowPolicy.REPLAY), 10, clock, () -> {
            if (Thread.currentThread().isVirtual() && goes.compareAndSet(true, false)) {
                subscriber.get().clientGone();
            }
            return System.nanoTime();
        }, new VitalThreads())) {
            var end = new AtomicReference<StreamEnd>();
            var opened = new CountDownLatch(1);
            Thread stream = Thread.ofVirtual().start(() -> {
                subscriber.set(admit(fanout, new Start.Latest()));
                end.set(fanout.serve(subscriber.get(), (bytes, offset, length) -> {
                    if (opened.getCount() == 0) {
                        blockUntilInterrupted();
                    }
                    opened.countDown();
                }));
            });
            opened.await();
            goes.set(true);
            fanout.start();
            log.stored.add(Events.event(1));
            log.commit(List.of(Events.event(1)));
            assertThat(stream.join(Duration.ofSeconds(10))).as("the stream ended").isTrue();
            assertThat(end.get()).isEqualTo(StreamEnd.CLIENT_GONE);
        }
    }

    @Test
    void closesAStreamThatComesWhileItDrains() throws Exception {
        try (Fanout fanout = fanout(new StubLog(), OverflowPolicy.REPLAY)) {
            fanout.drain(Duration.ZERO);
            assertThat(fanout.admit(new Subscription(Filters.ALL, new Start.Latest())))
                    .isInstanceOfSatisfying(
                            Admission.Refused.class, refused -> assertThat(refused.reason()).isEqualTo(CloseReason.DRAINING));
        }
    }

    @Test
    void readsEveryOpeningAsAPosition() throws Exception {
        var log = new MemoryLog(Events.EPOCH,
                new LogConfig(new Retention(10, LONG, 1L << 40), new HotLimits(5, 1 << 20), new IdempotencyLimits(1, LONG)), clock);
        log.append(drafts(15));
        assertThat(opening(log, new Start.Latest()).position()).isEqualTo(15);
        assertThat(opening(log, new Start.Earliest()).position()).isEqualTo(5);
        assertThat(opening(log, new Start.Last(0)).position()).isEqualTo(15);
        assertThat(opening(log, new Start.Last(3)).position()).isEqualTo(12);
        assertThat(opening(log, new Start.Last(10_000)).position()).isEqualTo(5);
        clock.advance(Duration.ofSeconds(1));
        assertThat(opening(log, new Start.Back(Duration.ZERO)).position()).isEqualTo(15);
        assertThat(opening(log, new Start.Back(Duration.ofMillis(999))).position()).isEqualTo(15);
        assertThat(opening(log, new Start.Back(Duration.ofSeconds(1))).position()).isEqualTo(5);
        assertThat(opening(log, new Start.Back(Duration.ofSeconds(Long.MAX_VALUE))).position()).as("longer than time itself").isEqualTo(5);
        assertThat(opening(log, new Start.Back(Duration.ofDays(365L * 1_000_000_000))).position()).isEqualTo(5);
    }

    private Opening opening(EventLog log, Start start) throws Exception {
        var shared = new Surroundings(
                log, new History(log), SETTINGS, new DeliveryCounters(), new BatchPool(), clock, System::nanoTime);
        Opening known = Opening.at(start, Filters.ALL, log.tail().era(), shared);
        return known == null ? Opening.search(new Subscription(Filters.ALL, start), shared, Patiences.ENDLESS) : known;
    }

    private Fanout fanout(EventLog log, OverflowPolicy policy) {
        return new Fanout(log, SETTINGS, rules(policy), 10, clock, System::nanoTime, new VitalThreads());
    }

    private static List<TopicRule> rules(OverflowPolicy policy) {
        return rules(policy, 32);
    }

    private static List<TopicRule> rules(OverflowPolicy policy, int events) {
        return List.of(new TopicRule(TopicFilter.ALL, policy, new MailboxLimits(events, 1 << 20)));
    }

    private static Subscriber admit(Fanout fanout, Start start) {
        Admission admission = fanout.admit(new Subscription(Filters.ALL, start));
        return ((Admission.Admitted) admission).subscriber();
    }

    private static EventStreamParser serveUntil(Fanout fanout, Subscriber subscriber, String lastId) {
        var client = new EventStreamParser();
        fanout.serve(subscriber, (bytes, offset, length) -> {
            client.feed(bytes, offset, length);
            if (client.lastEventId().equals(lastId)) {
                throw new IOException("has seen enough");
            }
        });
        return client;
    }

    /** What comes behind the first block. */
    private static List<Message> said(EventStreamParser client) {
        assertThat(client.messages().getFirst().type()).isEqualTo("hark.open");
        return client.messages().subList(1, client.messages().size());
    }

    private static void awaitWalked(Fanout fanout, long position) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (fanout.indexed() == 0 || fanout.laneBacklog() > 0) {
            assertThat(System.nanoTime()).as("the lane walks to %s", position).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static void blockUntilInterrupted() throws IOException {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("closed by interrupt", e);
        }
    }

    private static List<Draft> drafts(int count) {
        return IntStream.range(0, count).mapToObj(
                i -> new Draft(new Topic("t"), Draft.DEFAULT_TYPE, null, "x".getBytes(UTF_8), null)).toList();
    }

    private static List<String> ids(long first, long last) {
        return LongStream.rangeClosed(first, last).mapToObj(sequence -> Events.EPOCH + '-' + sequence).toList();
    }

    /** A log whose two halves a test moves by hand. */
    private static final class StubLog implements EventLog {
        final EventRing stored = new EventRing(100, 1 << 20, 0);
        private final Tail tail = new Tail(Events.EPOCH, new Bounds(0, 0), new HotLimits(2, 1 << 20));
        final AtomicBoolean fails = new AtomicBoolean();

        void commit(List<Event> events) {
            tail.commit(events, 0, () -> {});
        }

        @Override
        public Tail tail() {
            if (fails.get()) {
                throw new IllegalStateException("the disk is gone");
            }
            return tail;
        }

        @Override
        public Capabilities capabilities() {
            return Capabilities.of("memory");
        }

        @Override
        public Append append(List<Draft> batch) {
            return new Append.Unavailable("a stub");
        }

        @Override
        public Page read(long after, Filters filters, int limit) {
            return stored.read(Events.EPOCH, after, filters, limit);
        }

        @Override
        public Page follow(long after) {
            return read(after, Filters.ALL, MAX_PAGE_EVENTS);
        }

        @Override
        public Since since(long timeMillis) {
            return stored.since(timeMillis);
        }

        @Override
        public Back back(Back search, Filters filters) {
            return stored.back(search, filters);
        }

        @Override
        public Page latest(long after, long through, Filters filters, int limit) {
            throw new UnsupportedOperationException();
        }

    @Override
    public List<ClassUse> kept() {
        return List.of();
    }

        @Override
        public void maintain() {}

        @Override
        public void close() {}
    }
}
