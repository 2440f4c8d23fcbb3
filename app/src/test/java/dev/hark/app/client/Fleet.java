package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.Ports;
import dev.hark.app.Program;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.client.Clients.Library;
import dev.hark.app.client.Listener.Heard;
import dev.hark.app.crash.DurableServer;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Several client libraries at once on one topic, through what happens to streams. Each is to receive every event that was acknowledged,
 * once and in order, and nothing else but what the hub says. Confined to the test's thread.
 */
final class Fleet implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String TOPIC = "/topics/news";

    /** No heartbeat pushes out what a client holds back. */
    private static final String SILENT = "delivery.heartbeat=PT10M";

    private static final String QUICK_RETRY = "delivery.retry=PT0.5S";

    private final Map<Library, Listener> listeners = new EnumMap<>(Library.class);
    private final List<Heard> published = new ArrayList<>();

    /** Of the events' idempotency keys, which the next hub still knows. */
    private final String run = UUID.randomUUID().toString();

    private Fleet(Set<Library> libraries, String url) {
        for (Library library : libraries) {
            listeners.put(library, library.follow(url));
        }
    }

    /** SIGTERM, with events before, during and after the drain. */
    static void drain(Set<Library> libraries, Path folder) throws InterruptedException {
        restart(libraries, folder, true);
    }

    /** SIGKILL right behind the last of many events. */
    static void kill(Set<Library> libraries, Path folder) throws InterruptedException {
        restart(libraries, folder, false);
    }

    private static void restart(Set<Library> libraries, Path folder, boolean drains) throws InterruptedException {
        String[] settings = {"server.port=" + Ports.free(), "drain.window=PT2S", SILENT, QUICK_RETRY};
        try (var server = new DurableServer(folder)) {
            Program program = server.start(settings);
            URI uri = program.awaitUri();
            try (var fleet = new Fleet(libraries, uri + TOPIC + "?since=earliest")) {
                fleet.publish(uri, 3);
                fleet.awaitLast();
                fleet.publish(uri, drains ? 1 : 100);
                if (drains) {
                    program.terminate();
                    fleet.publishWhileItCan(uri);
                    assertThat(program.awaitExit()).isNotNegative();
                } else {
                    DurableServer.kill(program);
                }
                server.start(settings).awaitUri();
                fleet.publish(uri, 20);
                fleet.awaitLast();
                fleet.check();
            }
        }
    }

    /** A connection that breaks in the middle of an event, for each of them. */
    static void breakInsideAnEvent(Set<Library> libraries) {
        try (RunningHub hub = RunningHub.start(SILENT, QUICK_RETRY);
                Cable cable = Cable.to(hub.uri());
                var fleet = new Fleet(libraries, cable.url(TOPIC + "?since=earliest"))) {
            fleet.publish(hub.uri(), 1);
            fleet.awaitLast();
            cable.cutBehind("MIDDLE", libraries.size());
            fleet.publish(hub.uri(), "x".repeat(1_500) + "MIDDLE" + "y".repeat(1_494));
            fleet.publish(hub.uri(), "behind it");
            fleet.awaitLast();
            assertThat(cable.cutsLeft()).isZero();
            fleet.check();
        }
    }

    /** A topic on which nothing happens, while others move the position. */
    static void silence(Set<Library> libraries, Duration time) {
        try (RunningHub hub = RunningHub.start("delivery.heartbeat=PT0.5S", QUICK_RETRY);
                var fleet = new Fleet(libraries, hub.uri(TOPIC + "?since=earliest").toString())) {
            fleet.publish(hub.uri(), 1);
            fleet.awaitLast();
            String id = hub.publish("elsewhere", "x");
            await("nothing is raised").during(time).atMost(time.plus(PATIENCE)).untilAsserted(fleet::check);
            fleet.publish(hub.uri(), 1);
            fleet.awaitLast();
            fleet.check();
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).as("nobody had to come back").isEqualTo(libraries.size());
            fleet.listeners.forEach((library, listener) -> assertThat(listener.events())
                    .as("%s", library).contains(new Heard("event", "hark.position", "{}", id)));
        }
    }

    private void publish(URI hub, int count) {
        for (int i = 0; i < count; i++) {
            publish(hub, "event " + published.size());
        }
    }

    private void publish(URI hub, String data) {
        int length = data.getBytes(StandardCharsets.UTF_8).length;
        try (Wire wire = Wire.connect(hub)) {
            String key = "Idempotency-Key: " + run + published.size();
            Answer answer = wire.request("POST", TOPIC, key, "Content-Length: " + length).send(data).answer();
            assertThat(answer.status()).as(answer.body()).isIn(201, 200);
            published.add(new Heard("event", "message", data, answer.json("id")));
        }
    }

    /**
     * What is refused or cut off at the end was not acknowledged, but may be stored. The next hub is given it again first, under the same
     * key, and answers with the id that it has.
     */
    private void publishWhileItCan(URI hub) {
        int before = published.size();
        try {
            publish(hub, 5);
        } catch (UncheckedIOException | AssertionError e) {
            assertThat(published.size()).as("events that were acknowledged").isGreaterThan(before);
        }
    }

    private void awaitLast() {
        String last = published.getLast().data();
        listeners.forEach((library, listener) -> await(library + " has " + last).atMost(PATIENCE)
                .untilAsserted(() -> assertThat(listener.events()).as(listener.errorsSoFar()).extracting(Heard::data).contains(last)));
    }

    private void check() {
        listeners.forEach((library, listener) -> {
            List<Heard> events = listener.events();
            assertThat(events.stream().filter(event -> !event.type().startsWith("hark.")).toList()).as("%s", library).isEqualTo(published);
            assertThat(events).as("%s", library).noneMatch(event -> event.is("hark.gap"));
        });
    }

    @Override
    public void close() {
        listeners.values().forEach(Listener::close);
    }
}
