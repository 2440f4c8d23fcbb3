package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.hark.HubMeter;
import dev.hark.app.Ports;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import dev.hark.app.access.IssuedTokens;
import dev.hark.app.demo.Chromium;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code hark.js} in a browser, against running hubs: what its subscriptions are told, whatever happens to the connection. */
@Timeout(240)
class BrowserClientIT {
    private static final String QUICK_RETRY = "delivery.retry=PT0.1S";
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");
    private static final Deque<AutoCloseable> STARTED = new ArrayDeque<>();
    private static final List<String> TOPICS = List.of("a", "b");
    private static final int SOME = 20;
    private static final long SILENCE_MILLIS = 43_000;

    private static Chromium chromium;

    private BrowserContext context;
    private Page page;

    @TempDir
    private Path folder;

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
    void matchesWhatTheHubMatches() {
        List<String> parts = List.of("a", "b", "ab", "*", "a*", "***");
        List<String> one = parts.stream().filter(part -> !part.contains("*")).toList();
        List<String> filters = Stream.of(parts.stream(), pairs(parts, parts), pairs(pairs(parts, parts).toList(), parts),
                Stream.of("**", "a/**", "*/**", "a/*/**", "ab/**", "a/b/**", "https://*", "https://**", "https:/**", "https://a/*"))
                .flatMap(each -> each).toList();
        List<String> topics = Stream.of(one.stream(), pairs(one, one), pairs(pairs(one, one).toList(), one),
                Stream.of("a*", "a/b/a/b", "https://a", "https://a/b", "https://ab/b/a"))
                .flatMap(each -> each).toList();
        List<List<Object>> expected = new ArrayList<>();
        for (String filter : filters) {
            for (String topic : topics) {
                expected.add(List.of(filter, topic, new TopicFilter(filter).matches(new Topic(topic))));
            }
        }
        assertThat(expected).hasSizeGreaterThan(5_000);
        try (RunningHub hub = RunningHub.start()) {
            page.navigate(hub.uri("/problems/malformed").toString());
            Object wrong = page.evaluate("""
                    async cases => {
                      const { matches } = await import('/client/hark.js')
                      return cases.filter(([filter, topic, expected]) => matches(filter, topic) !== expected)
                    }""", expected);
            assertThat(wrong).isEqualTo(List.of());
        }
    }

    private static Stream<String> pairs(List<String> first, List<String> second) {
        return first.stream().flatMap(one -> second.stream().map(other -> one + "/" + other));
    }

    @Test
    void givesEachSubscriptionWhatIsItsOwnOverOneConnection() {
        try (RunningHub hub = RunningHub.start()) {
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of());
            page.evaluate("() => { listen('orders', 'orders/*'); listen('all', '**') }");
            client.awaitState("open");
            hub.post("/topics/orders/1?type=error&key=k", "{\"total\":42.5}");
            hub.publish("news", "two\u2028lines\nand \uD83D\uDC1D");
            client.awaitTold("all", Map.of("total", 42.5), "two\u2028lines\nand \uD83D\uDC1D");
            client.awaitTold("orders", Map.of("total", 42.5));
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).isEqualTo(1);

