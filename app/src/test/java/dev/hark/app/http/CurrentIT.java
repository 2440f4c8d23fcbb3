package dev.hark.app.http;

import static dev.hark.app.http.Refusal.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.Program;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import dev.hark.app.SilentLog;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.app.crash.DurableServer;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The newest event of each topic and key, over real sockets: what streams and pages begin with, and what takes it back. */
@Timeout(120)
class CurrentIT {
    private static final String[] SETTINGS = {
        "topics.0.match=prices/**", "topics.0.overflow=replay", "topics.0.keep.latest=true", "topics.0.keep.events=64",
        "topics.1.match=**", "topics.1.overflow=replay", "delivery.heartbeat=PT10M"
    };

    private static final String JSON = "Accept: application/json";

    @TempDir
    Path folder;

    private static RunningHub start(Engine engine, String... more) {
        return RunningHub.start(engine, with(more));
    }

    private static String[] with(String... more) {
        return IntStream.range(0, SETTINGS.length + more.length)
                .mapToObj(i -> i < SETTINGS.length ? SETTINGS[i] : more[i - SETTINGS.length]).toArray(String[]::new);
    }

    private static String publish(RunningHub hub, String topic, String key, String data) {
        Answer answer = hub.post("/topics/" + topic + "?key=" + key, data);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json("id");
    }

    private static Answer page(RunningHub hub, String target) {
        return hub.get(target, "Accept", "application/json");
    }

    private static List<String> field(Answer page, String name) {
        assertThat(page.status()).as(page.body()).isEqualTo(200);
        return StreamSupport.stream(page.json().path("events").spliterator(), false).map(each -> each.path(name).asText()).toList();
    }

    private static String epoch(String id) {
        return id.substring(0, 8);
    }

    // ---- streams

    /** A deletion that retention has removed is made up for by a new snapshot, in pages too. */
    @ParameterizedTest
    @EnumSource
    void isGivenAnewWhereSomethingWasLost(Engine engine) {
        try (RunningHub hub = start(engine, "log.hot-events=10", "topics.0.keep.events=10", "topics.0.mailbox.events=5")) {
            publish(hub, "prices/a", "k1", "1");
            publish(hub, "prices/a", "k2", "2");
            String next = page(hub, "/topics/prices/*?since=current").json("next");
            assertThat(hub.request("DELETE", "/topics/prices/a?key=k1").status()).isEqualTo(200);
            IntStream.range(0, 100).forEach(i -> publish(hub, "prices/a", "k3", "later"));
            Awaitility.await("the deletion is gone").atMost(Wire.PATIENCE).until(
                    () -> field(page(hub, "/topics/prices/*?since=earliest"), "type"),
                    types -> !types.contains("hark.deleted"));
            Answer anew = page(hub, "/topics/prices/*?since=current&lastEventId=" + next);

            assertThat(anew.json().path("gap").path("reason").asText()).isEqualTo("retention");
            assertThat(anew.json().path("gap").path("resumedAt").asText()).endsWith(".0");
            assertThat(field(anew, "key")).containsExactly("k2", "k3");
            try (Wire wire = Wire.subscribe(hub.uri(), "/topics/prices/*?since=current", "Last-Event-ID: " + next)) {
                List<SseBlock> blocks = wire.blocks(5);
                assertThat(blocks.getFirst().is("hark.gap")).isTrue();
                assertThat(blocks.get(1).id()).endsWith(".0");
                assertThat(blocks.stream().map(SseBlock::data)).containsSubsequence("2", "later");
                assertThat(blocks.getLast().is("hark.position")).isTrue();
            }
        }
    }

