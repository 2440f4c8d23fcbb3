package dev.hark.app.http;

import static dev.hark.app.http.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every refusal is a problem document that says what is wrong, ours and Helidon's alike; none is a stack trace, here or in the log. */
@ExtendWith(SilentLog.class)
@ResourceLock(value = SilentLog.LOG, mode = ResourceAccessMode.READ)
class ProblemsIT {
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
    void malformedIs400() {
        assertRefused(hub.post("/topics/a//b", "x"), ProblemType.INVALID_EVENT, "topic 'a//b'", "empty segment");
        assertRefused(hub.get("/topics/**/a"), ProblemType.INVALID_FILTER, "topic filter '**/a'");
        assertRefused(hub.post("/events", "[", "Content-Type", "application/json"), ProblemType.MALFORMED, "entry 0", "JSON");
    }

    @Test
    void aNameWithoutAnEqualsSignHasAnEmptyValue() {
        for (String name : List.of("since", "last", "format", "limit", "wait", "lastEventId", "ticket")) {
            // Where access is asked for, an empty ticket is one too many beside the token.
            int status = name.equals("ticket") && Boolean.getBoolean("hark.test.access") ? 400 : 200;
            assertThat(hub.get("/topics/bare?" + name, "Accept", "application/json").status()).as(name).isEqualTo(status);
        }
        assertRefused(hub.get("/events?topic", "Accept", "application/json"), ProblemType.INVALID_FILTER, "topic filter is empty");
        assertRefused(hub.post("/topics/bare?type", "x"), ProblemType.INVALID_EVENT, "type is empty");
        assertRefused(hub.post("/topics/bare?key", "x"), ProblemType.INVALID_EVENT, "key is empty");
        assertRefused(hub.post("/topics/bare?end", "x"), ProblemType.INVALID_EVENT, "end is ''");
    }

    @Test
    void everyTextSaysThatItIsUtf8() {
        for (String path : List.of("/problems/busy", "/demo/", "/demo/main.js", "/demo/style.css", "/demo/mark.svg")) {
            assertThat(hub.get(path).header("Content-Type").orElse("")).as(path).endsWith("charset=utf-8");
        }
        for (String path : List.of("/metrics", "/health/ready")) {
            assertThat(hub.admin(path).header("Content-Type").orElse("")).as(path)
                    .matches("text/plain; .*charset=(utf|UTF)-8|application/json.*");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nothing", "/topics", "/events/x", "/problems/none", "/demo/none.js", "/%E2%82%AC",
            "/demo/../../etc/passwd", "/demo/%2e%2e/x"})
    void nothingIs404(String path) {
        try (Wire wire = Wire.subscribe(hub.uri(), path)) {
            assertRefused(wire.answer(), ProblemType.NOT_FOUND);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PUT,     /topics/a,          'GET, HEAD, POST, DELETE'",
        "OPTIONS, /topics/a,          'GET, HEAD, POST, DELETE'",
        "PATCH,   /events,            'GET, HEAD, POST'",
        "DELETE,  /events,            'GET, HEAD, POST'",
        "POST,    /problems/too-large, 'GET, HEAD'"
    })
    void wrongMethodIs405AndSaysWhichAreRight(String method, String path, String allowed) {
        Answer answer = hub.request(method, path);
        assertRefused(answer, ProblemType.METHOD_NOT_ALLOWED, method, allowed);
        assertThat(answer.header("Allow")).contains(allowed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "GET; /topics/a?lst=10; 'lst'; did you mean last?",
        "GET; /topics/a?topic=b; 'topic'; lastEventId, limit, since",
        "GET; /events?topic[]=a&topic[]=b; 'topic[]'; without the brackets",
        "GET; /events?topic%5B%5D=a; 'topic[]'; without the brackets",
        "GET; /api/events?sinec=1h; 'sinec'; did you mean since?",
        "POST; /topics/a?tpye=note; 'tpye'; did you mean type?",
        "POST; /api/events?since=1h; 'since'; key, type",
        "POST; /events?type=x; 'type'; none is allowed here",
    })
    void anUnknownQueryParameterIs400(String method, String path, String name, String hint) {
        try (Wire wire = Wire.connect(hub.uri())) {
            assertRefused(wire.request(method, path, "Content-Length: 0").answer(), ProblemType.MALFORMED, name, hint);
        }
    }

