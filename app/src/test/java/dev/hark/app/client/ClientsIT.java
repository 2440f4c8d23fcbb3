package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.client.Listener.Heard;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * npm eventsource, curl and npm eventsource-parser against a running hub: what they reassemble is what was published, across breaks too.
 */
class ClientsIT {
    private static final String QUICK_RETRY = "delivery.retry=PT0.1S";
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");
    private static final int RANDOM_PAYLOADS = 500;

    @TempDir
    private Path folder;

    @BeforeAll
    static void installClients() {
        Clients.require("node");
    }

    @Test
    void eventSourceReceivesWhatIsPublished() {
        try (RunningHub hub = RunningHub.start();
                Listener client = Clients.node("eventsource.mjs", hub.uri("/topics/news").toString(), "order.created")) {
            client.awaitOpen(1);
            List<String> ids = publishAll(hub, Payloads.known());
            String named = hub.post("/topics/news?type=order.created", "named").json("id");
            String end = hub.publish("news", "end");
            client.awaitData("end");

            List<Heard> events = client.events();
            assertThat(events).extracting(Heard::data).startsWith(receivedAll(Payloads.known()));
            assertThat(events.subList(0, ids.size())).extracting(Heard::id).isEqualTo(ids);
            assertThat(events.subList(0, ids.size())).extracting(Heard::type).containsOnly("message");
            assertThat(events.subList(ids.size(), events.size()))
                    .containsExactly(new Heard("event", "order.created", "named", named), new Heard("event", "message", "end", end));
        }
    }

    @Test
    void curlAndAParserReceiveWhatIsPublished() throws Exception {
        Clients.requireOnPath("curl");
        long seed = System.nanoTime();
        List<String> payloads = new ArrayList<>(Payloads.known());
        payloads.addAll(Payloads.random(seed, RANDOM_PAYLOADS));
        try (RunningHub hub = RunningHub.start()) {
            List<String> ids = publishAll(hub, payloads);
            String end = hub.publish("news", "end");
            Path file = curl(hub, "/topics/news?since=earliest", "data: end\n\n");

            try (Listener parser = Clients.node("parser.mjs", file.toString())) {
                List<Heard> events = parser.toEnd().stream().filter(heard -> !heard.kind().equals("id")).skip(1).toList();
                assertThat(events.getLast()).isEqualTo(new Heard("event", "message", "end", end));
                List<Heard> published = events.subList(0, events.size() - 1);
                assertThat(published).as("seed " + seed).extracting(Heard::data).containsExactly(receivedAll(payloads));
                assertThat(published).as("seed " + seed).extracting(Heard::id).isEqualTo(ids);
                assertThat(published).as("seed " + seed).extracting(Heard::type).containsOnly("message");
            }
        }
    }

    @Test
    void curlPublishesAsTheReadmeSays() throws Exception {
        Clients.requireOnPath("curl");
        try (RunningHub hub = RunningHub.start();
                Wire wire = hub.open("/topics/news")) {
            var curl = new ProcessBuilder("curl", "-s", "-d", "hi", hub.uri("/topics/news").toString()).start();
            String answer = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(curl.waitFor()).isZero();
            assertThat(answer).startsWith("{\"id\":\"").endsWith("}\n");
            assertThat(wire.block().data()).isEqualTo("hi");
        }
    }

