package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.demo.Chromium;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code hark.js} while nobody wants to hear: paused, hidden, closed. */
@Timeout(240)
class PausedClientIT {
    private static final int HIDDEN_MILLIS = 3_000;
    private static final int LONG_MILLIS = 300_000;

    private static Chromium chromium;

    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void startBrowser() {
        chromium = Chromium.start();
    }

    @AfterAll
    static void stopBrowser() {
        chromium.close();
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
    void pausesWhileItIsHidden() {
        try (RunningHub hub = RunningHub.start()) {
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of("hidden", "pause"));
            client.listen("news", "news");
            client.awaitState("open");
            hub.publish("news", "seen");
            client.awaitTold("news", "seen");
            client.show(false);
            client.awaitState("paused");
            hub.awaitStreams(0);
            hub.publish("news", "unseen");
            client.show(true);
            client.awaitTold("news", "seen", "unseen");
        }
    }

    @Test
    void staysPausedWhereThePageSaidSoWhenItIsSeenAgain() {
        try (RunningHub hub = RunningHub.start()) {
            page.clock().install();
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of("hidden", "pause"));
            client.listen("news", "news");
            client.awaitState("open");
            page.evaluate("window.hub.pause()");
            hub.awaitStreams(0);
            for (boolean visible : new boolean[] {false, true}) {
                client.show(visible);
                page.clock().fastForward(HIDDEN_MILLIS);
            }
            hub.publish("news", "meanwhile");
            page.evaluate("() => fetch('/problems/malformed').then(answer => answer.text())");
            assertThat(page.evaluate("window.hub.status.state")).isEqualTo("paused");
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).isEqualTo(1);

            client.show(false);
            page.clock().fastForward(HIDDEN_MILLIS);
            page.evaluate("window.hub.resume()");
            assertThat(page.evaluate("window.hub.status.state")).as("it is hidden").isEqualTo("paused");
            client.show(true);
            page.clock().fastForward(1);
            client.awaitTold("news", "meanwhile");
        }
    }

    /** A subscription that still looks for its position asks by pages. */
    @Test
    void asksForNothingAtAllWhileItIsPaused() {
        try (RunningHub hub = RunningHub.start()) {
            page.clock().install();
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of());
            client.listen("news", "news");
            client.awaitState("open");
            hub.publish("more", "before");
            var asked = new AtomicInteger();
            page.route("**/events?*", route -> {
                asked.incrementAndGet();
                route.abort();
            });
            client.listen("more", "more", Map.of("since", "earliest"));
            client.awaitSeen(() -> asked.get() > 0);
            page.evaluate("window.hub.pause()");
            client.awaitState("paused");
            int before = asked.get();
            for (int i = 0; i < 10; i++) {
                page.clock().fastForward(LONG_MILLIS);
                page.evaluate("() => fetch('/problems/malformed').then(answer => answer.text())");
            }
            assertThat(asked).hasValue(before);
            page.unroute("**/events?*");
            page.evaluate("window.hub.resume()");
            client.awaitTold("more", "before");
        }
    }

    @Test
    void isClosedForGood() {
        try (RunningHub hub = RunningHub.start()) {
            page.addInitScript("""
                    window.listeners = new Set()
                    for (const target of [window, document]) {
                      const { addEventListener: add, removeEventListener: remove } = target
                      target.addEventListener = (type, act) => { listeners.add(act); add.call(target, type, act) }
                      target.removeEventListener = (type, act) => { listeners.delete(act); remove.call(target, type, act) }
                    }""");
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of("hidden", "pause"));
            client.listen("news", "news");
            client.awaitState("open");
            assertThat((int) page.evaluate("listeners.size")).isPositive();
            page.evaluate("window.hub.close()");
            hub.awaitStreams(0);
            assertThat(page.evaluate("listeners.size")).as("what would keep it").isEqualTo(0);
            assertThatThrownBy(() -> client.listen("late", "news")).isInstanceOf(PlaywrightException.class).hasMessageContaining("closed");
            assertThat(page.evaluate("window.hub.status.state")).isEqualTo("closed");
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).isEqualTo(1);
        }
    }
}
