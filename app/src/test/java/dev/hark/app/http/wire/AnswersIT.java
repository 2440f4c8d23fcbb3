package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import dev.hark.app.http.wire.Conversation.Reply;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What leaves, whoever has written it: the engine's own answers have the hub's form, and none has what it must not have. */
@ExtendWith(SilentLog.class)
@ResourceLock(value = SilentLog.LOG, mode = ResourceAccessMode.READ)
class AnswersIT {
    private static final List<String> PARTS = List.of(
            "/", "//", ".", "..", "%2e", "%2F", "%00", "%ff", "%20", "%25", "*", "**", "a", "topics", "events", "problems", "demo",
            "health", "metrics", "api", "?", "&", "=", ";", ":", "@", "+", ",", "since", "last", "topic", "lastEventId", "type", "key",
            "hark.", "$", "index.html", "~", "%E2%80%A8", "%F0%9F%98%80", "-1", "99999999999", "PT1S", "earliest", "latest");

    private static final List<String> FIELDS = List.of(
            "Content-Type: ;;", "Content-Type: application/json; charset=x", "Accept: ,", "Accept: */*;q=x", "Accept-Language: *;q=9",
            "If-None-Match: \"", "If-Modified-Since: x", "Cookie: =;=", "Origin: null", "Origin: x:y:z", "Sec-Fetch-Site: ?",
            "Access-Control-Request-Method: x", "Hark-Key:", "Hark-Type: \u00fc", "Idempotency-Key:", "Last-Event-ID: x-y-z",
            "Forwarded: for=\"", "X-Forwarded-Host: ,", "Upgrade: h2c", "Authorization: Basic %", "Accept-Encoding: gzip;q=x", "TE: x");

    private static RunningHub hub;

    @BeforeAll
    static void start() {
        hub = RunningHub.start();
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @Test
    void aFileThatIsTheSameHasNoLength() throws IOException {
        String etag = hub.get("/demo/").header("ETag").orElseThrow();
        for (String method : List.of("GET", "HEAD")) {
            Reply reply = only(hub.uri(), method + " /demo/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nIf-None-Match: " + etag
                    + "\r\n\r\n", method.equals("HEAD"));
            assertThat(reply.status()).isEqualTo(304);
            assertThat(reply.field("Content-Length")).isEmpty();
            assertThat(reply.field("Date")).isPresent();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a range                      | 200 | Range: bytes=0-9
            a range that is none         | 200 | Range: bytes=99999999-
            a range of another unit      | 200 | Range: lines=1-2
            an old date                  | 200 | If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT
            a date that is none          | 400 | If-Modified-Since: yesterday
            another version              | 412 | If-Match: "x"
            a page in another language   | 200 | Accept-Language: tlh
            a type that is none          | 200 | Accept: x
            """)
    void conditionsOnAFileAreAnsweredInTheHubsForm(String what, int status, String field) throws IOException {
        Reply reply = only(hub.uri(), "GET /demo/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + field + "\r\n\r\n", false);
        assertThat(reply.status()).as(what + ": " + reply).isEqualTo(status);
        if (status >= 400) {
            assertThat(reply.field("Content-Type")).as(what).contains("application/problem+json");
            assertThat(reply.json().path("status").asInt()).isEqualTo(status);
        }
    }

    @Test
    void aWaitingClientIsToldToGoOn() throws IOException {
        try (Wire wire = Wire.connect(hub.uri())) {
            wire.send("POST /topics/waiting HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(wire.head()).containsExactly("HTTP/1.1 100 Continue");
            Answer answer = wire.nextHead().send("hi").answer();
            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.header("Connection")).isEmpty();
        }
    }

    @Test
    void aWaitingClientIsToldThatNothingIsWantedOfIt() throws IOException {
        long before = hub.read(HubMeter.PUBLISHED_EVENTS);
        String next = "POST /topics/a HTTP/1.1\r\nHost: localhost\r\n\r\n";
        try (Wire wire = Wire.connect(hub.uri())) {
            wire.send("POST /nope HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: " + next.length() + "\r\n\r\n");
            Answer answer = wire.answer();
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.header("Connection")).contains("close");
            // Some send it all the same, and some another request: nobody can know.
            wire.send(next);
            assertThat(wire.rest()).isEmpty();
        }
        assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).isEqualTo(before);
    }

    @Test
    void whoIsStillSendingGetsToReadWhy() throws IOException {
        String body = "x".repeat(6 << 20);
        for (String head : List.of(
                "POST /topics/a HTTP/1.1\r\nContent-Length: " + body.length() + "\r\n\r\n",
                "POST /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n",
                "POST /topics/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\n")) {
            try (Wire wire = Wire.connect(hub.uri())) {
                Answer answer = wire.send(head).send(body).answer();
                assertThat(answer.status()).as(head).isIn(400, 413);
                assertThat(answer.mediaType()).isEqualTo("application/problem+json");
                assertThat(wire.rest()).isEmpty();
            }
        }
    }

    /** Of targets that are well-formed, with fields that are: whatever they ask for, none is a defect. */
    @Test
    void noTargetIsADefect() throws IOException {
        for (long seed = 0; seed < 1500; seed++) {
            var random = new Random(seed);
            var target = new StringBuilder("/");
            for (int i = random.nextInt(8); i > 0; i--) {
                target.append(PARTS.get(random.nextInt(PARTS.size())));
            }
            // GET of a stream does not end.
            String method = List.of("POST", "HEAD", "OPTIONS", "PUT").get(random.nextInt(4));
            String request = method + ' ' + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + FIELDS.get(random.nextInt(FIELDS.size())) + "\r\n"
                    + (method.equals("POST") ? "Content-Length: 2\r\n\r\n{}" : "\r\n");
            for (URI uri : List.of(hub.uri(), hub.adminUri(""))) {
                Reply reply = only(uri, request, method.equals("HEAD"));
                assertThat(reply.status()).as("seed %d at %s: %s", seed, uri, request).isLessThan(500);
                assertThat(reply.field("Date")).as(request).isPresent();
            }
        }
    }

    private static Reply only(URI uri, String request, boolean head) throws IOException {
        try (var socket = new Socket(uri.getHost(), uri.getPort())) {
            Conversation conversation = Conversation.over(socket, request.getBytes(StandardCharsets.ISO_8859_1), head);
            assertThat(conversation.replies()).as(conversation.raw()).hasSize(1);
            return conversation.replies().getFirst();
        }
    }
}
