package dev.hark.app.http;

import static dev.hark.app.http.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages over real sockets: their heads, their parameters, and what becomes of those that wait. */
class PagesIT {
    private static final String ACCEPT = "Accept: application/json";

    @Test
    void areReadFromOneToTheNext() {
        try (RunningHub hub = RunningHub.start()) {
            String topic = newTopic();
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                ids.add(hub.publish(topic + "/" + i, "{\"n\":" + i + "}"));
                hub.publish("other", "x");
            }
            var seen = new ArrayList<String>();
            String since = "earliest";
            Answer page;
            do {
                page = page(hub, "/topics/" + topic + "/*?limit=2&since=" + since);
                page.json().path("events").forEach(event -> seen.add(event.path("id").asText()));
                since = page.json("next");
            } while (!page.json().path("events").isEmpty());
            assertThat(seen).isEqualTo(ids);
            assertThat(page.json().path("gap").isNull()).isTrue();
            assertThat(page.body()).endsWith("}\n");
        }
    }

    @Test
    void sayWhatTheyAre() {
        try (RunningHub hub = RunningHub.start()) {
            Answer answer = page(hub, "/topics/a");
            assertThat(answer.header("Content-Type")).contains("application/json;charset=utf-8");
            assertThat(answer.header("Cache-Control")).contains("no-store");
            assertThat(answer.header("Content-Length")).contains(String.valueOf(answer.body().length()));
            assertThat(answer.header("Connection").orElse("")).isNotEqualToIgnoringCase("close");
            assertThat(answer.header("X-Accel-Buffering")).isEmpty();
        }
    }

    @Test
    void answerHeadWithoutABody() {
        try (RunningHub hub = RunningHub.start()) {
            for (String target : List.of("/topics/a?wait=20s", "/events?topic=a", "/api/events")) {
                try (Wire wire = Wire.connect(hub.uri()).request("HEAD", target, ACCEPT)) {
                    assertThat(wire.head()).startsWith("HTTP/1.1 200 OK")
                            .contains("Content-Type: application/json;charset=utf-8", "Cache-Control: no-store", "Connection: close")
                            .noneMatch(line -> line.startsWith("Content-Length") || line.startsWith("Transfer-Encoding"));
                    assertThat(wire.isAtEnd()).isTrue();
                }
            }
            assertThat(hub.request("HEAD", "/topics/a?limit=0", "Accept", "application/json").status()).isEqualTo(400);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "/topics/a?limit=0; limit is 0; 1 to 500",
        "/topics/a?limit=501; limit is 501; 1 to 500",
        "/topics/a?limit=many; limit is 'many'; from 1 to 500",
        "/topics/a?limit=1&limit=2; limit is given 2 times; one is allowed",
        "/topics/a?wait=61s; wait is PT1M1S; up to 60 s",
        "/topics/a?wait=PT61S; wait is PT1M1S; up to 60 s",
        "/topics/a?wait=PT2M; wait is PT2M; up to 60 s",
        "/topics/a?wait=soon; wait is 'soon'; 20s or PT20S",
        "/topics/a?wait=1s&wait=1s; wait is given 2 times; one is allowed",
        "/topics/a?since=yesterday; since is 'yesterday'; latest, earliest",
        "/topics/a?last=-1; last is -1; 0 to 10000",
        "/topics/a?format=xml; format is 'xml'; data, envelope, cloudevents",
        "/topics/a//b; topic filter 'a//b'; empty segment",
    })
    void refuseWhatTheyDoNotUnderstand(String target, String subject, String hint) {
        try (RunningHub hub = RunningHub.start()) {
            assertRefused(page(hub, target), ProblemType.INVALID_FILTER, subject, hint);
        }
    }

    @Test
    void areWhatAcceptPrefers() {
        try (RunningHub hub = RunningHub.start()) {
            for (String accept : List.of("application/json, text/event-stream;q=0.9", "application/json;q=0.5, text/html",
                    "text/event-stream;q=0.1\r\nAccept: application/json;q=0.2")) {
                try (Wire wire = Wire.connect(hub.uri()).request("GET", "/topics/a", "Accept: " + accept)) {
                    assertThat(wire.answer().json().path("events")).as(accept).isEmpty();
                }
            }
            for (String accept : List.of("*/*", "application/json, */*", "text/event-stream, application/json",
                    "application/json;q=0.5\r\nAccept: text/event-stream;q=0.6")) {
                try (Wire wire = Wire.connect(hub.uri()).request("GET", "/topics/a", "Accept: " + accept)) {
                    assertThat(wire.block().event()).as(accept).isEqualTo("hark.open");
                }
            }
        }
    }

    /** Who forgets to ask for a page would otherwise wait for ever for what is a stream. */
    @Test
    void areWhatLimitAndWaitAreFor() {
        try (RunningHub hub = RunningHub.start()) {
            for (String name : List.of("limit=10", "wait=5s")) {
                assertRefused(hub.get("/topics/a?" + name), ProblemType.INVALID_FILTER, name.split("=")[0] + " is for pages",
                        "Accept: application/json");
            }
            assertRefused(page(hub, "/topics/a?limt=10"), ProblemType.MALFORMED, "'limt'", "did you mean limit?");
        }
    }

    @Test
    void startWhereStreamsDo() {
        try (RunningHub hub = RunningHub.start()) {
            String topic = newTopic();
            String first = hub.publish(topic, "1");
            String second = hub.publish(topic, "2");
            hub.publish(topic, "3");
            String path = "/topics/" + topic;
            assertThat(data(page(hub, path))).isEmpty();
            assertThat(data(page(hub, path + "?last=2"))).containsExactly("2", "3");
            assertThat(data(page(hub, path + "?since=10m"))).containsExactly("1", "2", "3");
            assertThat(data(page(hub, path + "?lastEventId=" + second))).containsExactly("3");
            assertThat(data(hub.get(path + "?since=earliest", "Accept", "application/json", "Last-Event-ID", first)))
                    .containsExactly("2", "3");
            assertThat(data(page(hub, "/events?topic=x&topic=" + topic + "&last=1"))).containsExactly("3");
            hub.post("/api/events", "routed");
            assertThat(data(page(hub, "/api/events?last=1"))).containsExactly("routed");
            Answer lost = hub.get(path + "?since=earliest", "Accept", "application/json", "Last-Event-ID", "nonsense");
            assertThat(lost.json().path("gap").path("reason").asText()).isEqualTo("unknown-id");
            assertThat(lost.json().path("gap").path("resumedAt").asText()).isEqualTo(lost.json("next"));
        }
    }

    @Test
    void haveTheShapeThatIsAskedFor() {
        try (RunningHub hub = RunningHub.start()) {
            String topic = newTopic();
            hub.publish(topic, "{\"a\": 1}");
            hub.publish(topic, "hi");
            String path = "/topics/" + topic + "?since=earliest&format=";
            assertThat(page(hub, path + "data").json().path("events").toString()).isEqualTo("[{\"a\":1},\"hi\"]");
            assertThat(page(hub, path + "envelope").json()).isEqualTo(page(hub, path).json());
            assertThat(page(hub, path + "cloudevents").json().path("events").path(1).path("specversion").asText()).isEqualTo("1.0");
        }
    }

    // ---- waiting

    @Test
    void waitForWhatIsPublished() {
        try (RunningHub hub = RunningHub.start();
                Wire wire = Wire.connect(hub.uri()).request("GET", "/topics/a?wait=60s", ACCEPT)) {
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            assertThat(hub.read(HubMeter.STREAMS)).isOne();
            String id = hub.publish("a", "now");
            Answer answer = wire.answer();
            assertThat(data(answer)).containsExactly("now");
            assertThat(answer.json("next")).isEqualTo(id);

            // The connection is as good as new.
            wire.nextHead().request("GET", "/topics/a?since=earliest", ACCEPT);
            assertThat(data(wire.answer())).containsExactly("now");
            wire.nextHead().request("GET", "/topics/a?wait=60s&since=" + id, ACCEPT);
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            hub.publish("a", "then");
            assertThat(data(wire.answer())).containsExactly("then");
            wire.nextHead().request("POST", "/topics/a", "Content-Length: 1").send("x");
            assertThat(wire.answer().status()).isEqualTo(201);
            wire.nextHead().request("GET", "/topics/a");
            assertThat(wire.block().event()).as("it may become a stream").isEqualTo("hark.open");
        }
    }

    @Test
    void losesNothingThatItsClientSendsMeanwhile() {
        try (RunningHub hub = RunningHub.start();
                Wire wire = Wire.connect(hub.uri()).request("GET", "/topics/a?wait=60s", ACCEPT)) {
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            wire.request("POST", "/topics/b", "Content-Length: 9").send("pipe");
            hub.publish("a", "now");
            assertThat(data(wire.answer())).containsExactly("now");
            wire.send("lined");
            assertThat(wire.nextHead().answer().status()).isEqualTo(201);
            assertThat(data(page(hub, "/topics/b?since=earliest"))).containsExactly("pipelined");
        }
    }

    @Test
    void areEmptyWhenTheTimeIsOver() {
        try (RunningHub hub = RunningHub.start()) {
            String id = hub.publish("b", "x");
            long begun = System.nanoTime();
            Answer answer = page(hub, "/topics/a?wait=PT0.3S");
            assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(300));
            assertThat(answer.json().path("events")).isEmpty();
            assertThat(answer.json("next")).isEqualTo(id);
            assertThat(answer.json().path("gap").isNull()).isTrue();
            assertThat(hub.read(HubMeter.PAGES_WAITING)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leaveWithTheirClient(boolean politely) {
        try (RunningHub hub = RunningHub.start("limits.subscribers-per-ip=1");
                Wire wire = Wire.connect(hub.uri()).request("GET", "/topics/a?wait=60s", ACCEPT)) {
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            if (politely) {
                wire.close();
            } else {
                wire.reset();
            }
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 0);
            hub.awaitStreams(0);
            hub.awaitOpen("/topics/a").close();
        }
    }

    @Test
    void leaveWithTheirClientWhereItAskedForThemAtOnce() {
        try (RunningHub hub = RunningHub.start(); Wire wire = Wire.connect(hub.uri())) {
            String head = " HTTP/1.1\r\nHost: localhost\r\n" + ACCEPT + "\r\n\r\n";
            wire.send("GET /topics/a?wait=60s" + head + "GET /topics/b?wait=60s" + head);
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            hub.publish("a", "now");
            assertThat(data(wire.answer())).containsExactly("now");
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            wire.close();
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 0);
        }
    }

    @Test
    void endWithTheHub() throws Exception {
        try (RunningHub hub = RunningHub.start("drain.window=PT5S");
                Wire stream = hub.open("/topics/a");
                Wire wire = Wire.connect(hub.uri()).request("GET", "/topics/a?wait=60s", ACCEPT);
                ExecutorService drain = Executors.newVirtualThreadPerTaskExecutor()) {
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            Future<?> done = drain.submit(hub::drain);
            Answer answer = wire.answer();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().path("events")).isEmpty();
            assertThat(answer.json("next")).matches("[a-z0-9]{8}-0");
            assertThat(stream.block().event()).isEqualTo("hark.close");
            done.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void areRefusedWhereTheHubIsFull() {
        try (RunningHub hub = RunningHub.start("limits.subscribers=1");
                Wire wire = Wire.connect(hub.uri()).request("GET", "/topics/a?wait=60s", ACCEPT)) {
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            Answer refused = page(hub, "/topics/b?wait=1s");
            assertRefused(refused, ProblemType.OVERLOADED, "1 streams", "limits.subscribers");
            assertThat(refused.header("Retry-After")).contains("2");
            assertThat(page(hub, "/topics/b").status()).as("it does not wait").isEqualTo(200);
            hub.publish("a", "x");
            assertThat(wire.answer().status()).isEqualTo(200);
            assertThat(page(hub, "/topics/b?wait=10ms").status()).isEqualTo(200);
        }
    }

    @Test
    void countAsStreamsOfTheirAddress() {
        try (RunningHub hub = RunningHub.start("limits.subscribers-per-ip=1");
                Wire wire = Wire.connect(hub.uri()).request("GET", "/topics/a?wait=60s", ACCEPT)) {
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            assertRefused(page(hub, "/topics/b?wait=1s"), ProblemType.TOO_MANY_STREAMS, "holds 1 streams");
            assertRefused(hub.get("/topics/b"), ProblemType.TOO_MANY_STREAMS);
            assertThat(page(hub, "/topics/b").status()).isEqualTo(200);
        }
    }

    /** A connection that is kept waiting is about the same request for longer than an idle one may be. */
    @Tag("long")
    @Test
    void mayWaitLongerThanAConnectionMayBeIdle() {
        try (RunningHub hub = RunningHub.start("server.idle-timeout=PT1S");
                Wire wire = Wire.connect(hub.uri()).request("GET", "/topics/a?wait=6s", ACCEPT)) {
            Answer answer = wire.answer();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().path("events")).isEmpty();
            wire.nextHead().request("GET", "/topics/a", ACCEPT);
            assertThat(wire.answer().status()).isEqualTo(200);
            // And then it is idle as any other.
            assertThat(wire.isAtEnd()).isTrue();
        }
    }

    /** As {@code nc -N} does behind its request: that is not to leave, and a page is found that the log has to be searched for. */
    @Test
    void areWholeForWhoClosesItsSendingHalf() {
        try (RunningHub hub = RunningHub.start(RunningHub.Engine.SQLITE, "log.hot-events=1", "limits.batch-events=15000")) {
            for (int i = 0; i < 20; i++) {
                hub.publish("rare/" + i, String.valueOf(i));
            }
            String others = "{\"topic\":\"other\",\"data\":\"x\"}\n".repeat(15_000);
            assertThat(hub.post("/events", others, "Content-Type", "application/x-ndjson").status()).isEqualTo(201);
            for (String start : List.of(
                    "last=10", "since=1h", "since=earliest", "since=latest", "last=10&wait=60s", "since=earliest&wait=60s")) {
                String target = "/events?topic=rare/*&" + start;
                try (Wire wire = Wire.connect(hub.uri()).request("GET", target, ACCEPT)) {
                    wire.closeSendingHalf();
                    Answer answer = wire.answer();
                    assertThat(answer.status()).as("%s: %s", start, answer.body()).isEqualTo(200);
                    JsonNode whole = page(hub, target).json();
                    assertThat(answer.json().path("events")).as(start).isEqualTo(whole.path("events"));
                    assertThat(answer.json().path("gap")).as(start).isEqualTo(whole.path("gap"));
                    // Where a search takes long, a page that has something ends before the end of the log; nothing is left out behind it.
                    assertThat(data(page(hub, "/events?topic=rare/*&since=" + answer.json("next")))).as(start).isEmpty();
                    assertThat(wire.isAtEnd()).isTrue();
                }
            }
            try (Wire wire = Wire.connect(hub.uri()).request("GET", "/events?topic=rare/*&wait=60s", ACCEPT)) {
                wire.closeSendingHalf();
                assertThat(data(wire.answer())).as("nobody waits").isEmpty();
            }
        }
    }

    @Test
    void areAnsweredInHttp10() {
        try (RunningHub hub = RunningHub.start(); Wire wire = Wire.connect(hub.uri())) {
            hub.publish("a", "x");
            wire.send("GET /topics/a?since=earliest HTTP/1.0\r\n" + ACCEPT + "\r\n\r\n");
            assertThat(data(wire.answer())).containsExactly("x");
            assertThat(wire.isAtEnd()).isTrue();
        }
    }

    private static Answer page(RunningHub hub, String target) {
        return hub.get(target, "Accept", "application/json");
    }

    private static List<String> data(Answer page) {
        assertThat(page.status()).as(page.body()).isEqualTo(200);
        return StreamSupport.stream(page.json().path("events").spliterator(), false).map(event -> event.path("data"))
                .map(JsonNode::asText).toList();
    }

    private static String newTopic() {
        return "t" + UUID.randomUUID().toString().replace("-", "");
    }
}