    @Test
    void eventSourceResumesWhereItsConnectionBroke() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(hub.uri());
                Listener client = Clients.node("eventsource.mjs", cable.url("/topics/news"))) {
            client.awaitOpen(1);
            List<String> sent = new ArrayList<>();
            for (int broken = 1; broken <= 5; broken++) {
                for (int i = 0; i < 20; i++) {
                    sent.add(broken + "-" + i);
                    hub.publish("news", sent.getLast());
                    if (i == 10) {
                        cable.cut();
                    }
                }
                client.awaitData(sent.getLast());
            }
            assertThat(client.events()).extracting(Heard::data).as("each once, in order").isEqualTo(sent);
            assertThat(hub.read(HubMeter.GAPS_UNKNOWN_ID) + hub.read(HubMeter.GAPS_RESET)).isZero();
            assertThat(cable.requests().stream().filter(request -> request.toLowerCase(Locale.ROOT).contains("last-event-id: ")))
                    .hasSize(5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ping"})
    void heartbeatsMoveTheLastEventIdOfASilentStream(String name) {
        String type = name.isEmpty() ? "hark.position" : name;
        try (RunningHub hub = RunningHub.start(QUICK_RETRY, "delivery.heartbeat=PT0.2S", "delivery.heartbeat-event=" + name);
                Cable cable = Cable.to(hub.uri());
                Listener client = Clients.node("eventsource.mjs", cable.url("/topics/quiet"), type)) {
            client.awaitOpen(1);
            hub.awaitStreams(1);
            String id = hub.publish("elsewhere", "x");
            await().atMost(Wire.PATIENCE).until(() -> client.events().contains(new Heard("event", type, "{}", id)));
            cable.layTo(NOBODY);
            cable.cut();
            hub.awaitStreams(0);
            hub.publish("quiet", "missed");
            cable.layTo(hub.uri());
            client.awaitData("missed");

            assertThat(cable.requests().getLast()).as("what it resumed with").containsIgnoringCase("\r\nlast-event-id: " + id + "\r\n");
        }
    }

    @Test
    void aParserSeesNoEventInAHeartbeat() throws Exception {
        Clients.requireOnPath("curl");
        try (RunningHub hub = RunningHub.start("delivery.heartbeat=PT0.2S")) {
            String before = hub.publish("elsewhere", "x");
            Path file = curl(hub, "/topics/quiet", ":\n:\n");
            try (Listener parser = Clients.node("parser.mjs", file.toString())) {
                assertThat(parser.toEnd()).containsExactly(
                        new Heard("id", "", "", before),
                        new Heard("event", "hark.open", "{\"position\":\"" + before + "\"}", before));
            }
        }
    }

    @Test
    void eventSourceComesBackAfterADrainAndIsToldOfTheNewLog() {
        try (RunningHub first = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(first.uri());
                Listener client = Clients.node("eventsource.mjs", cable.url("/topics/news"))) {
            client.awaitOpen(1);
            String last = first.publish("news", "before");
            client.awaitData("before");
            try (RunningHub second = RunningHub.start(QUICK_RETRY)) {
                String one = second.publish("news", "one");
                String two = second.publish("news", "two");
                cable.layTo(second.uri());
                first.drain();
                client.awaitData("two");
                String three = second.publish("news", "three");
                client.awaitData("three");

                List<Heard> events = client.events();
                String floor = second.hub().id(0).toString();
                assertThat(events)
                        .containsExactly(
                                new Heard("event", "message", "before", last),
                                new Heard("event", "hark.close", "{\"reason\":\"draining\"}", last),
                                new Heard(
                                        "event",
                                        "hark.gap",
                                        "{\"reason\":\"reset\",\"after\":\"" + last
                                                + "\",\"resumedAt\":\"" + floor + "\",\"dropped\":null}",
                                        floor),
                                new Heard("event", "message", "one", one),
                                new Heard("event", "message", "two", two),
                                new Heard("event", "message", "three", three));
            }
        }
    }

    @Test
    void eventSourceWaitsOutAFullHub() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY, "limits.subscribers=1")) {
            Wire only = hub.open("/topics/news");
            try (Listener client = Clients.node("eventsource.mjs", hub.uri("/topics/news").toString())) {
                await().atMost(Wire.PATIENCE).until(() -> hub.read(HubMeter.STREAMS_REFUSED) >= 2);
                only.close();
                await().atMost(Wire.PATIENCE).until(() -> hub.read(HubMeter.STREAMS_OPENED) == 2);
                hub.publish("news", "in");
                client.awaitData("in");
                assertThat(client.events()).contains(new Heard("event", "hark.close", "{\"reason\":\"overloaded\"}", ""));
            }
        }
    }

    private static List<String> publishAll(RunningHub hub, List<String> payloads) {
        return payloads.stream().map(payload -> hub.publish("news", payload)).toList();
    }

    private static String[] receivedAll(List<String> payloads) {
        return payloads.stream().map(Payloads::received).toArray(String[]::new);
    }

    /** What curl writes to a file, up to {@code end}. */
    private Path curl(RunningHub hub, String path, String end) throws IOException {
        Path file = folder.resolve(UUID.randomUUID().toString());
        Process curl = new ProcessBuilder("curl", "-sN", "-o", file.toString(), hub.uri(path).toString()).start();
        try {
            await("curl has it all")
                    .atMost(Wire.PATIENCE)
                    .until(() -> Files.exists(file) && new String(Files.readAllBytes(file), StandardCharsets.UTF_8).endsWith(end));
            return file;
        } finally {
            curl.destroy();
        }
    }
}
