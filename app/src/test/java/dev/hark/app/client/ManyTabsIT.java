package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import dev.hark.app.access.IssuedTokens;
import dev.hark.app.demo.Chromium;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tabs of one browser that share a connection of {@code hark.js}, counted at the hub. */
@Timeout(300)
class ManyTabsIT {
    private static final Map<String, ?> SHARE = Map.of("share", true);

    /** The connection may be open before a subscription has joined it: what is published meanwhile is its own only from the earliest. */
    private static final Map<String, ?> ALL = Map.of("since", "earliest");

    @TempDir
    private Path folder;

    private final Chromium chromium = Chromium.start();
    private final BrowserContext context = chromium.contextWithoutPolicies();
    private final BrowserContext strict = chromium.browser().newContext();

    @AfterEach
    void stop() {
        context.close();
        strict.close();
        chromium.close();
    }

    @Test
    void shareOneConnection() {
        share(8);
    }

    @Test
    @Tag("long")
    void shareOneConnectionAmongFifty() {
        share(50);
    }

    private void share(int count) {
        try (RunningHub hub = RunningHub.start()) {
            List<HubPage> tabs = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                HubPage tab = open(hub, SHARE);
                tab.listen("own", "tabs/" + i % 40);
                tab.listen("all", "news", ALL);
                tab.awaitState("open");
                tabs.add(tab);
            }
            await("all subscriptions").pollInSameThread().atMost(Wire.PATIENCE).until(() -> {
                hub.publish("tabs/" + (count - 1) % 40, "first");
                return !tabs.getLast().told("own").isEmpty();
            });
            hub.publish("news", "for all");
            for (HubPage tab : tabs) {
                tab.awaitTold("all", "for all");
                assertThat(tab.page().evaluate("window.hub.status.shared")).isEqualTo(true);
            }
            hub.awaitStreams(1);

            // What those that close wanted is wanted no more; the others go on.
            for (HubPage tab : tabs.subList(1, count)) {
                tab.page().close();
            }
            // Each that goes is a connection anew for those who stay.
            await("filters of tabs that are gone").atMost(Wire.PATIENCE.multipliedBy(3)).untilAsserted(() ->
                    assertThat(hub.post("/topics/tabs/1", "x").body()).as("of %d tabs, %d streams, %d opened, %d indexed", count,
                            hub.read(HubMeter.STREAMS), hub.read(HubMeter.STREAMS_OPENED), hub.read(HubMeter.STREAMS_INDEXED))
                            .contains("\"subscribers\":0"));
            hub.publish("news", "for one");
            tabs.getFirst().awaitTold("all", "for all", "for one");
            hub.awaitStreams(1);
            tabs.getFirst().page().close();
            hub.awaitStreams(0);
        }
    }

    @Test
    void areAskedForATokenOneAfterTheOther() {
        String key = ApiKey.create();
        try (RunningHub hub = RunningHub.start("auth.keys.0.name=reader", "auth.keys.0.hash=sha256:" + ApiKey.hash(key),
                "auth.keys.0.subscribe.0=**", "auth.keys.0.publish.0=**")) {
            List<Object> none = new ArrayList<>();
            none.add(null);
            HubPage first = open(hub, Map.of("share", "readers", "tokens", none));
            HubPage second = open(hub, Map.of("share", "readers", "tokens", List.of(key)));
            first.listen("news", "news", ALL);
            second.listen("news", "news", ALL);
            second.awaitState("open");
            hub.post("/topics/news", "in", "Authorization", "Bearer " + key);
            first.awaitTold("news", "in");
            second.awaitTold("news", "in");
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).isLessThanOrEqualTo(2);
            hub.awaitStreams(1);
        }
    }

    @Test
    @Tag("long")
    void askATabThatHangsLastTheNextTime() {
        var tokens = new IssuedTokens(folder);
        try (RunningHub hub = RunningHub.start(tokens.clock(), tokens.settings("delivery.retry=PT0.1S", "delivery.heartbeat=PT1S"))) {
            String shortLived = tokens.sign("alice", Duration.ofMinutes(1));
            String next = tokens.sign("alice", Duration.ofHours(1));
            HubPage hung = open(hub, Map.of("share", "alice", "tokens", List.of("hang")));
            HubPage other = open(hub, Map.of("share", "alice", "tokens", List.of(shortLived, next)));
            hung.listen("own", "users/alice/*", ALL);
            other.listen("own", "users/alice/*", ALL);
            other.awaitState("open");
            assertThat(hung.asked()).as("first").isEqualTo(1);
            String publisher = tokens.sign("publisher", Duration.ofHours(1));
            // A subscription that still reads its first page would have a new token before the stream is over.
            hub.post("/topics/users/alice/1", "first", "Authorization", "Bearer " + publisher);
            hung.awaitTold("own", "first");
            other.awaitTold("own", "first");
            tokens.pass(Duration.ofMinutes(2));
            other.awaitStatus("status.reason === 'token-expired'");
            other.awaitState("open");
            hub.post("/topics/users/alice/1", "second", "Authorization", "Bearer " + publisher);
            hung.awaitTold("own", "first", "second");
            other.awaitTold("own", "first", "second");
            assertThat(other.asked()).isEqualTo(2);
            assertThat(hung.asked()).as("not again").isEqualTo(1);
        }
    }

    @Test
    void shareUnderAPolicyThatNamesTheirs() {
        try (RunningHub hub = RunningHub.start()) {
            for (String types : List.of("hark", "'none'")) {
                Page page = strict.newPage();
                String policy = "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script';"
                        + " trusted-types " + types;
                page.route("**/page", route -> route.fulfill(new Route.FulfillOptions().setContentType("text/html")
                        .setBody("<title>p</title>").setHeaders(Map.of("Content-Security-Policy", policy))));
                page.navigate(hub.uri("/page").toString());
                HubPage tab = HubPage.connect(page, "/client/hark.js", "/", Map.of("share", "by " + types));
                tab.listen("news", "news");
                tab.awaitState("open");
                await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> {
                    hub.publish("news", types);
                    return !tab.told("news").isEmpty();
                });
                assertThat(page.evaluate("window.hub.status.shared")).as(types).isEqualTo(types.equals("hark"));
                // As it does where its worker has gone: a policy of one name can be made once in a page.
                HubPage again = HubPage.connect(page, "/client/hark.js", "/", Map.of("share", "again by " + types));
                again.listen("again", "news");
                again.awaitState("open");
                assertThat(page.evaluate("window.hub.status.shared")).as("again " + types).isEqualTo(types.equals("hark"));
            }
        }
    }

    private HubPage open(RunningHub hub, Map<String, ?> options) {
        return HubPage.open(context.newPage(), hub.uri().toString(), options);
    }
}
