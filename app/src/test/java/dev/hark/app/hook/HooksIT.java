package dev.hark.app.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import dev.hark.app.hook.Receiver.Received;
import dev.hark.app.hook.Receiver.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a service is told by hooks, over HTTP. */
@Timeout(300)
@ResourceLock(SilentLog.LOG)
class HooksIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String RESET = "hook.reset new";

    private final Receiver receiver = new Receiver();

    @AfterEach
    void end() {
        receiver.close();
    }

    private String[] settings(String... more) {
        return Stream.concat(hook(0, receiver, "presence"), Stream.of(more)).toArray(String[]::new);
    }

    private static Stream<String> hook(int number, Receiver receiver, String name) {
        String prefix = "hooks." + number + '.';
        return Stream.of(prefix + "name=" + name, prefix + "url=" + receiver.url(), prefix + "secret=" + Receiver.SECRET,
                prefix + "topics=orders/*", prefix + "settle=PT0.3S");
    }

    /** That there is a stream is told behind the reset only where that does not tell of it already. */
    private static RunningHub afterReset(RunningHub hub, Receiver told) {
        try {
            told.awaitTold(RESET);
            return hub;
        } catch (RuntimeException | Error e) {
            hub.close();
            throw e;
        }
    }

    private RunningHub start(String... more) {
        return afterReset(RunningHub.start(settings(more)), receiver);
    }

    private static JsonNode status(RunningHub hub) throws IOException {
        return JSON.readTree(hub.admin("/api/hooks").body()).path("hooks").path(0);
    }

    @ParameterizedTest
    @EnumSource
    void tellsOfTheFirstStreamOfATopicAndOfTheLast(Engine engine) throws Exception {
        try (RunningHub hub = afterReset(RunningHub.start(engine, settings()), receiver); Wire elsewhere = hub.open("/topics/news")) {
            try (Wire first = hub.open("/topics/orders/1")) {
                receiver.awaitTold("topic.listened orders/1");
                Wire second = hub.open("/topics/orders/1");
                first.close();
                Wire another = hub.open("/topics/orders/2");
                receiver.awaitTold("topic.listened orders/2");
                another.close();
                receiver.awaitTold("topic.left orders/2");
                second.close();
            }
            receiver.awaitTold("topic.left orders/1");

            assertThat(receiver.told()).containsExactly(RESET, "topic.listened orders/1", "topic.listened orders/2", "topic.left orders/2",
                    "topic.left orders/1");
            assertThat(receiver.calls()).allSatisfy(call -> assertThat(call.genuine()).as("signed").isTrue());
            assertThat(receiver.calls().stream().map(Received::id)).doesNotHaveDuplicates().noneMatch(id -> id.contains("."));
            assertThat(receiver.calls().stream().flatMap(call -> call.events().stream()))
                    .allSatisfy(event -> assertThat(event.path("time").asText()).endsWith("Z"))
                    .extracting(event -> event.path("id").asText()).doesNotHaveDuplicates();
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(status(hub).path("told").asLong()).isEqualTo(5);
                assertThat(status(hub).path("state").asText()).isEqualTo("running");
                assertThat(status(hub).path("topics").asInt(-1)).isZero();
                assertThat(hub.admin("/metrics").body())
                        .contains("hark_hook_events_total{hook=\"presence\"} 5.0", "hark_hook_topics{hook=\"presence\"} 0.0");
            });
            assertThat(elsewhere.isFinished()).isFalse();
        }
    }

    @Test
    void givesNobodyItsNotesAndCountsThemNotAsPublished() {
        try (RunningHub hub = start(); Wire stream = hub.open("/topics/orders/1")) {
            receiver.awaitTold("topic.listened orders/1");

            assertThat(hub.get("/topics/**?since=earliest", "Accept", "application/json").body()).contains("\"events\":[]");
            assertThat(hub.get("/topics/$hark/hooks/presence/notes", "Accept", "application/json").status()).isEqualTo(400);
            assertThat(hub.admin("/metrics").body()).contains("hark_published_events_total 0.0");
            assertThat(stream.isFinished()).isFalse();
        }
    }

    @Test
    void countsStreamsWithWildcardsAsTheyAskAndPagesThatWait() {
        try (RunningHub hub = start();
                Wire some = hub.open("/events?topic=orders/*&topic=news");
                Wire all = hub.open("/topics/**");
                Wire page = Wire.connect(hub.uri()).request("GET", "/topics/orders/7?wait=PT30S", "Accept: application/json")) {
            receiver.awaitTold("topic.listened orders/7");
            receiver.awaitTold("topic.listened orders/*");

            hub.publish("orders/7", "x");
            assertThat(page.answer().status()).isEqualTo(200);
            receiver.awaitTold("topic.left orders/7");
            assertThat(receiver.told()).containsExactlyInAnyOrder(
                    RESET, "topic.listened orders/*", "topic.listened orders/7", "topic.left orders/7");
            assertThat(some.isFinished() || all.isFinished()).isFalse();
        }
    }

    @Test
    void saysNothingOfAReconnect() {
        try (RunningHub hub = start("hooks.0.settle=PT1M")) {
            Wire before = hub.open("/topics/orders/1");
            receiver.awaitTold("topic.listened orders/1");
            before.close();
            hub.awaitStreams(0);
            try (Wire after = hub.open("/topics/orders/1")) {
                Wire another = hub.open("/topics/orders/2");
                // What is noted later is told later.
                receiver.awaitTold("topic.listened orders/2");
                assertThat(receiver.told()).containsExactly(RESET, "topic.listened orders/1", "topic.listened orders/2");
                another.close();
                assertThat(after.isFinished()).isFalse();
            }
        }
    }

    @Test
    void triesAgainWithTheSameEventsAndThenTellsAllThatWaitsInOrder() throws Exception {
        var fails = new AtomicBoolean(true);
        receiver.answer(call -> new Reply(!call.isReset() && fails.get() ? 500 : 204));
        List<Wire> streams = new ArrayList<>();
        try (RunningHub hub = start("hooks.0.batch=10")) {
            streams.add(hub.open("/topics/orders/0"));
            receiver.awaitCalls(calls -> calls.size() >= 3);
            // While calls fail nothing but notes gets into the log.
            long noted = hub.hub().newest().sequence();
            IntStream.range(1, 30).forEach(i -> streams.add(hub.open("/topics/orders/" + i)));
            await("all are noted, before one leaves").atMost(PATIENCE).until(() -> hub.hub().newest().sequence() >= noted + 29);
            streams.removeFirst().close();
            hub.awaitStreams(29);
            await().atMost(PATIENCE).until(() -> status(hub).path("topics").asInt() == 29);
            String trouble = status(hub).path("trouble").asText();
            fails.set(false);
            receiver.awaitTold("topic.left orders/0");

            assertThat(trouble).isEqualTo("it answered 500");
            List<Received> refused = receiver.calls().stream().filter(call -> !call.taken()).toList();
            Received taken = receiver.calls().stream().filter(call -> call.taken() && !call.isReset()).findFirst().orElseThrow();
            assertThat(refused).hasSizeGreaterThan(1).extracting(Received::id).containsOnly(taken.id());
            assertThat(refused).extracting(Received::events).containsOnly(taken.events());
            assertThat(receiver.calls()).allSatisfy(call -> assertThat(call.events()).hasSizeBetween(1, 10));
            assertThat(receiver.calls()).as("batches").anySatisfy(call -> assertThat(call.events()).hasSize(10));
            Stream<String> listened = IntStream.range(0, 30).mapToObj(i -> "topic.listened orders/" + i);
            assertThat(receiver.told()).hasSize(32).startsWith(RESET, "topic.listened orders/0").endsWith("topic.left orders/0")
                    .containsAll(listened.toList());
        } finally {
            streams.forEach(Wire::close);
        }
    }

    @Test
    void givesUpAfterSoManyCallsSaysSoAndHasItsReceiverBeginAnew() throws Exception {
        var fails = new AtomicBoolean(true);
        receiver.answer(call -> new Reply(fails.get() && !call.events().getFirst().path("reason").asText().equals("new") ? 503 : 204));
        try (RunningHub hub = start("hooks.0.attempts=2"); Wire one = hub.open("/topics/orders/1")) {
            await().atMost(PATIENCE).until(() -> status(hub).path("dead").asLong() == 1);
            JsonNode dead = status(hub).path("lastDead").path(0);
            assertThat(dead.path("reason").asText()).isEqualTo("1 event given up after 2 calls: it answered 503");
            assertThat(dead.path("from").asText()).startsWith(hub.hub().newest().epoch());
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(hub.admin("/metrics").body())
                    .contains("hark_hook_dead_total{hook=\"presence\"} 1.0"));
            receiver.awaitCalls(calls -> calls.stream().filter(Received::isReset).count() >= 2);
            assertThat(receiver.told()).containsExactly(RESET);
            fails.set(false);
            receiver.awaitTold("hook.reset undelivered");
            receiver.awaitTold("topic.listened orders/1");

            try (Wire two = hub.open("/topics/orders/2")) {
                receiver.awaitTold("topic.listened orders/2");
                assertThat(receiver.told())
                        .containsExactly(RESET, "hook.reset undelivered", "topic.listened orders/1", "topic.listened orders/2");
                assertThat(one.isFinished() || two.isFinished()).isFalse();
            }
        }
    }

    @Test
    void isAnAlarmWhereItTellsNothingForAWhileAndKeepsTheHubReady() {
        var fails = new AtomicBoolean(true);
        receiver.answer(call -> new Reply(fails.get() ? 500 : 204));
        try (RunningHub hub = RunningHub.start(settings("health.stall=PT1S"))) {
            await().atMost(PATIENCE).until(() -> ready(hub).contains("the hook 'presence' has told nothing for "));
            assertThat(ready(hub)).contains(" s: it answered 500");
            assertThat(hub.admin("/health/ready").status()).as("publishers and streams lack nothing").isEqualTo(200);
            fails.set(false);
            await().atMost(PATIENCE).until(() -> !ready(hub).contains("alarms"));
            assertThat(receiver.told()).containsExactly(RESET);
        }
    }

    private static String ready(RunningHub hub) {
        return hub.admin("/health/ready").body();
    }

    @Test
    void waitsForAsLongAsItIsAskedAndFollowsNoRedirect() throws Exception {
        receiver.answer(call -> call.isReset()
                ? new Reply(302, "Location", receiver.url() + "/elsewhere", "Retry-After", "3600")
                : new Reply(204));
        try (RunningHub hub = RunningHub.start(settings())) {
            await().atMost(PATIENCE).until(() -> status(hub).path("trouble").asText().equals("it answered 302"));
            assertThat(status(hub).path("failedCalls").asInt()).isEqualTo(1);
            assertThat(receiver.calls()).hasSize(1);
        }
        // It ends in the middle of an hour of peace.
        assertThat(receiver.calls()).hasSize(1);
    }

    @Test
    void callsNobodyAnyMoreWhoSaysThatItIsGone() throws Exception {
        receiver.answer(call -> new Reply(410));
        try (RunningHub hub = RunningHub.start(settings()); Wire stream = hub.open("/topics/orders/1")) {
            await().atMost(PATIENCE).until(() -> status(hub).path("state").asText().equals("unwanted"));
            assertThat(status(hub).path("trouble").asText()).contains("410");
            assertThat(receiver.calls()).hasSize(1);
            assertThat(stream.isFinished()).isFalse();
        }
    }

    @Test
    void delaysNobodyElseWhereItsReceiverHangs() throws Exception {
        var released = new CountDownLatch(1);
        receiver.answer(call -> {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new Reply(204);
        });
        try (Receiver other = new Receiver()) {
            String[] both = Stream.concat(Stream.of(settings("hooks.0.timeout=PT0.5S")), hook(1, other, "second")).toArray(String[]::new);
            try (RunningHub hub = afterReset(RunningHub.start(both), other); Wire stream = hub.open("/topics/orders/1")) {
                other.awaitTold("topic.listened orders/1");
                hub.publish("orders/1", "x");
                assertThat(stream.data(1)).containsExactly("x");
                await().atMost(PATIENCE).until(() -> status(hub).path("trouble").asText().equals("it did not answer within 500 ms"));
                released.countDown();
                receiver.awaitTold("topic.listened orders/1");
            } finally {
                released.countDown();
            }
        }
    }

    @Test
    void tellsOfGapsAndRefusalsWhereItIsToHearOfThem() {
        try (RunningHub hub = start("hooks.0.on=gap,refused", "limits.event-bytes=10", "limits.subscribers=1")) {
            try (Wire stream = hub.open("/topics/orders/1", "Last-Event-ID: 00000000-7")) {
                receiver.awaitTold("stream.gap orders/1 reset");
                assertThat(hub.post("/topics/orders/2", "more than ten bytes").status()).isEqualTo(413);
                assertThat(hub.post("/topics/news", "more than ten bytes").status()).isEqualTo(413);
                receiver.awaitTold("request.refused orders/2 too-large 413");
                Wire refused = Wire.subscribe(hub.uri(), "/topics/orders/3");
                receiver.awaitTold("request.refused orders/3 overloaded 503");
                refused.close();
                assertThat(stream.isFinished()).isFalse();
            }
            assertThat(receiver.told()).containsExactly(RESET, "stream.gap orders/1 reset", "request.refused orders/2 too-large 413",
                    "request.refused orders/3 overloaded 503");
            assertThat(receiver.calls().getLast().events().getLast().path("count").asInt()).isEqualTo(1);
        }
    }
}
