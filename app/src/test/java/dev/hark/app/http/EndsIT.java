package dev.hark.app.http;

import static dev.hark.app.http.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The last event of a topic, over real sockets. */
class EndsIT {
    private static final String[] NDJSON = {"Content-Type", "application/x-ndjson"};
    private static final String[] JSON = {"Content-Type", "application/json"};

    private static String end(RunningHub hub, String topic, String data) {
        Answer answer = hub.post("/topics/" + topic + "?end=true", data);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json("id");
    }

    @ParameterizedTest
    @EnumSource
    void endsStreamsAndTurnsBackWhoHasItAll(Engine engine) {
        try (RunningHub hub = RunningHub.start(engine, "cors.origins=https://shop.example")) {
            Wire live = hub.open("/topics/answers/42");
            Wire wild = hub.open("/topics/answers/*");
            String token = hub.publish("answers/42", "Hel");
            String last = end(hub, "answers/42", "lo");
            List<SseBlock> blocks = live.blocks(3);
            assertThat(blocks.get(0).raw()).isEqualTo("id: " + token + "\ndata: Hel\n\n");
            assertThat(blocks.get(1).raw()).isEqualTo("id: " + last + "\ndata: lo\n\n");
            assertThat(blocks.get(2).raw())
                    .matches("retry: [23]\\d{3}\nevent: hark.close\nid: " + last + "\ndata: \\{\"reason\":\"ended\"}\n\n");
            assertThat(live.blockOrEnd()).isEmpty();
            assertThat(live.isFinished()).as("a clean end").isTrue();
            assertThat(wild.data(2)).containsExactly("Hel", "lo");

            // On one connection, which goes on: it is an answer like any other.
            Wire back = Wire.connect(hub.uri());
            for (String header : List.of("Last-Event-ID: " + last, "Last-Event-ID:" + last)) {
                back.request("GET", "/topics/answers/42", "Accept: text/event-stream", "Origin: https://shop.example", header);
                List<String> head = back.head();
                assertThat(head.getFirst()).isEqualTo("HTTP/1.1 204 No Content");
                assertThat(head).contains("Cache-Control: no-store", "Access-Control-Allow-Origin: https://shop.example", "Vary: Origin")
                        .noneMatch(line -> line.matches("(?i)(content-|transfer-|connection: close).*"));
                back.nextHead();
            }
            for (String query : List.of("since=", "lastEventId=")) {
                assertThat(hub.get("/topics/answers/42?" + query + last).status()).isEqualTo(204);
            }
            assertThat(hub.get("/events?topic=answers/42", "Last-Event-ID", last).status()).isEqualTo(204);
            assertThat(hub.read(HubMeter.STREAMS_AT_END)).isEqualTo(5);
            assertThat(hub.get("/topics/answers/42?since=" + last, "Accept", "application/json").json("next")).isEqualTo(last);
            assertThat(hub.request("HEAD", "/topics/answers/42", "Last-Event-ID", last).status()).isEqualTo(200);

            Wire late = hub.open("/topics/answers/42", "Last-Event-ID: " + token);
            assertThat(late.blocks(2)).extracting(SseBlock::event).containsExactly("message", "hark.close");
            String anew = hub.publish("answers/42", "anew");
            Wire open = hub.open("/topics/answers/42", "Last-Event-ID: " + last);
            assertThat(open.block().id()).isEqualTo(anew);
            List.of(live, wild, back, late, open).forEach(Wire::close);
        }
    }

    @Test
    void endsWithoutABodyAndOnRoutes() {
        try (RunningHub hub = RunningHub.start(
                "routes.3.publish=/api/done/{id}", "routes.3.subscribe=/api/watch/{id}", "routes.3.topic=jobs/{id}")) {
            Wire watching = hub.open("/api/watch/7");
            assertThat(hub.post("/api/done/7?end=true&type=done", "").status()).isEqualTo(201);
            List<SseBlock> blocks = watching.blocks(2);
            assertThat(blocks.getFirst().event()).isEqualTo("done");
            assertThat(blocks.getFirst().data()).isEmpty();
            assertThat(blocks.getLast().event()).isEqualTo("hark.close");
            assertThat(hub.get("/api/watch/7", "Last-Event-ID", blocks.getLast().id()).status()).isEqualTo(204);
            watching.close();
        }
    }

    @Test
    void endsTopicsInABatch() {
        try (RunningHub hub = RunningHub.start()) {
            assertThat(hub.post("/events", """
                    {"topic":"a","data":"1"}
                    {"topic":"a","data":"2","end":true}
                    {"topic":"b","end":false,"data":"3"}
                    """, NDJSON).status()).isEqualTo(201);
            assertThat(hub.post("/events", "[{\"end\":true,\"topic\":\"c\",\"data\":\"\"}]", JSON).status()).isEqualTo(201);
            assertThat(hub.read(HubMeter.TOPICS_ENDED)).isEqualTo(2);
            for (String wrong : List.of("\"true\"", "1", "null", "{}")) {
                assertRefused(hub.post("/events", "{\"topic\":\"a\",\"data\":\"\",\"end\":" + wrong + "}", JSON),
                        ProblemType.MALFORMED, "entry 0", "end that is not true or false");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"end=", "end", "end=yes", "end=TRUE", "end=1", "end=true&end=true"})
    void refusesWhatIsNeitherTrueNorFalse(String query) {
        try (RunningHub hub = RunningHub.start()) {
            assertRefused(hub.post("/topics/a?" + query, "x"), ProblemType.INVALID_EVENT, "end is", "true and false are allowed");
            assertThat(hub.post("/topics/a?end=false", "x").status()).isEqualTo(201);
            assertThat(hub.read(HubMeter.TOPICS_ENDED)).isZero();
            assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).isEqualTo(1);
        }
    }

    @Test
    void tellsARetryOfAnEndFromAnotherEvent() {
        try (RunningHub hub = RunningHub.start()) {
            Answer first = hub.post("/topics/a?end=true", "x", "Idempotency-Key", "k");
            Answer again = hub.post("/topics/a?end=true", "x", "Idempotency-Key", "k");
            assertThat(again.status()).isEqualTo(200);
            assertThat(again.json("id")).isEqualTo(first.json("id"));
            assertRefused(hub.post("/topics/a", "x", "Idempotency-Key", "k"), ProblemType.KEY_REUSED);
        }
    }
}
