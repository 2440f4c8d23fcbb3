package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import dev.hark.HubMeter;
import dev.hark.app.Ports;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.demo.Chromium;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tabs that share a connection of {@code hark.js} while events are published: whatever happens to it, and to one of the tabs, nothing is
 * lost, nothing comes twice, and there is no second connection.
 */
@Timeout(240)
class SharedConnectionIT {
    private static final String QUICK_RETRY = "delivery.retry=PT0.1S";
    private static final String PLAIN_HOST = "plain.example";
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");
    private static final List<String> TOPICS = List.of("a", "b");
    private static final int SOME = 20;

    private static Chromium chromium;

    private BrowserContext context;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startBrowser() {
        chromium = Chromium.start("--host-resolver-rules=MAP " + PLAIN_HOST + " 127.0.0.1");
    }

    @AfterAll
    static void stopBrowser() {
        chromium.close();
    }

    @BeforeEach
    void openContext() {
        context = chromium.contextWithoutPolicies();
    }

    @AfterEach
    void closeContext() {
        context.close();
    }

    /** The browser keeps the worker in the process of one of the tabs, the first; it goes with it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void outlivesATabThatCrashes(int crashing) {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            List<HubPage> tabs = open(3, hub.uri().toString());
            try (Publishing publishing = Publishing.start(hub.uri(), TOPICS)) {
                publishing.awaitMore(SOME);
                crash(tabs.remove(crashing).page());
                publishing.awaitMore(SOME);
                tabs.forEach(publishing::assertToldAll);
            }
            assertOneConnection(hub, tabs);
        }
    }

    /** A tab that goes may still begin anew with its worker, and be destroyed before the worker could notice that. */
    @Test
    void forgetsATabThatIsDestroyedAsItGoes() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            List<HubPage> tabs = open(2, hub.uri().toString());
            HubPage going = tabs.getLast();
            going.listen("own", "own");
            awaitSubscribers(hub, "own", 1);
            going.page().evaluate("""
                    () => {
                      navigator.locks.request = () => new Promise(() => {})
                      dispatchEvent(new PageTransitionEvent('pagehide'))
                    }""");
            tabs.getFirst().listen("more", "more");
            awaitSubscribers(hub, "more", 1);
            crash(going.page());
            awaitSubscribers(hub, "own", 0);
            assertOneConnection(hub, tabs.subList(0, 1));
        }
    }

    /** Browsers have locks for pages of HTTPS and of this machine; elsewhere a tab says itself that it goes. */
    @Test
    void forgetsATabThatGoesWhereThereAreNoLocks() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY, "server.hosts=" + PLAIN_HOST)) {
            context.addInitScript("""
                    window.listening = 0
                    const { addEventListener: add, removeEventListener: remove } = window
                    window.addEventListener = (type, ...more) => { listening += type === 'pagehide'; add(type, ...more) }
                    window.removeEventListener = (type, ...more) => { listening -= type === 'pagehide'; remove(type, ...more) }""");
            List<HubPage> tabs = open(2, "http://" + PLAIN_HOST + ":" + hub.uri().getPort());
            HubPage going = tabs.getLast();
            assertThat(going.page().evaluate("navigator.locks === undefined")).isEqualTo(true);
            going.listen("own", "own");
            awaitSubscribers(hub, "own", 1);
            going.page().navigate("about:blank");
            awaitSubscribers(hub, "own", 0);
            HubPage staying = tabs.getFirst();
            assertOneConnection(hub, tabs.subList(0, 1));
            assertThat(staying.page().evaluate("listening")).isEqualTo(1);
            staying.page().evaluate("hub.close()");
            assertThat(staying.page().evaluate("listening")).as("after close()").isEqualTo(0);
            hub.awaitStreams(0);
        }
    }

    @Test
    void tellsItsWorkerOfWhatIsRefused() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            context.addInitScript("""
                    window.said = []
                    const { postMessage } = MessagePort.prototype
                    MessagePort.prototype.postMessage = function (...message) {
                      said.push(message[0][0])
                      postMessage.apply(this, message)
                    }""");
            HubPage tab = open(1, hub.uri().toString()).getFirst();
            tab.listen("refused", "a//b");
            tab.awaitTold("refused", "error 400");
            assertThat((List<?>) tab.page().evaluate("said")).as("so that it keeps nothing of it").last().isEqualTo("remove");
        }
    }

    @Test
    void listensForATabOnceItsEndWouldBeNoticed() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            HubPage staying = open(1, hub.uri().toString()).getFirst();
            Page page = context.newPage();
            page.addInitScript("""
                    const { locks } = navigator
                    const request = locks.request.bind(locks)
                    locks.request = async (...asked) => {
                      await new Promise(next => { window.grant = next })
                      return request(...asked)
                    }""");
            HubPage killed = HubPage.open(page, hub.uri().toString(), Map.of("share", true));
            killed.listen("late", "late");
            staying.listen("more", "more");
            awaitSubscribers(hub, "more", 1);
            assertThat(hub.post("/topics/late", "x").body()).as("before it holds its lock").contains("\"subscribers\":0");
            page.evaluate("grant()");
            awaitSubscribers(hub, "late", 1);
            crash(page);
            awaitSubscribers(hub, "late", 0);
        }
    }

    @Test
    void beginsItsSnapshotOnceWhereATabCrashes() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            hub.publish("prices/a", "1");
            hub.publish("prices/b", "1");
            List<HubPage> tabs = open(2, hub.uri().toString());
            HubPage second = tabs.getLast();
            second.listen("current", "prices/*", Map.of("since", "current"));
            second.listen("quiet", "quiet", Map.of("since", "earliest"));
            second.awaitTold("current", 1, 1, "whole");
            hub.publish("prices/a", "2");
            second.awaitTold("current", 1, 1, "whole", 2);
            long opened = hub.read(HubMeter.STREAMS_OPENED);
            hub.publish("quiet", "before it is told");
            second.awaitTold("quiet", "before it is told");
            crash(tabs.getFirst().page());
            hub.publish("prices/b", "2");
            hub.publish("quiet", "after");
            second.awaitTold("current", 1, 1, "whole", 2, 2);
            second.awaitTold("quiet", "before it is told", "after");
            hub.awaitMeter(HubMeter.STREAMS_OPENED, now -> now > opened);
        }
    }

    @Test
    void goesOnAfterARestartOfTheHub() {
        String[] settings = {
            "server.port=" + Ports.free(), "log.kind=sqlite", "log.path=" + folder.resolve("hark.db"), QUICK_RETRY
        };
        RunningHub first = RunningHub.start(settings);
        try (Publishing publishing = Publishing.start(first.uri(), TOPICS)) {
            List<HubPage> tabs = open(2, first.uri().toString());
            publishing.awaitMore(SOME);
            awaitJoined(tabs);
            first.close();
            try (RunningHub second = RunningHub.start(settings)) {
                publishing.awaitMore(SOME);
                tabs.forEach(publishing::assertToldAll);
                assertOneConnection(second, tabs);
                assertThat(second.read(HubMeter.STREAMS_OPENED)).isEqualTo(1);
            }
        } finally {
            first.close();
        }
    }

    @Test
    void losesNothingWhileAProxyAnswersInItsPlace() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(hub.uri());
                var proxy = new BadGateway()) {
            List<HubPage> tabs = open(2, cable.url(""));
            long opened;
            try (Publishing publishing = Publishing.start(hub.uri(), TOPICS)) {
                publishing.awaitMore(SOME);
                awaitJoined(tabs);
                cable.layTo(proxy.uri());
                cable.cut();
                hub.awaitStreams(0);
                opened = hub.read(HubMeter.STREAMS_OPENED);
                await("refused").atMost(Wire.PATIENCE).until(() -> proxy.asked() >= 2);
                cable.layTo(hub.uri());
                publishing.awaitMore(SOME);
                tabs.forEach(publishing::assertToldAll);
            }
            assertThat(tabs.getLast().wasTold("status.state === 'waiting' && status.error?.status === 502")).isTrue();
            assertOneConnection(hub, tabs);
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).as("one more").isEqualTo(opened + 1);
        }
    }

    @Test
    void hasAllAfterASleep() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(hub.uri())) {
            List<HubPage> tabs = open(2, cable.url(""));
            try (Publishing publishing = Publishing.start(hub.uri(), TOPICS)) {
                publishing.awaitMore(SOME);
                tabs.forEach(tab -> tab.turn("frozen"));
                publishing.awaitMore(SOME);
                cable.layTo(NOBODY);
                cable.cut();
                hub.awaitStreams(0);
                publishing.awaitMore(SOME);
                cable.layTo(hub.uri());
                tabs.forEach(tab -> tab.turn("active"));
                publishing.awaitMore(SOME);
                tabs.forEach(publishing::assertToldAll);
            }
            assertOneConnection(hub, tabs);
        }
    }

    private List<HubPage> open(int count, String origin) {
        List<HubPage> tabs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            HubPage tab = HubPage.open(context.newPage(), origin, Map.of("share", true));
            TOPICS.forEach(topic -> tab.listen(topic, topic, Map.of("since", "earliest")));
            tab.awaitState("open");
            tabs.add(tab);
        }
        return tabs;
    }

    /** The connection is open at once for a tab that comes later, which may still be joining it: that takes a connection more. */
    private static void awaitJoined(List<HubPage> tabs) {
        tabs.forEach(tab -> TOPICS.forEach(topic -> tab.awaitTold(topic, told -> !told.isEmpty())));
    }

    private static void awaitSubscribers(RunningHub hub, String topic, int count) {
        await("subscribers of " + topic).atMost(Wire.PATIENCE).until(
                () -> hub.post("/topics/" + topic, "x").body(), answer -> answer.contains("\"subscribers\":" + count));
    }

    private static void assertOneConnection(RunningHub hub, List<HubPage> tabs) {
        hub.awaitStreams(1);
        for (HubPage tab : tabs) {
            assertThat(tab.page().evaluate("window.hub.status.shared")).isEqualTo(true);
        }
    }

    /** Ends the process of {@code page}, as too little memory does. */
    private static void crash(Page page) {
        assertThatThrownBy(() -> page.navigate("chrome://crash")).isInstanceOf(PlaywrightException.class);
    }
}
