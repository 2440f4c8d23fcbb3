package dev.hark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.TestHub.Engine;
import dev.hark.TestHub.Setup;
import dev.hark.event.CloseReason;
import dev.hark.event.Draft;
import dev.hark.event.EventStreamParser.Message;
import dev.hark.event.Filters;
import dev.hark.event.Format;
import dev.hark.event.Topic;
import dev.hark.fanout.OverflowPolicy;
import dev.hark.fanout.PageRequest;
import dev.hark.fanout.Start;
import dev.hark.fanout.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams and pages of one event in all its shapes, on each engine, the usual one first. */
@ParameterizedClass
@EnumSource
@Timeout(60)
class HubShapesTest {
    private final Engine engine;

    HubShapesTest(Engine engine) {
        this.engine = engine;
    }

    @Test
    void givesEveryShapeAndEncodesEachOnceForStreamsAndPages() {
        try (TestHub test = TestHub.start(engine)) {
            List<TestStream> streams = IntStream.range(0, 12)
                    .mapToObj(i -> TestStream.open(test.hub, Integer.MAX_VALUE,
                            new Subscription(Filters.of("a/*"), new Start.Latest(), List.of(Format.values()).get(i % 3))).awaitOpen())
                    .toList();
            test.awaitWalked();
            for (int i = 0; i < 50; i++) {
                test.publish(
                        new Draft(new Topic("a/b"), i % 2 == 0 ? "message" : "t", "k", ("{\"n\": " + i + "}").getBytes(UTF_8), null),
                        new Draft(new Topic("a/c"), "message", null, "x".repeat(i * 20).getBytes(UTF_8), null));
            }
            streams.forEach(stream -> stream.awaitMessages(100));
            for (TestStream stream : streams) {
                assertThat(stream.sequences()).isEqualTo(LongStream.rangeClosed(1, 100).boxed().toList());
            }
            for (int i = 0; i < 100; i++) {
                String data = streams.get(0).messages().get(i).data();
                var envelope = streams.get(1).messages().get(i);
                var cloudEvent = streams.get(2).messages().get(i);
                assertThat(envelope.type()).isEqualTo(cloudEvent.type()).isEqualTo(streams.get(0).messages().get(i).type());
                assertThat(TestPage.parse(envelope.data()).path("topic").asText()).isEqualTo(i % 2 == 0 ? "a/b" : "a/c");
                assertThat(TestPage.parse(cloudEvent.data()).path("subject").asText()).isEqualTo(i % 2 == 0 ? "a/b" : "a/c");
                if (i % 2 == 0) {
                    assertThat(TestPage.parse(envelope.data()).path("data")).isEqualTo(TestPage.parse(data));
                } else {
                    assertThat(TestPage.parse(envelope.data()).path("data").asText()).isEqualTo(data);
                }
            }
            assertThat(test.read(HubMeter.SHAPES_ENCODED_ENVELOPE)).isEqualTo(100);
            assertThat(test.read(HubMeter.SHAPES_ENCODED_CLOUDEVENTS)).isEqualTo(100);

            for (Format format : Format.values()) {
                var request = new PageRequest(new Subscription(Filters.of("a/*"), new Start.Earliest(), format), 100, Duration.ZERO);
                assertThat(TestPage.ask(test.hub, request).json().path("events")).hasSize(100);
            }
            assertThat(test.read(HubMeter.SHAPES_ENCODED_ENVELOPE)).as("hot events are shared with pages").isEqualTo(100);
            assertThat(test.read(HubMeter.SHAPES_ENCODED_CLOUDEVENTS)).isEqualTo(100);
            assertThat(test.read(HubMeter.SHAPES_BYTES)).isPositive();
        }
    }

    @Test
    void saysOfTheStreamTheSameInEveryShape() {
        try (TestHub test = TestHub.start(engine)) {
            test.publish("a");
            for (Format format : Format.values()) {
                var subscription = new Subscription(Filters.of("a"), new Start.After("00000000-2"), format);
                TestStream stream = TestStream.open(test.hub, Integer.MAX_VALUE, subscription).awaitMessages(2);
                stream.close(CloseReason.KICKED);
                stream.awaitEnd();
                assertThat(stream.types(4)).containsExactly("hark.gap", "hark.open", "message", "hark.close");
                assertThat(stream.messages().getFirst().data())
                        .isEqualTo("{\"reason\":\"reset\",\"after\":\"00000000-2\",\"resumedAt\":\"7k3q9x2m-0\",\"dropped\":null}");
            }
        }
    }

