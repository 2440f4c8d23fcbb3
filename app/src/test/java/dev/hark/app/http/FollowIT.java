package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Plain HTTP clients that follow {@code next}, beside a stream, while events of many topics come and the oldest go. */
@Timeout(60)
class FollowIT {
    private static final int BATCHES = 60;
    private static final int BATCH_EVENTS = 20;
    private static final int RETAINED = 400;
    private static final String FILTER = "/topics/orders/*";

    @ParameterizedTest
    @EnumSource
    void seesWhatAStreamSees(Engine engine) throws Exception {
        try (RunningHub hub = RunningHub.start(engine, "log.retention.events=" + RETAINED, "log.hot-events=50");
                Wire stream = hub.open(FILTER)) {
            List<Client> clients = List.of(
                    new Client(hub, "&wait=2s"),
                    new Client(hub, "&wait=50ms&limit=3"),
                    new Client(hub, ""),
                    new Client(hub, "&limit=7"));
            clients.forEach(Client::start);
            List<String> due = new ArrayList<>();
            List<String> streamed = new ArrayList<>();
            for (int i = 0; i < BATCHES; i++) {
                List<String> orders = publish(hub);
                due.addAll(orders);
                // Nobody is to be overtaken by retention, which takes the oldest all the same.
                streamed.addAll(stream.blocks(orders.size()).stream().map(SseBlock::id).toList());
                int least = due.size() - RETAINED / 4;
                soon().until(() -> clients.stream().allMatch(client -> client.hasSeen(least)));
            }
            assertThat(streamed).isEqualTo(due);
            for (Client client : clients) {
                soon().until(() -> client.hasSeen(due.size()));
                assertThat(client.end(due.getLast())).isEqualTo(due);
            }
            Answer late = hub.get(FILTER + "?since=" + due.getFirst(), "Accept", "application/json");
            assertThat(late.json().path("gap").path("reason").asText()).isEqualTo("retention");
        }
    }

    private static ConditionFactory soon() {
        return await().atMost(Wire.PATIENCE).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
    }

    /** Publishes some orders among other things, and answers their ids. */
    private static List<String> publish(RunningHub hub) {
        List<String> topics = IntStream.range(0, BATCH_EVENTS).mapToObj(i -> i % 3 == 0 ? "news" : "orders/" + i).toList();
        String batch = String.join("\n", topics.stream().map(topic -> "{\"topic\":\"" + topic + "\",\"data\":{\"n\":1}}").toList());
        Answer answer = hub.post("/events", batch, "Content-Type", "application/x-ndjson");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return IntStream.range(0, BATCH_EVENTS).filter(i -> topics.get(i).startsWith("orders/"))
                .mapToObj(i -> answer.json().path("events").path(i).path("id").asText()).toList();
    }

    /** One that knows nothing but where it goes on. */
    private static final class Client {
        private final RunningHub hub;
        private final String parameters;
        private final CompletableFuture<List<String>> result = new CompletableFuture<>();
        private volatile int count;
        private volatile String last = "";

        Client(RunningHub hub, String parameters) {
            this.hub = hub;
            this.parameters = parameters;
        }

        void start() {
            // The first request is answered before anything is published.
            String next = hub.get(FILTER + "?since=latest", "Accept", "application/json").json("next");
            Thread.ofVirtual().start(() -> {
                try {
                    result.complete(follow(next));
                } catch (Throwable e) {
                    result.completeExceptionally(e);
                }
            });
        }

        private List<String> follow(String first) {
            List<String> seen = new ArrayList<>();
            String next = first;
            while (last.isEmpty() || !seen.contains(last)) {
                Answer page = hub.get(FILTER + "?since=" + next + parameters, "Accept", "application/json");
                assertThat(page.status()).as(page.body()).isEqualTo(200);
                assertThat(page.json().path("gap").isNull()).as(page.body()).isTrue();
                page.json().path("events").forEach(event -> seen.add(event.path("id").asText()));
                next = page.json("next");
                count = seen.size();
            }
            return seen;
        }

        /** Whether it has seen so many, or can see no more. */
        boolean hasSeen(int least) {
            return count >= least || result.isCompletedExceptionally();
        }

        /** All that it has seen, of which {@code id} is the last. */
        List<String> end(String id) {
            last = id;
            try {
                return result.get(20, TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new CompletionException(e);
            }
        }
    }
}
