package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.demo.Chromium;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A browser's own EventSource against a running hub: payloads, breaks, drains, full hubs and other origins. */
class ChromiumIT {
    private static final String QUICK_RETRY = "delivery.retry=PT0.1S";
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");
    private static final Deque<AutoCloseable> STARTED = new ArrayDeque<>();

    /**
     * Puts what {@code url} says into {@code window.heard}. Open is what has an id to come back with: {@code onopen} is the head alone.
     */
    private static final String LISTEN =
            """
            ([url, types]) => {
              window.heard = []
              window.opened = 0
              window.source = new EventSource(url)
              source.addEventListener('hark.open', () => opened++)
              for (const type of ['message', 'hark.gap', 'hark.close', ...types]) {
                source.addEventListener(type, event => heard.push([event.type, event.data, event.lastEventId]))
              }
            }""";

    private static Chromium chromium;

    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void startBrowser() {
        chromium = Chromium.start();
        STARTED.push(chromium);
    }

    @AfterAll
    static void stopBrowser() throws Exception {
        while (!STARTED.isEmpty()) {
            STARTED.pop().close();
        }
    }

    @BeforeEach
    void openPage() {
        context = chromium.contextWithoutPolicies();
        page = context.newPage();
    }

    @AfterEach
    void closePage() {
        context.close();
    }

    @Test
    void receivesWhatIsPublished() {
        long seed = System.nanoTime();
        List<String> payloads = new ArrayList<>(Payloads.known());
        payloads.addAll(Payloads.random(seed, 200));
        try (RunningHub hub = RunningHub.start()) {
            listen(hub.uri("").toString(), "/topics/news", "order.created");
            List<List<String>> expected = new ArrayList<>();
            for (String payload : payloads) {
                expected.add(List.of("message", Payloads.received(payload), hub.publish("news", payload)));
            }
            expected.add(List.of("order.created", "end", hub.post("/topics/news?type=order.created", "end").json("id")));
            awaitHeard(expected.size());

            assertThat(heard()).as("seed " + seed).isEqualTo(expected);
        }
    }

