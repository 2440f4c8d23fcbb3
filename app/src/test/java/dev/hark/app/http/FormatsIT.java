package dev.hark.app.http;

import static dev.hark.app.http.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.RunningHub;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.provider.EventFormatProvider;
import io.cloudevents.jackson.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One event in three shapes, over HTTP. CloudEvents are read by the official SDK. */
class FormatsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static RunningHub hub;

    @BeforeAll
    static void startHub() {
        hub = RunningHub.start();
    }

    @AfterAll
    static void stopHub() {
        hub.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?format=data", "?format="})
    void isTheDataWhereNothingElseIsAskedFor(String query) {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic + query)) {
            String id = hub.publish(topic, "{\"a\": 1}");
            assertThat(wire.block().raw()).isEqualTo("id: " + id + "\ndata: {\"a\": 1}\n\n");
        }
    }

    @Test
    void isAnEnvelopeThatNamesTheTopicBehindAWildcard() {
        String root = newTopic();
        try (Wire wire = hub.open("/topics/" + root + "/*?format=envelope")) {
            String id = hub.post("/topics/" + root + "/1?type=order.created&key=k", "{\"total\": 42.25,\r\n\"x\": [ ]}").json("id");
            String text = hub.publish(root + "/2", "two\r\nlines\r");
            SseBlock block = wire.block();
            assertThat(block.raw()).startsWith("event: order.created\nid: " + id + "\ndata: {\"topic\":\"" + root + "/1\",\"id\":\"" + id
                    + "\",\"type\":\"order.created\",\"key\":\"k\",\"time\":\"").endsWith("Z\",\"data\":{\"total\":42.25,\"x\":[]}}\n\n");
            assertThat(block.names()).containsExactly("event", "id", "data");
            assertThat(OffsetDateTime.parse(json(block).path("time").asText()))
                    .isBetween(OffsetDateTime.now(ZoneOffset.UTC).minusMinutes(1), OffsetDateTime.now(ZoneOffset.UTC).plusSeconds(1));
            SseBlock second = wire.block();
            assertThat(second.event()).isEqualTo("message");
            assertThat(second.id()).isEqualTo(text);
            assertThat(json(second).path("topic").asText()).isEqualTo(root + "/2");
            assertThat(json(second).path("key").isNull()).isTrue();
            assertThat(json(second).path("data").asText()).isEqualTo("two\nlines\n");
        }
    }

    /** An envelope's topic, type, key and data are those of {@code POST /events}: what was read can be published again, as it was. */
    @ParameterizedTest
    @ValueSource(strings = {"hi", "", "\"hi\"", "42", "null", "{\"a\":1.0}", "[]", "{\"a\":", "\u20AC \u0001"})
    void canBePublishedAgain(String data) throws JsonProcessingException {
        String topic = newTopic();
        try (Wire envelopes = hub.open("/topics/" + topic + "?format=envelope");
                Wire copies = hub.open("/topics/copy/" + topic)) {
            hub.publish(topic, data);
            JsonNode envelope = json(envelopes.block());
            String again = JSON.writeValueAsString(JSON.createObjectNode()
                    .put("topic", "copy/" + envelope.path("topic").asText())
                    .put("type", envelope.path("type").asText())
                    .set("data", envelope.path("data")));
            assertThat(hub.post("/events", again, "Content-Type", "application/json").status()).isEqualTo(201);
            assertThat(copies.block().data()).isEqualTo(data);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "{\"total\": 42.25}; application/json; {\"total\":42.25}",
        "[1, 2]; application/json; [1,2]",
        "true; application/json; true",
        "some text; text/plain; some text",
        "\"quoted\"; text/plain; \"quoted\"",
        "{\"broken\"; text/plain; {\"broken\"",
    })
    void isACloudEventForTheOfficialSdk(String data, String contentType, String read) {
        String topic = "orders/\u00E4 b?".replace(' ', '_') + newTopic();
        try (Wire wire = hub.open("/topics/orders/*?format=cloudevents")) {
            String id = hub.post("/topics/" + percentEncoded(topic) + "?type=order.created&key=4711", data).json("id");
            SseBlock block = wire.block();
            CloudEvent event = cloudEvent(block.data());
            assertThat(block.event()).isEqualTo("order.created");
            assertThat(event.getSpecVersion()).isEqualTo(SpecVersion.V1);
            assertThat(event.getId()).isEqualTo(id).isEqualTo(block.id());
            assertThat(event.getSource().getPath()).isEqualTo("/topics/" + topic);
            assertThat(event.getSource().isAbsolute()).isFalse();
            assertThat(event.getType()).isEqualTo("order.created");
            assertThat(event.getSubject()).isEqualTo(topic);
            assertThat(event.getTime()).isNotNull();
            assertThat(event.getDataContentType()).isEqualTo(contentType);
            assertThat(event.getExtension("partitionkey")).isEqualTo("4711");
            assertThat(event.getExtensionNames()).containsExactly("partitionkey");
            assertThat(new String(Objects.requireNonNull(event.getData()).toBytes(), StandardCharsets.UTF_8)).isEqualTo(read);
        }
    }

    @Test
    void isACloudEventWithoutAKeyWhereThereIsNone() {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic + "?format=cloudevents")) {
            hub.publish(topic, "");
            CloudEvent event = cloudEvent(wire.block().data());
            assertThat(event.getExtensionNames()).isEmpty();
            assertThat(event.getType()).isEqualTo("message");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"envelopes", "Envelope", "json", "ENVELOPE", "cloud_events"})
    void isOneOfThree(String format) {
        for (String path : List.of("/topics/a?format=", "/events?topic=a&format=", "/api/events?format=")) {
            assertRefused(hub.get(path + format), ProblemType.INVALID_FILTER, "format is '" + format + "'", "data, envelope, cloudevents");
        }
        assertRefused(hub.get("/topics/a?format=data&format=envelope"), ProblemType.INVALID_FILTER, "format is given 2 times");
    }

    @Test
    void changesNothingOfWhatTheHubSaysItself() {
        try (Wire data = Wire.subscribe(hub.uri(), "/topics/a", "Last-Event-ID: nonsense");
                Wire envelopes = Wire.subscribe(hub.uri(), "/topics/a?format=envelope", "Last-Event-ID: nonsense");
                Wire cloudEvents = Wire.subscribe(hub.uri(), "/topics/a?format=cloudevents", "Last-Event-ID: nonsense")) {
            List<SseBlock> expected = data.blocks(2);
            assertThat(expected).extracting(SseBlock::event).containsExactly("hark.gap", "hark.open");
            assertThat(envelopes.blocks(2)).extracting(SseBlock::names).isEqualTo(expected.stream().map(SseBlock::names).toList());
            assertThat(cloudEvents.blocks(2)).extracting(SseBlock::event).containsExactly("hark.gap", "hark.open");
        }
    }

    private static CloudEvent cloudEvent(String json) {
        return Objects.requireNonNull(EventFormatProvider.getInstance().resolveFormat(JsonFormat.CONTENT_TYPE))
                .deserialize(json.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode json(SseBlock block) {
        try {
            return JSON.readTree(block.data());
        } catch (JsonProcessingException e) {
            throw new AssertionError(block.raw(), e);
        }
    }

    private static String percentEncoded(String topic) {
        var text = new StringBuilder();
        for (byte b : topic.getBytes(StandardCharsets.UTF_8)) {
            text.append(b == '/' || (b > 0 && Character.isLetterOrDigit(b)) ? String.valueOf((char) b) : "%%%02X".formatted(b & 0xFF));
        }
        return text.toString();
    }

    private static String newTopic() {
        return "t" + UUID.randomUUID().toString().replace("-", "");
    }
}
