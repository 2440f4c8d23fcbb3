package dev.hark.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ShapesTest {
    private final Shapes shapes = new Shapes();

    @Test
    void givesTheEventsOwnFrameForItsData() {
        Event event = event(1, "x");
        assertThat(shapes.frame(event, Format.DATA)).isSameAs(event.frame());
        assertThat(shapes.encoded(Format.ENVELOPE)).isZero();
        assertThat(shapes.bytes()).isZero();
    }

    @Test
    void encodesEachShapeOnce() {
        Event event = event(1, "x");
        Frame envelope = shapes.frame(event, Format.ENVELOPE);
        Frame cloudEvent = shapes.frame(event, Format.CLOUDEVENTS);
        assertThat(shapes.frame(event, Format.ENVELOPE)).isSameAs(envelope);
        assertThat(shapes.frame(event, Format.CLOUDEVENTS)).isSameAs(cloudEvent).isNotSameAs(envelope);
        assertThat(shapes.encoded(Format.ENVELOPE)).isOne();
        assertThat(shapes.encoded(Format.CLOUDEVENTS)).isOne();
        assertThat(envelope).asString().startsWith("id: 7k3q9x2m-1\ndata: {\"topic\":\"t\",").endsWith("\"data\":\"x\"}\n\n");
    }

    @Test
    void encodesOnceHoweverManyWantItAtTheSameMoment() throws Exception {
        int threads = 4;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            var start = new CyclicBarrier(threads);
            for (int round = 1; round <= 500; round++) {
                Event event = event(round, "x".repeat(2_000));
                List<Future<Frame>> given = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    given.add(pool.submit(() -> {
                        start.await();
                        return shapes.frame(event, Format.ENVELOPE);
                    }));
                }
                Frame first = given.getFirst().get();
                for (Future<Frame> other : given) {
                    assertThat(other.get()).isSameAs(first);
                }
                assertThat(shapes.encoded(Format.ENVELOPE)).isEqualTo(round);
            }
        }
    }

    @Test
    void keepsTheNewestWithinABound() {
        List<Event> events = new ArrayList<>();
        for (int i = 1; i <= 400; i++) {
            events.add(event(i, "x".repeat(60_000)));
        }
        List<Frame> first = events.stream().map(event -> shapes.frame(event, Format.ENVELOPE)).toList();
        assertThat(shapes.bytes()).isBetween(Shapes.MAX_BYTES - 200_000, Shapes.MAX_BYTES);
        assertThat(shapes.frame(events.getLast(), Format.ENVELOPE)).isSameAs(first.getLast());
        assertThat(shapes.encoded(Format.ENVELOPE)).isEqualTo(400);

        Frame again = shapes.frame(events.getFirst(), Format.ENVELOPE);
        assertThat(again).as("it was let go of, and says the same").isNotSameAs(first.getFirst()).hasToString(first.getFirst().toString());
        assertThat(shapes.encoded(Format.ENVELOPE)).isEqualTo(401);
    }

    @Test
    void keepsOneThatIsLargerThanAll() {
        Event huge = event(1, "\0".repeat(4 << 20));
        Frame shape = shapes.frame(huge, Format.ENVELOPE);
        assertThat(shape.length()).isGreaterThan(24 << 20);
        assertThat(shapes.frame(huge, Format.ENVELOPE)).isSameAs(shape);
        shapes.frame(event(2, "x"), Format.ENVELOPE);
        assertThat(shapes.bytes()).as("the next one takes its place").isLessThan(1_000);
    }

    @Test
    void letsOneShapeGoAndKeepsTheOther() {
        // Its shapes are larger than those that come: each makes room for more than one of them.
        Event event = event(1, "x".repeat(30_000));
        Frame envelope = shapes.frame(event, Format.ENVELOPE);
        Frame cloudEvent = shapes.frame(event, Format.CLOUDEVENTS);
        for (int i = 2; shapes.frame(event, Format.CLOUDEVENTS) == cloudEvent && event.frame().other(Format.ENVELOPE) == envelope; i++) {
            shapes.frame(event(i, "x".repeat(10_000)), Format.ENVELOPE);
        }
        assertThat(event.frame().other(Format.ENVELOPE)).as("the older one").isNull();
        assertThat(event.frame().other(Format.CLOUDEVENTS)).isSameAs(cloudEvent);
    }

    @Test
    void makesAPageOfEventsInAnyShape() {
        List<Event> events = List.of(event(1, "x"), event(2, "{\"a\": 1}"));
        var next = new EventId("7k3q9x2m", 5);
        assertThat(page(events, Format.DATA, next)).isEqualTo("{\"events\":[\"x\",{\"a\":1}],\"next\":\"7k3q9x2m-5\",\"gap\":null}\n");
        assertThat(page(events, Format.ENVELOPE, next)).contains("\"id\":\"7k3q9x2m-1\"", "\"id\":\"7k3q9x2m-2\"", "\"data\":{\"a\":1}}]")
                .doesNotContain("specversion");
        assertThat(page(events, Format.CLOUDEVENTS, next)).contains("\"specversion\":\"1.0\",\"id\":\"7k3q9x2m-2\"");
        assertThat(page(List.of(), Format.ENVELOPE, next)).isEqualTo("{\"events\":[],\"next\":\"7k3q9x2m-5\",\"gap\":null}\n");
        assertThat(shapes.encoded(Format.ENVELOPE)).as("shared with streams").isEqualTo(2);

        var gap = new Gap(GapReason.RETENTION, null, next);
        String page = new String(shapes.page(List.of(), Format.ENVELOPE, next, gap), UTF_8);
        assertThat(page).isEqualTo("{\"events\":[],\"next\":\"7k3q9x2m-5\","
                + "\"gap\":{\"reason\":\"retention\",\"after\":null,\"resumedAt\":\"7k3q9x2m-5\",\"dropped\":null}}\n");
    }

    /** Of millions of frames in memory, most are never wanted in another shape. */
    @Test
    void takesNoRoomInAFrameThatHasNone() {
        int bytes = 8;
        for (Field field : Frame.class.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                assertThat(field.getType() == long.class || field.getType() == double.class).as(field.getName()).isFalse();
                bytes += 4;
            }
        }
        assertThat(bytes).as("a head of 8 bytes, compressed references").isEqualTo(24);
    }

    private String page(List<Event> events, Format format, EventId next) {
        return new String(shapes.page(events, format, next, null), UTF_8);
    }

    private static Event event(long sequence, String data) {
        return Event.of("7k3q9x2m", sequence, 0, new Draft(new Topic("t"), Draft.DEFAULT_TYPE, null, data.getBytes(UTF_8), null));
    }
}
