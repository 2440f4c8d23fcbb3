package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.app.Answer;
import dev.hark.app.Program;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.app.crash.DurableServer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics of which the log keeps more, less or nothing, as publishers and clients see it. */
@Timeout(120)
class TopicClassesIT {
    /** What each class keeps. Retention bears with a thousand events more, in between its looks. */
    private static final int KEPT = 64;

    /** So many that it must have taken some. */
    private static final int MANY = 1_500;

    private static final String[] SETTINGS = {
        "topics.0.match=prices/**", "topics.0.overflow=replay", "topics.0.keep.events=" + KEPT,
        "topics.0.keep.latest=false",
        "topics.1.match=cursors/**", "topics.1.keep=nothing", "topics.2.match=**", "log.hot-events=50"
    };

    @TempDir
    Path folder;

    private static RunningHub start(Engine engine) {
        return RunningHub.start(engine, SETTINGS);
    }

    /** Publishes so many events of {@code topic} that its class loses some. */
    private static List<String> publishMany(RunningHub hub, String topic) {
        List<String> ids = new ArrayList<>();
        for (int batch = 0; batch < MANY / 500; batch++) {
            String lines = ("{\"topic\":\"" + topic + "\",\"data\":\"x\"}\n").repeat(500);
            Answer answer = hub.post("/events", lines, "Content-Type", "application/x-ndjson");
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            answer.json().path("events").forEach(event -> ids.add(event.path("id").asText()));
        }
        return ids;
    }

    private static void awaitLoss(RunningHub hub, String name) {
        Awaitility.await().atMost(Wire.PATIENCE).until(() -> hub.hub().kept().stream()
                .anyMatch(each -> each.topicClass().name().equals(name) && each.lost() > 0 && each.events() == KEPT));
    }

    /** What a stream that resumes after {@code id} is given before {@code hark.open}, and as many events as are due to it. */
    private static List<SseBlock> resumed(URI hub, String target, String id, int events) {
        try (Wire wire = Wire.subscribe(hub, target, "Last-Event-ID: " + id)) {
            List<SseBlock> blocks = new ArrayList<>();
            int left = events;
            while (left > 0 || blocks.stream().noneMatch(block -> block.is("hark.open"))) {
                SseBlock block = wire.block();
                if (block.isEvent()) {
                    blocks.add(block);
                    left -= block.event().startsWith("hark.") ? 0 : 1;
                }
            }
            return blocks;
        }
    }

    private static List<String> idsOf(List<SseBlock> blocks) {
        return blocks.stream().filter(block -> !block.event().startsWith("hark.")).map(SseBlock::id).toList();
    }

    private static JsonNode gap(List<SseBlock> blocks) {
        SseBlock first = blocks.getFirst();
        assertThat(first.event()).as(first.raw()).isEqualTo("hark.gap");
        return new Answer(200, Map.of(), first.data()).json();
    }

    @ParameterizedTest
    @EnumSource
    void tellAGapOfWhatTheFiltersTouchAndOfNothingElse(Engine engine) {
        try (RunningHub hub = start(engine)) {
            String before = hub.publish("orders/1", "seen");
            List<String> orders = new ArrayList<>(List.of(hub.publish("orders/1", "a")));
            publishMany(hub, "prices/eurusd");
            orders.add(hub.publish("orders/2", "b"));
            String last = hub.publish("prices/eurusd", "last");
            awaitLoss(hub, "prices/**");

            List<SseBlock> order = resumed(hub.uri(), "/topics/orders/*", before, 2);
            assertThat(order.getFirst().event()).as("only prices are gone").isEqualTo("hark.open");
            assertThat(idsOf(order)).isEqualTo(orders);

            List<SseBlock> price = resumed(hub.uri(), "/topics/prices/*", before, KEPT);
            assertThat(gap(price).path("reason").asText()).isEqualTo("retention");
            assertThat(gap(price).path("after").asText()).isEqualTo(before);
            assertThat(idsOf(price)).hasSize(KEPT).endsWith(last);

            List<SseBlock> both = resumed(hub.uri(), "/events?topic=orders/*&topic=prices/*", before, KEPT + 2);
            assertThat(gap(both).path("reason").asText()).isEqualTo("retention");
            assertThat(gap(both).path("resumedAt").asText()).as("nothing of the orders is passed over").isEqualTo(before);
            assertThat(idsOf(both)).hasSize(KEPT + 2).containsAll(orders).endsWith(last);
            assertThat(idsOf(both)).as("in the order of the log").isSortedAccordingTo(
                    (one, other) -> Long.compare(sequence(one), sequence(other)));
        }
    }

