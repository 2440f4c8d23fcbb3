package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.app.Answer;
import dev.hark.app.Program;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.event.EventId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed again and again, and keeps its topics by other rules after each start: the newest of each key is there, what
 * is deleted is not, the newest events of the class are all there, topics that have ended stay so, and a client that began with the newest
 * of each key and went on from its last id knows them all. {@code -Dhark.seed=…} repeats a seed's choices.
 */
class KeptCrashIT {
    private static final int PUBLISHERS = 3;
    private static final int KEYS = 40;
    private static final int KEPT = 60;
    private static final int MIN_LIFE_MILLIS = 20;
    private static final int MAX_LIFE_MILLIS = 400;
    private static final int ENDS_LOOKED_AT = 5;

    /** So few kills that dice may say of none that anything happens before it. */
    private static final int FEW = 10;

    /** How many publishers are answered in most lives, however slow the machine is. */
    private static final int LEAST_ANSWERS = 10;

    private static final Duration POLL = Duration.ofMillis(5);

    /** Prices keep the newest of each key and {@link #KEPT} events at least, whichever rules say so. */
    private String rules() {
        String own = random.nextBoolean() ? "" : """
                  - match: prices/p%d
                    keep: {events: %d, latest: true}
                    mailbox: {events: 30}
                """.formatted(random.nextInt(PUBLISHERS), KEPT + random.nextInt(KEPT));
        return """
                topics:
                %s\
                  - match: prices/**
                    keep: {events: %d, latest: true}
                    mailbox: {events: 30}
                  - match: jobs/**
                    keep: {events: %d}
                  - match: cursors/**
                    keep: %s
                  - match: "**"
                """.formatted(own, KEPT + random.nextInt(KEPT), 100_000 + random.nextInt(2), random.nextInt(4) > 0 ? "nothing" : "{}");
    }

    @TempDir
    private Path folder;