            client.stop("all");
            client.stop("orders");
            hub.awaitStreams(0);
            client.awaitState("idle");
        }
    }

    @Test
    void startsWhereEachSubscriptionSays() {
        try (RunningHub hub = RunningHub.start()) {
            for (int i = 1; i <= 3; i++) {
                hub.publish("news", "old " + i);
                hub.publish("prices/a", "" + i);
            }
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of());
            client.listen("live", "news");
            client.awaitState("open");
            client.listen("earliest", "news", Map.of("since", "earliest"));
            client.listen("last", "news", Map.of("last", 2));
            client.listen("current", "prices/*", Map.of("since", "current"));
            client.awaitTold("earliest", "old 1", "old 2", "old 3");
            client.awaitTold("last", "old 2", "old 3");
            client.awaitTold("current", 3, "whole");
            hub.publish("news", "new");
            hub.request("DELETE", "/topics/prices/a");
            client.awaitTold("earliest", "old 1", "old 2", "old 3", "new");
            client.awaitTold("last", "old 2", "old 3", "new");
            client.awaitTold("current", 3, "whole", "deleted prices/a");
            client.awaitTold("live", "new");
        }
    }

    @Test
    void resumesWhereItsConnectionBroke() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(hub.uri())) {
            HubPage client = HubPage.open(page, cable.url(""), Map.of());
            client.listen("news", "news");
            client.awaitState("open");
            List<Object> sent = new ArrayList<>();
            for (int broken = 0; broken < 3; broken++) {
                for (int i = 0; i < 20; i++) {
                    sent.add("event " + sent.size());
                    hub.publish("news", (String) sent.getLast());
                    if (i == 10) {
                        cable.cut();
                    }
                }
                client.awaitTold("news", told -> told.size() >= sent.size());
            }
            assertThat(client.told("news")).isEqualTo(sent);
            assertThat(client.wasTold("status.state === 'waiting' && status.reason === 'lost' && status.retryMillis > 0")).isTrue();
        }
    }

    @Test
    void goesOnAfterARestartOfTheHub() {
        String[] settings = {
            "server.port=" + Ports.free(), "log.kind=sqlite", "log.path=" + folder.resolve("hark.db"), QUICK_RETRY
        };
        RunningHub first = RunningHub.start(settings);
        try (Publishing publishing = Publishing.start(first.uri(), TOPICS)) {
            HubPage client = HubPage.open(page, first.uri().toString(), Map.of());
            listenToAll(client);
            publishing.awaitMore(SOME);
            first.close();
            client.awaitStatus("status.state === 'waiting' && status.reason === 'draining'");
            try (RunningHub second = RunningHub.start(settings)) {
                publishing.awaitMore(SOME);
                publishing.assertToldAll(client);
                second.awaitStreams(1);
                assertThat(second.read(HubMeter.STREAMS_OPENED)).isEqualTo(1);
            }
        } finally {
            first.close();
        }
    }

    private static void listenToAll(HubPage client) {
        client.page().evaluate("topics => topics.forEach(topic => listen(topic, topic, { since: 'earliest' }))", TOPICS);
        client.awaitState("open");
    }

    @Test
    void isToldWhereAnotherLogBegins() {
        try (RunningHub first = RunningHub.start(QUICK_RETRY);
                RunningHub second = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(first.uri())) {
            HubPage client = HubPage.open(page, cable.url(""), Map.of());
            first.publish("prices/a", "1");
            first.publish("prices/b", "1");
            client.listen("news", "news");
            client.awaitState("open");
            client.listen("current", "prices/*", Map.of("since", "current"));
            client.awaitTold("current", 1, 1, "whole");
            first.publish("news", "one");
            client.awaitTold("news", "one");
            second.publish("prices/b", "2");
            second.publish("news", "two");
            cable.layTo(second.uri());
            first.drain();
            client.awaitTold("news", "one", "gap reset", "two");
            client.awaitTold("current", 1, 1, "whole", "gap reset", 2, "whole");
            second.publish("prices/b", "3");
            client.awaitTold("current", 1, 1, "whole", "gap reset", 2, "whole", 3);
        }
    }

    @Test
    void comesBackWhateverAProxyAnswers() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            var answers = new ArrayDeque<>(List.of(502, 503, 504, 429));
            page.route("**/events?*", route -> {
                if (answers.isEmpty()) {
                    route.resume();
                } else {
                    route.fulfill(new Route.FulfillOptions().setStatus(answers.pop()).setContentType("text/html")
                            .setHeaders(Map.of("Retry-After", "3600")).setBody("<h1>Bad gateway</h1>"));
                }
            });
            page.clock().install();
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of());
            client.listen("news", "news");
            client.awaitStatus("status.state === 'waiting' && status.error.status === 502 && status.retryMillis >= 3600000");
            while (!answers.isEmpty()) {
                int left = answers.size();
                page.clock().fastForward(3_000_000);
                page.waitForTimeout(100);
                assertThat(answers).as("asked before Retry-After was over").hasSize(left);
                page.clock().fastForward(2_000_000);
                await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> {
                    page.waitForTimeout(20);
                    return answers.size() < left;
                });
                await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> page.evaluate("window.hub.status.state"), "waiting"::equals);
            }
            page.clock().fastForward(5_000_000);
            client.awaitState("open");
            hub.publish("news", "through");
            client.awaitTold("news", "through");
        }
    }

    /** What is no word of the hub's is not final, whatever its status; and a page of a network that wants a login is no stream. */
    @Test
    void losesNothingWhileAProxyAnswersInItsPlace() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(hub.uri());
                Publishing publishing = Publishing.start(hub.uri(), TOPICS)) {
            List<Integer> statuses = List.of(502, 403, 404, 200);
            var answers = new ArrayDeque<>(statuses);
            HubPage client = HubPage.open(page, cable.url(""), Map.of());
            listenToAll(client);
            page.route("**/events?*", route -> {
                if (answers.isEmpty()) {
                    route.resume();
                } else {
                    publishing.awaitMore(SOME);
                    route.fulfill(new Route.FulfillOptions().setStatus(answers.pop()).setContentType("text/html")
                            .setBody("<h1>Proxy</h1>"));
                }
            });
            cable.cut();
            for (int status : statuses) {
                client.awaitStatus("status.state === 'waiting' && status.error?.status === " + status);
            }
            client.awaitState("open");
            publishing.assertToldAll(client);
            hub.awaitStreams(1);
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).as("one, and the next").isEqualTo(2);
        }
    }

    @Test
    void reopensAConnectionThatHasFallenSilent() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            page.clock().install();
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of());
            client.listen("news", "news");
            client.awaitState("open");
            hub.publish("news", "before");
            client.awaitTold("news", "before");
            page.clock().fastForward(SILENCE_MILLIS);
            client.awaitStatus("status.reason === 'silent'");
            hub.awaitMeter(HubMeter.STREAMS_OPENED, opened -> opened == 2);
            hub.publish("news", "after");
            client.awaitTold("news", "before", "after");
        }
    }

    @Test
    void hasAllAfterASleep() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(hub.uri());
                Publishing publishing = Publishing.start(hub.uri(), TOPICS)) {
            HubPage client = HubPage.open(page, cable.url(""), Map.of());
            listenToAll(client);
            publishing.awaitMore(SOME);
            client.turn("frozen");
            publishing.awaitMore(SOME);
            cable.layTo(NOBODY);
            cable.cut();
            hub.awaitStreams(0);
            publishing.awaitMore(SOME);
            cable.layTo(hub.uri());
            client.turn("active");
            hub.awaitStreams(1);
            publishing.awaitMore(SOME);
            context.setOffline(true);
            cable.cut();
            client.awaitState("waiting");
            publishing.awaitMore(SOME);
            context.setOffline(false);
            publishing.assertToldAll(client);
            hub.awaitStreams(1);
        }
    }

    @Test
    void stopsForGoodWhereItsTopicHasEnded() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of());
            client.listen("answer", "answers/42");
            client.awaitState("open");
            hub.publish("answers/42", "Hel");
            hub.post("/topics/answers/42?end=true", "lo");
            client.awaitTold("answer", "Hel", "lo", "end");
            client.awaitState("idle");
            assertThat(hub.read(HubMeter.STREAMS_AT_END)).isEqualTo(1);
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).isEqualTo(1);
        }
    }

    @Test
    void refusesOneAndGoesOnWithTheOthers() {
        String alice = ApiKey.create();
        String service = ApiKey.create();
        try (RunningHub hub = RunningHub.start("auth.keys.0.name=alice", "auth.keys.0.hash=sha256:" + ApiKey.hash(alice),
                "auth.keys.0.subscribe.0=users/alice/**", "auth.keys.1.name=service",
                "auth.keys.1.hash=sha256:" + ApiKey.hash(service), "auth.keys.1.publish.0=**")) {
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of("token", alice));
            client.listen("own", "users/alice/*");
            client.listen("bob", "users/bob/*");
            client.listen("wrong", "a/**/b");
            client.awaitTold("bob", "error 403");
            client.awaitTold("wrong", "error 400");
            client.awaitState("open");
            hub.post("/topics/users/alice/1", "hers", "Authorization", "Bearer " + service);
            client.awaitTold("own", "hers");

            client.listen("late", "users/bob/**");
            client.awaitTold("late", "error 403");
            hub.post("/topics/users/alice/1", "still", "Authorization", "Bearer " + service);
            client.awaitTold("own", "hers", "still");
        }
    }

    @Test
    void asksForAnotherTokenWhereOneIsRefusedAndTellsWhereThereIsNone() {
        String good = ApiKey.create();
        String service = ApiKey.create();
        try (RunningHub hub = RunningHub.start(QUICK_RETRY, "auth.keys.0.name=reader", "auth.keys.0.hash=sha256:" + ApiKey.hash(good),
                "auth.keys.0.subscribe.0=**", "auth.keys.1.name=service",
                "auth.keys.1.hash=sha256:" + ApiKey.hash(service), "auth.keys.1.publish.0=**")) {
            List<Object> answers = new ArrayList<>();
            answers.add(null);
            answers.addAll(List.of("hark_wrong", "hark_wrong", good));
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of("tokens", answers));
            client.listen("news", "news");
            client.awaitState("open");
            assertThat(client.wasTold("status.state === 'waiting' && status.reason === 'token' && status.error.detail === 'no answer'"))
                    .isTrue();
            assertThat(client.wasTold("status.state === 'waiting' && status.reason === 'refused' && status.error.status === 401")).isTrue();
            assertThat(client.asked()).isEqualTo(4);
            hub.post("/topics/news", "in", "Authorization", "Bearer " + service);
            client.awaitTold("news", "in");
        }
    }

    @Test
    void goesOnWhenATokenEnds() {
        var tokens = new IssuedTokens(folder);
        String topic = "users/alice/1";
        try (RunningHub hub = RunningHub.start(tokens.clock(), tokens.settings(QUICK_RETRY, "delivery.heartbeat=PT1S"));
                Publishing publishing = Publishing.start(hub.uri(), List.of(topic),
                        "Authorization", "Bearer " + tokens.sign("publisher", Duration.ofHours(1)))) {
            String first = tokens.sign("alice", Duration.ofMinutes(1));
            String second = tokens.sign("alice", Duration.ofHours(1));
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of("tokens", List.of(first, second)));
            client.listen(topic, "users/alice/*", Map.of("since", "earliest"));
            client.awaitState("open");
            publishing.awaitMore(SOME);
            tokens.pass(Duration.ofMinutes(2));
            client.awaitStatus("status.reason === 'token-expired'");
            publishing.awaitMore(SOME);
            publishing.assertToldAll(client);
            assertThat(client.asked()).isEqualTo(2);
            hub.awaitStreams(1);
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).isEqualTo(2);
        }
    }

    @Test
    void changesOverToAnotherTokenBeforeOneEnds() {
        var tokens = new IssuedTokens(folder);
        try (RunningHub hub = RunningHub.start(tokens.clock(), tokens.settings(QUICK_RETRY))) {
            page.clock().install(new Clock.InstallOptions().setTime(tokens.now().toEpochMilli()));
            String first = tokens.sign("alice", Duration.ofSeconds(35));
            String second = tokens.sign("alice", Duration.ofHours(1));
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of("tokens", List.of(first, second)));
            client.listen("own", "users/alice/*");
            client.awaitState("open");
            page.clock().fastForward(33_000);
            hub.awaitMeter(HubMeter.STREAMS_OPENED, opened -> opened == 2);
            hub.awaitStreams(1);
            tokens.pass(Duration.ofMinutes(1));
            publish(hub, tokens, "on the second");
            client.awaitTold("own", "on the second");
            assertThat(client.asked()).isEqualTo(2);
            assertThat(hub.read(HubMeter.STREAMS_CLOSED_TOKEN_EXPIRED)).isZero();
        }
    }

    private static void publish(RunningHub hub, IssuedTokens tokens, String data) {
        String token = tokens.sign("publisher", Duration.ofHours(1));
        assertThat(hub.post("/topics/users/alice/1", data, "Authorization", "Bearer " + token).status()).isEqualTo(201);
    }

    @Test
    void readsPagesWhereAProxyKeepsStreamsBack() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            page.route("**/events?*", route -> {
                if (!"text/event-stream".equals(route.request().headers().get("accept"))) {
                    route.resume(); // a stream is never answered
                }
            });
            page.clock().install();
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of());
            client.listen("news", "news");
            client.awaitState("connecting");
            await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> {
                page.clock().fastForward(6_000);
                return Objects.equals(page.evaluate("window.hub.status.transport + window.hub.status.state"), "pollopen");
            });
            List<Object> sent = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                sent.add("event " + i);
                hub.publish("news", (String) sent.getLast());
            }
            client.awaitTold("news", sent.toArray());
            client.listen("more", "more");
            hub.publish("news", "after a change");
            sent.add("after a change");
            client.awaitTold("news", sent.toArray());
        }
    }

    @Test
    void isImportedByPagesOfOriginsThatAreListed() {
        try (RunningHub shop = RunningHub.start();
                RunningHub hub = RunningHub.start("cors.origins=" + shop.uri())) {
            page.navigate(shop.uri("/problems/malformed").toString());
            HubPage client = HubPage.connect(page, hub.uri("/client/hark.js").toString(), hub.uri().toString(), Map.of("share", true));
            client.listen("news", "news");
            client.awaitState("open");
            hub.publish("news", "abroad");
            client.awaitTold("news", "abroad");
            assertThat(page.evaluate("window.hub.status.shared")).as("a worker's script is of the page's own origin").isEqualTo(false);
        }
    }
}
