package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a browser is told of pages of other origins (WHATWG Fetch, "CORS protocol"), on every kind of answer. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CorsIT {
    private static final String SHOP = "https://shop.example.com";
    private static final String EVIL = "https://evil.example";
    private static final String KEY = ApiKey.create();
    private static final String BEARER = "Authorization: Bearer " + KEY;

    private RunningHub hub;

    @BeforeAll
    void start() {
        hub = RunningHub.start(
                "cors.origins.0=" + SHOP,
                "cors.origins.1=https://*.apps.example.com",
                "cors.credentials=true",
                "auth.anonymous.subscribe.0=public/**",
                "auth.keys.0.name=shop",
                "auth.keys.0.hash=sha256:" + ApiKey.hash(KEY),
                "auth.keys.0.publish.0=public/**",
                "auth.keys.0.subscribe.0=public/**");
    }

    @AfterAll
    void end() {
        hub.close();
    }

    /** @param status what is answered where the page is a listed one's */
    record Asked(int status, String method, String target, String body, List<String> headers) {
        @Override
        public String toString() {
            return status + ": " + method + ' ' + (target.length() > 40 ? target.substring(0, 40) : target) + ' '
                    + headers.stream().map(header -> header.length() > 40 ? header.substring(0, 40) : header).toList();
        }

        Answer from(RunningHub hub, String... more) {
            try (Wire wire = Wire.connect(hub.uri())) {
                String lines = Stream.concat(Arrays.stream(more), headers.stream()).map(line -> line + "\r\n").reduce("", String::concat);
                String length = body.isEmpty() || lines.contains("Transfer-Encoding") ? "" : "Content-Length: " + body.length() + "\r\n";
                String host = lines.contains("Host: ") ? "" : "Host: localhost\r\n";
                // No answer to HEAD or to a preflight has a body, and some say nothing of its length: so each ends with the connection.
                return wire.send(method + ' ' + target + " HTTP/1.1\r\n" + host + "Connection: close\r\n" + lines + length + "\r\n"
                        + body).answer();
            }
        }
    }

    private static Asked asked(int status, String method, String target, String body, String... headers) {
        return new Asked(status, method, target, body, List.of(headers));
    }

    static List<Asked> everyKindOfAnswer() {
        return List.of(
                asked(201, "POST", "/topics/public/a", "x", BEARER),
                asked(200, "GET", "/topics/public/a", "", "Accept: application/json"),
                asked(200, "HEAD", "/topics/public/a", ""),
                asked(200, "GET", "/problems/internal", ""),
                asked(302, "GET", "/", ""),
                asked(400, "POST", "/topics/public//a", "x", BEARER),
                asked(401, "POST", "/topics/public/a", "x"),
                asked(401, "GET", "/topics/public/a", "", "Authorization: Bearer hark_none"),
                asked(403, "POST", "/topics/private", "x", BEARER),
                asked(404, "GET", "/nothing", ""),
                asked(405, "PUT", "/topics/public/a", "", "Content-Length: 0"),
                asked(413, "POST", "/topics/public/a", "x".repeat(61_441), BEARER),
                asked(415, "POST", "/events", "x", BEARER, "Content-Type: text/plain"),
                asked(421, "GET", "/topics/public/a", "", "Host: hub.example.com"),
                // Refused before a filter has seen them.
                asked(400, "GET", "/topics/public/a", "", "Broken"),
                asked(400, "POST", "/topics/public/a", "", "Content-Length: many"),
                asked(400, "POST", "/topics/public/a", "xyz\r\n", "Transfer-Encoding: chunked", BEARER),
                asked(413, "POST", "/topics/public/a", "", "Content-Length: 99999999"),
                asked(413, "POST", "/topics/public/a", "7fffffff\r\nab", "Transfer-Encoding: chunked", BEARER),
                asked(415, "POST", "/topics/public/a", "x", "Content-Encoding: gzip"),
                asked(417, "POST", "/topics/public/a", "x", "Expect: everything"),
                asked(431, "GET", "/topics/public/a", "", "X-Long: " + "x".repeat(17_000)),
                asked(501, "POST", "/topics/public/a", "", "Transfer-Encoding: gzip, chunked"));
    }

    @ParameterizedTest
    @MethodSource("everyKindOfAnswer")
    void aListedPageReadsEveryAnswer(Asked asked) {
        for (String origin : List.of(SHOP, "https://a.apps.example.com")) {
            Answer answer = asked.from(hub, "Origin: " + origin, "Sec-Fetch-Site: cross-site");
            assertThat(answer.status()).as(answer.body()).isEqualTo(asked.status());
            assertThat(answer.header("Access-Control-Allow-Origin")).contains(origin);
            assertThat(answer.header("Access-Control-Allow-Credentials")).contains("true");
            assertThat(answer.header("Access-Control-Expose-Headers"))
                    .contains("Idempotency-Replayed, Retry-After, WWW-Authenticate");
            assertThat(answer.header("Vary")).contains("Origin");
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindOfAnswer")
    void anotherPageReadsNone(Asked asked) {
        for (String origin : List.of(EVIL, "null", SHOP + ".evil.example", SHOP + "\r\nOrigin: " + EVIL)) {
            Answer answer = asked.from(hub, "Origin: " + origin, "Sec-Fetch-Site: cross-site");
            assertThat(answer.status()).as(answer.body()).isGreaterThanOrEqualTo(400);
            assertThat(answer.header("Access-Control-Allow-Origin")).as(origin).isEmpty();
            assertThat(answer.header("Access-Control-Allow-Credentials")).as(origin).isEmpty();
            assertThat(answer.header("Vary")).contains("Origin");
        }
    }

    @Test
    void aCacheKeepsTheAnswersOfPagesAndProgramsApart() {
        for (Asked asked : everyKindOfAnswer()) {
            Answer answer = asked.from(hub);
            assertThat(answer.status()).as(asked + answer.body()).isEqualTo(asked.status());
            assertThat(answer.header("Vary")).as(asked.toString()).contains("Origin");
            assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
        }
    }

    @Test
    void whoIsToldToWaitMayReadForHowLong() {
        try (RunningHub slow = RunningHub.start("cors.origins=" + SHOP, "limits.publish-rate=1")) {
            var publish = asked(429, "POST", "/topics/b", "x");
            Answer answer = publish.from(slow, "Origin: " + SHOP);
            for (int i = 0; i < 20 && answer.status() == 201; i++) {
                answer = publish.from(slow, "Origin: " + SHOP);
            }
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.header("Retry-After")).isPresent();
            assertThat(answer.header("Access-Control-Allow-Origin")).contains(SHOP);
            assertThat(answer.header("Access-Control-Expose-Headers").orElse("")).contains("Retry-After");
        }
    }

    @Test
    void aLogThatTakesNothingIsSaidToPagesToo() {
        try (RunningHub closed = RunningHub.start("cors.origins=" + SHOP)) {
            closed.hub().close();
            Answer answer = asked(503, "POST", "/topics/a", "x").from(closed, "Origin: " + SHOP);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("Access-Control-Allow-Origin")).contains(SHOP);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "authorization", "last-event-id", "cache-control", "content-type", "hark-key", "hark-type", "idempotency-key", "traceparent",
        "authorization,cache-control,last-event-id", "authorization, idempotency-key"
    })
    void aPreflightAllowsWhatItAsksFor(String fields) {
        for (String method : List.of("GET", "POST", "DELETE")) {
            Answer answer = preflight(hub, SHOP, method, "Access-Control-Request-Headers: " + fields);
            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.body()).isEmpty();
            assertThat(answer.header("Access-Control-Allow-Headers")).contains(fields);
            assertThat(answer.header("Access-Control-Allow-Methods").orElse("")).contains(method);
            assertThat(answer.header("Access-Control-Allow-Origin")).contains(SHOP);
            assertThat(answer.header("Access-Control-Allow-Credentials")).contains("true");
            assertThat(answer.header("Access-Control-Max-Age")).contains("3600");
            assertThat(answer.header("Vary")).contains("Origin");
        }
    }

    @Test
    void aPreflightAsksNobodyForCredentials() {
        Answer answer = asked(204, "OPTIONS", "/topics/private", "")
                .from(hub, "Origin: " + SHOP, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization");
        assertThat(answer.status()).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\u00fc", "a;b", "a\"", "<b>", "a=b", "a:b"})
    void aPreflightRepeatsNothingButNames(String fields) {
        Answer answer = preflight(hub, SHOP, "POST", "Access-Control-Request-Headers: " + fields);
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Access-Control-Allow-Headers")).isEmpty();
    }

    @Test
    void aPreflightMayNameManyFields() {
        String fields = "a,".repeat(7_000) + "b";
        assertThat(preflight(hub, SHOP, "POST", "Access-Control-Request-Headers: " + fields).header("Access-Control-Allow-Headers"))
                .contains(fields);
    }

    @Test
    void onlyNamedOriginsReachIntoAPrivateNetwork() {
        String asked = "Access-Control-Request-Private-Network: true";
        assertThat(preflight(hub, SHOP, "GET", asked).header("Access-Control-Allow-Private-Network")).contains("true");
        assertThat(preflight(hub, SHOP, "GET").header("Access-Control-Allow-Private-Network")).isEmpty();
        assertThat(preflight(hub, EVIL, "GET", asked).header("Access-Control-Allow-Private-Network")).isEmpty();
        try (RunningHub open = RunningHub.start("cors.origins=*")) {
            Answer answer = preflight(open, SHOP, "GET", asked);
            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.header("Access-Control-Allow-Private-Network")).isEmpty();
        }
    }

    @Test
    void everyPageIsNeverGivenCredentials() {
        try (RunningHub open = RunningHub.start("cors.origins=*")) {
            for (Answer answer : List.of(
                    asked(201, "POST", "/topics/a", "x").from(open, "Origin: " + EVIL),
                    asked(413, "POST", "/topics/a", "", "Content-Length: 99999999").from(open, "Origin: " + EVIL),
                    preflight(open, EVIL, "POST", "Access-Control-Request-Headers: authorization"))) {
                assertThat(answer.header("Access-Control-Allow-Origin")).contains("*");
                assertThat(answer.header("Access-Control-Allow-Credentials")).isEmpty();
                assertThat(answer.header("Vary")).contains("Origin");
            }
        }
    }

    @Test
    void whereNothingIsListedPreflightsAreRefused() {
        try (RunningHub plain = RunningHub.start()) {
            Answer answer = preflight(plain, SHOP, "POST");
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.json("detail")).contains("cors.origins");
            assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
            assertThat(asked(200, "GET", "/problems/internal", "").from(plain, "Origin: " + SHOP).header("Access-Control-Allow-Origin"))
                    .isEmpty();
        }
    }

    @Test
    void aLinkOnAForeignPageLeadsHereButNoFrameDoes() {
        String[] link = {"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"};
        String[] frame = {"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"};
        String[] form = {"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Origin: " + EVIL, BEARER};
        assertThat(asked(200, "GET", "/demo/", "").from(hub, link).status()).isEqualTo(200);
        assertThat(asked(403, "GET", "/demo/", "").from(hub, frame).status()).isEqualTo(403);
        Answer answer = asked(403, "POST", "/topics/public/a", "x").from(hub, form);
        assertThat(answer.json("type")).isEqualTo("/problems/foreign-origin");
    }

    private static Answer preflight(RunningHub hub, String origin, String method, String... more) {
        String[] fields = Stream.concat(
                Stream.of("Origin: " + origin, "Access-Control-Request-Method: " + method), Arrays.stream(more)).toArray(String[]::new);
        return asked(204, "OPTIONS", "/topics/public/a", "").from(hub, fields);
    }
}
