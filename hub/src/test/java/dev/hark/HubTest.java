package dev.hark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.CloseReason;
import dev.hark.event.Draft;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.fanout.Admission;
import dev.hark.fanout.DeliverySettings;
import dev.hark.fanout.Fanout;
import dev.hark.fanout.IndexLimits;
import dev.hark.fanout.MailboxLimits;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
import dev.hark.fanout.StreamOutput;
import dev.hark.fanout.Subscription;
import dev.hark.fanout.TopicRule;
import dev.hark.log.Append;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On each engine, the usual one first. */
@ParameterizedClass
@EnumSource
@Timeout(60)
class HubTest {
    private final Engine engine;

    HubTest(Engine engine) {
        this.engine = engine;
    }

    // ---- opening

    /** Cut between the two, a client that had the new id already would never hear what it misses. */
    @Test
    void tellsAGapBeforeTheIdBehindIt() {
        try (TestHub test = TestHub.start(engine)) {
            publish(test, "a", 3);
            TestStream stream = TestStream.open(test.hub, new Start.After("00000000-2"), "a").awaitOpen();
            assertThat(stream.types(2)).containsExactly("hark.gap", "hark.open");
            assertThat(stream.control("hark.open"))
                    .containsExactly(new Message("hark.open", "{\"position\":\"7k3q9x2m-0\"}", "7k3q9x2m-0"));
            assertThat(stream.moments().getFirst().messages()).as("both leave at once").isEqualTo(1);
        }
    }

    @Test
    void tellsAClientThatLostItsIdAndStartsItAsIfItWereNew() {
        try (TestHub test = TestHub.start(engine)) {
            publish(test, "a", 3);
            TestStream now = TestStream.open(test.hub, new Start.Lost(new Start.Latest()), "a").awaitMessages(1);
            assertThat(now.messages()).containsExactly(gap("unknown-id", "null", 3, "null"));
            TestStream last = TestStream.open(test.hub, new Start.Lost(new Start.Last(2)), "a").awaitMessages(3);
            assertThat(last.messages().getFirst()).isEqualTo(gap("unknown-id", "null", 1, "null"));
            assertThat(last.sequences()).containsExactly(2L, 3L);
            TestStream all = TestStream.open(test.hub, new Start.Lost(new Start.Earliest()), "a").awaitMessages(4);
            assertThat(all.messages().getFirst()).isEqualTo(gap("unknown-id", "null", 0, "null"));
            assertThat(test.read(HubMeter.GAPS_UNKNOWN_ID)).isEqualTo(3);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new Start.Lost(new Start.After("7k3q9x2m-1")));
        assertThatIllegalArgumentException().isThrownBy(() -> new Start.Lost(new Start.Lost(new Start.Latest())));
    }

    @Test
    void saysWhereAStreamBegins() {
        try (TestHub test = TestHub.start(engine)) {
            TestStream first = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            assertThat(first.lastEventId()).isEqualTo("7k3q9x2m-0");
            assertThat(first.retry()).isEqualTo("2000");
            assertThat(first.messages()).isEmpty();
            assertThat(first.control("hark.open"))
                    .containsExactly(new Message("hark.open", "{\"position\":\"7k3q9x2m-0\"}", "7k3q9x2m-0"));
            test.publish("a");
            test.publish("b");
            assertThat(TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen().lastEventId()).isEqualTo("7k3q9x2m-2");
        }
    }

    @Test
    void startsWhereItIsAskedTo() {
        try (TestHub test = TestHub.start(engine)) {
            test.publish("a");
            test.publish("b");
            test.clock.advance(Duration.ofMinutes(1));
            test.publish("a");
            test.publish("b");
            test.publish("a");
            assertThat(read(test, new Start.Latest(), 0)).isEmpty();
            assertThat(read(test, new Start.Earliest(), 3)).containsExactly(1L, 3L, 5L);
            assertThat(read(test, new Start.After("7k3q9x2m-1"), 2)).containsExactly(3L, 5L);
            assertThat(read(test, new Start.After("7k3q9x2m-2"), 2)).containsExactly(3L, 5L);
            assertThat(read(test, new Start.After("7k3q9x2m-0"), 3)).containsExactly(1L, 3L, 5L);
            assertThat(read(test, new Start.Last(2), 2)).containsExactly(3L, 5L);
            assertThat(read(test, new Start.Last(0), 0)).isEmpty();
            assertThat(read(test, new Start.Last(10), 3)).containsExactly(1L, 3L, 5L);
            assertThat(read(test, new Start.Back(Duration.ofSeconds(30)), 2)).containsExactly(3L, 5L);
            assertThat(read(test, new Start.Back(Duration.ofMinutes(1)), 3)).containsExactly(1L, 3L, 5L);
            test.awaitMeter(HubMeter.STREAMS, 0);
        }
    }

