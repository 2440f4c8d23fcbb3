package dev.hark.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.event.EventStreamParser.Message;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

class EventJsonTest {
    private static final String EPOCH = "7k3q9x2m";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** 2026-11-28T17:40:12.007Z */
    private static final long TIME = 1_795_887_612_007L;

    @Example
    void isAnEnvelope() {
        assertThat(json(Format.ENVELOPE, event("orders/4711", "order.created", "4711", "{\"total\": 42.50}"))).isEqualTo(
                "{\"topic\":\"orders/4711\",\"id\":\"7k3q9x2m-9\",\"type\":\"order.created\",\"key\":\"4711\","
                        + "\"time\":\"2026-11-28T17:40:12.007Z\",\"data\":{\"total\":42.50}}");
        assertThat(json(Format.ENVELOPE, event("news", "message", null, "hi"))).isEqualTo(
                "{\"topic\":\"news\",\"id\":\"7k3q9x2m-9\",\"type\":\"message\",\"key\":null,"
                        + "\"time\":\"2026-11-28T17:40:12.007Z\",\"data\":\"hi\"}");
    }

    @Example
    void isACloudEvent() {
        assertThat(json(Format.CLOUDEVENTS, event("orders/4711", "order.created", "4711", "{\"total\": 42.50}"))).isEqualTo(
                "{\"specversion\":\"1.0\",\"id\":\"7k3q9x2m-9\",\"source\":\"/topics/orders/4711\",\"type\":\"order.created\","
                        + "\"subject\":\"orders/4711\",\"time\":\"2026-11-28T17:40:12.007Z\",\"partitionkey\":\"4711\","
                        + "\"datacontenttype\":\"application/json\",\"data\":{\"total\":42.50}}");
        assertThat(json(Format.CLOUDEVENTS, event("news", "message", null, "hi"))).isEqualTo(
                "{\"specversion\":\"1.0\",\"id\":\"7k3q9x2m-9\",\"source\":\"/topics/news\",\"type\":\"message\","
                        + "\"subject\":\"news\",\"time\":\"2026-11-28T17:40:12.007Z\","
                        + "\"datacontenttype\":\"text/plain\",\"data\":\"hi\"}");
    }

    @Example
    void isTheDataAlone() {
        assertThat(json(Format.DATA, event("a", "t", "k", "{\"a\": 1}"))).isEqualTo("{\"a\":1}");
        assertThat(json(Format.DATA, event("a", "t", "k", "hi\nthere"))).isEqualTo("\"hi\\nthere\"");
    }

    /** A string is always the data itself: as in what {@code POST /events} takes. */
    @Example
    void letsNothingBeTakenForSomethingElse() {
        assertThat(data("42")).isEqualTo("42");
        assertThat(data("1.0")).isEqualTo("1.0");
        assertThat(data("null")).isEqualTo("null");
        assertThat(data("[1,\n 2]")).isEqualTo("[1,2]");
        assertThat(data("")).isEqualTo("\"\"");
        assertThat(data("hi")).isEqualTo("\"hi\"");
        assertThat(data("\"hi\"")).as("JSON that is a string").isEqualTo("\"\\\"hi\\\"\"");
        assertThat(data("{\"a\":\"b\nc\"}")).as("a raw line end is in no JSON string").isEqualTo("\"{\\\"a\\\":\\\"b\\nc\\\"}\"");
        assertThat(data("{\"a\":\"\\ud800\"}")).as("half a character").startsWith("\"{");
        assertThat(data("\t\u0001\\\u00E4")).isEqualTo("\"\\t\\u0001\\\\\u00E4\"");
    }

    @Example
    void pointsToTheTopicInAUri() {
        for (String topic : List.of("news", "a b".replace(' ', '_'), "\u00E4/\uD83D\uDE00", "100%/x?y#z", "https://example.com/books/1",
                "a\"b\\c", "-._~!$&'()+,;=:@", "[x]|{y}^`")) {
            String source = read(Format.CLOUDEVENTS, event(topic, "message", null, "")).path("source").asText();
            assertThat(URI.create(source).getPath()).isEqualTo("/topics/" + topic);
            assertThat(source).as("ASCII").matches("[!-~]+");
        }
    }

    @Property(tries = 3_000)
    void saysOfAnyEventWhatWasPublished(
            @ForAll("topics") String topic, @ForAll("names") String type, @ForAll("names") String key, @ForAll("data") String data) {
        Event event = event(topic, type, key, data);
        for (Format format : List.of(Format.ENVELOPE, Format.CLOUDEVENTS)) {
            JsonNode read = read(format, event);
            boolean envelope = format == Format.ENVELOPE;
            assertThat(read.path(envelope ? "topic" : "subject").asText()).isEqualTo(topic);
            assertThat(read.path("type").asText()).isEqualTo(type);
            assertThat(read.path(envelope ? "key" : "partitionkey").asText()).isEqualTo(key);
            assertThat(read.path("id").asText()).isEqualTo("7k3q9x2m-9");
            assertSame(read.path("data"), HostileText.withLineFeeds(data));
        }
    }

    /** As a client has it who knows nothing but the rule: a string is the data, anything else is JSON that says the same. */
    private static void assertSame(JsonNode given, String data) {
        if (given.isTextual()) {
            assertThat(given.asText()).isEqualTo(data);
        } else {
            assertThat(given).isEqualTo(parse(data));
        }
    }