    /** All the bytes of it, with those that frame them. */
    @ParameterizedTest
    @EnumSource
    void isWrittenByteForByte(Engine engine) {
        try (RunningHub hub = start(engine)) {
            String first = publish(hub, "prices/eurusd", "spot", "1.08");
            publish(hub, "prices/eurusd", "forward", "old");
            hub.publish("news", "not a price");
            hub.post("/topics/prices/eurusd?key=forward&type=tick", "1.09\nfixed");
            String epoch = epoch(first);
            try (Wire wire = Wire.subscribe(hub.uri(), "/topics/prices/*?since=current")) {
                assertThat(wire.head()).startsWith("HTTP/1.1 200 OK").contains("Transfer-Encoding: chunked");
                List<SseBlock> blocks = wire.blocks(4);
                assertThat(blocks.stream().map(SseBlock::raw).collect(Collectors.joining())).isEqualTo("""
                        retry: 2000
                        event: hark.open
                        id: EPOCH-4.0
                        data: {"position":"EPOCH-4.0"}

                        id: EPOCH-4.1
                        data: 1.08

                        event: tick
                        id: EPOCH-4.4
                        data: 1.09
                        data: fixed

                        event: hark.position
                        id: EPOCH-4
                        data: {}

                        """.replace("EPOCH", epoch));
                assertThat(wire.chunks()).as("hark.open, both events in one write, and the position").containsExactly(
                        blocks.get(0).raw().length(), blocks.get(1).raw().length() + blocks.get(2).raw().length(),
                        blocks.get(3).raw().length());
                String next = publish(hub, "prices/usdjpy", "spot", "151");
                assertThat(wire.block().raw()).isEqualTo("id: " + next + "\ndata: 151\n\n");
                assertThat(next).isEqualTo(epoch + "-5");
            }
            assertThat(hub.read(HubMeter.SNAPSHOTS)).isEqualTo(1);
            // Counted once they are written, which their client may have read before.
            hub.awaitMeter(HubMeter.SNAPSHOT_EVENTS, count -> count == 2);
        }
    }

    /** What a client knows that was cut anywhere within it is the same as if it had not been. */
    @ParameterizedTest
    @EnumSource
    void goesOnWhereAClientWasCut(Engine engine) {
        try (RunningHub hub = start(engine)) {
            String first = "";
            for (int key = 0; key < 30; key++) {
                first = key == 0 ? publish(hub, "prices/a", "k0", "v0") : first;
                publish(hub, "prices/a", "k" + key, "v" + key);
            }
            String epoch = epoch(first);
            List<String> seen = new ArrayList<>();
            String last;
            try (Wire wire = hub.open("/topics/prices/*?since=current")) {
                List<SseBlock> blocks = wire.blocks(10);
                blocks.forEach(block -> seen.add(block.data()));
                last = blocks.getLast().id();
            }
            assertThat(last).isEqualTo(epoch + "-31.11");
            // Of what it has, and of what it has not yet.
            publish(hub, "prices/a", "k3", "v3 newer");
            publish(hub, "prices/a", "k20", "v20 newer");
            assertThat(hub.request("DELETE", "/topics/prices/a?key=k25").status()).isEqualTo(200);

            try (Wire wire = Wire.subscribe(hub.uri(), "/topics/prices/*?since=current", "Last-Event-ID: " + last)) {
                assertThat(wire.block().raw()).isEqualTo("retry: 2000\nevent: hark.open\nid: %s\ndata: {\"position\":\"%s\"}\n\n"
                        .formatted(last, last));
                List<SseBlock> rest = new ArrayList<>(wire.blocks(19));
                while (!rest.getLast().is("hark.position")) {
                    rest.add(wire.block());
                }
                assertThat(rest.removeLast().raw()).isEqualTo("event: hark.position\nid: " + epoch + "-31\ndata: {}\n\n");
                assertThat(rest).extracting(SseBlock::id).allMatch(id -> id.startsWith(epoch + "-31."));
                List<String> given = new ArrayList<>(rest.stream().map(SseBlock::data).toList());
                // What has changed since may still be among it: the change comes behind.
                given.removeAll(List.of("v20", "v25"));
                assertThat(given).isEqualTo(IntStream.range(10, 30).filter(i -> i != 20 && i != 25).mapToObj(i -> "v" + i).toList());
                assertThat(wire.blocks(3)).extracting(SseBlock::data)
                        .containsExactly("v3 newer", "v20 newer", "{\"topic\":\"prices/a\",\"key\":\"k25\"}");
            }
            assertThat(hub.read(HubMeter.SNAPSHOTS)).as("it is the same one").isEqualTo(1);
            assertThat(seen).hasSize(10);
        }
    }