    /** The events of topic {@code a}, and that the next one comes after them. */
    private static List<Long> read(TestHub test, Start start, int count) {
        TestStream stream = TestStream.open(test.hub, start, "a").awaitOpen().awaitMessages(count);
        List<Long> sequences = stream.sequences();
        stream.clientGone();
        assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE);
        assertThat(stream.control("hark.gap")).isEmpty();
        return sequences;
    }

    // ---- gaps

    @Test
    void announcesWhatRetentionRemoved() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.retention(5).hot(5))) {
            publish(test, "a", 12);
            test.maintain();
            TestStream stream = TestStream.open(test.hub, new Start.After("7k3q9x2m-3"), "a").awaitMessages(6);
            assertThat(stream.messages().getFirst()).isEqualTo(gap("retention", "\"7k3q9x2m-3\"", 7, "null"));
            assertThat(stream.sequences()).containsExactly(8L, 9L, 10L, 11L, 12L);
            assertThat(stream.retry()).isEqualTo("2000");
            TestStream justInTime = TestStream.open(test.hub, new Start.After("7k3q9x2m-7"), "a").awaitMessages(5);
            assertThat(justInTime.sequences()).containsExactly(8L, 9L, 10L, 11L, 12L);
            assertThat(justInTime.control("hark.gap")).isEmpty();
            assertThat(test.read(HubMeter.GAPS_RETENTION)).isEqualTo(1);
            test.clock.advance(Duration.ofSeconds(1));
            TestStream since = TestStream.open(test.hub, new Start.Back(Duration.ofSeconds(1)), "a").awaitMessages(6);
            assertThat(since.messages().getFirst()).isEqualTo(gap("retention", "null", 7, "null"));
        }
    }

    @Test
    void announcesAnotherEpoch() {
        try (TestHub test = TestHub.start(engine)) {
            publish(test, "a", 3);
            TestStream stream = TestStream.open(test.hub, new Start.After("00000000-2"), "a").awaitMessages(4);
            assertThat(stream.messages().getFirst()).isEqualTo(gap("reset", "\"00000000-2\"", 0, "null"));
            assertThat(stream.sequences()).containsExactly(1L, 2L, 3L);
            assertThat(test.read(HubMeter.GAPS_RESET)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "7k3q9x2m", "7k3q9x2m-", "7k3q9x2m-01", "7k3q9x2m--1", "7K3Q9X2M-1",
            "x\"},{\"", "7k3q9x2m-99999999999999999999"})
    void announcesAnIdThatIsNone(String id) {
        try (TestHub test = TestHub.start(engine)) {
            publish(test, "a", 3);
            TestStream stream = TestStream.open(test.hub, new Start.After(id), "a").awaitMessages(1);
            assertThat(stream.messages()).containsExactly(gap("unknown-id", "null", 3, "null"));
            test.publish("a");
            assertThat(stream.awaitMessages(2).sequences()).containsExactly(4L);
            assertThat(test.read(HubMeter.GAPS_UNKNOWN_ID)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"3, 0", "4, 1", "9223372036854775807, 1"})
    void announcesAnIdOfTheFuture(long sequence, int gaps) {
        try (TestHub test = TestHub.start(engine)) {
            publish(test, "a", 3);
            TestStream stream = TestStream.open(test.hub, new Start.After("7k3q9x2m-" + sequence), "a").awaitOpen();
            if (gaps > 0) {
                assertThat(stream.awaitMessages(1).messages())
                        .containsExactly(gap("unknown-id", "\"7k3q9x2m-" + sequence + '"', 3, "null"));
            }
            assertThat(test.read(HubMeter.GAPS_UNKNOWN_ID)).isEqualTo(gaps);
            test.publish("a");
            assertThat(stream.awaitMessages(gaps + 1).sequences()).containsExactly(4L);
        }
    }

    // ---- overflow, one example of each; HubSimulationTest has the many

    @Test
    void announcesTheOldestAsDropped() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.DROP_OLDEST, 3, 1 << 20))) {
            TestStream stream = stalledInItsFirstEvent(test);
            publish(test, "a", 5);
            test.awaitWalked();
            stream.release();
            stream.awaitPosition(6);
            assertThat(stream.messages().stream().map(Message::lastEventId).toList())
                    .containsExactly("7k3q9x2m-1", "7k3q9x2m-3", "7k3q9x2m-4", "7k3q9x2m-5", "7k3q9x2m-6");
            assertThat(stream.messages().get(1)).isEqualTo(gap("overflow", "\"7k3q9x2m-1\"", 3, "2"));
            assertThat(test.read(HubMeter.DROPPED_OLDEST)).isEqualTo(2);
            assertThat(test.read(HubMeter.GAPS_OVERFLOW)).isEqualTo(1);
        }
    }

    @Test
    void announcesTheNewestAsDropped() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.DROP_NEWEST, 3, 1 << 20))) {
            TestStream stream = stalledInItsFirstEvent(test);
            publish(test, "a", 5);
            test.awaitWalked();
            stream.release();
            stream.awaitPosition(6);
            assertThat(stream.sequences()).containsExactly(1L, 2L, 3L, 4L);
            assertThat(stream.messages().getLast()).isEqualTo(gap("overflow", "\"7k3q9x2m-4\"", 6, "2"));
            test.awaitMeter(HubMeter.DROPPED_NEWEST, 2);
            test.publish("a");
            assertThat(stream.awaitPosition(7).sequences()).containsExactly(1L, 2L, 3L, 4L, 7L);
        }
    }

    @Test
    void conflatesByKey() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.CONFLATE, 3, 1 << 20))) {
            TestStream stream = stalledInItsFirstEvent(test);
            for (String key : List.of("x", "y", "x", "z", "y", "x")) {
                test.publish("a", "v", key);
            }
            test.awaitWalked();
            stream.release();
            stream.awaitPosition(7);
            assertThat(stream.sequences()).containsExactly(1L, 5L, 6L, 7L);
            assertThat(stream.control("hark.gap").stream().mapToLong(TestStream::dropped).sum())
                    .isEqualTo(3).isEqualTo(test.read(HubMeter.DROPPED_CONFLATED));
        }
    }

    @Test
    void disconnectsTheSlow() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.DISCONNECT, 3, 1 << 20))) {
            TestStream stream = stalledInItsFirstEvent(test);
            publish(test, "a", 5);
            test.awaitWalked();
            stream.release();
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
            assertThat(stream.messages().getLast()).isEqualTo(new Message("hark.close", "{\"reason\":\"slow\"}", "7k3q9x2m-1"));
            assertThat(test.read(HubMeter.STREAMS_CLOSED_SLOW)).isEqualTo(1);
            TestStream again = TestStream.open(test.hub, new Start.After(stream.lastEventId()), "a").awaitPosition(6);
            assertThat(again.sequences()).containsExactly(2L, 3L, 4L, 5L, 6L);
        }
    }

    @Test
    void readsOnInTheLog() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.REPLAY, 3, 1 << 20))) {
            TestStream stream = stalledInItsFirstEvent(test);
            publish(test, "a", 50);
            test.awaitWalked();
            stream.release();
            assertThat(stream.awaitPosition(51).sequences()).isEqualTo(LongStream.rangeClosed(1, 51).boxed().toList());
            assertThat(stream.control("hark.gap")).isEmpty();
            assertThat(test.read(HubMeter.MAILBOX_SPILLS)).isPositive();
        }
    }

    /** Its mailbox is empty, and its client does not take what the first event of `a` has to say. */
    private static TestStream stalledInItsFirstEvent(TestHub test) {
        TestStream stream = TestStream.open(test.hub, 1, new Start.Latest(), "a").awaitOpen();
        test.awaitMeter(HubMeter.STREAMS_INDEXED, 1);
        test.publish("a");
        return stream.awaitBlocked();
    }

    // ---- heartbeats

    @Test
    void isSilentBeforeTheHeartbeatIsDue() {
        try (TestHub test = TestHub.start(engine)) {
            TestStream stream = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 1);
            // Jitter makes it earlier by a fifth at most.
            test.pass(TestHub.HEARTBEAT.multipliedBy(4).dividedBy(5).minusNanos(1));
            test.publish("a");
            stream.awaitMessages(1);
            assertThat(stream.comments()).isZero();
            assertThat(test.read(HubMeter.HEARTBEATS)).isZero();
            test.pass(TestHub.HEARTBEAT);
            stream.await("gets a comment", each -> each.comments() == 1);
            test.awaitMeter(HubMeter.HEARTBEATS, 1);
        }
    }

    @Test
    void movesTheIdOfASilentStreamAlongWithTheLog() {
        try (TestHub test = TestHub.start(engine)) {
            TestStream stream = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            publish(test, "b", 7);
            test.awaitWalked();
            int blocks = stream.blocks();
            test.pass(TestHub.HEARTBEAT);
            stream.awaitPosition(7);
            assertThat(stream.control("hark.position")).containsExactly(new Message("hark.position", "{}", "7k3q9x2m-7"));
            assertThat(stream.messages()).as("nothing else is raised").isEmpty();
            assertThat(stream.comments()).isZero();
            assertThat(stream.blocks()).isEqualTo(blocks + 1);
            test.pass(TestHub.HEARTBEAT);
            stream.await("gets a comment", each -> each.comments() == 1);
        }
    }

    @Test
    void namesItsHeartbeatsWhereItIsToldTo() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.heartbeatEvent("ping"))) {
            TestStream stream = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            publish(test, "b", 7);
            test.awaitWalked();
            test.pass(TestHub.HEARTBEAT);
            assertThat(stream.awaitMessages(1).messages()).containsExactly(new Message("ping", "{}", "7k3q9x2m-7"));
            test.pass(TestHub.HEARTBEAT);
            assertThat(stream.awaitMessages(2).messages()).as("a program that keeps the last id keeps it")
                    .endsWith(new Message("ping", "{}", "7k3q9x2m-7"));
            assertThat(stream.comments()).isZero();
        }
    }

    @Test
    void leavesTheIdWhereSomethingIsPending() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.DROP_NEWEST, 2, 1 << 20))) {
            TestStream stream = stalledInItsFirstEvent(test);
            publish(test, "a", 5);
            publish(test, "b", 5);
            test.awaitWalked();
            test.pass(TestHub.HEARTBEAT.multipliedBy(3));
            stream.permit(1);
            stream.awaitPosition(1).awaitBlocked();
            test.pass(TestHub.HEARTBEAT.multipliedBy(3));
            assertThat(stream.lastEventId()).isEqualTo("7k3q9x2m-1");
            stream.release();
            stream.awaitPosition(6);
            assertThat(stream.sequences()).containsExactly(1L, 2L, 3L);
            // Caught up: now it may.
            test.pass(TestHub.HEARTBEAT);
            stream.awaitPosition(11);
        }
    }

    // ---- ends

    @Test
    void cutsAStalledWriteWhenItsTimeIsUp() {
        try (TestHub test = TestHub.start(engine)) {
            TestStream healthy = TestStream.open(test.hub, new Start.Latest(), "b").awaitOpen();
            TestStream stream = TestStream.open(test.hub, 1, new Start.Latest(), "a").awaitOpen();
            test.publish("a");
            stream.awaitBlocked();
            test.pass(TestHub.WRITE_TIMEOUT.minusNanos(1));
            test.awaitSwept();
            assertThat(stream.wasCut()).isFalse();
            assertThat(stream.hasEnded()).isFalse();
            test.pass(Duration.ofNanos(1));
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.STALLED);
            assertThat(stream.isFinished()).as("a cut is no end").isFalse();
            assertThat(test.read(HubMeter.STREAMS_STALLED)).isEqualTo(1);
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 1);
            test.publish("b");
            assertThat(healthy.awaitMessages(1).sequences()).containsExactly(2L);
            assertThat(test.read(HubMeter.MAILBOX_WAITING)).isZero();
        }
    }

    @Test
    void endsAParkedStreamWhoseClientGoes() {
        try (TestHub test = TestHub.start(engine)) {
            TestStream stream = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            stream.clientGone();
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE);
            assertThat(test.read(HubMeter.STREAMS_GONE)).isEqualTo(1);
            assertThat(test.read(HubMeter.STREAMS)).isZero();
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 0);
        }
    }

    @Test
    void endsABlockedStreamWhoseClientGoes() {
        try (TestHub test = TestHub.start(engine)) {
            TestStream stream = stalledInItsFirstEvent(test);
            publish(test, "a", 5);
            stream.clientGone();
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE);
            assertThat(test.read(HubMeter.STREAMS_GONE)).isEqualTo(1);
        }
    }

    @Test
    void endsABlockedStreamWhoseClientGoesWhileItIsClosed() {
        try (TestHub test = TestHub.start(engine)) {
            TestStream stream = stalledInItsFirstEvent(test);
            stream.close(CloseReason.REVOKED);
            stream.clientGone();
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE);
        }
    }

    @Test
    void endsWithItsHost() {
        try (TestHub test = TestHub.start(engine)) {
            TestStream parked = TestStream.open(test.hub, new Start.Latest(), "b").awaitOpen();
            TestStream blocked = TestStream.open(test.hub, 1, new Start.Latest(), "a").awaitOpen();
            test.publish("a");
            blocked.awaitBlocked();
            parked.interrupt();
            blocked.interrupt();
            assertThat(parked.awaitEnd()).isEqualTo(StreamEnd.INTERRUPTED);
            assertThat(blocked.awaitEnd()).isEqualTo(StreamEnd.INTERRUPTED);
            assertThat(test.read(HubMeter.STREAMS_INTERRUPTED)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OVERLOADED")
    void saysWhyItCloses(CloseReason reason) {
        try (TestHub test = TestHub.start(engine)) {
            TestStream stream = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            test.publish("a");
            stream.awaitMessages(1);
            stream.close(reason);
            assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
            assertThat(stream.isFinished()).isTrue();
            assertThat(stream.messages().getLast())
                    .isEqualTo(new Message("hark.close", "{\"reason\":\"" + reason.wireName() + "\"}", "7k3q9x2m-1"));
            assertThat(Integer.parseInt(stream.retry())).as("jittered").isBetween(2_000, 3_999);
        }
    }

    @Test
    void drainsEveryStreamAfterWhatWaits() throws Exception {
        try (TestHub test = TestHub.startInRealTime(engine, Setup.USUAL)) {
            var streams = new ArrayList<TestStream>();
            for (int i = 0; i < 100; i++) {
                streams.add(TestStream.open(test.hub, 1, new Start.Latest(), "a"));
            }
            streams.forEach(TestStream::awaitOpen);
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 100);
            publish(test, "a", 20);
            test.awaitWalked();
            streams.forEach(TestStream::awaitBlocked);
            Thread drain = Thread.ofVirtual().start(() -> {
                try {
                    test.hub.drain(Duration.ofMillis(50));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            TestHub.await("the hub is draining", () -> test.hub.notReady().isPresent());
            assertThat(test.hub.notReady()).contains("the hub is draining");
            assertThat(TestStream.open(test.hub, new Start.Latest(), "a").awaitRefused()).isEqualTo(CloseReason.DRAINING);
            test.publish("b");
            streams.forEach(TestStream::release);
            for (TestStream stream : streams) {
                assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
                assertThat(stream.sequences()).isEqualTo(LongStream.rangeClosed(1, 20).boxed().toList());
                // Who is closed after the event of the other topic came has passed that as well.
                assertThat(stream.messages().getLast()).isIn(
                        new Message("hark.close", "{\"reason\":\"draining\"}", "7k3q9x2m-20"),
                        new Message("hark.close", "{\"reason\":\"draining\"}", "7k3q9x2m-21"));
            }
            assertThat(drain.join(Duration.ofSeconds(10))).as("drain() returned").isTrue();
            assertThat(test.read(HubMeter.STREAMS_CLOSED_DRAINING)).isEqualTo(100);
            assertThat(test.read(HubMeter.STREAMS)).isZero();
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 0);
        }
    }

    /** Whose last word has come goes at once, before the write that gave it has returned. */
    @Test
    void countsWhoGoesWithTheLastWordAsTold() throws Exception {
        try (TestHub test = TestHub.startInRealTime(engine, Setup.USUAL)) {
            var subscriber = ((Admission.Admitted) test.hub.subscribe(new Subscription(Filters.of("a"), new Start.Latest()))).subscriber();
            var out = new StreamOutput() {
                private boolean isCut;

                @Override
                public void write(byte[] bytes, int offset, int length) {}

                @Override
                public void finish(byte[] bytes, int offset, int length) throws IOException {
                    subscriber.clientGone();
                    if (isCut || Thread.interrupted()) {
                        throw new IOException("closed by another thread");
                    }
                }

                @Override
                public void cut() {
                    isCut = true;
                }
            };
            Thread drain = Thread.ofVirtual().start(() -> {
                try {
                    test.hub.drain(Duration.ZERO);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            assertThat(test.hub.serve(subscriber, out)).isEqualTo(StreamEnd.CLOSED);
            assertThat(drain.join(Duration.ofSeconds(10))).isTrue();
            assertThat(test.read(HubMeter.STREAMS_CLOSED_DRAINING)).isEqualTo(1);
        }
    }

    @Test
    void drainsWithoutStreamsAtOnce() throws Exception {
        try (TestHub test = TestHub.startInRealTime(engine, Setup.USUAL)) {
            assertThat(test.hub.notReady()).isEmpty();
            test.hub.drain(Duration.ofMinutes(10));
            assertThat(test.hub.notReady()).isPresent();
        }
    }

    // ---- admission and counts

    /** Some clients begin each answer without an id, and so forget the one that they had. */
    @Test
    void givesAClientThatItRefusesItsIdBack() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.maxSubscribers(1))) {
            TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            for (String id : List.of("7k3q9x2m-0", "7k3q9x2m-999", "00000000-3")) {
                TestStream refused = TestStream.open(test.hub, new Start.After(id), "a");
                assertThat(refused.awaitRefused()).isEqualTo(CloseReason.OVERLOADED);
                assertThat(refused.messages()).containsExactly(new Message("hark.close", "{\"reason\":\"overloaded\"}", id));
            }
            for (Start start : List.of(new Start.After("7k3q9x2m-01"), new Start.After(""), new Start.Lost(new Start.Latest()))) {
                TestStream refused = TestStream.open(test.hub, start, "a");
                assertThat(refused.awaitRefused()).isEqualTo(CloseReason.OVERLOADED);
                assertThat(refused.lastEventId()).as("nothing of what is no id").isEmpty();
            }
        }
    }

    @Test
    void saysOnceAMinuteThatItIsFull() {
        var lines = new CopyOnWriteArrayList<String>();
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
        Logger logger = Logger.getLogger(Fanout.class.getName());
        logger.addHandler(handler);
        try (TestHub test = TestHub.start(engine, Setup.USUAL.maxSubscribers(7))) {
            IntStream.range(0, 7).forEach(i -> TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen());
            for (int i = 0; i < 5; i++) {
                assertThat(TestStream.open(test.hub, new Start.Latest(), "a").awaitRefused()).isEqualTo(CloseReason.OVERLOADED);
            }
            test.pass(Duration.ofMinutes(1));
            assertThat(TestStream.open(test.hub, new Start.Latest(), "a").awaitRefused()).isEqualTo(CloseReason.OVERLOADED);
            String full = "streams are refused: the hub holds 7 streams, which is the limit (limits.subscribers); ";
            assertThat(lines.stream().filter(line -> line.startsWith(full))).containsExactly(full + "1 so far", full + "6 so far");
        } finally {
            logger.removeHandler(handler);
        }
    }

    @Test
    void refusesMoreStreamsThanItMayHold() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.maxSubscribers(3))) {
            var streams = IntStream.range(0, 3).mapToObj(i -> TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen()).toList();
            TestStream fourth = TestStream.open(test.hub, new Start.Latest(), "a");
            assertThat(fourth.awaitRefused()).isEqualTo(CloseReason.OVERLOADED);
            assertThat(fourth.messages()).containsExactly(new Message("hark.close", "{\"reason\":\"overloaded\"}", ""));
            assertThat(Integer.parseInt(fourth.retry())).isBetween(2_000, 3_999);
            assertThat(test.read(HubMeter.STREAMS_REFUSED)).isEqualTo(1);
            assertThat(test.read(HubMeter.STREAMS)).isEqualTo(3);
            streams.getFirst().clientGone();
            streams.getFirst().awaitEnd();
            TestStream fifth = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            test.publish("a");
            assertThat(fifth.awaitMessages(1).sequences()).containsExactly(1L);
        }
    }

    @Test
    void countsEachFilterThatMatchesAndDeliversOnce() {
        try (TestHub test = TestHub.start(engine)) {
            TestStream overlapping = TestStream.open(test.hub, new Start.Latest(), "a/*", "*/b", "a/b", "c").awaitOpen();
            TestStream exact = TestStream.open(test.hub, new Start.Latest(), "a/b").awaitOpen();
            TestStream.open(test.hub, new Start.Latest(), "**").awaitOpen();
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 3);
            assertThat(test.hub.subscribers(new Topic("a/b"))).as("two filters of one stream, and one each of two").isEqualTo(4);
            assertThat(test.hub.subscribers(new Topic("a/x"))).isEqualTo(2);
            assertThat(test.hub.subscribers(new Topic("c"))).isEqualTo(2);
            assertThat(test.hub.subscribers(new Topic("d"))).isEqualTo(1);
            test.publish("a/b");
            test.publish("c");
            assertThat(overlapping.awaitPosition(2).sequences()).containsExactly(1L, 2L);
            assertThat(exact.awaitPosition(1).sequences()).containsExactly(1L);
            test.awaitMeter(HubMeter.DELIVERED_EVENTS, 5);
        }
    }

    @Test
    void keepsNothingOfThoseWhoLeft() {
        try (TestHub test = TestHub.start(engine)) {
            for (int round = 0; round < 5; round++) {
                var streams = new ArrayList<TestStream>();
                for (int i = 0; i < 200; i++) {
                    streams.add(TestStream.open(
                            test.hub, i % 3 == 0 ? 1 : Integer.MAX_VALUE, new Start.Earliest(), "a", "users/" + i, "g/*/" + i % 7));
                }
                publish(test, "a", 3);
                streams.forEach(TestStream::awaitOpen);
                streams.forEach(TestStream::clientGone);
                streams.forEach(TestStream::awaitEnd);
            }
            assertThat(test.read(HubMeter.STREAMS)).isZero();
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 0);
            assertThat(test.read(HubMeter.MAILBOX_WAITING)).isZero();
            assertThat(test.hub.subscribers(new Topic("a"))).isZero();
            assertThat(test.read(HubMeter.STREAMS_OPENED)).isEqualTo(1_000);
            assertThat(test.read(HubMeter.STREAMS_GONE)).isEqualTo(1_000);
        }
    }

    // ---- publishing and meters

    @Test
    void publishesAllOrNothingAndCounts() {
        try (TestHub test = TestHub.start(engine)) {
            var keyed = new Draft(new Topic("a"), "message", null, "xy".getBytes(UTF_8), "k");
            assertThat(test.hub.publish(List.of(keyed, TestHub.draft("a", "z", null)))).isInstanceOf(Append.Stored.class);
            assertThat(test.hub.publish(List.of(keyed))).isEqualTo(new Append.Stored(List.of(new Append.Entry(TestHub.EPOCH, 1, true))));
            assertThat(test.hub.publish(
                    List.of(TestHub.draft("a", "1", null), new Draft(new Topic("b"), "message", null, "xy".getBytes(UTF_8), "k"))))
                    .isEqualTo(new Append.KeyReused(1));
            assertThat(test.read(HubMeter.PUBLISHED_EVENTS)).isEqualTo(2);
            assertThat(test.read(HubMeter.PUBLISHED_BYTES)).isEqualTo(5);
            assertThat(test.read(HubMeter.PUBLISH_REPEATS)).isEqualTo(1);
            assertThat(test.read(HubMeter.PUBLISH_CONFLICTS)).isEqualTo(1);
            assertThat(test.read(HubMeter.LOG_NEWEST)).isEqualTo(2);
            assertThat(test.read(HubMeter.LOG_FLOOR)).isZero();
            assertThat(test.hub.id(2)).hasToString("7k3q9x2m-2");
            assertThat(test.hub.durability()).isEqualTo(engine == Engine.MEMORY ? "memory" : "fsync");
            test.hub.close();
            assertThat(test.hub.publish(List.of(keyed))).isInstanceOf(Append.Unavailable.class);
            assertThat(test.read(HubMeter.PUBLISH_UNAVAILABLE)).isEqualTo(1);
        }
    }

    @Test
    void countsWhatItWrites() {
        try (TestHub test = TestHub.start(engine)) {
            publish(test, "a", 3);
            test.awaitWalked();
            TestStream stream = TestStream.open(test.hub, new Start.Earliest(), "a").awaitPosition(3);
            test.publish("a");
            stream.awaitPosition(4);
            test.awaitMeter(HubMeter.DELIVERED_EVENTS, 4);
            assertThat(test.read(HubMeter.REPLAYED_EVENTS)).isEqualTo(3);
            assertThat(test.read(HubMeter.WRITES)).isEqualTo(3);
            assertThat(test.read(HubMeter.WRITTEN_BYTES))
                    .isEqualTo("""
                            retry: 2000
                            event: hark.open
                            id: 7k3q9x2m-0
                            data: {"position":"7k3q9x2m-0"}

                            """.length() + 4L * "id: 7k3q9x2m-1\ndata: x\n\n".length());
        }
    }

    @Test
    void hasASentenceForEachMeter() {
        assertThat(Arrays.stream(HubMeter.values()).map(HubMeter::metricName))
                .doesNotHaveDuplicates().allMatch(name -> name.matches("hark_[a-z_]+"));
        assertThat(HubMeter.values()).allSatisfy(meter -> assertThat(meter.sentence()).as(meter.name()).matches("[A-Z].*\\."));
        try (TestHub test = TestHub.start(engine)) {
            assertThat(HubMeter.values()).allSatisfy(meter -> assertThat(test.read(meter)).as(meter.name()).isZero());
        }
    }

    @Test
    void hasARuleForEveryTopic() {
        HubConfig usual = usualConfig(List.of(new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(1, 1))), 1);
        assertThat(usual.maxSubscribers()).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> usualConfig(List.of(), 1)).withMessageContaining("'**'");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> usualConfig(List.of(new TopicRule(new TopicFilter("a"), OverflowPolicy.REPLAY, new MailboxLimits(1, 1))), 1))
                .withMessageContaining("'**'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> usualConfig(usual.topics(), 0)).withMessageContaining("limits.subscribers is 0");
    }

    private static HubConfig usualConfig(List<TopicRule> rules, int maxSubscribers) {
        return new HubConfig(
                new DeliverySettings(1, TestHub.LONG, "", Duration.ofMillis(100), TestHub.LONG), rules, maxSubscribers, IndexLimits.DEFAULT,
                TestHub.LONG);
    }

    private static void publish(TestHub test, String topic, int count) {
        for (int i = 0; i < count; i++) {
            test.publish(topic);
        }
    }

    private static Message gap(String reason, String after, long resumedAt, String dropped) {
        String id = TestHub.EPOCH + '-' + resumedAt;
        return new Message(
                "hark.gap", "{\"reason\":\"" + reason + "\",\"after\":" + after + ",\"resumedAt\":\"" + id
                        + "\",\"dropped\":" + dropped + '}', id);
    }
}