    @Property(tries = 2_000)
    void isOneBlockOfOneLineWithTheSameTypeAndId(@ForAll("names") String type, @ForAll("data") String data) {
        Event event = event("a/b", type, null, data);
        var shapes = new Shapes();
        for (Format format : List.of(Format.ENVELOPE, Format.CLOUDEVENTS)) {
            Frame shape = shapes.frame(event, format);
            String json = json(format, event);
            assertThat(json).doesNotContain("\n", "\r");
            EventStreamParser client = EventStreamParser.parse(shape.bytes());
            assertThat(client.messages()).containsExactly(new Message(type, json, EPOCH + "-9"));
            assertThat(client.blocks()).isOne();
        }
    }

    @Property(tries = 2_000)
    void readsBackWhatABlockSays(@ForAll("names") String type, @ForAll("data") String data) {
        EventFields fields = EventFields.of(event("a", type, null, data).frame());
        assertThat(new String(fields.type(), UTF_8)).isEqualTo(type);
        assertThat(new String(fields.id(), UTF_8)).isEqualTo("7k3q9x2m-9");
        assertThat(new String(fields.data(), UTF_8)).isEqualTo(HostileText.withLineFeeds(data));
    }

    @Example
    void readsBackABlockOfManyParts() {
        String data = "line\n".repeat(20_000) + "x".repeat(40_000);
        EventFields fields = EventFields.of(event("a", "t", null, data).frame());
        assertThat(new String(fields.data(), UTF_8)).isEqualTo(data);
    }

    /** Its block bears the snapshot's id, by which a client that is cut goes on; what says which event it is says its own. */
    @Property(tries = 500)
    void bearsItsOwnIdWithinASnapshot(@ForAll("names") String type, @ForAll("data") String data) {
        Event event = event("a/b", type, "k", data);
        Event given = event.inSnapshot(EPOCH, 12);
        assertThat(given.sequence()).isEqualTo(9);
        assertThat(given.isSupersededBy(event)).isTrue();
        assertThat(EventStreamParser.parse(given.frame().bytes()).messages()).containsExactly(
                new Message(type, EventStreamParser.parse(event.frame().bytes()).messages().getFirst().data(), EPOCH + "-12.9"));
        var shapes = new Shapes();
        for (Format format : List.of(Format.ENVELOPE, Format.CLOUDEVENTS)) {
            assertThat(json(format, given)).as("the same as of the event itself").isEqualTo(json(format, event));
            assertThat(EventStreamParser.parse(shapes.frame(given, format).bytes()).messages())
                    .containsExactly(new Message(type, json(format, event), EPOCH + "-12.9"));
        }
    }

    @Example
    void endsNothingWithinASnapshot() {
        var draft = new Draft(new Topic("a"), "t", null, "x".repeat(100_000).getBytes(UTF_8), null, EventKind.END);
        Event given = Event.of(EPOCH, 9, TIME, draft).inSnapshot(EPOCH, 9);
        assertThat(given.kind()).isEqualTo(EventKind.PLAIN);
        assertThat(EventStreamParser.parse(given.frame().bytes()).messages())
                .containsExactly(new Message("t", "x".repeat(100_000), EPOCH + "-9.9"));
    }

    private static String data(String data) {
        String json = json(Format.ENVELOPE, event("a", "message", null, data));
        return json.substring(json.indexOf(",\"data\":") + 8, json.length() - 1);
    }

    private static Event event(String topic, String type, @Nullable String key, String data) {
        return Event.of(EPOCH, 9, TIME, new Draft(new Topic(topic), type, key, data.getBytes(UTF_8), null));
    }

    private static String json(Format format, Event event) {
        return new String(EventJson.of(event, format), UTF_8);
    }

    private static JsonNode read(Format format, Event event) {
        return parse(json(format, event));
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + json, e);
        }
    }

    @Provide
    Arbitrary<String> topics() {
        Arbitrary<String> segment = Arbitraries.strings().withChars("abc\"\\%?#&<>\u00E4\u20AC{}").ofMinLength(1).ofMaxLength(6);
        return segment.list().ofMinSize(1).ofMaxSize(4).map(segments -> String.join("/", segments));
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.oneOf(
                Arbitraries.of("message", "order.created", " leading", "data: x", "\"", "\\", "\u2028", "\uD83D\uDE00"),
                Arbitraries.strings().ofMinLength(1).ofMaxLength(20).filter(text -> UTF_8.newEncoder().canEncode(text)
                        && text.chars().noneMatch(Character::isISOControl) && !text.startsWith("hark.")));
    }

    @Provide
    Arbitrary<String> data() {
        Arbitrary<String> hostile = Arbitraries.of(HostileText.FRAGMENTS).list().ofMaxSize(10).map(pieces -> String.join("", pieces));
        Arbitrary<String> json = Arbitraries.of(
                "{}", "[1, 2]", "{\"a\":\n\"b\"}", "\"text\"", "1e3", "null", "{\"a\":[true,{\"b\":-0.5}]}", "\"\\n\"");
        return Arbitraries.oneOf(hostile, json);
    }
}
