package dev.hark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.CloseReason;
import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.Topic;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.PageAnswer;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.StreamEnd;
import dev.hark.fanout.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The last event of a topic, and the streams of it. */
@ParameterizedClass
@EnumSource
@Timeout(60)
class HubEndsTest {
    private final Engine engine;

    HubEndsTest(Engine engine) {
        this.engine = engine;
    }

    private static Draft end(String topic) {
        return new Draft(new Topic(topic), Draft.DEFAULT_TYPE, null, "end".getBytes(UTF_8), null, EventKind.END);
    }

    private static Draft plain(String topic) {
        return TestHub.draft(topic, "x", null);
    }

    private static Start after(long sequence) {
        return new Start.After(TestHub.EPOCH + '-' + sequence);
    }

    private static Message ended(long sequence) {
        return new Message("hark.close", "{\"reason\":\"ended\"}", TestHub.EPOCH + '-' + sequence);
    }

    private static void requireEnded(TestStream stream, long last) {
        assertThat(stream.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
        assertThat(stream.isFinished()).isTrue();
        assertThat(stream.messages().getLast()).isEqualTo(ended(last));
        assertThat(Integer.parseInt(stream.retry())).as("jittered").isBetween(2_000, 3_999);
    }

    // ---- what ends

    @Test
    void endsTheStreamsOfTheTopicAlone() {
        try (TestHub test = TestHub.start(engine)) {
            TestStream one = TestStream.open(test.hub, new Start.Latest(), "a").awaitOpen();
            TestStream twice = TestStream.open(test.hub, new Start.Latest(), "a", "a").awaitOpen();
            TestStream two = TestStream.open(test.hub, new Start.Latest(), "a", "b").awaitOpen();
            TestStream wild = TestStream.open(test.hub, new Start.Latest(), "*").awaitOpen();
            TestStream other = TestStream.open(test.hub, new Start.Latest(), "b").awaitOpen();
            test.publish(plain("a"));
            long last = test.publish(end("a")).getFirst();
            requireEnded(one, last);
            requireEnded(twice, last);
            assertThat(one.sequences()).containsExactly(last - 1, last);
            test.publish("b");
            assertThat(two.awaitMessages(3).sequences()).containsExactly(last - 1, last, last + 1);
            assertThat(wild.awaitMessages(3).sequences()).containsExactly(last - 1, last, last + 1);
            assertThat(other.awaitMessages(1).sequences()).containsExactly(last + 1);
            assertThat(test.read(HubMeter.STREAMS_CLOSED_ENDED)).isEqualTo(2);
            assertThat(test.read(HubMeter.STREAMS)).isEqualTo(3);
            assertThat(test.read(HubMeter.TOPICS_ENDED)).isEqualTo(1);
            test.awaitMeter(HubMeter.STREAMS_INDEXED, 3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesNothingThatComesBehindTheEnd(Format format) {
        try (TestHub test = TestHub.start(engine)) {
            var subscription = new Subscription(Filters.of("a"), new Start.Latest(), format);
            TestStream stalled = TestStream.open(test.hub, 1, subscription).awaitOpen();
            test.publish("a");
            stalled.awaitBlocked();
            long last = test.publish(plain("a"), plain("a"), end("a"), plain("a"), plain("a")).get(2);
            test.awaitWalked();
            stalled.release();
            requireEnded(stalled, last);
            assertThat(stalled.sequences()).containsExactly(1L, 2L, 3L, 4L);
            assertThat(test.read(HubMeter.DELIVERED_EVENTS)).isEqualTo(4);
            TestStream back = TestStream.open(test.hub, after(last), "a").awaitMessages(2);
            assertThat(back.sequences()).as("the topic is open again").containsExactly(5L, 6L);
        }
    }

    @Test
    void endsAReplay() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.hot(4))) {
            publish(test, "a", 700);
            long last = test.publish(end("a")).getFirst();
            publish(test, "b", 20);
            TestStream all = TestStream.open(test.hub, new Start.Earliest(), "a");
            requireEnded(all, last);
            assertThat(all.sequences()).isEqualTo(LongStream.rangeClosed(1, last).boxed().toList());
            assertThat(test.read(HubMeter.REPLAYED_EVENTS)).isEqualTo(last);
            TestStream some = TestStream.open(test.hub, after(last - 2), "a");
            requireEnded(some, last);
            assertThat(some.sequences()).containsExactly(last - 1, last);
            requireEnded(TestStream.open(test.hub, new Start.Last(1), "a"), last);
        }
    }

    /** Each end is one, also where the topic was opened anew: who comes back with its id goes on behind it. */
    @Test
    void endsAReplayAtEachEnd() {
        try (TestHub test = TestHub.start(engine)) {
            test.publish(plain("a"), end("a"), plain("a"), end("a"), plain("a"));
            TestStream first = TestStream.open(test.hub, new Start.Earliest(), "a");
            requireEnded(first, 2);
            assertThat(first.sequences()).containsExactly(1L, 2L);
            TestStream second = TestStream.open(test.hub, after(2), "a");
            requireEnded(second, 4);
            assertThat(second.sequences()).containsExactly(3L, 4L);
            TestStream third = TestStream.open(test.hub, after(4), "a").awaitMessages(1);
            assertThat(third.sequences()).containsExactly(5L);
            assertThat(third.hasEnded()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsAStreamWhoseMailboxRunsOver(OverflowPolicy policy) {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(policy, 3, 1 << 20))) {
            TestStream stalled = TestStream.open(test.hub, 1, new Start.Latest(), "a").awaitOpen();
            test.awaitWalked();
            test.publish("a");
            stalled.awaitBlocked();
            publish(test, "a", 9);
            long last = test.publish(end("a")).getFirst();
            test.awaitWalked();
            stalled.release();
            if (policy == OverflowPolicy.DISCONNECT) {
                assertThat(stalled.awaitEnd()).isEqualTo(StreamEnd.CLOSED);
                assertThat(stalled.messages().getLast().data()).isEqualTo("{\"reason\":\"slow\"}");
                requireEnded(TestStream.open(test.hub, new Start.After(stalled.lastEventId()), "a"), last);
            } else {
                requireEnded(stalled, last);
                // What was dropped was announced: that may be the last event itself.
                assertThat(stalled.sequences().contains(last)).isEqualTo(policy != OverflowPolicy.DROP_NEWEST);
            }
            TestStream.open(test.hub, after(last), "a").awaitAtEnd();
        }
    }

    @Test
    void conflatesAnEndWithWhatOpensTheTopicAnew() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.CONFLATE, 1, 1 << 20))) {
            TestStream stalled = TestStream.open(test.hub, 1, new Start.Latest(), "a").awaitOpen();
            test.awaitWalked();
            test.publish("a");
            stalled.awaitBlocked();
            test.publish(end("a"));
            long newest = test.publish("a");
            test.awaitWalked();
            stalled.release();
            stalled.awaitPosition(newest);
            assertThat(stalled.sequences()).containsExactly(1L, newest);
            assertThat(stalled.hasEnded()).isFalse();
        }
    }

    @Test
    void hasItsClientGoneRatherThanEndedWhereItIs() {
        try (TestHub test = TestHub.start(engine)) {
            TestStream stalled = TestStream.open(test.hub, 1, new Start.Latest(), "a").awaitOpen();
            long last = test.publish(end("a")).getFirst();
            stalled.awaitBlocked();
            stalled.clientGone();
            assertThat(stalled.awaitEnd()).isEqualTo(StreamEnd.CLIENT_GONE);
            assertThat(test.read(HubMeter.STREAMS_CLOSED_ENDED)).isZero();
            requireEnded(TestStream.open(test.hub, after(last - 1), "a"), last);
        }
    }

    // ---- who comes back

    @Test
    void turnsBackWhoHasItAll() {
        try (TestHub test = TestHub.start(engine)) {
            long last = test.publish(plain("a"), end("a")).getLast();
            TestStream.open(test.hub, after(last), "a").awaitAtEnd();
            test.publish("b");
            TestStream.open(test.hub, after(last + 1), "a").awaitAtEnd();
            assertThat(test.read(HubMeter.STREAMS_AT_END)).isEqualTo(2);
            assertThat(test.read(HubMeter.STREAMS_OPENED)).isZero();
            assertThat(test.read(HubMeter.STREAMS)).isZero();
            requireEnded(TestStream.open(test.hub, after(last - 1), "a"), last);
        }
    }

    @Test
    void opensForAllOthersAndWaits() {
        try (TestHub test = TestHub.start(engine)) {
            long last = test.publish(plain("a"), end("a")).getLast();
            var waiting = new ArrayList<TestStream>();
            waiting.add(TestStream.open(test.hub, new Start.Latest(), "a"));
            waiting.add(TestStream.open(test.hub, new Start.Lost(new Start.Latest()), "a"));
            waiting.add(TestStream.open(test.hub, new Start.Last(0), "a"));
            waiting.add(TestStream.open(test.hub, after(last), "a", "b"));
            waiting.add(TestStream.open(test.hub, after(last), "*"));
            waiting.add(TestStream.open(test.hub, after(last), "b"));
            // Nobody was given these.
            waiting.add(TestStream.open(test.hub, after(last + 1), "a"));
            waiting.add(TestStream.open(test.hub, new Start.After("nonsense"), "a"));
            waiting.forEach(TestStream::awaitOpen);
            test.awaitMeter(HubMeter.STREAMS, waiting.size());
            test.awaitWalked();
            test.pass(TestHub.HEARTBEAT.multipliedBy(2));
            test.publish(plain("a"), plain("b"));
            for (TestStream stream : waiting) {
                stream.await("has what came", each -> !each.sequences().isEmpty());
                assertThat(stream.hasEnded()).isFalse();
            }
            TestStream.open(test.hub, after(last), "a").awaitMessages(1);
            assertThat(test.read(HubMeter.STREAMS_AT_END)).isZero();
            assertThat(test.read(HubMeter.TOPICS_ENDED)).isZero();
        }
    }

    @Test
    void tellsAClientOfAnotherLogAll() {
        try (TestHub test = TestHub.start(engine)) {
            test.publish(plain("a"), end("a"));
            TestStream stream = TestStream.open(test.hub, new Start.After("00000000-7"), "a");
            requireEnded(stream, 2);
            assertThat(stream.types(1)).containsExactly("hark.gap");
            assertThat(stream.sequences()).containsExactly(1L, 2L);
        }
    }

    @Test
    void answersThoughTheHubIsFullOrDraining() throws Exception {
        try (TestHub test = TestHub.startInRealTime(engine, Setup.USUAL.maxSubscribers(1))) {
            long last = test.publish(end("a")).getFirst();
            TestStream only = TestStream.open(test.hub, new Start.Latest(), "b").awaitOpen();
            assertThat(TestStream.open(test.hub, new Start.Latest(), "a").awaitRefused()).isEqualTo(CloseReason.OVERLOADED);
            TestStream.open(test.hub, after(last), "a").awaitAtEnd();
            test.hub.drain(Duration.ZERO);
            only.awaitEnd();
            TestStream.open(test.hub, after(last), "a").awaitAtEnd();
        }
    }

    @Test
    void answersPagesAsUsual() throws Exception {
        try (TestHub test = TestHub.start(engine)) {
            long last = test.publish(plain("a"), end("a")).getLast();
            assertThat(page(test, after(0))).containsExactly(1L, last);
            assertThat(page(test, after(last))).isEmpty();
            test.publish("a");
            assertThat(page(test, after(0))).containsExactly(1L, last, last + 1);
        }
    }

    @Test
    void takesTheTopicForOpenOnceItsEndIsRemoved() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.retention(5).hot(2))) {
            long last = test.publish(end("a")).getFirst();
            publish(test, "b", 4);
            test.maintain();
            TestStream.open(test.hub, after(last), "a").awaitAtEnd();
            publish(test, "b", 5);
            test.maintain();
            TestStream stream = TestStream.open(test.hub, after(last), "a").awaitOpen();
            assertThat(stream.types(1)).containsExactly("hark.gap");
            assertThat(test.read(HubMeter.TOPICS_ENDED)).isZero();
        }
    }

    /** Whoever comes back at once with the last event's id must be turned back, however the stream came by it. */
    @Test
    void isAtEndAsSoonAsAnybodyHasTheLastEvent() throws Exception {
        try (TestHub test = TestHub.startInRealTime(engine, Setup.USUAL.hot(2))) {
            for (int round = 0; round < 100; round++) {
                String topic = "t/" + round;
                TestStream live = TestStream.open(test.hub, new Start.Latest(), topic).awaitOpen();
                Thread publisher = Thread.ofVirtual().start(() -> test.publish(plain(topic), end(topic), plain("other")));
                live.awaitEnd();
                TestStream.open(test.hub, new Start.After(live.lastEventId()), topic).awaitAtEnd();
                publisher.join();
            }
        }
    }

    private static List<Long> page(TestHub test, Start start) throws InterruptedException {
        var request = new PageRequest(new Subscription(Filters.of("a"), start), 10, Duration.ZERO);
        PageAnswer answer = test.hub.page(request, gone -> {});
        assertThat(answer).isInstanceOf(PageAnswer.Given.class);
        try (var page = ((PageAnswer.Given) answer).page()) {
            return page.events().stream().map(event -> event.sequence()).toList();
        }
    }

    private static void publish(TestHub test, String topic, int count) {
        for (int i = 0; i < count; i++) {
            test.publish(topic);
        }
    }
}
