package dev.hark.app.http;

import static dev.hark.app.http.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Other people's URLs, and other people's pages: routes as configured, and what browsers of other origins are told. */
class RoutesIT {
    private static final String SHOP = "https://shop.example.com";

    private static RunningHub hub;

    @BeforeAll
    static void startHub() {
        hub = RunningHub.start(
                "routes.3.subscribe=/sse", "routes.3.topic=broadcast",
                "routes.4.publish=/in/{a}", "routes.4.topic=in/{a}", "cors.origins=" + SHOP);
    }

    @AfterAll
    static void stopHub() {
        hub.close();
    }

    @Test
    void publishAndSubscribeThroughTheirTopic() {
        try (Wire route = hub.open("/api/notifications/subscribe/shop/alice");
                Wire topic = hub.open("/topics/apps/shop/users/alice");
                Wire bob = hub.open("/api/notifications/subscribe/shop/bob")) {
            Answer answer = hub.post(
                    "/api/notifications/send/shop/alice?type=greeting", "hi", "Hark-Key", "k", "Idempotency-Key", "routes-1");
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            assertThat(answer.json("topic")).isEqualTo("apps/shop/users/alice");
            hub.publish("apps/shop/users/bob", "for Bob");

            String block = "event: greeting\nid: " + answer.json("id") + "\ndata: hi\n\n";
            assertThat(route.block().raw()).isEqualTo(block);
            assertThat(topic.block().raw()).isEqualTo(block);
            assertThat(bob.block().data()).as("and nothing of Alice's before").isEqualTo("for Bob");
        }
    }