    /** Frames of this shape are larger than those that mailbox and batch reckoned with. */
    @Test
    void writesWhatIsLargerThanOneWriteInParts() {
        try (TestHub test = TestHub.start(engine)) {
            for (String data : List.of("x", "\u0001".repeat(10_000), "y", "\u0001".repeat(60_000), "z")) {
                test.publish("a", data, null);
            }
            var subscription = new Subscription(Filters.of("a"), new Start.Earliest(), Format.ENVELOPE);
            TestStream stream = TestStream.open(test.hub, Integer.MAX_VALUE, subscription).awaitMessages(5);
            assertThat(stream.messages().stream().map(message -> TestPage.parse(message.data()).path("data").asText().length()))
                    .containsExactly(1, 10_000, 1, 60_000, 1);
            assertThat(stream.sequences()).containsExactly(1L, 2L, 3L, 4L, 5L);
        }
    }

    @Test
    void leavesOutOfASlowStreamWhatItsPolicySays() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.CONFLATE, 3, 1 << 20))) {
            TestStream stream = stalledInItsFirstEnvelope(test);
            for (String key : List.of("x", "y", "x", "z", "y", "x")) {
                test.publish("a", "of " + key, key);
            }
            test.awaitWalked();
            stream.release();
            stream.awaitPosition(7);
            assertThat(stream.sequences()).containsExactly(1L, 5L, 6L, 7L);
            assertThat(stream.control("hark.gap").stream().mapToLong(TestStream::dropped).sum()).isEqualTo(3);
            assertThat(data(stream)).containsExactly("first", "of z", "of y", "of x");
            assertThat(test.read(HubMeter.SHAPES_ENCODED_ENVELOPE)).as("what is left out is not encoded").isEqualTo(4);
        }
    }

    @Test
    void readsOnInTheLogWhereItFellBehind() {
        try (TestHub test = TestHub.start(engine, Setup.USUAL.policy(OverflowPolicy.REPLAY, 3, 1 << 20).hot(10))) {
            TestStream stream = stalledInItsFirstEnvelope(test);
            for (int i = 0; i < 50; i++) {
                test.publish("a", "of " + i, null);
                test.publish("b", "of no interest", null);
            }
            test.awaitWalked();
            stream.release();
            stream.awaitMessages(51);
            assertThat(stream.sequences()).isEqualTo(LongStream.rangeClosed(0, 50).map(i -> Math.max(1, 2 * i)).boxed().toList());
            assertThat(data(stream)).startsWith("first", "of 0", "of 1").endsWith("of 48", "of 49");
            assertThat(stream.control("hark.gap")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void givesSignsOfLifeThatAreTheSameInEveryShape(Format format) {
        try (TestHub test = TestHub.start(engine)) {
            TestStream stream = TestStream.open(
                    test.hub, Integer.MAX_VALUE, new Subscription(Filters.of("a"), new Start.Latest(), format)).awaitOpen();
            test.publish("b");
            test.awaitWalked();
            test.pass(TestHub.HEARTBEAT);
            stream.awaitPosition(1);
            assertThat(stream.control("hark.position")).containsExactly(new Message("hark.position", "{}", "7k3q9x2m-1"));
            test.pass(TestHub.HEARTBEAT);
            stream.await("gets a comment", each -> each.comments() == 1);
            assertThat(test.read(HubMeter.SHAPES_ENCODED_ENVELOPE) + test.read(HubMeter.SHAPES_ENCODED_CLOUDEVENTS)).isZero();
        }
    }

    private static TestStream stalledInItsFirstEnvelope(TestHub test) {
        var subscription = new Subscription(Filters.of("a"), new Start.Latest(), Format.ENVELOPE);
        TestStream stream = TestStream.open(test.hub, 1, subscription).awaitOpen();
        test.awaitMeter(HubMeter.STREAMS_INDEXED, 1);
        test.publish("a", "first", null);
        return stream.awaitBlocked();
    }

    private static List<String> data(TestStream stream) {
        return stream.messages().stream().filter(message -> !message.type().startsWith("hark."))
                .map(message -> TestPage.parse(message.data()).path("data").asText()).toList();
    }
}
