package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Page;
import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.demo.Chromium;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a browser and npm eventsource know of a board that begins with the newest events, and whose connection breaks within them. */
class CurrentClientsIT {
    private static final String[] SETTINGS = {
        "topics.0.match=board/**", "topics.0.overflow=replay", "topics.0.keep.latest=true", "topics.1.match=**", "delivery.retry=PT0.5S"
    };

    private static final int KEYS = 40;
    private static final String PATH = "/topics/board/*?since=current";

    /** The id that a client which comes back has from the snapshot, and in it how far it has read that. */
    private static final Pattern LAST_ID = Pattern.compile("last-event-id: \\w{8}-80\\.(\\d+)\r\n");

    /** What is told of the board: an event's name, and its data. */
    private record Told(String type, String data) {}

    /** Where it breaks, and how far the client has read the snapshot then. */
    @ParameterizedTest
    @CsvSource({"k10=, 50", "'80.0\"}\n\n', 0"})
    void eventSourceKnowsTheSame(String cut, long read) {
        Clients.require("node");
        try (RunningHub hub = RunningHub.start(SETTINGS);
                Cable cable = Cable.to(hub.uri())) {
            fill(hub);
            cable.cutBehind(cut, 1);
            try (Listener client = Clients.node("eventsource.mjs", cable.url(PATH), "hark.deleted")) {
                breakAndChange(hub, cable,
                        () -> client.events().stream().map(heard -> new Told(heard.type(), heard.data())).toList());
                assertThat(readWhenItBroke(cable)).isEqualTo(read);
            }
        }
    }

    @Test
    void aBrowserKnowsTheSame() {
        try (Chromium chromium = Chromium.start();
                RunningHub hub = RunningHub.start(SETTINGS);
                Cable cable = Cable.to(hub.uri())) {
            fill(hub);
            cable.cutBehind("k10=", 1);
            Page page = chromium.contextWithoutPolicies().newPage();
            page.navigate(cable.url("/problems/malformed"));
            page.evaluate("""
                    url => {
                      window.heard = []
                      window.source = new EventSource(url)
                      for (const type of ['message', 'hark.gap', 'hark.deleted']) {
                        source.addEventListener(type, event => heard.push([event.type, event.data]))
                      }
                    }""", PATH);
            breakAndChange(hub, cable, () -> heard(page));
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Told> heard(Page page) {
        return ((List<List<String>>) page.evaluate("heard")).stream().map(each -> new Told(each.get(0), each.get(1))).toList();
    }

    private static void fill(RunningHub hub) {
        for (int round = 0; round < 2; round++) {
            for (int key = 0; key < KEYS; key++) {
                publish(hub, "k" + key, "round " + round);
            }
        }
    }

    private static void publish(RunningHub hub, String key, String value) {
        assertThat(hub.post("/topics/board/a?key=" + key, key + "=" + value).status()).isEqualTo(201);
    }

    private static void breakAndChange(RunningHub hub, Cable cable, Supplier<List<Told>> told) {
        await("cut").pollInSameThread().atMost(Wire.PATIENCE).until(() -> cable.cutsLeft() == 0);
        // Of what it has, and of what it has not.
        publish(hub, "k3", "newer");
        publish(hub, "k30", "newer");
        assertThat(hub.request("DELETE", "/topics/board/a?key=k5").status()).isEqualTo(200);
        assertThat(hub.request("DELETE", "/topics/board/a?key=k35").status()).isEqualTo(200);
        publish(hub, "end", "end");
        await("all").pollInSameThread().atMost(Wire.PATIENCE).until(() -> told.get().contains(new Told("message", "end=end")));

        Map<String, String> expected = new TreeMap<>(Map.of("end", "end"));
        for (int key = 0; key < KEYS; key++) {
            expected.put("k" + key, key == 3 || key == 30 ? "newer" : "round 1");
        }
        expected.remove("k5");
        expected.remove("k35");
        List<Told> all = told.get();
        assertThat(board(all)).isEqualTo(expected);
        assertThat(all).noneMatch(each -> each.type().equals("hark.gap")).doesNotHaveDuplicates();
        // Of what came right before the end a browser may have read nothing yet: then the snapshot is begun twice.
        assertThat(hub.read(HubMeter.SNAPSHOTS)).isEqualTo(readWhenItBroke(cable) == 0 ? 2 : 1);
    }

    /** How far the client that came back had read the snapshot; 0 where it had nothing of it. */
    private static long readWhenItBroke(Cable cable) {
        Matcher id = LAST_ID.matcher(cable.requests().getLast().toLowerCase(Locale.ROOT));
        return id.find() ? Long.parseLong(id.group(1)) : 0;
    }

    /** As a page would draw it. */
    private static Map<String, String> board(List<Told> told) {
        Map<String, String> board = new TreeMap<>();
        for (Told each : new ArrayList<>(told)) {
            if (each.type().equals("hark.deleted")) {
                board.remove(json(each.data()).path("key").asText());
            } else if (each.type().equals("message")) {
                String[] pair = each.data().split("=", 2);
                board.put(pair[0], pair[1]);
            }
        }
        return board;
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