    private static long sequence(String id) {
        return Long.parseLong(id.substring(id.indexOf('-') + 1));
    }

    /** Pages are read from the same log, and tell the same. */
    @ParameterizedTest
    @EnumSource
    void tellPagesOfTheSameGaps(Engine engine) {
        try (RunningHub hub = start(engine)) {
            String before = hub.publish("orders/1", "seen");
            String order = hub.publish("orders/1", "a");
            publishMany(hub, "prices/eurusd");
            awaitLoss(hub, "prices/**");

            Answer orders = page(hub, "/topics/orders/*?since=" + before);
            assertThat(orders.json().path("gap").isNull()).as(orders.body()).isTrue();
            assertThat(orders.json().path("events")).hasSize(1);
            Answer both = page(hub, "/events?topic=orders/*&topic=prices/*&limit=500&since=" + before);
            assertThat(both.json().path("gap").path("reason").asText()).isEqualTo("retention");
            assertThat(both.json().path("events").path(0).path("id").asText()).isEqualTo(order);
            assertThat(both.json().path("events")).hasSize(KEPT + 1);
            assertThat(page(hub, "/events?topic=orders/*&topic=prices/*&since=" + both.json("next")).json().path("gap").isNull())
                    .as("what follows is whole").isTrue();
        }
    }

    private static Answer page(RunningHub hub, String target) {
        return hub.get(target, "Accept", "application/json");
    }

    @ParameterizedTest
    @EnumSource
    void acknowledgeAsMemoryWhatIsNotStored(Engine engine) {
        try (RunningHub hub = start(engine)) {
            String usual = engine == Engine.SQLITE ? "fsync" : "memory";
            assertThat(hub.post("/topics/orders/1", "x").json("durability")).isEqualTo(usual);
            assertThat(hub.post("/topics/cursors/4", "x").json("durability")).isEqualTo("memory");
            assertThat(batch(hub, "orders/1", "prices/a").json("durability")).isEqualTo(usual);
            assertThat(batch(hub, "cursors/1", "cursors/2").json("durability")).isEqualTo("memory");
            Answer mixed = batch(hub, "orders/1", "cursors/1", "orders/2");
            assertThat(mixed.json("durability")).as("as what is kept least").isEqualTo("memory");
            List<Long> positions = new ArrayList<>();
            mixed.json().path("events").forEach(event -> positions.add(sequence(event.path("id").asText())));
            assertThat(positions).as("consecutive").containsExactly(positions.get(0), positions.get(0) + 1, positions.get(0) + 2);
            Answer first = hub.post("/topics/cursors/4", "y", "Idempotency-Key", "k");
            Answer again = hub.post("/topics/cursors/4", "y", "Idempotency-Key", "k");
            assertThat(again.status()).isEqualTo(200);
            assertThat(again.json("id")).isEqualTo(first.json("id"));
            assertThat(hub.post("/topics/cursors/4", "z", "Idempotency-Key", "k").status()).isEqualTo(422);
        }
    }

    private static Answer batch(RunningHub hub, String... topics) {
        String lines = String.join("\n", List.of(topics).stream().map(topic -> "{\"topic\":\"" + topic + "\",\"data\":\"x\"}").toList());
        Answer answer = hub.post("/events", lines, "Content-Type", "application/x-ndjson");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer;
    }