    @Test
    void keepTheRestOfTheContract() {
        String first = hub.publish("broadcast", "one");
        hub.publish("broadcast", "two");
        for (String path : List.of("/sse", "/api/events")) {
            try (Wire wire = hub.open(path, "Last-Event-ID: " + first)) {
                assertThat(wire.block().data()).isEqualTo("two");
            }
            try (Wire wire = hub.open(path + "?last=1")) {
                assertThat(wire.block().data()).isEqualTo("two");
            }
        }
        assertRefused(hub.get("/sse?last=x"), ProblemType.INVALID_FILTER, "'x'");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "/api/notifications/subscribe/shop/", "/api/notifications/subscribe//alice", "/api/notifications/subscribe/%20/alice",
        "/api/notifications/subscribe/shop/%09", "/api/streams/", "/api/notifications/subscribe/shop/a%2Fb",
        "/api/notifications/subscribe/shop/*", "/api/notifications/subscribe/**/alice",
        "/api/streams/hark.x", "/api/streams/%00", "/api/streams/%FF"
    })
    void refuseVariablesThatAreBlankOrNoSegment(String path) {
        try (Wire wire = Wire.subscribe(hub.uri(), path)) {
            Answer answer = wire.answer();
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
            assertThat(answer.mediaType()).isEqualTo("application/problem+json");
        }
        String send = path.replace("/subscribe/", "/send/");
        try (Wire wire = Wire.connect(hub.uri())) {
            Answer answer = wire.request("POST", send, "Content-Length: 0").answer();
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        }
    }

    @Test
    void nameTheVariableThatIsBlank() {
        assertThat(hub.get("/api/notifications/subscribe/shop/%20").json("detail")).contains("userId", "blank");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "/", "/nothing", "/api", "/api/events/", "/api/notifications/subscribe/shop",
        "/api/notifications/subscribe/shop/alice/x", "/topics", "/sse/x", "/problems", "/problems/", "/in/"
    })
    void areWholePaths(String path) {
        Answer answer = hub.get(path);
        assertThat(answer.status()).as(path).isIn(302, 400, 404, 405);
        if (path.equals("/")) {
            assertThat(answer.header("Location")).as("relative, for a hub below a path of a proxy").contains("demo/");
        } else {
            assertThat(answer.mediaType()).isEqualTo("application/problem+json");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST,   /sse,        'GET, HEAD'",
        "PUT,    /sse,        'GET, HEAD'",
        "GET,    /in/x,       POST",
        "DELETE, /in/x,       POST",
        "PUT,    /api/events, 'GET, HEAD, POST'"
    })
    void allowWhatIsConfigured(String method, String path, String allowed) {
        Answer answer = hub.request(method, path);
        assertRefused(answer, ProblemType.METHOD_NOT_ALLOWED, method);
        assertThat(answer.header("Allow")).contains(allowed);
    }

    @Test
    void preflightsAllowTheShop() {
        for (String path : List.of("/topics/a/b", "/topics/https://example.com/x", "/events", "/api/events")) {
            Answer answer = hub.request(
                    "OPTIONS", path, "Origin", SHOP, "Access-Control-Request-Method", "POST",
                    "Access-Control-Request-Headers", "hark-type, idempotency-key");
            assertThat(answer.status()).as(path + answer.body()).isEqualTo(204);
            assertThat(answer.header("Access-Control-Allow-Origin")).contains(SHOP);
            assertThat(answer.header("Access-Control-Allow-Methods").orElse("")).contains("POST");
            assertThat(answer.header("Access-Control-Allow-Headers").orElse("").toLowerCase(Locale.ROOT))
                    .contains("hark-type", "idempotency-key");
        }
    }

    @Test
    void pagesWithoutAnOriginAreStrangers() {
        for (String method : List.of("GET", "POST", "OPTIONS")) {
            Answer answer = hub.request(method, "/topics/a", "Origin", "null", "Access-Control-Request-Method", "POST");
            assertThat(answer.status()).as(method).isEqualTo(403);
            assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
        }
        assertThat(hub.post("/topics/a", "x").status()).as("a program, which says none").isEqualTo(201);
        try (RunningHub open = RunningHub.start("cors.origins=*")) {
            assertThat(open.post("/topics/a", "x", "Origin", "null").status()).as("where every page may").isEqualTo(201);
        }
    }

    @Test
    void preflightsRefuseStrangers() {
        Answer answer = hub.request("OPTIONS", "/topics/a", "Origin", "https://evil.example.com", "Access-Control-Request-Method", "POST");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void streamsCarryTheOrigin() {
        try (Wire wire = Wire.subscribe(hub.uri(), "/topics/a", "Origin: " + SHOP)) {
            assertThat(wire.head()).contains(
                    "Access-Control-Allow-Origin: " + SHOP, "Content-Type: text/event-stream;charset=utf-8",
                    "Cache-Control: no-cache, no-transform");
            assertThat(wire.head()).anyMatch(
                    line -> line.toLowerCase(Locale.ROOT).startsWith("vary:") && line.toLowerCase(Locale.ROOT).contains("origin"));
        }
    }

    @Test
    void answersAndRefusalsCarryTheOrigin() {
        for (Answer answer : List.of(
                hub.post("/topics/a", "x", "Origin", SHOP),
                hub.post("/topics/a//b", "x", "Origin", SHOP),
                hub.get("/topics/a//b", "Origin", SHOP),
                hub.get("/nothing", "Origin", SHOP))) {
            assertThat(answer.header("Access-Control-Allow-Origin")).as(answer.body()).contains(SHOP);
        }
    }

    @Test
    void refusalsOfStreamsCarryTheOrigin() {
        try (RunningHub full = RunningHub.start(
                        "cors.origins=" + SHOP, "limits.subscribers-per-ip=1", "limits.subscribers=1", "limits.overload-answer=status");
                Wire only = full.open("/topics/a")) {
            Answer answer = full.get("/topics/a", "Origin", SHOP);
            assertRefused(answer, ProblemType.TOO_MANY_STREAMS);
            assertThat(answer.header("Access-Control-Allow-Origin")).as("a page can only read what it is allowed to").contains(SHOP);
            assertThat(answer.header("Cache-Control").orElse("")).doesNotContain("no-transform");
        }
    }

    @Test
    void credentialsAreAllowedWhereTheyAreConfigured() {
        try (RunningHub hub = RunningHub.start("cors.origins=" + SHOP, "cors.credentials=true");
                Wire wire = Wire.subscribe(hub.uri(), "/topics/a", "Origin: " + SHOP)) {
            assertThat(wire.head()).contains("Access-Control-Allow-Credentials: true", "Access-Control-Allow-Origin: " + SHOP);
        }
    }

    @Test
    void everyOriginMayBeAllowed() {
        try (RunningHub hub = RunningHub.start("cors.origins=*");
                Wire wire = Wire.subscribe(hub.uri(), "/topics/a", "Origin: https://anybody.example.com")) {
            assertThat(wire.head())
                    .containsAnyOf("Access-Control-Allow-Origin: *", "Access-Control-Allow-Origin: https://anybody.example.com");
        }
    }

    @Test
    void nobodyIsAllowedByDefault() {
        try (RunningHub hub = RunningHub.start();
                Wire wire = Wire.subscribe(hub.uri(), "/topics/a", "Origin: " + SHOP)) {
            assertThat(wire.head()).noneMatch(line -> line.startsWith("Access-Control-"));
        }
    }

    @Test
    void aSharedCacheIsTold() {
        Answer answer = hub.get("/nothing", "Origin", SHOP);
        assertThat(answer.header("Vary").orElse("")).containsIgnoringCase("Origin");
    }
}
