package dev.hark.app.cluster;

import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Sent;
import dev.hark.app.crash.PublishingClient;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;

/**
 * A publisher that sends one request after another, each to any node. What it sent with a key and was not told of goes to another node,
 * until it is acknowledged; what has no key is sent once. Now and then something old is sent again. Confined to the thread that calls it.
 */
final class ClusterPublisher implements Callable<List<Attempt>> {
    static final List<String> TOPICS = List.of("cluster/a", "cluster/b", "cluster/c");

    /** How long it waits for a node: less than that node may hang. */
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    /** So that nodes that refuse are not asked all the time. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    /** Between two that were acknowledged: it is the faults that count here, and not how fast it is. */
    private static final Duration PACE = Duration.ofMillis(10);

    private static final int MAX_BATCH = 6;
    private static final int MAX_BYTES = 2_000;

    private final String name;
    private final Meeting meeting;
    private final Random random;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
    private final List<Attempt> attempts = new ArrayList<>();
    private final List<List<Sent>> repeatable = new ArrayList<>();
    private int events;

    ClusterPublisher(String name, Meeting meeting, long seed) {
        this.name = name;
        this.meeting = meeting;
        this.random = new Random(seed);
    }

    @Override
    public List<Attempt> call() throws InterruptedException {
        while (meeting.publishing()) {
            publish(choose());
            Thread.sleep(PACE);
        }
        return List.copyOf(attempts);
    }

    /** Sends {@code batch}, with keys until it is acknowledged. */
    private void publish(List<Sent> batch) throws InterruptedException {
        boolean keyed = batch.getFirst().key() != null;
        int node = random.nextInt(meeting.nodes().size());
        while (!meeting.isOver()) {
            Optional<Outcome> outcome = attempt(node, batch);
            if (outcome.isPresent() && outcome.get() instanceof Outcome.Acknowledged) {
                meeting.acknowledge(node);
                if (keyed) {
                    repeatable.add(batch);
                }
                return;
            }
            if (outcome.isPresent() && !keyed) {
                return;
            }
            Thread.sleep(PAUSE);
            node = (node + 1) % meeting.nodes().size();
        }
    }

    /** One request, and its outcome; empty where there was nobody to send it to. */
    Optional<Outcome> attempt(int node, List<Sent> batch) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(PublishingClient.request(meeting.nodes().get(node), batch), (field, value) -> true)
                .timeout(PATIENCE).build();
        long began = meeting.tick();
        Outcome outcome;
        try {
            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
            outcome = PublishingClient.outcome(answer.statusCode(), answer.body());
        } catch (ConnectException | HttpConnectTimeoutException e) {
            return Optional.empty();
        } catch (IOException e) {
            outcome = new Outcome.Unknown();
        }
        attempts.add(new Attempt(name, batch, began, meeting.tick(), outcome));
        return Optional.of(outcome);
    }

    List<Attempt> attempts() {
        return List.copyOf(attempts);
    }

    private List<Sent> choose() {
        if (!repeatable.isEmpty() && random.nextInt(10) == 0) {
            return repeatable.get(random.nextInt(repeatable.size()));
        }
        boolean keyed = random.nextInt(3) > 0;
        var batch = new ArrayList<Sent>();
        for (int left = random.nextInt(3) == 0 ? 2 + random.nextInt(MAX_BATCH - 1) : 1; left > 0; left--) {
            String id = name + '-' + events++;
            String filler = "x".repeat(random.nextInt(10) == 0 ? random.nextInt(MAX_BYTES) : 0);
            batch.add(new Sent(TOPICS.get(random.nextInt(TOPICS.size())), id + ' ' + filler, keyed ? "key of " + id : null));
        }
        return List.copyOf(batch);
    }
}
