package dev.hark.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.event.EventStreamParser.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Whatever is published, in whatever shape it is given: one event, which says what was published, and no other. The first three lines of
 * the input are topic, type and key (an empty one is none), the rest is the data.
 */
public final class FrameFuzzTest {
    private static final String EPOCH = "7k3q9x2m";
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS);
    private static final JsonFactory PLAIN = JsonFactory.builder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

    @Test
    void holdsForWhatIsKept() {
        FuzzInputs.each(FrameFuzzTest.class, FrameFuzzTest::fuzzerTestOneInput);
    }

    /** The fuzzer's way in. */
    public static void fuzzerTestOneInput(byte[] input) {
        FuzzInputs.bounded(input, FrameFuzzTest::look);
    }

    private static void look(byte[] input) {
        int[] ends = new int[3];
        for (int line = 0, at = 0; line < ends.length; line++, at++) {
            while (at < input.length && input[at] != '\n') {
                at++;
            }
            if (at >= input.length) {
                return;
            }
            ends[line] = at;
        }
        String key = FuzzInputs.text(Arrays.copyOfRange(input, ends[1] + 1, ends[2]));
        Draft draft;
        try {
            draft = new Draft(new Topic(FuzzInputs.text(Arrays.copyOf(input, ends[0]))),
                    FuzzInputs.text(Arrays.copyOfRange(input, ends[0] + 1, ends[1])), key.isEmpty() ? null : key,
                    Arrays.copyOfRange(input, ends[2] + 1, input.length), key.isEmpty() ? null : key);
        } catch (InvalidEventException e) {
            FuzzInputs.requireReadable(e);
            return;
        }
        String data = new String(draft.data(), UTF_8);
        assertThat(data.getBytes(UTF_8)).isEqualTo(draft.data());
        json(draft.data());
        given(draft, HostileText.withLineFeeds(data));
    }

    private static void given(Draft draft, String data) {
        Event event = Event.of(EPOCH, 9, 1_795_887_612_007L, draft);
        assertThat(draft.type()).doesNotStartWith("hark.");
        requireOne(event.frame(), draft.type(), EPOCH + "-9", data);
        EventFields fields = EventFields.of(event.frame());
        assertThat(new String(fields.type(), UTF_8)).isEqualTo(draft.type());
        assertThat(new String(fields.data(), UTF_8)).isEqualTo(data);

        Event snapshot = event.inSnapshot(EPOCH, 12);
        requireOne(snapshot.frame(), draft.type(), EPOCH + "-12.9", data);
        var shapes = new Shapes();
        for (Format format : List.of(Format.ENVELOPE, Format.CLOUDEVENTS)) {
            String json = new String(EventJson.of(event, format), UTF_8);
            requireOne(shapes.frame(event, format), draft.type(), EPOCH + "-9", json);
            requireOne(shapes.frame(snapshot, format), draft.type(), EPOCH + "-12.9", json);
            boolean envelope = format == Format.ENVELOPE;
            JsonNode read = read(json.getBytes(UTF_8));
            assertThat(read.path(envelope ? "topic" : "subject").asText()).isEqualTo(draft.topic().value());
            assertThat(read.path("type").asText()).isEqualTo(draft.type());
            assertThat(read.path("id").asText()).isEqualTo(EPOCH + "-9");
            assertThat(read.path(envelope ? "key" : "partitionkey").asText(null)).isEqualTo(draft.key());
            requireSame(read.path("data"), data);
        }
        byte[] page = shapes.page(List.of(event, event), Format.ENVELOPE, new EventId(EPOCH, 12), null);
        JsonNode events = read(page).path("events");
        assertThat(events).hasSize(2);
        requireSame(events.path(1).path("data"), data);
    }

    /** A client has one event of it, also from its parts as they are written, and stands between two blocks then. */
    private static void requireOne(Frame frame, String type, String id, String data) {
        EventStreamParser client = EventStreamParser.parse(frame.bytes());
        assertThat(client.messages()).containsExactly(new Message(type, data, id));
        assertThat(client.blocks()).isOne();
        assertThat(client.retry()).isEmpty();
        assertThat(client.comments()).isZero();
        assertThat(client.unknownFields()).isZero();
        assertThat(client.isBetweenBlocks()).isTrue();
        var parts = new ByteArrayOutputStream();
        for (int i = 0; i < frame.parts(); i++) {
            parts.write(frame.array(i), frame.offset(i), frame.length(i));
        }
        assertThat(parts.toByteArray()).isEqualTo(frame.bytes());
    }

    /** A string is the data, anything else is JSON that says the same. */
    private static void requireSame(JsonNode given, String data) {
        if (given.isTextual()) {
            assertThat(given.asText()).isEqualTo(data);
        } else {
            assertThat(given).isEqualTo(read(data.getBytes(UTF_8)));
        }
    }

    /** What is taken for JSON, everybody reads, and it means the same without the white space. */
    private static void json(byte[] data) {
        byte[] compact = JsonText.compact(data);
        assertThat(compact != null).as("is JSON").isEqualTo(isJson(data));
        if (compact != null) {
            assertThat(JsonText.compact(compact)).isEqualTo(compact);
            assertThat(compact).hasSizeLessThanOrEqualTo(data.length).doesNotContain('\n', '\r');
            assertThat(tokens(compact)).isEqualTo(tokens(data));
        }
    }

    private static boolean isJson(byte[] data) {
        String tokens = tokens(data);
        return tokens != null;
    }

    /** All that a parser finds, in its own words; null where that is not one value, or one that not everybody reads. */
    private static @Nullable String tokens(byte[] data) {
        var all = new StringBuilder();
        try (JsonParser parser = PLAIN.createParser(data)) {
            int values = 0;
            int depth = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                values += depth == 0 ? 1 : 0;
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                String text = Objects.requireNonNullElse(parser.getText(), "");
                if (depth > JsonText.MAX_DEPTH || (token.isNumeric() && !Double.isFinite(parser.getDoubleValue()))
                        || !UTF_8.newEncoder().canEncode(text) || values > 1) {
                    return null;
                }
                all.append(token).append(' ').append(text).append('\n');
            }
            return values == 1 ? all.toString() : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static JsonNode read(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(new String(json, UTF_8), e);
        }
    }
}