    @Test
    void tooLargeIs413() {
        assertRefused(hub.post("/topics/a", "x".repeat(61441)), ProblemType.TOO_LARGE, "data", "61441", "61440");
        assertRefused(hub.post("/events", "x".repeat((1 << 20) + 1), "Content-Type", "application/json"), ProblemType.TOO_LARGE, "1048576");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "application/cbor", "application/json-seq"})
    void anotherMediaTypeIs415(String type) {
        assertRefused(
                hub.post("/events", "{}", "Content-Type", type), ProblemType.UNSUPPORTED_MEDIA_TYPE, type,
                "application/x-ndjson", "application/json");
    }

    @Test
    void aMediaTypeIsTheSameInAnyCase() {
        assertThat(hub.post("/events", "[{\"topic\":\"a\",\"data\":\"x\"}]", "Content-Type", "Application/JSON; charset=utf-8").status())
                .isEqualTo(201);
    }

    @Test
    void noMediaTypeIs415() {
        try (Wire wire = Wire.connect(hub.uri())) {
            assertRefused(
                    wire.request("POST", "/events", "Content-Length: 2").send("{}").answer(), ProblemType.UNSUPPORTED_MEDIA_TYPE, "none");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {";;;", "json", "/", "a/b/c", "application/json;", "application/json; charset=\""})
    void aBrokenMediaTypeIsRefused(String type) {
        Answer answer = hub.post("/events", "{}", "Content-Type", type);
        assertThat(answer.status()).as(answer.body()).isIn(400, 415);
        assertThat(answer.mediaType()).isEqualTo("application/problem+json");
    }

    @Test
    void aReusedKeyIs422() {
        String key = UUID.randomUUID().toString();
        hub.post("/topics/a", "one", "Idempotency-Key", key);
        assertRefused(hub.post("/topics/a", "two", "Idempotency-Key", key), ProblemType.KEY_REUSED, "idempotency key '" + key + "'");
    }

    @Test
    void aLogThatTakesNothingIs503() {
        try (RunningHub hub = RunningHub.start()) {
            hub.hub().close();
            Answer answer = hub.post("/topics/a", "x");
            assertRefused(answer, ProblemType.LOG_UNAVAILABLE, "log");
            assertThat(answer.header("Retry-After").orElse("")).matches("[1-9][0-9]*");
        }
    }

    @Test
    void aFullHubIs503WhereThatIsAskedFor() {
        try (RunningHub hub = RunningHub.start("limits.subscribers=1", "limits.overload-answer=status");
                Wire only = hub.open("/topics/a")) {
            Answer answer = hub.get("/topics/a");
            assertRefused(answer, ProblemType.OVERLOADED);
            assertThat(answer.header("Retry-After").orElse("")).matches("[1-9][0-9]*");
            assertThat(only.localPort()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void eachTypeIsExplained(ProblemType type) {
        Answer answer = hub.get("/problems/" + type.slug());
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).contains("text/plain;charset=utf-8");
        assertThat(answer.body()).contains(String.valueOf(type.status()), type.title(), type.sentence());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            no HTTP at all          | NONSENSE\\r\\n\\r\\n
            no version              | GET /topics/a\\r\\nHost: localhost\\r\\n\\r\\n
            no path                 | GET  HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            a space in the path     | GET /topics/a b HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            no Host                 | GET /topics/a HTTP/1.1\\r\\n\\r\\n
            two Hosts               | GET /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\nHost: y\\r\\n\\r\\n
            a header without colon  | GET /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\nBroken\\r\\n\\r\\n
            a blank in a name       | GET /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\nA b: c\\r\\n\\r\\n
            a control character     | GET /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\nHark-Type: a\\u0001b\\r\\n\\r\\n
            a broken query          | GET /topics/a?since=%z HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            another broken query    | GET /events?topic=% HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n
            a length in words       | POST /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: many\\r\\n\\r\\n
            a negative length       | POST /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: -1\\r\\n\\r\\n
            an immense length       | POST /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 99999999999999999999\\r\\n\\r\\n
            a chunk size in words   | POST /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n\
            xyz\\r\\nab\\r\\n0\\r\\n\\r\\n
            a negative chunk        | POST /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n\
            -1\\r\\nab\\r\\n0\\r\\n\\r\\n
            an immense chunk        | POST /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\n\
            Transfer-Encoding: chunked\\r\\n\\r\\n7fffffff\\r\\nab
            a chunk beyond an int   | POST /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\n\
            Transfer-Encoding: chunked\\r\\n\\r\\nffffffffff\\r\\nab
            an encoding             | POST /topics/a HTTP/1.1\\r\\nHost: localhost\\r\\n\
            Content-Encoding: gzip\\r\\nContent-Length: 1\\r\\n\\r\\nx
            """)
    void whatNoHandlerSeesIsAProblemToo(String what, String request) {
        byte[] bytes = request.replace("\\r", "\r").replace("\\n", "\n").replace("\\u0001", "\u0001").getBytes(StandardCharsets.UTF_8);
        try (Wire wire = Wire.connect(hub.uri())) {
            Answer answer = wire.send(bytes).answer();
            assertThat(answer.status()).as(what + ": " + answer).isBetween(400, 499);
            assertThat(answer.mediaType()).as(what + ": " + answer).isEqualTo("application/problem+json");
            assertThat(answer.json("detail")).as(what + ": " + answer).isNotBlank();
            assertThat(answer.json("status")).isEqualTo(String.valueOf(answer.status()));
            assertThat(answer.body()).doesNotContain("Exception", "\tat ", "io.helidon", "server log");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "GET /metrics HTTP/1.1\r\n\r\n", "GET /% HTTP/1.1\r\nHost: localhost\r\n\r\n"
    })
    void theAdminListenerRefusesLikewise(String request) {
        try (Wire wire = Wire.connect(hub.adminUri(""))) {
            assertRefused(wire.send(request).answer(), ProblemType.MALFORMED);
        }
    }

    @Test
    void immenseHeadsAreRefused() {
        assertRefusedEvenWhileSending("/topics/a", "X-Long: " + "x".repeat(32 << 10));
        String[] many = new String[20_000];
        Arrays.fill(many, "X: y");
        assertRefusedEvenWhileSending("/topics/a", many);
        assertRefusedEvenWhileSending("/topics/" + "x".repeat(300 << 10));
        assertThat(hub.post("/topics/a", "x").status()).isEqualTo(201);
    }

    /** The hub answers before it has read everything, and reads on for a while, so that the client gets to read why. */
    private static void assertRefusedEvenWhileSending(String target, String... headers) {
        try (Wire wire = Wire.connect(hub.uri())) {
            Answer answer = wire.request("GET", target, headers).answer();
            assertThat(answer.status()).as(answer.body()).isBetween(400, 499);
            assertThat(answer.mediaType()).isEqualTo("application/problem+json");
        }
    }

    @Test
    void aBodyThatNeverComesIsNoAccident() {
        try (Wire wire = Wire.connect(hub.uri())) {
            wire.request("POST", "/topics/a", "Content-Length: 100").send("only this");
            wire.closeSendingHalf();
            wire.rest();
        }
        try (Wire wire = Wire.connect(hub.uri())) {
            wire.request("POST", "/topics/a", "Transfer-Encoding: chunked").send("64\r\nonly this");
            wire.reset();
        }
        try (Wire wire = Wire.connect(hub.uri())) {
            wire.send("GET /topics/a HT");
            wire.closeSendingHalf();
            wire.rest();
        }
        assertThat(hub.post("/topics/a", "x").status()).isEqualTo(201);
    }

    @Test
    void aRefusalLeavesTheConnectionUsable() {
        try (Wire wire = Wire.connect(hub.uri())) {
            wire.request("POST", "/topics/a//b", "Content-Length: 3").send("abc");
            assertThat(wire.answer().status()).isEqualTo(400);
            wire.nextHead().request("POST", "/topics/a", "Content-Length: 3").send("abc");
            assertThat(wire.answer().status()).isEqualTo(201);
        }
    }

    @Test
    void theCallersTextCannotBreakTheDocument() {
        Answer answer = hub.post("/topics/a?type=hark.%22%7D%5C%3Cscript%3E%E2%80%A8", "x");
        assertRefused(answer, ProblemType.INVALID_EVENT, "hark.\"}\\<script>");
    }
}
