package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.hark.app.RunningHub;
import dev.hark.app.demo.Chromium;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Subscriptions of {@code hark.js} that share a connection: what each of them asks for is given to it, and no other suffers. */
@Timeout(240)
class SubscriptionsIT {
    private static final String QUICK_RETRY = "delivery.retry=PT0.1S";
    private static final String STREAM = "text/event-stream";
    private static final int FIRST_BYTE_MILLIS = 13_000;
    private static final int SILENCE_MILLIS = 43_000;

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
    void areGivenTheLastOfTheirOwnEach() {
        try (RunningHub hub = RunningHub.start()) {
            for (String topic : List.of("a", "b")) {
                hub.publish(topic, topic + 1);
                hub.publish(topic, topic + 2);
            }
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of());
            page.evaluate("() => { listen('a', 'a', { last: 1 }); listen('b', 'b', { last: 1 }) }");
            client.awaitTold("a", "a2");
            client.awaitTold("b", "b2");
            client.awaitState("open");
            hub.publish("a", "a3");
            hub.publish("b", "b3");
            client.awaitTold("a", "a2", "a3");
            client.awaitTold("b", "b2", "b3");
            hub.awaitStreams(1);
        }
    }

    /** Filters that the hub takes each, but not all of them on one stream: the newest are refused, until the others fit. */
    @Test
    void areRefusedWhereTheyAreTooMuchTogetherAndTheOthersGoOn() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY, "limits.subscription-bytes=2KiB")) {
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of());
            // From the earliest: those that fit join the stream one by one, when others have been refused.
            page.evaluate("() => { for (let i = 0; i < 8; i++)"
                    + " listen('f' + i, 'f' + i + '/' + 'x'.repeat(200) + '/*', { since: 'earliest' }) }");
            client.awaitState("open");
            client.awaitTold("f7", "error 400");
            hub.post("/topics/f0/" + "x".repeat(200) + "/1", "first");
            client.awaitTold("f0", "first");
            hub.awaitStreams(1);

            client.listen("late", "late/" + "x".repeat(200) + "/" + "y".repeat(200) + "/*");
            client.awaitTold("late", "error 400");
            hub.post("/topics/f0/" + "x".repeat(200) + "/1", "second");
            client.awaitTold("f0", "first", "second");
        }
    }

    @Test
    void doNotGoBackToALogThatIsNoMore() {
        try (RunningHub first = RunningHub.start(QUICK_RETRY);
                RunningHub second = RunningHub.start(QUICK_RETRY);
                Cable cable = Cable.to(first.uri())) {
            HubPage client = HubPage.open(page, cable.url(""), Map.of());
            client.listen("old", "old");
            client.awaitState("open");
            first.publish("old", "before");
            client.awaitTold("old", "before");
            second.publish("new", "one");
            second.publish("new", "two");
            var away = new AtomicBoolean(true);
            var together = new AtomicInteger();
            page.route("**/events?*", route -> {
                if (away.get() && STREAM.equals(route.request().headers().get("accept"))) {
                    if (route.request().url().contains("topic=new")) {
                        together.incrementAndGet();
                    }
                    route.fulfill(new Route.FulfillOptions().setStatus(502).setContentType("text/html").setBody("<h1>Proxy</h1>"));
                } else {
                    route.resume();
                }
            });
            cable.layTo(second.uri());
            first.drain();
            client.listen("new", "new", Map.of("since", "earliest"));
            client.awaitTold("new", "one", "two");
            client.awaitSeen(() -> together.get() >= 2);
            away.set(false);
            client.awaitTold("old", "before", "gap reset");
            second.publish("new", "three");
            client.awaitTold("new", told -> told.contains("three"));
            assertThat(client.told("new").stream().filter(each -> !each.equals("gap reset")).toList())
                    .isEqualTo(List.of("one", "two", "three"));
        }
    }

    /** The hub may take its time to find the last of a topic, and says nothing meanwhile. */
    @Test
    void waitLongerForAStartThatIsLookedFor() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            for (Map<String, ?> start : List.of(Map.of("last", 3), Map.of("since", "10m"), Map.of("since", "PT1H"))) {
                var asked = new AtomicInteger();
                Page slow = context.newPage();
                slow.route("**/events?*", route -> asked.incrementAndGet()); // and is never answered
                slow.clock().install();
                HubPage client = HubPage.open(slow, hub.uri().toString(), Map.of());
                client.listen("news", "news", start);
                client.awaitSeen(() -> asked.get() == 1);
                slow.clock().fastForward(FIRST_BYTE_MILLIS);
                slow.evaluate("() => fetch('/problems/malformed').then(answer => answer.text())");
                assertThat(client.wasTold("status.reason === 'silent'")).as(start + " after the time for the first byte").isFalse();
                slow.clock().fastForward(SILENCE_MILLIS);
                client.awaitStatus("status.reason === 'silent'");
                slow.close();
            }
        }
    }

    @Test
    void areHeardAtOnceWhereTheClockWasSetBack() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of());
            client.listen("news", "news");
            client.awaitState("open");
            page.evaluate("() => { const { now } = Date; Date.now = () => now() - 3_600_000 }");
            hub.publish("more", "by a page");
            client.listen("more", "more", Map.of("since", "earliest"));
            client.awaitTold("more", "by a page");
            hub.publish("more", "by the stream");
            client.awaitTold("more", "by a page", "by the stream");
        }
    }

    @Test
    void noticeSilenceWhereTheClockWasSetBack() {
        try (RunningHub hub = RunningHub.start(QUICK_RETRY)) {
            page.clock().install();
            HubPage client = HubPage.open(page, hub.uri().toString(), Map.of());
            client.listen("news", "news");
            client.awaitState("open");
            page.clock().setSystemTime(System.currentTimeMillis() - 3_600_000);
            page.clock().fastForward(SILENCE_MILLIS);
            client.awaitStatus("status.reason === 'silent'");
            client.awaitState("open");
            hub.publish("news", "after");
            client.awaitTold("news", "after");
        }
    }
}