    @ParameterizedTest
    @EnumSource
    void beginsAnewForWhoHasAnIdThatSaysNothing(Engine engine) {
        try (RunningHub hub = start(engine)) {
            String id = publish(hub, "prices/a", "k", "1");
            String epoch = epoch(id);
            for (String stranger : List.of("aaaaaaaa-7", "aaaaaaaa-7.3")) {
                for (String query : List.of("?since=current", stranger.contains(".") ? "" : "?since=current")) {
                    try (Wire wire = Wire.subscribe(hub.uri(), "/topics/prices/*" + query, "Last-Event-ID: " + stranger)) {
                        SseBlock gap = wire.block();
                        assertThat(gap.event()).isEqualTo("hark.gap");
                        assertThat(gap.id()).isEqualTo(epoch + "-1.0");
                        assertThat(gap.data()).isEqualTo("{\"reason\":\"reset\",\"after\":\"" + stranger + "\",\"resumedAt\":\"" + epoch
                                + "-1.0\",\"dropped\":null}");
                        assertThat(wire.block().is("hark.open")).isTrue();
                        assertThat(wire.block().raw()).isEqualTo("id: " + epoch + "-1.1\ndata: 1\n\n");
                    }
                }
            }
            for (String unknown : List.of("Last-Event-ID: " + epoch + "-99", "Last-Event-ID: nonsense", "Last-Event-ID:")) {
                try (Wire wire = Wire.subscribe(hub.uri(), "/topics/prices/*?since=current", unknown)) {
                    assertThat(wire.block().data()).as(unknown).contains("\"unknown-id\"");
                    assertThat(wire.block().is("hark.open")).isTrue();
                    assertThat(wire.block().id()).isEqualTo(epoch + "-1.1");
                }
            }
            try (Wire wire = Wire.subscribe(hub.uri(), "/topics/prices/*?since=current", "Last-Event-ID: " + id)) {
                assertThat(wire.block().is("hark.open")).as("who has all of it").isTrue();
                String next = publish(hub, "prices/a", "k", "2");
                assertThat(wire.block().id()).isEqualTo(next);
            }
        }
    }

