package dev.hark.app.http;

import static dev.hark.app.http.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.event.Topic;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishing over HTTP, one event or many: what is taken, what is refused, and that what a subscriber gets is what was published. */
class PublishIT {
    private static final int EVENT_BYTES = 60 << 10;
    private static final int BATCH_BYTES = 1 << 20;
    private static final int BATCH_EVENTS = 1000;
    private static final String ID = "[a-z0-9]{8}-[1-9][0-9]*";
    private static final String[] NDJSON = {"Content-Type", "application/x-ndjson"};
    private static final String[] JSON = {"Content-Type", "application/json"};

    private static RunningHub hub;

    @BeforeAll
    static void startHub() {
        hub = RunningHub.start();
    }

    @AfterAll
    static void stopHub() {
        hub.close();
    }

    @Test
    void acknowledgesWithIdTopicDurabilityAndSubscribers() {
        String topic = newTopic();
        try (Wire first = hub.open("/topics/" + topic);
                Wire second = hub.open("/events?topic=" + topic + "&topic=" + topic.replaceFirst("[^/]+$", "*"))) {
            awaitSubscribers(topic, 2);

            Answer answer = hub.post("/topics/" + topic, "hi");

            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.mediaType()).isEqualTo("application/json");
            assertThat(fieldNames(answer.json())).containsExactly("id", "topic", "durability", "subscribers");
            assertThat(answer.json("id")).matches(ID);
            assertThat(answer.json("topic")).isEqualTo(topic);
            assertThat(answer.json("durability")).isEqualTo("memory");
            assertThat(answer.json().path("subscribers").asInt()).isEqualTo(2);
            for (Wire wire : List.of(first, second)) {
                assertThat(wire.block().raw()).isEqualTo("id: " + answer.json("id") + "\ndata: hi\n\n");
            }
        }
    }

    @Test
    void takesTheOptionsAsHeaders() {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic)) {
            Answer answer = hub.post("/topics/" + topic, "x", "Hark-Type", "order.created", "Hark-Key", "k-1");

            assertThat(wire.block().raw()).isEqualTo("event: order.created\nid: " + answer.json("id") + "\ndata: x\n\n");
        }
    }

    @Test
    void takesTheOptionsAsQuery() {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic)) {
            Answer answer = hub.post("/topics/" + topic + "?type=gr%C3%B6%C3%9Fe&key=k%201", "x");

            assertThat(answer.status()).isEqualTo(201);
            assertThat(wire.block().event()).isEqualTo("größe");
        }
    }

    @Test
    void takesAnyContentTypeOrNone() {
        String topic = newTopic();
        for (String type : List.of("text/plain", "application/json", "application/x-www-form-urlencoded", "nonsense", "image/png; a=b")) {
            assertThat(hub.post("/topics/" + topic, "x", "Content-Type", type).status()).as(type).isEqualTo(201);
        }
        try (Wire wire = Wire.connect(hub.uri())) {
            wire.request("POST", "/topics/" + topic, "Content-Length: 1").send("x");
            assertThat(wire.answer().status()).isEqualTo(201);
        }
    }

    @Test
    void anEmptyBodyIsAnEvent() {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic)) {
            assertThat(hub.post("/topics/" + topic, "").status()).isEqualTo(201);
            try (Wire bare = Wire.connect(hub.uri())) {
                assertThat(bare.request("POST", "/topics/" + topic).answer().status()).as("neither length nor chunks").isEqualTo(201);
            }
            assertThat(wire.blocks(2)).allSatisfy(block -> assertThat(block.raw()).isEqualTo("id: " + block.id() + "\ndata: \n\n"));
        }
    }

    @Test
    void takesChunkedBodies() {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic);
                Wire publisher = Wire.connect(hub.uri())) {
            publisher.request("POST", "/topics/" + topic, "Transfer-Encoding: chunked").send("3\r\nab\n\r\n4\r\ncdef\r\n0\r\n\r\n");

            assertThat(publisher.answer().status()).isEqualTo(201);
            assertThat(wire.block().data()).isEqualTo("ab\ncdef");
        }
    }

    @Test
    void takesAsManyBytesAsTheLimitSaysAndNotOneMore() {
        String topic = newTopic();
        String most = "x".repeat(EVENT_BYTES);
        try (Wire wire = hub.open("/topics/" + topic)) {
            assertThat(hub.post("/topics/" + topic, most).status()).isEqualTo(201);
            assertRefused(hub.post("/topics/" + topic, most + 'y'), ProblemType.TOO_LARGE, "data", "61441", "61440");
            try (Wire chunked = Wire.connect(hub.uri())) {
                chunked.request("POST", "/topics/" + topic, "Transfer-Encoding: chunked");
                chunked.send("f001\r\n" + most + "y\r\n0\r\n\r\n");
                assertRefused(chunked.answer(), ProblemType.TOO_LARGE, "data", "61440");
            }
            hub.publish(topic, "end");

            assertThat(wire.data(2)).containsExactly(most, "end");
        }
    }

    @Test
    void refusesABodyFarTooLargeSoThatTheCallerCanReadIt() {
        byte[] body = new byte[3 << 20];
        assertRefused(hub.post("/topics/" + newTopic(), body), ProblemType.TOO_LARGE, "data", "3145728", "61440");
        assertRefused(hub.post("/events", body, NDJSON), ProblemType.TOO_LARGE, String.valueOf(BATCH_BYTES));
    }

    @Test
    void refusesDataThatIsNotUtf8() {
        String topic = newTopic();
        byte[][] broken = {
            {(byte) 0xFF}, {(byte) 0xC3}, {'a', (byte) 0xC0, (byte) 0x80}, {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            {(byte) 0xF5, (byte) 0x80, (byte) 0x80, (byte) 0x80}
        };
        for (byte[] data : broken) {
            assertRefused(hub.post("/topics/" + topic, data), ProblemType.INVALID_EVENT, "data is not valid UTF-8");
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
            /topics/,                      empty
            /topics//a,                    empty segment
            /topics/a/,                    empty segment
            /topics/a//b,                  empty segment
            /topics/a/*,                   *
            /topics/**,                    **
            /topics/hark.news,             hark.
            /topics/a/hark.x,              hark.
            /topics/$sys/a,                $
            /topics/a%20b,                 U+0020
            /topics/a%09b,                 U+0009
            /topics/a%00b,                 U+0000
            /topics/a%0D%0Adata:%20b,      U+000D
            /topics/a%E2%80%AEb,           U+202E
            /topics/a%C2%A0b,              U+00A0
            """)
    void refusesTopicsThatBreakARule(String path, String named) {
        assertRefused(hub.post(path, "x"), ProblemType.INVALID_EVENT, "topic", named);
    }

    @ParameterizedTest
    @CsvSource({
        "/topics/a%, two hexadecimal digits",
        "/topics/a%2, two hexadecimal digits",
        "/topics/a%zz, two hexadecimal digits",
        "/topics/a%FFb, not valid UTF-8",
        "/topics/a%C0%AFb, not valid UTF-8",
        "/topics/%ED%A0%80, not valid UTF-8"
    })
    void refusesPathsThatAreNotPercentEncodedUtf8(String path, String why) {
        try (Wire wire = Wire.connect(hub.uri())) {
            assertRefused(wire.request("POST", path, "Content-Length: 0").answer(), ProblemType.MALFORMED, why);
        }
    }

    @Test
    void takesTopicsOf512BytesAndNotOneMore() {
        String most = "ü".repeat(256);
        String path = "/topics/" + "%C3%BC".repeat(256);
        assertThat(hub.post(path, "x").json("topic")).isEqualTo(most);
        assertRefused(hub.post(path + "x", "x"), ProblemType.INVALID_EVENT, "topic", "513", "512");
    }

    @Test
    void takesTheTopicAsItWasMeant() {
        assertThat(hub.post("/topics/a%2Fb", "x").json("topic")).as("an escaped slash separates segments too").isEqualTo("a/b");
        assertThat(hub.post("/topics/https://example.com/books/1", "x").json("topic")).isEqualTo("https://example.com/books/1");
        assertThat(hub.post("/topics/https:%2F%2Fexample.com/books/1", "x").json("topic")).isEqualTo("https://example.com/books/1");
        assertThat(hub.post("/topics/a%22%5Cb", "x").json("topic")).isEqualTo("a\"\\b");
        assertThat(hub.post("/topics/a+b;v=1/c:d@e", "x").json("topic")).isEqualTo("a+b;v=1/c:d@e");
        assertThat(hub.post("/topics/%F0%9F%90%88", "x").json("topic")).isEqualTo("🐈");
    }

    @ParameterizedTest
    @CsvSource({
        "type=hark.gap, hark.",
        "type=a%0Ab, U+000A",
        "type=a%0Db, U+000D",
        "type=a%00b, U+0000",
        "type=, empty",
        "key=a%0Ab, U+000A",
        "key=, empty"
    })
    void refusesTypesAndKeysThatCouldForgeOrSayNothing(String query, String named) {
        String field = query.substring(0, query.indexOf('='));
        assertRefused(hub.post("/topics/" + newTopic() + '?' + query, "x"), ProblemType.INVALID_EVENT, field, named);
    }

    @Test
    void takesNamesOf256BytesAndNotOneMore() {
        String topic = "/topics/" + newTopic();
        String most = "n".repeat(256);
        assertThat(hub.post(topic, "x", "Hark-Type", most, "Hark-Key", most, "Idempotency-Key", most).status()).isEqualTo(201);
        assertRefused(hub.post(topic, "x", "Hark-Type", most + 'n'), ProblemType.INVALID_EVENT, "type", "257", "256");
        assertRefused(hub.post(topic, "x", "Hark-Key", most + 'n'), ProblemType.INVALID_EVENT, "key", "257", "256");
        assertRefused(hub.post(topic, "x", "Idempotency-Key", most + 'n'), ProblemType.INVALID_EVENT, "idempotency key", "257", "256");
    }

    @ParameterizedTest
    @ValueSource(strings = {"type=%zz", "type=%", "key=a%2"})
    void refusesAQueryThatCannotBeDecoded(String query) {
        try (Wire wire = Wire.connect(hub.uri())) {
            Answer answer = wire.request("POST", "/topics/a?" + query, "Content-Length: 0").answer();
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
            assertThat(answer.mediaType()).isEqualTo("application/problem+json");
        }
    }

    @Test
    void answersARepeatedKeyWithTheFirstId() {
        String topic = newTopic();
        String key = UUID.randomUUID().toString();
        try (Wire wire = hub.open("/topics/" + topic)) {
            Answer first = hub.post("/topics/" + topic, "once", "Idempotency-Key", key, "Hark-Type", "t");
            Answer again = hub.post("/topics/" + topic, "once", "Idempotency-Key", key, "Hark-Type", "t");
            hub.publish(topic, "end");

            assertThat(first.status()).isEqualTo(201);
            assertThat(first.header("Idempotency-Replayed")).isEmpty();
            assertThat(again.status()).isEqualTo(200);
            assertThat(again.header("Idempotency-Replayed")).contains("true");
            assertThat(again.json("id")).isEqualTo(first.json("id"));
            assertThat(wire.data(2)).containsExactly("once", "end");
        }
    }

    @Test
    void refusesAKeyThatAnotherEventHas() {
        String topic = newTopic();
        String key = UUID.randomUUID().toString();
        long conflicts = hub.read(HubMeter.PUBLISH_CONFLICTS);
        hub.post("/topics/" + topic, "a", "Idempotency-Key", key);

        assertRefused(hub.post("/topics/" + topic, "b", "Idempotency-Key", key), ProblemType.KEY_REUSED, key);
        assertRefused(hub.post("/topics/" + newTopic(), "a", "Idempotency-Key", key), ProblemType.KEY_REUSED, key);
        assertRefused(hub.post("/topics/" + topic, "a", "Idempotency-Key", key, "Hark-Type", "t"), ProblemType.KEY_REUSED, key);
        assertThat(hub.read(HubMeter.PUBLISH_CONFLICTS) - conflicts).isEqualTo(3);
    }

    @Test
    void publishesOneObjectALine() {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic)) {
            Answer answer = hub.post(
                    "/events",
                    """
                    {"topic":"%1$s","data":"one","type":"t"}\r

                    \t
                    {"type":"u","key":"k","data":"two","topic":"%1$s"}
                    {"topic":"%1$s","data":""}""".formatted(topic),
                    NDJSON);

            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            assertThat(fieldNames(answer.json())).containsExactly("events", "durability");
            assertThat(answer.json("durability")).isEqualTo("memory");
            List<SseBlock> blocks = wire.blocks(3);
            assertThat(blocks).extracting(SseBlock::data).containsExactly("one", "two", "");
            assertThat(blocks).extracting(SseBlock::event).containsExactly("t", "u", "message");
            assertThat(blocks).extracting(SseBlock::id).containsExactlyElementsOf(ids(answer));
        }
    }

    @Test
    void publishesAnObjectOrAnArrayOfThem() {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic)) {
            Answer one = hub.post("/events", entry(topic, "\"one\""), JSON);
            Answer two = hub.post(
                    "/events", " [ " + entry(topic, "\"two\"") + ",\n" + entry(topic, "\"three\"") + " ] \n",
                    "Content-Type", "application/json; charset=utf-8");

            assertThat(one.status()).as(one.body()).isEqualTo(201);
            assertThat(two.status()).as(two.body()).isEqualTo(201);
            assertThat(ids(one)).hasSize(1);
            assertThat(ids(two)).hasSize(2);
            assertThat(wire.data(3)).containsExactly("one", "two", "three");
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            { "a" : [ 1 , 2.50 , { } ] }            | {"a":[1,2.50,{}]}
            [ "a b" , "c\\"  d" , "\\\\" , " " ]    | ["a b","c\\"  d","\\\\"," "]
            null                                    | null
            true                                    | true
            12                                      | 12
            -0.10e+5                                | -0.10e+5
            123456789012345678901234567890          | 123456789012345678901234567890
            {"ü":"\\u00fc🐈"}                       | {"ü":"\\u00fc🐈"}
            """)
    void writesJsonValuesCompactlyAndStringsAsTheirText(String value, String data) {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic)) {
            assertThat(hub.post("/events", entry(topic, value), JSON).status()).isEqualTo(201);
            assertThat(hub.post("/events", "[" + entry(topic, value) + "]", JSON).status()).isEqualTo(201);
            assertThat(hub.post("/events", "\n" + entry(topic, value) + "\n", NDJSON).status()).isEqualTo(201);
            assertThat(hub.post("/events", "{\"data\":  " + value + "  , \"topic\" : \"" + topic + "\"}", JSON).status()).isEqualTo(201);

            assertThat(wire.data(4)).containsOnly(data);
        }
    }

    @Test
    void resolvesTheEscapesOfStrings() {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic)) {
            assertThat(hub.post("/events", entry(topic, "\"a\\nb\\u0000c\\/\\ud83d\\ude00\""), JSON).status()).isEqualTo(201);

            assertThat(wire.data(1)).containsExactly("a\nb\u0000c/😀");
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            {"topic":"a","data":`x`                       | malformed     | not valid JSON
            {"topic":"a","data":"x"} {}                   | malformed     | followed by more
            []                                            | malformed     | not a JSON object
            "x"                                           | malformed     | not a JSON object
            {"topic":"a","data":"\\ud800"}                | malformed     | lone surrogate
            {"topic":"a","data":{"x":"\\udc00"}}          |               |
            {"topic":"a","data":"x","data":"y"}           | malformed     | the field 'data' twice
            {"topic":"a","data":{"x":1,"x":2}}            | malformed     | the field 'x' twice
            {"topic":1,"data":"x"}                        | malformed     | topic
            {"topic":"a","data":"x","type":null}          | malformed     | type
            {"data":"x"}                                  | invalid-event | no topic
            {"topic":"a"}                                 | invalid-event | no data
            {"topic":"a","data":"x","tipe":"t"}           | invalid-event | 'tipe'
            {"topic":"a//b","data":"x"}                   | invalid-event | empty segment
            {"topic":"a\\nb","data":"x"}                  | invalid-event | U+000A
            {"topic":"a\\ud800","data":"x"}               | invalid-event | lone surrogate
            {"topic":"a","data":"x","type":"hark.close"}  | invalid-event | hark.
            {"topic":"a","data":"x","type":"a\\rb"}       | invalid-event | U+000D
            {"topic":"a","data":"x","key":""}             | invalid-event | key is empty
            {"topic":"a","data":"x","idempotencyKey":""}  | invalid-event | idempotency key is empty
            """)
    void refusesTheWholeBatchForOneBadEntryAndNamesItsIndex(String bad, String slug, String detail) {
        if (slug == null) {
            // Text of a JSON value stays as it was written, escapes and all: there is no surrogate in it.
            assertThat(hub.post("/events", bad, JSON).status()).isEqualTo(201);
            return;
        }
        ProblemType type = ProblemType.bySlug(slug).orElseThrow();
        long stored = hub.read(HubMeter.PUBLISHED_EVENTS);
        String good = entry(newTopic(), "\"good\"");

        assertRefused(hub.post("/events", good + '\n' + good + '\n' + bad + '\n' + good, NDJSON), type, "entry 2", detail);
        if (!detail.equals("followed by more")) {
            assertRefused(hub.post("/events", "[" + good + "," + good + "," + bad + "]", JSON), type, "entry 2", detail);
        }
        assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).as("all or nothing").isEqualTo(stored);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "[]", "{", "[", "[{}", "[1]", "nul", "{}x", "[] []", "{\"topic\":\"a\",\"data\":\"x\"}{", "\u0000"})
    void refusesWhatIsNoBatch(String body) {
        Answer json = hub.post("/events", body, JSON);
        assertThat(json.status()).as(json.body()).isEqualTo(400);
        Answer lines = hub.post("/events", body, NDJSON);
        assertThat(lines.status()).as(lines.body()).isEqualTo(400);
    }

    @Test
    void takesBatchesInUtf8Only() {
        String topic = newTopic();
        String entry = entry(topic, "{\"x\":1}");
        try (Wire wire = hub.open("/topics/" + topic)) {
            for (var charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE, StandardCharsets.UTF_16)) {
                Answer answer = hub.post("/events", entry.getBytes(charset), JSON);
                assertThat(answer.status()).as(charset + ": " + answer.body()).isEqualTo(400);
            }
            // An overlong slash, which a lenient decoder takes for one.
            byte[] overlong = ("{\"topic\":\"" + topic + "\",\"data\":\"a..b\"}").getBytes(StandardCharsets.ISO_8859_1);
            int at = new String(overlong, StandardCharsets.ISO_8859_1).indexOf("..");
            overlong[at] = (byte) 0xC0;
            overlong[at + 1] = (byte) 0xAF;
            Answer answer = hub.post("/events", overlong, JSON);
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
            hub.publish(topic, "end");

            assertThat(wire.data(1)).containsExactly("end");
        }
    }

    @Test
    void aByteOrderMarkShiftsNothing() {
        String topic = newTopic();
        try (Wire wire = hub.open("/topics/" + topic)) {
            Answer answer = hub.post("/events", "\uFEFF" + entry(topic, "{\"x\":1}"), JSON);
            hub.publish(topic, "end");

            if (answer.status() == 201) {
                assertThat(wire.data(2)).containsExactly("{\"x\":1}", "end");
            } else {
                assertThat(answer.status()).as(answer.body()).isEqualTo(400);
                assertThat(wire.data(1)).containsExactly("end");
            }
        }
    }

    @Test
    void takesJsonAsDeepAsItIsSane() {
        assertThat(hub.post("/events", entry(newTopic(), "[".repeat(500) + "]".repeat(500)), JSON).status()).isEqualTo(201);
        assertRefused(
                hub.post("/events", entry(newTopic(), "[".repeat(20_000) + "]".repeat(20_000)), JSON), ProblemType.MALFORMED, "entry 0");
    }

    @Test
    void takesAsManyEventsAsTheLimitSaysAndNotOneMore() {
        String topic = newTopic();
        String most = IntStream.range(0, BATCH_EVENTS).mapToObj(i -> entry(topic, String.valueOf(i))).collect(Collectors.joining("\n"));
        String array = "[" + most.replace('\n', ',') + "]";
        try (Wire wire = hub.open("/topics/" + topic)) {
            assertThat(ids(hub.post("/events", most, NDJSON))).hasSize(BATCH_EVENTS);
            assertThat(ids(hub.post("/events", array, JSON))).hasSize(BATCH_EVENTS);
            assertRefused(hub.post("/events", most + '\n' + entry(topic, "1000"), NDJSON), ProblemType.TOO_LARGE, "batch", "1000");
            assertRefused(hub.post("/events", array.replace("]", "," + entry(topic, "1000") + "]"), JSON),
                    ProblemType.TOO_LARGE, "batch", "1000");
            hub.publish(topic, "end");

            List<String> data = wire.data(2 * BATCH_EVENTS + 1);
            assertThat(data.subList(0, BATCH_EVENTS))
                    .containsExactlyElementsOf(IntStream.range(0, BATCH_EVENTS).mapToObj(String::valueOf).toList());
            assertThat(data.getLast()).isEqualTo("end");
        }
    }

    @Test
    void takesAsManyBytesInABatchAsTheLimitSaysAndNotOneMore() {
        String topic = newTopic();
        String line = entry(topic, '"' + "x".repeat(60_000) + '"') + '\n';
        String body = line.repeat(BATCH_BYTES / line.length());
        String most = body + " ".repeat(BATCH_BYTES - body.length());

        assertThat(hub.post("/events", most, NDJSON).status()).isEqualTo(201);
        assertRefused(hub.post("/events", most + ' ', NDJSON), ProblemType.TOO_LARGE, String.valueOf(BATCH_BYTES));
        try (Wire chunked = Wire.connect(hub.uri())) {
            chunked.request("POST", "/events", "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked");
            chunked.send("100001\r\n" + most + " \r\n0\r\n\r\n");
            assertRefused(chunked.answer(), ProblemType.TOO_LARGE, String.valueOf(BATCH_BYTES));
        }
    }

    @Test
    void holdsEachEventOfABatchToItsOwnLimit() {
        String topic = newTopic();
        String good = entry(topic, "\"x\"");
        String most = entry(topic, '"' + "x".repeat(EVENT_BYTES) + '"');
        String more = entry(topic, '"' + "x".repeat(EVENT_BYTES + 1) + '"');
        String value = entry(topic, "[\"" + "x".repeat(EVENT_BYTES) + "\"]");

        assertThat(hub.post("/events", good + '\n' + most, NDJSON).status()).isEqualTo(201);
        assertRefused(hub.post("/events", good + '\n' + more, NDJSON), ProblemType.TOO_LARGE, "entry 1", "61441", "61440");
        assertRefused(hub.post("/events", good + '\n' + value, NDJSON), ProblemType.TOO_LARGE, "entry 1", "61444", "61440");
    }

    @Test
    void knowsIdempotencyKeysInBatches() {
        String topic = newTopic();
        String key = UUID.randomUUID().toString();
        String keyed = "{\"topic\":\"" + topic + "\",\"data\":\"once\",\"idempotencyKey\":\"" + key + "\"}";
        String other = keyed.replace("once", "other");
        try (Wire wire = hub.open("/topics/" + topic)) {
            Answer first = hub.post("/events", keyed + '\n' + entry(topic, "\"plain\"") + '\n' + keyed, NDJSON);
            Answer again = hub.post("/events", keyed, JSON);
            Answer one = hub.post("/topics/" + topic, "once", "Idempotency-Key", key);
            Answer conflict = hub.post("/events", entry(topic, "\"lost\"") + '\n' + other, NDJSON);
            hub.publish(topic, "end");

            assertThat(first.status()).isEqualTo(201);
            List<String> ids = ids(first);
            assertThat(ids.get(2)).isEqualTo(ids.get(0)).isNotEqualTo(ids.get(1));
            assertThat(ids(again)).containsExactly(ids.getFirst());
            assertThat(one.status()).isEqualTo(200);
            assertThat(one.json("id")).isEqualTo(ids.getFirst());
            assertRefused(conflict, ProblemType.KEY_REUSED, key, "entry 1");
            assertThat(wire.data(3)).containsExactly("once", "plain", "end");
        }
    }

    @Test
    void noPayloadForgesAFieldOrAnEvent() {
        String topic = newTopic();
        String nasty = "a\rid: forged\r\revent: hark.close\ndata: x\r\n\r\nretry: 1\n\n: c\u0000\u2028";
        try (Wire wire = hub.open("/topics/" + topic)) {
            String id = hub.publish(topic, nasty);
            hub.publish(topic, "end");

            SseBlock block = wire.block();
            assertThat(block.names()).containsOnly("id", "data");
            assertThat(block.id()).isEqualTo(id);
            assertThat(block.data()).isEqualTo(nasty.replace("\r\n", "\n").replace('\r', '\n'));
            assertThat(wire.block().data()).isEqualTo("end");
        }
    }

    @Test
    void idsGrowWithoutHoles() {
        String topic = newTopic();
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < 10; i++) {
            out.writeBytes((entry(topic, "1") + "\n").getBytes(StandardCharsets.UTF_8));
        }
        List<String> ids = ids(hub.post("/events", out.toByteArray(), NDJSON));
        long first = sequence(ids.getFirst());
        assertThat(ids.stream().map(PublishIT::sequence))
                .containsExactlyElementsOf(IntStream.range(0, 10).mapToObj(i -> first + i).toList());
    }

    private static long sequence(String id) {
        return Long.parseLong(id.substring(id.indexOf('-') + 1));
    }

    private static void awaitSubscribers(String topic, int count) {
        await().atMost(Wire.PATIENCE).until(() -> hub.hub().subscribers(new Topic(topic)) == count);
    }

    private static List<String> ids(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return StreamSupport.stream(answer.json().path("events").spliterator(), false).map(event -> event.path("id").asText()).toList();
    }

    private static List<String> fieldNames(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    /** @param data a JSON value */
    private static String entry(String topic, String data) {
        return "{\"topic\":\"" + topic + "\",\"data\":" + data + "}";
    }

    private static String newTopic() {
        return "publish/" + UUID.randomUUID().toString().toLowerCase(Locale.ROOT);
    }
}