    @ParameterizedTest
    @EnumSource
    void deliverWhatIsNotStoredInOrderWithAllElse(Engine engine) {
        try (RunningHub hub = start(engine);
                Wire live = hub.open("/topics/**")) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ids.add(hub.publish(i % 3 == 0 ? "orders/1" : "cursors/" + i, "x" + i));
            }
            assertThat(live.blocks(20)).extracting(SseBlock::id).isEqualTo(ids);
            List<SseBlock> resumed = resumed(hub.uri(), "/topics/**", ids.getFirst(), 19);
            assertThat(resumed.getFirst().event()).as("all of it is hot").isEqualTo("hark.open");
            assertThat(idsOf(resumed)).isEqualTo(ids.subList(1, 20));
            assertThat(page(hub, "/topics/cursors/*?last=2").json().path("events")).as("of the hot ones").hasSize(2);
        }
    }

    /** Those that are no longer hot are nowhere: who comes too late for them is told, and who asks for others is not. */
    @ParameterizedTest
    @EnumSource
    void tellWhoComesTooLateForWhatIsNotStored(Engine engine) {
        try (RunningHub hub = start(engine)) {
            String before = hub.publish("cursors/1", "seen");
            String gone = hub.publish("cursors/1", "gone");
            List<String> orders = IntStream.range(0, 60).mapToObj(i -> hub.publish("orders/1", "x" + i)).toList();
            String late = hub.publish("cursors/1", "late");

            List<SseBlock> cursors = resumed(hub.uri(), "/topics/cursors/*", before, 1);
            assertThat(gap(cursors).path("reason").asText()).isEqualTo("retention");
            assertThat(idsOf(cursors)).containsExactly(late).doesNotContain(gone);
            List<SseBlock> order = resumed(hub.uri(), "/topics/orders/*", before, 60);
            assertThat(order.getFirst().event()).isEqualTo("hark.open");
            assertThat(idsOf(order)).isEqualTo(orders);
            List<SseBlock> both = resumed(hub.uri(), "/topics/**", before, 61);
            assertThat(gap(both).path("reason").asText()).isEqualTo("retention");
            assertThat(idsOf(both)).hasSize(61).containsAll(orders).endsWith(late);
        }
    }

    /** Over the end of a process, in order or not: what is stored is all there, and of the rest the gap is told. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void surviveARestartAsTheyAreKept(boolean inOrder) throws Exception {
        try (var server = new DurableServer(folder)) {
            Program first = server.start(SETTINGS);
            URI uri = first.awaitUri();
            String before = publish(uri, "orders/1", "seen");
            String cursor = publish(uri, "cursors/1", "live");
            String order = publish(uri, "orders/1", "stored");
            String lastCursor = publish(uri, "cursors/1", "live");
            if (inOrder) {
                first.terminate();
                first.awaitExit();
            } else {
                DurableServer.kill(first);
            }
            Program second = server.start(SETTINGS);
            URI again = second.awaitUri();
            String next = publish(again, "cursors/1", "new");
            assertThat(sequence(next)).as("no id is given twice").isGreaterThan(sequence(lastCursor));

            List<SseBlock> orders = resumed(again, "/topics/orders/*", before, 1);
            assertThat(orders.getFirst().event()).isEqualTo("hark.open");
            assertThat(idsOf(orders)).containsExactly(order);
            List<SseBlock> cursors = resumed(again, "/topics/cursors/*", before, 1);
            assertThat(gap(cursors).path("reason").asText()).isEqualTo("retention");
            assertThat(idsOf(cursors)).containsExactly(next).doesNotContain(cursor);
            List<SseBlock> both = resumed(again, "/topics/**", before, 2);
            assertThat(gap(both).path("reason").asText()).isEqualTo("retention");
            assertThat(idsOf(both)).containsExactly(order, next);
            assertThat(second.err()).doesNotContain("are lost");
        }
    }

    private static String publish(URI hub, String topic, String data) {
        try (Wire wire = Wire.connect(hub)) {
            int length = data.getBytes(StandardCharsets.UTF_8).length;
            Answer answer = wire.request("POST", "/topics/" + topic, "Content-Length: " + length).send(data).answer();
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            return answer.json("id");
        }
    }

    @ParameterizedTest
    @EnumSource
    void areCountedByTheMetrics(Engine engine) {
        try (RunningHub hub = start(engine)) {
            hub.publish("orders/1", "x");
            hub.publish("cursors/1", "x");
            List<String> prices = publishMany(hub, "prices/eurusd");
            awaitLoss(hub, "prices/**");
            List<String> metrics = hub.admin("/metrics").body().lines().toList();

            assertThat(metrics).contains(
                    "hark_class_events{class=\"(default)\"} 1.0", "hark_class_events{class=\"cursors/**\"} 0.0",
                    "hark_class_bytes{class=\"cursors/**\"} 0.0", "hark_class_floor{class=\"(default)\"} 0.0");
            assertThat(value(metrics, "hark_class_events{class=\"prices/**\"}")).isEqualTo(KEPT);
            assertThat(value(metrics, "hark_class_bytes{class=\"prices/**\"}")).isPositive();
            assertThat(value(metrics, "hark_class_floor{class=\"prices/**\"}")).isBetween(
                    (double) sequence(prices.getFirst()), (double) sequence(prices.getLast()));
        }
    }

    private static double value(List<String> metrics, String name) {
        return metrics.stream().filter(line -> line.startsWith(name + ' '))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).findFirst().orElseThrow();
    }

    @Test
    void haveAClassForPricesByDefault() {
        try (RunningHub hub = RunningHub.start()) {
            hub.publish("a", "x");
            assertThat(hub.admin("/metrics").body()).contains("\nhark_class_events{class=\"(default)\"} 1.0\n")
                    .contains("\nhark_class_events{class=\"prices/**\"} 0.0\n");
        }
    }
}