    @Test
    void bearsItsOwnIdsWithinTheEventsOfOtherShapes() {
        try (RunningHub hub = start(Engine.SQLITE)) {
            publish(hub, "prices/a", "old", "0");
            String id = publish(hub, "prices/a", "k", "{\"n\":1}");
            publish(hub, "prices/a", "old", "2");
            String epoch = epoch(id);
            for (String format : List.of("envelope", "cloudevents")) {
                try (Wire wire = hub.open("/topics/prices/*?since=current&format=" + format)) {
                    SseBlock block = wire.block();
                    assertThat(block.id()).isEqualTo(epoch + "-3.2");
                    JsonNode event = new Answer(200, Map.of(), block.data()).json();
                    assertThat(event.path("id").asText()).as(format).isEqualTo(id);
                    assertThat(event.path("data").path("n").asInt()).isEqualTo(1);
                    assertThat(wire.block().data()).contains("\"id\":\"" + epoch + "-3\"");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @ResourceLock(SilentLog.LOG)
    void isSaidNotToBeWholeWhereKeysHadToGo(Engine engine) {
        int keys = engine == Engine.SQLITE ? 10 : 11;
        try (var warnings = new Warnings("more than " + keys + " topics and keys (log.latest.keys)");
                RunningHub hub = start(engine, "log.latest.keys=" + keys)) {
            IntStream.range(0, keys + 3).forEach(key -> publish(hub, "prices/a", "k" + key, "v" + key));
            assertThat(warnings.said).as("once").hasSize(1).first().asString().contains("prices/**");
            try (Wire wire = Wire.subscribe(hub.uri(), "/topics/prices/*?since=current")) {
                assertThat(wire.block().data()).contains("\"retention\"", "\"after\":null");
                assertThat(wire.block().is("hark.open")).isTrue();
                assertThat(wire.data(keys)).startsWith("v3").endsWith("v" + (keys + 2));
                // Who leaves before has not had all of it, and is not counted.
                while (!wire.block().is("hark.position")) {
                    assertThat(wire.isFinished()).isFalse();
                }
            }
            assertThat(page(hub, "/topics/prices/*?since=current").json().path("gap").path("reason").asText()).isEqualTo("retention");
            hub.awaitMeter(HubMeter.SNAPSHOT_EVENTS, count -> count == 2L * keys);
            List<String> metrics = hub.admin("/metrics").body().lines().toList();
            assertThat(metrics).contains("hark_class_keys{class=\"prices/**\"} " + keys + ".0",
                    "hark_class_evicted{class=\"prices/**\"} 3.0", "hark_class_keys{class=\"(default)\"} 0.0",
                    "hark_class_evicted{class=\"(default)\"} 0.0", "hark_snapshots_total 2.0",
                    "hark_snapshot_events_total " + 2 * keys + ".0");
        }
    }

    /** What the log of the hub says that contains a text. */
    private static final class Warnings extends Handler implements AutoCloseable {
        private final Logger logger = Logger.getLogger("dev.hark.log");
        private final String text;
        private final List<String> said = new CopyOnWriteArrayList<>();

        Warnings(String text) {
            this.text = text;
            logger.addHandler(this);
        }

        @Override
        public void publish(LogRecord warning) {
            if (warning.getMessage().contains(text)) {
                said.add(warning.getMessage());
            }
        }

        @Override
        public void flush() {
            // Nothing is held back.
        }

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }

    // ---- pages

    @ParameterizedTest
    @EnumSource
    void isGivenInPages(Engine engine) {
        try (RunningHub hub = start(engine)) {
            String epoch = epoch(publish(hub, "prices/a", "k0", "v0"));
            IntStream.range(1, 7).forEach(key -> publish(hub, "prices/a", "k" + key, "v" + key));

            Answer first = page(hub, "/topics/prices/*?since=current&limit=3");
            assertThat(field(first, "data")).containsExactly("v0", "v1", "v2");
            assertThat(field(first, "id")).containsExactly(epoch + "-1", epoch + "-2", epoch + "-3");
            assertThat(first.json("next")).isEqualTo(epoch + "-7.3");
            publish(hub, "prices/a", "k0", "v0 newer");
            hub.request("DELETE", "/topics/prices/a?key=k5");

            List<String> rest = new ArrayList<>();
            String next = first.json("next");
            while (!next.equals(epoch + "-9")) {
                Answer page = page(hub, "/topics/prices/*?limit=3&wait=20s&since=" + next);
                assertThat(page.json().path("gap").isNull()).isTrue();
                page.json().path("events").forEach(event -> rest.add(event.path("id").asText() + " " + event.path("type").asText() + " "
                        + event.path("key").asText()));
                next = page.json("next");
            }
            // What was deleted since may still be among it: the deletion comes behind.
            rest.remove(epoch + "-6 message k5");
            assertThat(rest).containsExactly(epoch + "-4 message k3", epoch + "-5 message k4", epoch + "-7 message k6",
                    epoch + "-8 message k0", epoch + "-9 hark.deleted k5");
            assertThat(hub.read(HubMeter.SNAPSHOTS)).isEqualTo(1);
            hub.awaitMeter(HubMeter.SNAPSHOT_EVENTS, count -> count == 6 || count == 7);
        }
    }

    // ---- deletion

    @ParameterizedTest
    @EnumSource
    void isWithoutWhatWasDeleted(Engine engine) {
        try (RunningHub hub = start(engine)) {
            publish(hub, "prices/a", "k", "1");
            hub.publish("prices/a", "without a key");
            try (Wire live = hub.open("/topics/prices/*")) {
                hub.awaitStreams(1);
                Answer answer = hub.request("DELETE", "/topics/prices/a?key=k");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.mediaType()).isEqualTo("application/json");
                assertThat(answer.json("topic")).isEqualTo("prices/a");
                assertThat(answer.json().path("subscribers").asInt()).isEqualTo(1);
                assertThat(live.block().raw()).isEqualTo("event: hark.deleted\nid: " + answer.json("id")
                        + "\ndata: {\"topic\":\"prices/a\",\"key\":\"k\"}\n\n");
                assertThat(field(page(hub, "/topics/prices/*?since=current"), "data")).containsExactly("without a key");
                assertThat(hub.request("DELETE", "/topics/prices/a").status()).isEqualTo(200);
                assertThat(live.block().data()).isEqualTo("{\"topic\":\"prices/a\",\"key\":null}");
                assertThat(hub.request("DELETE", "/topics/prices/never", "Hark-Key", "k").status()).as("of what was never there")
                        .isEqualTo(200);
                assertThat(live.block().data()).isEqualTo("{\"topic\":\"prices/never\",\"key\":\"k\"}");
            }
            assertThat(field(page(hub, "/topics/prices/*?since=current"), "data")).as("who asks finds what was done").isEmpty();
            assertThat(field(page(hub, "/topics/prices/*?since=earliest"), "type"))
                    .containsExactly("message", "message", "hark.deleted", "hark.deleted", "hark.deleted");
        }
    }

    @Test
    void isDeletedOnceForOneIdempotencyKey() {
        try (RunningHub hub = start(Engine.SQLITE)) {
            Answer first = hub.request("DELETE", "/topics/prices/a?key=k", "Idempotency-Key", "i");
            publish(hub, "prices/a", "k", "newer");
            Answer again = hub.request("DELETE", "/topics/prices/a?key=k", "Idempotency-Key", "i");

            assertThat(again.status()).isEqualTo(200);
            assertThat(again.json("id")).isEqualTo(first.json("id"));
            assertThat(again.header("Idempotency-Replayed")).contains("true");
            assertThat(field(page(hub, "/topics/prices/*?since=current"), "data")).containsExactly("newer");
            assertRefused(hub.request("DELETE", "/topics/prices/a?key=other", "Idempotency-Key", "i"), ProblemType.KEY_REUSED);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "/topics/news; INVALID_EVENT; topic 'news'; keep.latest",
        "/topics/prices/*; INVALID_EVENT; prices/*; *",
        "/topics/prices/a/; INVALID_EVENT; empty segment; did you mean 'prices/a'",
        "/topics/prices/a?key=; INVALID_EVENT; key is empty; key",
        "/topics/prices/a?kye=k; MALFORMED; 'kye'; did you mean key?",
        "/topics/prices/a?type=x; MALFORMED; 'type'; key",
        "/events; METHOD_NOT_ALLOWED; DELETE; GET, HEAD, POST",
        "/api/publish/7; METHOD_NOT_ALLOWED; DELETE; POST",
    })
    void isNotDeletedWhereItDoesNotStay(String target, ProblemType type, String subject, String hint) {
        try (RunningHub hub = start(Engine.MEMORY, "routes.3.publish=/api/publish/{id}", "routes.3.topic=prices/{id}")) {
            Answer answer = hub.request("DELETE", target);
            assertRefused(answer, type, subject, hint);
            assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).isZero();
        }
    }

    @Test
    void isNotDeletedByABody() {
        try (RunningHub hub = start(Engine.MEMORY);
                Wire wire = Wire.connect(hub.uri()).request("DELETE", "/topics/prices/a", "Content-Length: 3").send("key")) {
            assertRefused(wire.answer(), ProblemType.MALFORMED, "?key=");
            assertThat(wire.head()).contains("Connection: close");
        }
    }

    @Test
    void isDeletedByPagesThatMayPublish() {
        try (RunningHub hub = start(Engine.MEMORY, "cors.origins=https://shop.example")) {
            Answer preflight = hub.request("OPTIONS", "/topics/prices/a?key=k", "Origin", "https://shop.example",
                    "Access-Control-Request-Method", "DELETE");
            assertThat(preflight.status()).isEqualTo(204);
            assertThat(preflight.header("Access-Control-Allow-Methods")).contains("GET, HEAD, POST, DELETE");
            Answer deleted = hub.request("DELETE", "/topics/prices/a?key=k", "Origin", "https://shop.example");
            assertThat(deleted.status()).isEqualTo(200);
            assertThat(deleted.header("Access-Control-Allow-Origin")).contains("https://shop.example");
            assertRefused(hub.request("DELETE", "/topics/prices/a?key=k", "Origin", "https://evil.example"), ProblemType.FOREIGN_ORIGIN);
            assertThat(hub.request(
                    "OPTIONS", "/topics/prices/a", "Origin", "https://evil.example", "Access-Control-Request-Method", "DELETE").status())
                    .isEqualTo(403);
        }
        try (RunningHub hub = start(Engine.MEMORY)) {
            assertRefused(hub.request("DELETE", "/topics/prices/a?key=k", "Origin", "https://evil.example"), ProblemType.FOREIGN_ORIGIN);
            assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).isZero();
        }
    }

    // ---- refusals

    @ParameterizedTest
    @ValueSource(strings = {"/topics/news?since=current", "/topics/news?since=current&lastEventId=aaaaaaaa-1",
        "/events?topic=news&topic=orders/*&since=current"})
    void isRefusedWhereTheNewestDoesNotStay(String target) {
        try (RunningHub hub = start(Engine.MEMORY)) {
            assertRefused(hub.get(target), ProblemType.INVALID_FILTER, "keep.latest");
            assertRefused(page(hub, target), ProblemType.INVALID_FILTER, "keep.latest");
            assertThat(hub.request("HEAD", target).status()).isEqualTo(400);
        }
    }

    /** An id is never refused: the rule may have been another when it was given. */
    @Test
    void isNotRefusedToWhoHasAnIdWithinIt() {
        try (RunningHub hub = start(Engine.MEMORY)) {
            String id = hub.publish("news", "1");
            String next = hub.publish("news", "2");
            try (Wire wire = hub.open("/topics/news", "Last-Event-ID: " + id + ".0")) {
                assertThat(wire.block().raw()).isEqualTo("event: hark.position\nid: " + id + "\ndata: {}\n\n");
                assertThat(wire.block().id()).isEqualTo(next);
            }
        }
    }

    @Test
    void isAStartBesideWhichThereIsNoOther() {
        try (RunningHub hub = start(Engine.MEMORY)) {
            assertRefused(hub.get("/topics/prices/*?since=curent"), ProblemType.INVALID_FILTER, "'curent'", "latest, earliest, current");
            assertRefused(hub.get("/topics/prices/*?since=current&since=current"), ProblemType.INVALID_FILTER, "since is given 2 times");
            assertThat(field(page(hub, "/events?topic=news&topic=prices/*&since=current"), "data")).as("some of it stays").isEmpty();
        }
    }

    // ---- over the end of a process

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void survivesARestartBeyondRetention(boolean inOrder) throws Exception {
        try (var server = new DurableServer(folder)) {
            Program first = server.start(with());
            URI uri = first.awaitUri();
            String rare = send(uri, "POST", "/topics/prices/rare?key=k", "rare").json("id");
            send(uri, "POST", "/topics/prices/gone?key=k", "gone");
            // Retention bears with a thousand events more.
            for (int i = 0; i < 3; i++) {
                String lines = "{\"topic\":\"prices/busy\",\"key\":\"b\",\"data\":\"x\"}\n".repeat(500);
                send(uri, "POST", "/events", lines, "Content-Type: application/x-ndjson");
            }
            send(uri, "DELETE", "/topics/prices/gone?key=k", "");
            String last = send(uri, "POST", "/topics/prices/busy?key=b", "last").json("id");
            Awaitility.await("retention has come").atMost(Wire.PATIENCE).until(() ->
                    send(uri, "GET", "/topics/prices/*?limit=1&since=" + rare, "", JSON).json().path("gap").isObject());
            if (inOrder) {
                first.terminate();
                first.awaitExit();
            } else {
                DurableServer.kill(first);
            }

            URI again = server.start(with()).awaitUri();
            try (Wire wire = Wire.open(again, "/topics/prices/*?since=current")) {
                List<SseBlock> blocks = wire.blocks(3);
                assertThat(blocks).extracting(SseBlock::data).containsExactly("rare", "last", "{}");
                assertThat(blocks.get(0).id()).isEqualTo(last + ".1");
                assertThat(blocks.get(2).event()).isEqualTo("hark.position");
            }
            Answer page = send(again, "GET", "/topics/prices/*?since=current", "", JSON);
            assertThat(page.json().path("gap").isNull()).isTrue();
            assertThat(field(page, "data")).containsExactly("rare", "last");
        }
    }

    private static Answer send(URI hub, String method, String target, String body, String... headers) {
        try (Wire wire = Wire.connect(hub)) {
            List<String> all = new ArrayList<>(List.of(headers));
            if (!body.isEmpty()) {
                all.add("Content-Length: " + body.length());
            }
            Answer answer = wire.request(method, target, all.toArray(String[]::new)).send(body).answer();
            assertThat(answer.status()).as(answer.body()).isBetween(200, 201);
            return answer;
        }
    }
}