    @Test
    void resumesWhereItsConnectionBroke() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(hub.uri())) {
            listen(cable.url(""), "/topics/news");
            List<String> sent = new ArrayList<>();
            for (int broken = 1; broken <= 3; broken++) {
                for (int i = 0; i < 20; i++) {
                    sent.add(broken + "-" + i);
                    hub.publish("news", sent.getLast());
                    if (i == 10) {
                        cable.cut();
                    }
                }
                awaitHeard(sent.size());
            }
            assertThat(heard()).extracting(event -> event.get(1)).as("each once, in order").isEqualTo(sent);
            assertThat(cable.requests().getLast()).containsIgnoringCase("\r\nlast-event-id: ");
        }
    }

    @Test
    void resumesExactlyThoughItHasReceivedNothingYet() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(hub.uri())) {
            listen(cable.url(""), "/topics/news");
            cable.layTo(NOBODY);
            cable.cut();
            hub.awaitStreams(0);
            String id = hub.publish("news", "missed");
            cable.layTo(hub.uri());
            awaitHeard(1);
            assertThat(heard()).containsExactly(List.of("message", "missed", id));
        }
    }

    @Test
    void heartbeatsMoveItsLastEventIdWithoutAnEvent() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY, "delivery.heartbeat=PT0.2S");
                Cable cable = Cable.to(hub.uri())) {
            listen(cable.url(""), "/topics/quiet");
            page.evaluate("() => { source.addEventListener('hark.position', event => { window.position = event.lastEventId }) }");
            hub.awaitStreams(1);
            String id = hub.publish("elsewhere", "x");
            // What the hub has sent, the browser may not have read, and it is lost with the connection.
            await("position").pollInSameThread().atMost(Wire.PATIENCE).until(() -> id.equals(page.evaluate("window.position")));
            cable.cut();
            awaitOpened(2);

            assertThat(cable.requests().getLast()).containsIgnoringCase("\r\nlast-event-id: " + id + "\r\n");
            assertThat(heard()).isEmpty();
        }
    }

    @Test
    void comesBackAfterADrainAndIsToldOfTheNewLog() {
        try (RunningHub first = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(first.uri())) {
            listen(cable.url(""), "/topics/news");
            String last = first.publish("news", "before");
            awaitHeard(1);
            try (RunningHub second = RunningHub.start(QUICK_RETRY)) {
                String one = second.publish("news", "one");
                cable.layTo(second.uri());
                first.drain();
                awaitHeard(4);

                String floor = second.hub().id(0).toString();
                assertThat(heard())
                        .containsExactly(
                                List.of("message", "before", last),
                                List.of("hark.close", "{\"reason\":\"draining\"}", last),
                                List.of(
                                        "hark.gap",
                                        "{\"reason\":\"reset\",\"after\":\"" + last
                                                + "\",\"resumedAt\":\"" + floor + "\",\"dropped\":null}",
                                        floor),
                                List.of("message", "one", one));
            }
        }
    }

    @Test
    void stopsForGoodWhereItsTopicHasEnded() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(hub.uri())) {
            listen(cable.url(""), "/topics/answers/42");
            hub.publish("answers/42", "Hel");
            String last = hub.post("/topics/answers/42?end=true", "lo").json("id");
            await("is turned back").pollInSameThread().atMost(Wire.PATIENCE).until(() -> (int) page.evaluate("source.readyState") == 2);
            List<List<String>> all = heard();
            assertThat(all).extracting(event -> event.get(1)).containsExactly("Hel", "lo", "{\"reason\":\"ended\"}");
            assertThat(all.getLast().get(2)).isEqualTo(last);

            // Many times the time after which it would come back.
            page.waitForTimeout(3_000);
            assertThat(streams(cable)).hasSize(2);
            assertThat(streams(cable).getLast()).containsIgnoringCase("\r\nlast-event-id: " + last + "\r\n");
            assertThat(hub.read(HubMeter.STREAMS_AT_END)).isEqualTo(1);
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).isEqualTo(1);
            assertThat((int) page.evaluate("opened")).isEqualTo(1);
            // Not even a topic that is opened anew brings it back.
            hub.publish("answers/42", "anew");
            page.waitForTimeout(500);
            assertThat(heard()).isEqualTo(all);
        }
    }

    private static List<String> streams(Cable cable) {
        return cable.requests().stream().filter(request -> request.startsWith("GET /topics/answers/42 ")).toList();
    }

    @Test
    void waitsOutAFullHub() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY, "limits.subscribers=1");
                Wire only = hub.open("/topics/news")) {
            page.navigate(hub.uri("/problems/malformed").toString());
            page.evaluate(LISTEN, List.of("/topics/news", List.of()));
            await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> hub.read(HubMeter.STREAMS_REFUSED) >= 2);
            only.close();
            hub.awaitMeter(HubMeter.STREAMS_OPENED, opened -> opened == 2);
            hub.awaitStreams(1);
            hub.publish("news", "in");
            await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> heard().getLast().get(1).equals("in"));
            assertThat(heard()).contains(List.of("hark.close", "{\"reason\":\"overloaded\"}", ""));
        }
    }

    @Test
    void listensAndPublishesFromAnotherOriginWhereThatIsAllowed() {
        try (RunningHub shop = RunningHub.start();
                RunningHub hub = RunningHub.start("cors.origins=" + shop.uri())) {
            page.navigate(shop.uri("/problems/malformed").toString());
            page.evaluate(LISTEN, List.of(hub.uri("/topics/news").toString(), List.of("greeting")));
            awaitOpened(1);
            Object answer = page.evaluate(
                    """
                    async url => {
                      const headers = {'Hark-Type': 'greeting', 'Idempotency-Key': 'k'}
                      const answer = await fetch(url, {method: 'POST', body: 'hi', headers})
                      return [answer.status, (await answer.json()).topic]
                    }""",
                    hub.uri("/topics/news").toString());
            assertThat(answer).isEqualTo(List.of(201, "news"));
            awaitHeard(1);
            assertThat(heard().getFirst().subList(0, 2)).containsExactly("greeting", "hi");

            Object refusal = page.evaluate(
                    "async url => (await (await fetch(url, {method: 'POST'})).json()).status", hub.uri("/topics/a//b").toString());
            assertThat(refusal).as("the page can read why").isEqualTo(400);
        }
    }

    @Test
    void isKeptOutFromAnotherOriginByDefault() {
        try (RunningHub shop = RunningHub.start();
                RunningHub hub = RunningHub.start()) {
            page.navigate(shop.uri("/problems/malformed").toString());
            Object state = page.evaluate(
                    """
                    url => new Promise(resolve => {
                      const source = new EventSource(url)
                      source.onopen = () => resolve('open')
                      source.onerror = () => resolve('error ' + source.readyState)
                    })""",
                    hub.uri("/topics/news").toString());
            assertThat(state).isEqualTo("error 2");
        }
    }

    /** Opens a page of the hub's at {@code origin}, and in it a stream. */
    private void listen(String origin, String path, String... types) {
        page.navigate(origin + "/problems/malformed");
        page.evaluate(LISTEN, List.of(path, List.of(types)));
        awaitOpened(1);
    }

    private void awaitOpened(int times) {
        // Playwright's objects belong to this thread.
        await("opened").pollInSameThread().atMost(Wire.PATIENCE).until(() -> (int) page.evaluate("opened") >= times);
    }

    private void awaitHeard(int count) {
        await("heard").pollInSameThread().atMost(Wire.PATIENCE).until(() -> (int) page.evaluate("heard.length") >= count);
    }

    @SuppressWarnings("unchecked")
    private List<List<String>> heard() {
        return (List<List<String>>) page.evaluate("heard");
    }
}
