package dev.hark.app.source.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import dev.hark.app.SilentLog;
import dev.hark.app.TlsKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What a hub makes of a queue of a real RabbitMQ. */
@ResourceLock(SilentLog.LOG)
class RabbitIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String QUEUE = "hark";
    private static final String DEAD = "dead";

    /** What RabbitMQ takes by default. */
    private static final int FRAME_BYTES = 131_072;

    private static final BasicProperties PERSISTENT = MessageProperties.PERSISTENT_BASIC;

    @TempDir
    private static Path keyFolder;

    private static TlsKeys keys;
    private static RabbitServer rabbit;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startRabbit() throws Exception {
        keys = TlsKeys.make(keyFolder);
        rabbit = RabbitServer.start(keys);
    }

    @AfterAll
    static void endRabbit() {
        if (rabbit != null) {
            rabbit.close();
        }
    }

    @BeforeEach
    void makeQueue() throws Exception {
        rabbit.queue(QUEUE, Map.of());
        rabbit.queue(DEAD, Map.of());
    }

    private static RunningHub hub(Engine engine, String... settings) {
        Stream<String> usual = Stream.of("sources.0.name=orders", "sources.0.rabbitmq.uri=" + rabbit.uri(),
                "sources.0.rabbitmq.queue=" + QUEUE, "sources.0.rabbitmq.topic=t");
        return RunningHub.start(engine, Stream.concat(usual, Stream.of(settings)).toArray(String[]::new));
    }

    private static List<String> inLog(RunningHub hub, String topic) throws IOException {
        JsonNode page = JSON.readTree(hub.get("/topics/" + topic + "?since=earliest&limit=500", "Accept", "application/json").body());
        List<String> data = new ArrayList<>();
        for (JsonNode event : page.path("events")) {
            data.add(event.path("data").isTextual() ? event.path("data").asText() : event.path("data").toString());
        }
        return data;
    }

    private static void awaitLog(RunningHub hub, String topic, String... expected) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(inLog(hub, topic)).containsExactly(expected));
    }

    private static JsonNode status(RunningHub hub) throws IOException {
        return JSON.readTree(hub.admin("/api/sources").body()).path("sources").path(0);
    }

    private static void awaitTrouble(RunningHub hub, String... words) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(hub).path("trouble").asText()).contains(words));
    }

    private static String[] numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toArray(String[]::new);
    }

    @Test
    void publishesMessagesInOrderWithTopicTypeAndKey() throws Exception {
        rabbit.with(channel -> {
            channel.exchangeDeclare("shop", BuiltinExchangeType.TOPIC, true);
            channel.queueBind(QUEUE, "shop", "orders.#");
        });
        BasicProperties properties = PERSISTENT.builder().type("order.paid").headers(Map.of("key", "k", "n", 7)).build();
        rabbit.publish("shop", "orders.17", properties, "before");
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.rabbitmq.topic={exchange}/{routing-key}/{header.n}",
                "sources.0.rabbitmq.key={header.key}")) {
            rabbit.publish("shop", "orders.17", properties, "ä\n2", "3");

            awaitLog(hub, "shop/orders/17/7", "before", "ä\n2", "3");
            JsonNode event = JSON.readTree(hub.get("/topics/shop/orders/17/7?since=earliest", "Accept", "application/json").body())
                    .path("events").path(1);
            assertThat(event.path("type").asText()).isEqualTo("order.paid");
            assertThat(event.path("key").asText()).isEqualTo("k");
            hub.awaitMeter(HubMeter.PUBLISHED_EVENTS, count -> count == 3);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(status(hub).path("behindSeconds").asDouble(-1)).isZero();
                assertThat(status(hub).path("published").asLong()).isEqualTo(3);
                assertThat(status(hub).path("state").asText()).isEqualTo("running");
                assertThat(hub.admin("/metrics").body()).contains("hark_source_events_total{source=\"orders\"} 3.0");
                assertThat(rabbit.waiting(QUEUE)).isZero();
            });
            JsonNode status = status(hub);
            assertThat(status.path("kind").asText()).isEqualTo("rabbitmq");
            assertThat(status.path("address").asText()).startsWith("amqp://127.0.0.1:").endsWith("/ queue hark");
        }
    }

    @Test
    void readsManyMessagesInSmallPortionsFromAQuorumQueueToo() throws Exception {
        rabbit.queue(QUEUE, Map.of("x-queue-type", "quorum"));
        rabbit.publish(QUEUE, numbers(1, 300));
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.batch=7", "sources.0.rabbitmq.prefetch=20")) {
            rabbit.publish(QUEUE, numbers(301, 460));
            awaitLog(hub, "t", numbers(1, 460));
        }
        rabbit.queue(QUEUE, Map.of());
    }

    @Test
    void handsWhatCanBeNoEventToTheQueuesOwnExchangeForDeadLetters() throws Exception {
        rabbit.queue(QUEUE, Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", DEAD));
        rabbit.publish(QUEUE, "{\"to\":\"a\"}", "{\"to\":\"a//b\"}", "no JSON", "{}");
        rabbit.publish(QUEUE, "{\"to\":\"a\",\"more\":\"" + "x".repeat(70_000) + "\"}");
        rabbit.publish("", QUEUE, PERSISTENT.builder().type("hark.close").build(), "{\"to\":\"a\"}");
        rabbit.with(channel -> channel.basicPublish("", QUEUE, PERSISTENT, new byte[] {(byte) 0xff}));
        rabbit.publish(QUEUE, "{\"to\":\"a\",\"n\":2}");
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.rabbitmq.topic=users/{json./to}")) {
            awaitLog(hub, "users/a", "{\"to\":\"a\"}", "{\"to\":\"a\",\"n\":2}");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(rabbit.waiting(DEAD)).isEqualTo(6));
            JsonNode status = status(hub);
            assertThat(status.path("refused").asLong()).isEqualTo(6);
            assertThat(status.path("published").asLong()).isEqualTo(2);
            assertThat(status.path("lastRefused").toString())
                    .contains("has a '/'", "data is no JSON", "has nothing at /to", "the limit is 61440 bytes", "'hark.close'");
            assertThat(hub.admin("/metrics").body()).contains("hark_source_refused_total{source=\"orders\"} 6.0");
            assertThat(rabbit.waiting(QUEUE)).isZero();
        }
    }

    @Test
    void sendsWhatCanBeNoEventToAQueueWithItsReason() throws Exception {
        rabbit.with(channel -> channel.queueDelete(DEAD));
        BasicProperties properties = PERSISTENT.builder().messageId("m-1").userId("guest").expiration("600000")
                .headers(Map.of("user", "a/b", "CC", List.of(QUEUE + "-copy"))).build();
        rabbit.publish("", QUEUE, properties, "poison");
        rabbit.publish("", QUEUE, PERSISTENT.builder().headers(Map.of("user", "u")).build(), "good");
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.rabbitmq.topic={header.user}", "sources.0.rabbitmq.dead-letter=" + DEAD)) {
            awaitTrouble(hub, "does not get into the queue dead", "NO_ROUTE", "is there a queue of this name?");
            rabbit.queue(DEAD, Map.of());
            // However often it was tried.
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(rabbit.waiting(DEAD)).isEqualTo(1));
            awaitLog(hub, "u", "good");
            assertThat(status(hub).path("refused").asLong()).isEqualTo(1);
            assertThat(status(hub).path("lastRefused").path(0).path("id").asText()).isEqualTo("m-1");
        }
        var dead = new AtomicReference<GetResponse>();
        rabbit.with(channel -> dead.set(channel.basicGet(DEAD, true)));
        assertThat(new String(dead.get().getBody(), StandardCharsets.UTF_8)).isEqualTo("poison");
        assertThat(dead.get().getProps().getMessageId()).isEqualTo("m-1");
        assertThat(dead.get().getProps().getExpiration()).isNull();
        Map<String, Object> headers = dead.get().getProps().getHeaders();
        assertThat(headers.get("hark-reason")).hasToString("the header 'user' has a '/', and stands in a topic: 'a/b'");
        assertThat(headers.get("hark-routing-key")).hasToString(QUEUE);
        assertThat(headers).containsKeys("hark-exchange", "user").doesNotContainKey("CC");
    }

    /** Properties and headers of a message are one frame, which a publisher may fill by himself. */
    @Test
    void whatCanBeNoEventAndHasLargeHeadersDoesNotHoldUpThoseBehindIt() throws Exception {
        String large = "a/" + "x".repeat(70_000);
        String largest = "a/" + "x".repeat(FRAME_BYTES - 100);
        for (String user : List.of(large, largest, "u")) {
            rabbit.publish("", QUEUE, PERSISTENT.builder().headers(Map.of("user", user)).build(), user.length() + "");
        }
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.rabbitmq.topic={header.user}", "sources.0.rabbitmq.dead-letter=" + DEAD)) {
            awaitLog(hub, "u", "1");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(rabbit.waiting(DEAD)).isEqualTo(2));
            assertThat(rabbit.waiting(QUEUE)).isZero();
        }
        List<GetResponse> dead = new ArrayList<>();
        rabbit.with(channel -> dead.addAll(List.of(channel.basicGet(DEAD, true), channel.basicGet(DEAD, true))));
        Map<String, Object> first = dead.get(0).getProps().getHeaders();
        assertThat(first.get("user")).hasToString(large);
        assertThat(String.valueOf(first.get("hark-reason"))).startsWith("the header 'user' has a '/'").hasSizeLessThan(400);
        Map<String, Object> second = dead.get(1).getProps().getHeaders();
        assertThat(second).doesNotContainKey("user").containsKeys("hark-reason", "hark-routing-key");
        assertThat(second.get("hark-left-out")).hasToString("1: user");
    }

    @Test
    void goesOnAfterTheBrokerWasAwayAndSaysSo() throws Exception {
        rabbit.publish(QUEUE, "1");
        try (RunningHub hub = hub(Engine.MEMORY, "health.stall=PT0.1S")) {
            awaitLog(hub, "t", "1");
            rabbit.kill();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(hub.admin("/health/ready").body())
                    .contains("alarms", "the source 'orders' does not get on", "amqp://"));
            assertThat(hub.admin("/health/ready").status()).as("publishers and streams lack nothing").isEqualTo(200);
            assertThat(status(hub).path("state").asText()).isEqualTo("trouble");
            assertThat(status(hub).path("behindSeconds").asDouble()).isPositive();
            rabbit.startAgain();
            rabbit.publish(QUEUE, "2");
            awaitLog(hub, "t", "1", "2");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(hub.admin("/health/ready").body()).doesNotContain("alarms"));
        } finally {
            rabbit.startAgain();
        }
    }

    /** So much that it does not fit between the two: the write hangs. */
    @Test
    @Tag("long")
    void saysThatTheBrokerTakesNothingAndEndsAllTheSame() throws Exception {
        // One log for both: the first hub may publish what is behind the large one, when it has arrived by then.
        String[] settings = {"log.kind=sqlite", "log.path=" + folder.resolve("hark.db"), "sources.0.rabbitmq.dead-letter=" + DEAD};
        rabbit.publish(QUEUE, "x".repeat(30 << 20));
        rabbit.publish(QUEUE, "good");
        rabbit.shortOfMemory(true);
        try {
            RunningHub hub = hub(Engine.MEMORY, settings);
            try {
                awaitTrouble(hub, "does not get into the queue dead", "the broker takes nothing", "memory");
            } finally {
                // In the middle of the next try, perhaps.
                CompletableFuture.runAsync(hub::close).orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
            }
        } finally {
            rabbit.shortOfMemory(false);
        }
        try (RunningHub hub = hub(Engine.MEMORY, settings)) {
            awaitLog(hub, "t", "good");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(rabbit.waiting(DEAD)).isPositive());
        }
    }

    @Test
    void saysClearlyWhatIsWrongAndGoesOnWhenItIsMended() throws Exception {
        rabbit.with(channel -> channel.queueDelete(QUEUE));
        try (RunningHub hub = hub(Engine.MEMORY)) {
            awaitTrouble(hub, "queue hark", "NOT_FOUND - no queue 'hark' in vhost '/'");
            rabbit.queue(QUEUE, Map.of());
            rabbit.publish(QUEUE, "1");
            awaitLog(hub, "t", "1");
            rabbit.with(channel -> channel.queueDelete(QUEUE));
            awaitTrouble(hub, "queue hark");
            rabbit.with(channel -> channel.queueDeclare(QUEUE, true, false, false, Map.of("x-queue-type", "stream")));
            await().atMost(PATIENCE).untilAsserted(() -> {
                rabbit.publish(QUEUE, "2");
                assertThat(status(hub).path("trouble").asText()).contains("queue hark", "it is a stream");
            });
        }
        rabbit.queue(QUEUE, Map.of());
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.rabbitmq.password=geheim")) {
            awaitTrouble(hub, "ACCESS_REFUSED");
            assertThat(hub.admin("/api/sources").body()).doesNotContain("geheim");
        }
    }

    /** Who copies messages from a stream into a queue copies their headers. */
    @Test
    void publishesMessagesThatLookLikeThoseOfAStream() throws Exception {
        rabbit.publish(QUEUE, "1");
        for (int i = 2; i <= 4; i++) {
            rabbit.publish("", QUEUE, PERSISTENT.builder().headers(Map.of("x-stream-offset", 40L + i)).build(), Integer.toString(i));
        }
        rabbit.publish(QUEUE, "5");
        try (RunningHub hub = hub(Engine.MEMORY)) {
            awaitLog(hub, "t", numbers(1, 5));
            rabbit.publish("", QUEUE, PERSISTENT.builder().headers(Map.of("x-stream-offset", 45L)).build(), "6");
            rabbit.publish(QUEUE, "7");
            awaitLog(hub, "t", numbers(1, 7));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(hub).path("state").asText()).isEqualTo("running"));
            assertThat(status(hub).path("refused").asLong()).isZero();
            assertThat(rabbit.waiting(QUEUE)).isZero();
        }
    }

    @Test
    void saysThatAMessageCannotBeReadAndGoesOnWhenItIsTakenAway() throws Exception {
        Map<String, Object> nested = Map.of();
        for (int i = 0; i < 40; i++) {
            nested = Map.of("in", nested);
        }
        rabbit.publish("", QUEUE, PERSISTENT.builder().headers(nested).build(), "poison");
        rabbit.publish(QUEUE, "1");
        try (RunningHub hub = hub(Engine.MEMORY)) {
            awaitTrouble(hub, "queue hark", "a message that cannot be read has to be taken out of the queue, see docs/sources.md");
            rabbit.queue(QUEUE, Map.of());
            rabbit.publish(QUEUE, "2");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(inLog(hub, "t")).endsWith("2").doesNotContain("poison"));
        }
    }

    @Test
    void readsOverTlsFromABrokerThatItTrusts() throws Exception {
        Path authorities = Files.writeString(folder.resolve("authorities.pem"), keys.certificate());
        rabbit.publish(QUEUE, "1");
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.rabbitmq.uri=" + rabbit.tlsUri())) {
            awaitTrouble(hub, "cannot be reached", "certification path");
        }
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.rabbitmq.uri=" + rabbit.tlsUri().replace("localhost", "127.0.0.1"),
                "sources.0.rabbitmq.authorities=" + authorities)) {
            awaitTrouble(hub, "cannot be reached", "127.0.0.1");
        }
        try (RunningHub hub = hub(Engine.MEMORY, "sources.0.rabbitmq.uri=" + rabbit.tlsUri(),
                "sources.0.rabbitmq.authorities=" + authorities)) {
            awaitLog(hub, "t", "1");
        }
    }

    @Test
    void letsNobodyReadBesideIt() throws Exception {
        try (RunningHub hub = hub(Engine.MEMORY); RunningHub second = hub(Engine.MEMORY)) {
            // One of the two has the queue, and the other one says why it has not.
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(hub).path("trouble").asText() + status(second).path("trouble"))
                    .contains("ACCESS_REFUSED", "in exclusive use"));
        }
    }

    @Test
    void goesOnWhereItWasAfterARestart() throws Exception {
        String[] log = {"log.kind=sqlite", "log.path=" + folder.resolve("hark.db")};
        rabbit.publish(QUEUE, "tick", "tick", "tick");
        try (RunningHub hub = hub(Engine.MEMORY, log)) {
            awaitLog(hub, "t", "tick", "tick", "tick");
        }
        // Each is equal to one that is in the log, and was delivered to somebody before.
        rabbit.publish(QUEUE, "tick", "tick");
        giveToSomebodyElseFirst(2);
        try (RunningHub hub = hub(Engine.MEMORY, log[0], log[1], "sources.0.enabled=false")) {
            assertThat(status(hub).path("state").asText()).isEqualTo("disabled");
            assertThat(inLog(hub, "t")).hasSize(3);
        }
        try (RunningHub hub = hub(Engine.MEMORY, log)) {
            awaitLog(hub, "t", "tick", "tick", "tick", "tick", "tick");
        }
    }

    /** As the first of what was waiting in the hub, and came back to the queue when it ended. */
    @Test
    void anEqualMessageBehindAnEndInOrderIsAnotherOne() throws Exception {
        String[] log = {"log.kind=sqlite", "log.path=" + folder.resolve("hark.db")};
        rabbit.publish(QUEUE, "tick");
        try (RunningHub hub = hub(Engine.MEMORY, log)) {
            awaitLog(hub, "t", "tick");
        }
        rabbit.publish(QUEUE, "tick", "tock");
        giveToSomebodyElseFirst(2);
        try (RunningHub hub = hub(Engine.MEMORY, log)) {
            awaitLog(hub, "t", "tick", "tick", "tock");
        }
    }

    /** The end is in order too where what can be no event was held up, and went where it belongs later. */
    @Test
    @Tag("long")
    void anEqualMessageBehindADeadLetterThatWasHeldUpIsAnotherOne() throws Exception {
        String[] settings = {"log.kind=sqlite", "log.path=" + folder.resolve("hark.db"), "sources.0.rabbitmq.topic={header.user}",
                "sources.0.rabbitmq.dead-letter=" + DEAD};
        BasicProperties properties = PERSISTENT.builder().headers(Map.of("user", "u")).build();
        rabbit.with(channel -> channel.queueDelete(DEAD));
        rabbit.publish("", QUEUE, properties, "tick");
        rabbit.publish(QUEUE, "poison");
        try (RunningHub hub = hub(Engine.MEMORY, settings)) {
            awaitLog(hub, "u", "tick");
            awaitTrouble(hub, "does not get into the queue dead");
            rabbit.queue(DEAD, Map.of());
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(rabbit.waiting(DEAD)).isEqualTo(1));
        }
        rabbit.publish("", QUEUE, properties, "tick");
        giveToSomebodyElseFirst(1);
        try (RunningHub hub = hub(Engine.MEMORY, settings)) {
            awaitLog(hub, "u", "tick", "tick");
        }
    }

    private static void giveToSomebodyElseFirst(int messages) throws Exception {
        rabbit.with(channel -> {
            for (int i = 0; i < messages; i++) {
                channel.basicGet(QUEUE, false);
            }
            channel.basicRecover(true);
        });
    }
}
