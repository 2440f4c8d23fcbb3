package dev.hark.app.crash;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.Wire;
import dev.hark.app.crash.History.Attempt;
import dev.hark.app.crash.History.Outcome;
import dev.hark.app.crash.History.Sent;
import dev.hark.app.crash.ServerRuns.ServerRun;
import dev.hark.event.EventId;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A publisher that sends one request after another, now one event, now a batch, and notes how each ended. One that is refused or cut off
 * waits for the next run; then what was sent with a key is sent again, until it is acknowledged. Now and then something old is sent again
 * too. Confined to the thread that calls it.
 */
public final class PublishingClient implements Callable<List<Attempt>> {
    static final List<String> TOPICS = List.of("crash/a", "crash/b", "crash/c");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_BATCH = 8;

    private final String name;
    private final ServerRuns runs;
    private final AtomicLong clock;
    private final Random random;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Wire.PATIENCE).build();

    private final List<Attempt> attempts = new ArrayList<>();
    private final List<List<Sent>> repeatable = new ArrayList<>();
    private int events;

    /** @param clock shared by all publishers */
    PublishingClient(String name, ServerRuns runs, AtomicLong clock, long seed) {
        this.name = name;
        this.runs = runs;
        this.clock = clock;
        this.random = new Random(seed);
    }

    @Override
    public List<Attempt> call() throws InterruptedException {
        List<Sent> unsettled = List.of();
        int seen = 0;
        for (Optional<ServerRun> run = runs.awaitAfter(seen); run.isPresent(); run = runs.awaitAfter(seen)) {
            seen = run.get().number();
            boolean alive = true;
            while (alive && (!unsettled.isEmpty() || runs.publishing())) {
                List<Sent> batch = unsettled.isEmpty() ? choose() : unsettled;
                Outcome outcome = publish(run.get().uri(), batch).orElse(null);
                if (outcome instanceof Outcome.Acknowledged) {
                    runs.answer(seen);
                }
                boolean keyed = batch.getFirst().key() != null;
                // Who is refused would be refused again at once, until something changes.
                alive = outcome instanceof Outcome.Acknowledged;
                unsettled = !alive && keyed ? batch : List.of();
                if (keyed && outcome instanceof Outcome.Acknowledged) {
                    repeatable.add(batch);
                }
            }
            if (alive) {
                break;
            }
        }
        return List.copyOf(attempts);
    }

    /** Sends one request and notes its outcome; empty where there was nobody to send it to. */
    Optional<Outcome> publish(URI server, List<Sent> batch) throws InterruptedException {
        long began = clock.incrementAndGet();
        Outcome outcome;
        try {
            HttpResponse<String> answer = http.send(request(server, batch), BodyHandlers.ofString());
            outcome = outcome(answer.statusCode(), answer.body());
        } catch (ConnectException e) {
            return Optional.empty();
        } catch (HttpTimeoutException e) {
            throw new AssertionError(name + " was not answered", e);
        } catch (IOException e) {
            outcome = new Outcome.Unknown();
        }
        attempts.add(new Attempt(name, batch, began, clock.incrementAndGet(), outcome));
        return Optional.of(outcome);
    }

    /** What an answer says of all the events of its request. */
    public static Outcome outcome(int status, String body) {
        if (status / 100 == 2) {
            return new Outcome.Acknowledged(ids(body));
        }
        return body.contains("\"/problems/outcome-unknown\"") ? new Outcome.Unknown() : new Outcome.Refused(status);
    }

    List<Attempt> attempts() {
        return List.copyOf(attempts);
    }

    private List<Sent> choose() {
        if (!repeatable.isEmpty() && random.nextInt(20) == 0) {
            return repeatable.get(random.nextInt(repeatable.size()));
        }
        boolean keyed = random.nextBoolean();
        var batch = new ArrayList<Sent>();
        for (int left = random.nextInt(3) == 0 ? 2 + random.nextInt(MAX_BATCH - 1) : 1; left > 0; left--) {
            String id = name + '-' + events++;
            batch.add(new Sent(TOPICS.get(random.nextInt(TOPICS.size())), id + ' ' + filler(), keyed ? "key of " + id : null));
        }
        return batch;
    }

    /** Mostly short, sometimes many pages of a database. */
    private String filler() {
        int length = switch (random.nextInt(20)) {
            case 0 -> random.nextInt(40_000);
            case 1, 2, 3 -> random.nextInt(4_000);
            default -> random.nextInt(200);
        };
        var text = new StringBuilder(length);
        while (text.length() < length) {
            text.append(random.nextInt(30) == 0 ? "\né" : (char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    public static HttpRequest request(URI server, List<Sent> batch) {
        Sent first = batch.getFirst();
        if (batch.size() == 1) {
            HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve("/topics/" + first.topic())).timeout(Wire.PATIENCE);
            if (first.key() != null) {
                request.header("Idempotency-Key", first.key());
            }
            return request.POST(BodyPublishers.ofString(first.data())).build();
        }
        ArrayNode body = JSON.createArrayNode();
        for (Sent sent : batch) {
            ObjectNode entry = body.addObject().put("topic", sent.topic()).put("data", sent.data());
            if (sent.key() != null) {
                entry.put("idempotencyKey", sent.key());
            }
        }
        return HttpRequest.newBuilder(server.resolve("/events"))
                .timeout(Wire.PATIENCE)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
    }

    private static List<EventId> ids(String body) {
        try {
            JsonNode answer = JSON.readTree(body);
            var ids = new ArrayList<EventId>();
            Iterable<JsonNode> entries = answer.has("events") ? answer.path("events") : List.of(answer);
            entries.forEach(
                    entry -> ids.add(EventId.parse(entry.path("id").asText()).orElseThrow(() -> new AssertionError("no id: " + body))));
            return ids;
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + body, e);
        }
    }
}