    private final long seed = Long.getLong("hark.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final KeptModel model = new KeptModel();

    /** The events of prices that were acknowledged, by position. */
    private final Map<Long, String> acknowledged = new ConcurrentSkipListMap<>();

    /** The ids of last events that were acknowledged, by topic. */
    private final Queue<Map.Entry<String, String>> ends = new ConcurrentLinkedQueue<>();

    @Test
    void twoKillsLoseNothingThatIsKept() throws Exception {
        run(2);
    }

    @Test
    @Tag("long")
    void sixtyKillsLoseNothingThatIsKept() throws Exception {
        run(60);
    }

    private void run(int kills) throws Exception {
        Path config = Files.writeString(folder.resolve("classes.yaml"), rules());
        try (var server = new DurableServer(folder, config)) {
            var follower = new Follower();
            for (int i = 0; i < kills; i++) {
                int run = i;
                Files.writeString(config, rules());
                Program program = server.start();
                URI uri = program.awaitUri();
                check(uri);
                var life = new Life(program, uri, run);
                boolean goesOn = random.nextInt(4) > 0 || kills <= FEW;
                int before = acknowledged.size();
                live(life, follower, () -> (!goesOn || acknowledged.size() >= before + LEAST_ANSWERS)
                        && (run < kills - 1 || isEnoughToJudge(kills)));
                assertThat(program.err()).as("seed " + seed).doesNotContain("lost", "SEVERE", "Exception");
            }
            Program last = server.start();
            URI uri = last.awaitUri();
            Map<String, String> newest = check(uri);
            String end = publish(uri, "prices/end", "end", "end").orElseThrow();
            if (!follower.follow(uri, end)) {
                assertThat(follower.follow(uri, end)).as("it comes to the end, begun anew").isTrue();
            }
            follower.state.remove("prices/end end");
            assertThat(KeptModel.differences(follower.state, newest)).as("seed " + seed).isEmpty();
            assertThat(model.keys()).isGreaterThan(KEYS / 2);
            assertThat(acknowledged).hasSizeGreaterThan(kills * LEAST_ANSWERS / 2);
            assertThat(ends).isNotEmpty();
        }
    }

    /** More than what is asserted at the end: the last moments of the last life may delete some. */
    private boolean isEnoughToJudge(int kills) {
        return model.keys() > KEYS && !ends.isEmpty() && acknowledged.size() > kills * LEAST_ANSWERS;
    }

    private record Life(Program program, URI uri, int run) {}

    /** Until {@code enough} has happened, and for some moments more. */
    private void live(Life life, Follower follower, BooleanSupplier enough) throws Exception {
        Program program = life.program();
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            var publisher = new Publisher(life.uri(), "p" + i, life.run(), random.nextLong());
            threads.add(CompletableFuture.runAsync(publisher, Thread::startVirtualThread));
        }
        threads.add(CompletableFuture.runAsync(() -> follower.follow(life.uri(), null), Thread::startVirtualThread));
        // One that has failed publishes no more.
        await("some are answered").atMost(Wire.PATIENCE).pollInterval(POLL).until(
                () -> enough.getAsBoolean() || threads.stream().anyMatch(CompletableFuture::isCompletedExceptionally));
        int millis = MIN_LIFE_MILLIS + random.nextInt(MAX_LIFE_MILLIS - MIN_LIFE_MILLIS);
        assertThat(program.process().waitFor(millis, TimeUnit.MILLISECONDS)).as("ended by itself: " + program.err()).isFalse();
        DurableServer.kill(program);
        for (CompletableFuture<Void> thread : threads) {
            thread.get(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** One that publishes, deletes and ends until it is cut off. It has keys and topics of its own. */
    private final class Publisher implements Runnable {
        private final URI uri;
        private final String name;
        private final int run;
        private final Random choices;

        Publisher(URI uri, String name, int run, long seed) {
            this.uri = uri;
            this.name = name;
            this.run = run;
            this.choices = new Random(seed);
        }

        @Override
        public void run() {
            int sent = 0;
            boolean alive = true;
            while (alive) {
                String topic = "prices/" + name;
                String key = "k" + choices.nextInt(KEYS);
                String data = name + '-' + run + '-' + sent++;
                alive = switch (choices.nextInt(12)) {
                    case 0 -> delete(topic, key);
                    case 1 -> post("cursors/" + name, data).isPresent();
                    case 2 -> end("jobs/" + name + '-' + run + '-' + sent);
                    default -> price(topic, key, data);
                };
            }
        }

        private boolean price(String topic, String key, String data) {
            String named = topic + ' ' + key;
            Optional<String> id = publish(uri, topic, key, data);
            if (id.isEmpty()) {
                model.unknown(named, Optional.of(data));
                return false;
            }
            model.acknowledged(named, Optional.of(data));
            acknowledged.put(EventId.parse(id.get()).orElseThrow().sequence(), data);
            return true;
        }

        private boolean delete(String topic, String key) {
            String named = topic + ' ' + key;
            Optional<Answer> answer = request("DELETE", "/topics/" + topic + "?key=" + key, "");
            if (answer.isEmpty()) {
                model.unknown(named, Optional.empty());
                return false;
            }
            assertThat(answer.get().status()).as(answer.get().body()).isEqualTo(200);
            model.acknowledged(named, Optional.empty());
            acknowledged.put(EventId.parse(answer.get().json("id")).orElseThrow().sequence(), "hark.deleted");
            return true;
        }

        private boolean end(String topic) {
            if (post(topic, "begun").isEmpty()) {
                return false;
            }
            Optional<Answer> answer = post(topic + "?end=true", "done");
            answer.ifPresent(done -> ends.add(Map.entry(topic, done.json("id"))));
            return answer.isPresent();
        }

        private Optional<Answer> post(String target, String body) {
            Optional<Answer> answer = request("POST", "/topics/" + target, body);
            answer.ifPresent(given -> assertThat(given.status()).as(given.body()).isEqualTo(201));
            return answer;
        }

        private Optional<Answer> request(String method, String target, String body) {
            return KeptCrashIT.request(uri, method, target, body);
        }
    }

    private static Optional<String> publish(URI uri, String topic, String key, String data) {
        return request(uri, "POST", "/topics/" + topic + "?key=" + key, data).map(answer -> {
            assertThat(answer.status()).as(answer.body()).isEqualTo(201);
            return answer.json("id");
        });
    }

    /** Empty where the server died. */
    private static Optional<Answer> request(URI uri, String method, String target, String body) {
        String[] headers = body.isEmpty() ? new String[0] : new String[] {"Content-Length: " + body.length()};
        try (Wire wire = Wire.connect(uri)) {
            Answer answer = wire.request(method, target, headers).send(body).answer();
            // It may have been cut in its body.
            return Optional.of(answer).filter(whole -> whole.body().endsWith("}\n"));
        } catch (UncheckedIOException | AssertionError e) {
            return Optional.empty();
        }
    }

    /** What a server that has just begun says of what is kept; the newest of each key. */
    private Map<String, String> check(URI uri) {
        Map<String, String> newest = new TreeMap<>();
        for (JsonNode event : pages(uri, "/topics/prices/**?since=current&limit=7", ".").events()) {
            assertThat(newest.put(event.path("topic").asText() + ' ' + event.path("key").asText(), event.path("data").asText()))
                    .as("twice in a snapshot: " + event).isNull();
        }
        assertThat(model.observe(newest)).as("seed " + seed).isEmpty();
        checkRetained(uri);
        var known = new ArrayList<>(ends);
        for (int i = 0; i < ENDS_LOOKED_AT && !known.isEmpty(); i++) {
            Map.Entry<String, String> end = known.get(random.nextInt(known.size()));
            try (Wire wire = Wire.subscribe(uri, "/topics/" + end.getKey(), "Last-Event-ID: " + end.getValue())) {
                assertThat(wire.head().getFirst()).as("%s has ended", end).startsWith("HTTP/1.1 204 ");
            }
        }
        return newest;
    }

    /** The newest of the class are there, in order and as they were sent, and where some are not, a client that has missed them is told. */
    private void checkRetained(URI uri) {
        if (acknowledged.isEmpty()) {
            return;
        }
        long first = acknowledged.keySet().iterator().next();
        String epoch = pages(uri, "/topics/prices/**?since=latest", "-").next().substring(0, EventId.EPOCH_LENGTH);
        Pages found = pages(uri, "/topics/prices/**?since=" + epoch + '-' + first, "");
        Map<Long, String> given = new TreeMap<>();
        long before = first;
        for (JsonNode event : found.events()) {
            long sequence = EventId.parse(event.path("id").asText()).orElseThrow().sequence();
            assertThat(sequence).isGreaterThan(before);
            before = sequence;
            boolean deleted = event.path("type").asText().equals("hark.deleted");
            given.put(sequence, deleted ? "hark.deleted" : event.path("data").asText());
        }
        var newest = new TreeSet<>(given.keySet());
        while (newest.size() > KEPT) {
            newest.pollFirst();
        }
        long kept = newest.isEmpty() ? first : newest.first();
        acknowledged.forEach((sequence, data) -> {
            if (sequence > first && (sequence >= kept || given.containsKey(sequence))) {
                assertThat(given.get(sequence)).as("event %s, seed %s", sequence, seed).isEqualTo(data);
            }
        });
        if (acknowledged.keySet().stream().anyMatch(sequence -> sequence > first && !given.containsKey(sequence))) {
            assertThat(found.gap().path("reason").asText()).as("some is missing, seed %s", seed).isEqualTo("retention");
        }
    }

    private record Pages(List<JsonNode> events, JsonNode gap, String next) {}

    /** Page after page, as long as {@code next} contains {@code goOn} and there is something. */
    private static Pages pages(URI uri, String target, String goOn) {
        var events = new ArrayList<JsonNode>();
        JsonNode gap = null;
        String ask = target;
        while (true) {
            Answer answer;
            try (Wire wire = Wire.connect(uri)) {
                answer = wire.request("GET", ask, "Accept: application/json").answer();
            }
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            answer.json().path("events").forEach(events::add);
            gap = gap == null ? answer.json().path("gap") : gap;
            String next = answer.json("next");
            if (!next.contains(goOn) || (goOn.isEmpty() && answer.json().path("events").isEmpty()) || goOn.equals("-")) {
                return new Pages(events, gap, next);
            }
            ask = target.replaceFirst("since=[^&]*", "since=" + next);
        }
    }

    /**
     * A client that begins with the newest of each key, puts together what it is given, and comes back with its last id. It begins anew
     * where it is told that something is missing. Confined to one thread at a time.
     */
    private static final class Follower {
        private final Map<String, String> state = new TreeMap<>();
        private @Nullable String lastId;

        /** Until the server dies, or it has to begin anew, or it has the event with the id {@code end}; whether it has. */
        boolean follow(URI uri, @Nullable String end) {
            try (EventStream stream = EventStream.open(uri, "/topics/prices/**?since=current&format=envelope", lastId)) {
                for (Optional<SseBlock> block = stream.next(); block.isPresent(); block = stream.next()) {
                    take(block.get());
                    if (end != null && id(lastId).compareTo(id(end)) >= 0) {
                        return true;
                    }
                }
            } catch (IOException | UncheckedIOException e) {
                // It comes back.
            }
            return false;
        }

        private static EventId id(@Nullable String text) {
            return EventId.parse(String.valueOf(text)).orElseThrow();
        }

        private void take(SseBlock block) throws IOException {
            if (block.is("hark.gap")) {
                state.clear();
                lastId = null;
                throw new IOException("begins anew");
            }
            if (block.id() != null && !block.id().isEmpty()) {
                lastId = block.id();
            }
            if (block.isEvent() && !block.isPosition() && !block.is("hark.close")) {
                JsonNode event = new Answer(200, Map.of(), block.data()).json();
                String key = event.path("topic").asText() + ' ' + event.path("key").asText();
                if (event.path("type").asText().equals("hark.deleted")) {
                    state.remove(key);
                } else {
                    state.put(key, event.path("data").asText());
                }
            }
        }
    }
}
