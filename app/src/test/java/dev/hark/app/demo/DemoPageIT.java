package dev.hark.app.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.options.RequestOptions;
import dev.hark.app.RunningHub;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The demo page end to end: a hub, a browser, and a hand that fills in forms and reads what comes. */
class DemoPageIT {
    private static final Pattern ID = Pattern.compile("[0-9a-z]+-[0-9]+");
    private static final String EVENTS = ".feed li[data-kind=event]";
    private static final int LINES_MAX = 200;
    private static final long PAUSE_MILLIS = 1_000;
    private static final double BROWSER_RETRY_MILLIS = 15_000;

    /** Newest first. Empty when there is no browser to start, and then there is nothing to stop. */
    private static final Deque<AutoCloseable> STARTED = new ArrayDeque<>();

    private static Chromium chromium;
    private static RunningHub hub;

    private final List<String> complaints = new ArrayList<>();
    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void startBrowserAndHub() {
        chromium = Chromium.start();
        STARTED.push(chromium);
        hub = RunningHub.start();
        STARTED.push(hub);
    }

    @AfterAll
    static void stopBrowserAndHub() throws Exception {
        while (!STARTED.isEmpty()) {
            STARTED.pop().close();
        }
    }

    @BeforeEach
    void openContext() {
        context = chromium.browser().newContext();
        page = newTab();
    }

    @AfterEach
    void closeContextAndHearNoComplaints() {
        context.close();
        Assertions.assertThat(complaints).as("errors and warnings in the browser's console").isEmpty();
    }

    @Test
    void broadcastReachesEveryTabAsText() {
        Page second = newTab();
        Locator here = visit(page, "broadcast");
        Locator there = visit(second, "broadcast");
        assertThat(here.locator(".state")).hasText("open");
        assertThat(there.locator(".state")).hasText("open");

        send(here, "<b>Hello</b> to all");

        assertThat(here.locator(".answer b")).hasText("201");
        for (Locator demo : List.of(here, there)) {
            assertThat(demo.locator(EVENTS)).hasCount(1);
            assertThat(demo.locator(EVENTS + " .text")).hasText("<b>Hello</b> to all");
            assertThat(demo.locator(EVENTS + " .id")).hasText(ID);
        }
        Assertions.assertThat(here.locator(".id").textContent()).isEqualTo(there.locator(".id").textContent());
        assertThat(here.locator(".answer")).containsText(there.locator(".id").textContent());

        send(there, "and back");

        assertThat(here.locator(EVENTS + " .text")).hasText(new String[] {"<b>Hello</b> to all", "and back"});
    }

    @Test
    void tenMessagesArriveAndTheEndCloses() {
        page.clock().install(new Clock.InstallOptions().setTime(0));
        Locator demo = page("ten");
        page.clock().pauseAt(Duration.ofHours(1).toMillis());
        demo.locator("[data-do=start]").click();
        assertThat(demo.locator(".state")).hasText("open");

        // The page pauses for a second after each answer.
        String answered = "";
        for (int heard = 1; heard <= 10; heard++) {
            assertThat(demo.locator(".answer b")).hasText("201");
            assertThat(demo.locator(".answer")).not().hasText(answered);
            answered = demo.locator(".answer").textContent();
            page.clock().runFor(PAUSE_MILLIS - 1);
            assertThat(demo.locator(".slots [data-heard=true]")).hasCount(heard);
            page.clock().runFor(1);
        }
        assertThat(demo.locator(".state")).hasText("closed");
        page.clock().resume();
        assertThat(demo.locator(".feed li").last()).containsText("source.close()");

        assertThat(demo.locator(".state")).hasText("closed");
        List<String> calls = new ArrayList<>(List.of("new EventSource", "onopen"));
        calls.addAll(IntStream.rangeClosed(1, 10).mapToObj(n -> "onmessage").toList());
        calls.addAll(List.of("“end”", "source.close()"));
        assertThat(demo.locator(".feed .type")).hasText(calls.toArray(String[]::new));
        assertThat(demo.locator(".feed li").nth(2)).containsText("{\"n\":1,\"of\":10,\"step\":\"check out\"}");
        assertThat(demo.locator(".feed li").last()).containsText("CLOSED");
        String stream = "/topics/streams/" + demo.locator(".stream-id").textContent();
        Awaitility.await("the hub sees that nobody listens any more")
                .pollInSameThread() // Playwright's objects belong to this one
                .until(() -> post(stream, "is anybody there?").contains("\"subscribers\":0"));
    }

    @Test
    void tenMessagesStopWhenAnotherDemoComesIntoView() {
        Locator demo = page("ten");
        demo.locator("[data-do=start]").click();
        assertThat(demo.locator(".slots [data-heard=true]").first()).isVisible();

        page("notify");

        assertThat(demo.locator(".state")).hasText("closed");
        assertThat(demo.locator(".feed li").last()).containsText("source.close()");
    }

    @Test
    void tenMessagesShowTheErrorHandler() {
        Locator demo = page("ten");
        demo.locator("[data-do=refuse]").click();

        assertThat(demo.locator(".feed .type")).hasText(new String[] {"new EventSource", "onerror"});
        assertThat(demo.locator(".feed li").last()).containsText("gives up for good");
        assertThat(demo.locator(".state")).hasText("closed");
        expectComplaint("status of 400");
    }

    @Test
    void consoleShowsWhatMatchesAndNothingElse() {
        Locator demo = page("console");
        listen(demo, "orders/* stock/**", "now");

        publish(demo, "customers/1", "", "not for this console");
        publish(demo, "orders/1/lines", "", "one segment too deep");
        publish(demo, "orders/1", "order.created", "{\"order\":1}");
        publish(demo, "stock/shelf/7", "", "two\nlines");

        assertThat(demo.locator(EVENTS + " .text")).hasText(new String[] {"orders/1 {\"order\":1}", "stock/shelf/7 two lines"});
        assertThat(demo.locator(EVENTS + " .type")).hasText(new String[] {"order.created", "message"});
        assertThat(demo.locator(EVENTS + " .id").first()).hasText(ID);
        assertThat(demo.locator(EVENTS + " .time").first()).hasText(Pattern.compile("\\d\\d:\\d\\d:\\d\\d"));
        assertThat(demo.locator(".publish .answer")).containsText(Pattern.compile("^201.+ on stock/shelf/7, .+; \\d+ streams? matched$"));
    }

    @Test
    void consoleShowsEveryTypeAndTopic() {
        post("/topics/types/1?type=shipped", "parcel");
        post("/topics/types/1?type=error", "lost");
        Locator demo = page("console");

        listen(demo, "types/1", "the last 10");
        publish(demo, "types/1", "", "unnamed");
        assertThat(demo.locator(EVENTS + " .type")).hasText(new String[] {"shipped", "error", "message"});
        assertThat(demo.locator(EVENTS + " .text")).hasText(new String[] {"types/1 parcel", "types/1 lost", "types/1 unnamed"});

        demo.locator("[data-do=clear]").click();
        listen(demo, "types/*", "the last 10");
        assertThat(demo.locator(EVENTS + " .text")).hasText(new String[] {"types/1 parcel", "types/1 lost", "types/1 unnamed"});
    }

    @Test
    void consoleStartsWhereAsked() {
        for (int i = 1; i <= 12; i++) {
            post("/topics/starts", "old " + i);
        }
        Locator demo = page("console");
        for (var start : List.of("10 minutes ago", "the earliest kept")) {
            demo.locator("[data-do=clear]").click();
            listen(demo, "starts", start);
            assertThat(demo.locator(EVENTS)).hasCount(12);
        }

        demo.locator("[data-do=clear]").click();
        listen(demo, "starts", "the last 10");
        assertThat(demo.locator(EVENTS)).hasCount(10);
        assertThat(demo.locator(EVENTS + " .text").first()).hasText("starts old 3");

        demo.locator("[data-do=clear]").click();
        listen(demo, "starts", "now");
        publish(demo, "starts", "", "new");
        assertThat(demo.locator(EVENTS + " .text")).hasText("starts new");
    }

    @Test
    void consolePausesAndClears() {
        Locator demo = page("console");
        listen(demo, "pauses", "now");
        publish(demo, "pauses", "", "before");
        assertThat(demo.locator(EVENTS)).hasCount(1);

        demo.locator("[data-do=pause]").click();
        publish(demo, "pauses", "", "meanwhile");
        assertThat(demo.locator(".count")).hasText("1 held back");
        assertThat(demo.locator(EVENTS)).hasCount(1);

        demo.locator("[data-do=pause]").click();
        assertThat(demo.locator(EVENTS + " .text")).hasText(new String[] {"pauses before", "pauses meanwhile"});

        demo.locator("[data-do=clear]").click();
        assertThat(demo.locator(".feed li")).hasCount(0);
        demo.locator("[data-do=close]").click();
        assertThat(demo.locator(".state")).hasText("closed");
    }

    @Test
    void consoleTellsARefusedPublishInWords() {
        Locator demo = page("console");
        publish(demo, "news/*", "", "wildcards are for listeners");
        assertThat(demo.locator(".publish .answer[data-good=false]")).containsText(Pattern.compile("^400.+'?news/\\*"));

        publish(demo, "news/../admin", "", "a browser would resolve this");
        assertThat(demo.locator(".publish .answer[data-good=false]")).containsText("A URL cannot say");
        expectComplaint("status of 400");
    }

    @Test
    void consoleTellsARefusedFilterInWords() {
        Locator demo = page("console");
        demo.locator("[name=filters]").fill("a/**/b");
        demo.getByText("Listen", new Locator.GetByTextOptions().setExact(true)).click();

        assertThat(demo.locator(".state")).hasText("closed: refused");
        assertThat(demo.locator(".feed li[data-kind=close]")).containsText(Pattern.compile("400 .+a/\\*\\*/b"));
        expectComplaint("status of 400");
    }

    @Test
    void consoleTakesUpWhereItWasLeft() {
        Locator demo = page("console");
        listen(demo, "leaves", "now");
        publish(demo, "leaves", "", "first");
        assertThat(demo.locator(EVENTS)).hasCount(1);

        Locator other = page("notify");
        assertThat(other.locator(".state").first()).hasText("open");
        post("/topics/leaves", "while away");
        page("console");

        assertThat(demo.locator(EVENTS + " .text")).hasText(new String[] {"leaves first", "leaves while away"});
    }

    @Test
    void consoleShowsGapsAndClosesApart() {
        page.route("**/events?*", route -> streamed(route, """
                retry: 600000
                id: e-7

                event: hark.gap
                id: e-19
                data: {"reason":"overflow","after":"e-7","resumedAt":"e-19","dropped":12}

                event: hark.close
                data: {"reason":"draining"}

                """));
        Locator demo = page("console");

        assertThat(demo.locator(".feed li[data-kind=gap]")).containsText("12 events missing here (overflow); it goes on at e-19.");
        assertThat(demo.locator(".feed li[data-kind=close]")).containsText("The hub ends this stream on purpose (draining).");
        assertThat(demo.locator(".state")).hasText("reconnecting");
        assertThat(demo.locator(EVENTS)).hasCount(0);
    }

    @Test
    void consoleKeepsTheNewestLinesOnly() {
        String body = IntStream.rangeClosed(1, LINES_MAX + 100)
                .mapToObj("""
                        id: e-%1$d
                        data: {"topic":"a","id":"e-%1$d","type":"message","data":"number %1$d"}

                        """::formatted)
                .collect(Collectors.joining("", "retry: 600000\n\n", "id: e-301\nevent: hark.close\ndata: {\"reason\":\"draining\"}\n\n"));
        page.route("**/events?*", route -> streamed(route, body));
        Locator demo = page("console");

        assertThat(demo.locator(".feed li[data-kind=close]")).hasCount(1);
        assertThat(demo.locator(".state")).hasText("reconnecting");
        assertThat(demo.locator(".feed li")).hasCount(LINES_MAX);
        assertThat(demo.locator(EVENTS + " .text").last()).hasText("a number 300");
    }

    @Test
    void reconnectsAreShown() {
        var broken = new AtomicBoolean();
        page.route("**/events?*", route -> {
            if (broken.compareAndSet(false, true)) {
                route.abort("connectionreset");
            } else {
                route.resume();
            }
        });
        Locator demo = page("broadcast");

        assertThat(demo.locator(".state")).hasText("reconnecting");
        assertThat(demo.locator(".state"))
                .containsText("open · reconnected 1×", new ContainsTextOptions().setTimeout(BROWSER_RETRY_MILLIS));
        assertThat(demo.locator(".feed li[data-kind=note]")).hasCount(2);
        expectComplaint("ERR_CONNECTION_RESET");
    }

    @Test
    void comesBackWhateverAProxyAnswers() {
        var answers = new ArrayDeque<>(List.of(502, 503, 504));
        page.route("**/events?*", route -> {
            if (answers.isEmpty()) {
                route.resume();
            } else {
                route.fulfill(new Route.FulfillOptions()
                        .setStatus(answers.pop()).setContentType("text/html").setBody("<h1>Bad gateway</h1>"));
            }
        });
        page.clock().install();
        Locator demo = page("broadcast");

        assertThat(demo.locator(".feed li[data-kind=note]")).containsText("The answer was 502: the hub is away or full.");
        assertThat(demo.locator(".state")).hasText("reconnecting");
        for (int i = 0; i < 3; i++) {
            int left = 2 - i;
            Awaitility.await().pollInSameThread().until(() -> {
                page.clock().fastForward(30_000);
                return answers.size() <= left || demo.locator(".state").textContent().startsWith("open");
            });
        }
        Awaitility.await().pollInSameThread().until(() -> {
            page.clock().fastForward(30_000);
            return demo.locator(".state").textContent().equals("open · reconnected 1×");
        });
        expectComplaint("status of 50");
    }

    @Tag("long")
    @Test
    void saysWhyNothingComesWhereTheBrowserHoldsARequestBack() {
        page.route("**/events?*", route -> {}); // as if six other streams were open
        page.route("**/topics/**", route -> {});
        Locator demo = page("broadcast");

        assertThat(demo.locator(".feed li[data-kind=note]")).containsText("six HTTP/1.1 connections");
        send(demo, "held back as well");
        assertThat(demo.locator(".answer")).containsText("six HTTP/1.1 connections");
    }

    @Test
    void aTabThatNobodySeesGivesItsConnectionsBack() {
        Locator demo = page("broadcast");
        assertThat(demo.locator(".state")).hasText("open");
        send(demo, "seen");
        assertThat(demo.locator(EVENTS)).hasCount(1);

        show(false);
        assertThat(demo.locator(".state")).hasText("closed");
        post("/topics/broadcast", "while hidden");
        show(true);

        assertThat(demo.locator(".state")).hasText("open");
        assertThat(demo.locator(EVENTS + " .text")).hasText(new String[] {"seen", "while hidden"});
    }

    @Test
    void notificationsReachOneUserOnly() {
        Locator demo = page("notify");
        Locator alice = demo.locator("[data-user=alice]");
        Locator bob = demo.locator("[data-user=bob]");
        assertThat(alice.locator(".state")).hasText("open");
        assertThat(bob.locator(".state")).hasText("open");

        send(demo, "for Alice");
        assertThat(alice.locator(EVENTS + " .text")).hasText("for Alice");

        demo.locator(".choice [value=bob]").check();
        send(demo, "for Bob");
        assertThat(bob.locator(EVENTS + " .text")).hasText("for Bob");
        assertThat(demo.locator(".answer")).containsText(" on apps/demo/users/bob, ");

        // Bob's came last and has arrived, so nothing is still on its way to Alice.
        assertThat(alice.locator(EVENTS)).hasCount(1);
        assertThat(bob.locator(EVENTS)).hasCount(1);
    }

    @Test
    void worksAgainWhenItIsLoadedAgain() {
        for (int i = 0; i < 2; i++) {
            assertThat(page("broadcast").locator(".state")).hasText("open");
            page.reload();
        }
        assertThat(page.locator("#broadcast .state")).hasText("open");
    }

    @Test
    void codeFollowsTheForm() {
        Locator demo = page("notify");
        demo.locator(".choice [value=bob]").check();
        demo.locator("[name=text]").fill("It's Bob's");

        assertThat(demo.locator(".code")).containsText("/topics/apps/demo/users/bob");
        assertThat(demo.locator(".code")).containsText("curl --data-raw 'It'\\''s Bob'\\''s' http");
        context.grantPermissions(List.of("clipboard-read", "clipboard-write"));
        Locator copy = demo.locator(".copy").first();
        copy.click();
        assertThat(copy).hasText("Copied");
        Assertions.assertThat((String) page.evaluate("navigator.clipboard.readText()"))
                .isEqualTo(demo.locator(".code pre").first().textContent());
    }

    @Test
    void nothingIsWiderThanAPhone() {
        page.setViewportSize(360, 740);
        for (String name : List.of("broadcast", "ten", "console", "notify", "prices")) {
            page(name);
            Assertions.assertThat((Integer) page.evaluate("document.documentElement.scrollWidth")).as(name).isLessThanOrEqualTo(360);
        }
    }

    private Page newTab() {
        Page tab = context.newPage();
        tab.onPageError(complaints::add);
        // Routes are of a configuration, which may be another one.
        tab.onRequest(request -> {
            if (request.url().contains("/api/")) {
                complaints.add("asked for " + request.url());
            }
        });
        tab.onConsoleMessage(message -> {
            if (List.of("error", "warning").contains(message.type())) {
                complaints.add(message.text() + " at " + message.location());
            }
        });
        return tab;
    }

    /** The demo of that name, brought into view as a person would. */
    private Locator page(String name) {
        if (!page.url().startsWith("http")) {
            return visit(page, name);
        }
        page.locator("nav a[href='#" + name + "']").click();
        assertThat(page.locator("section#" + name)).isVisible();
        return page.locator("section#" + name);
    }

    /** The demo of that name in a tab of its own. */
    private static Locator visit(Page tab, String name) {
        tab.navigate(url("/demo/#" + name));
        Locator demo = tab.locator("section#" + name);
        assertThat(demo).isVisible();
        return demo;
    }

    private static void send(Locator demo, String text) {
        demo.locator("[name=text]").fill(text);
        demo.locator("button.primary").click();
    }

    private static void listen(Locator demo, String filters, String start) {
        demo.locator("[name=filters]").fill(filters);
        demo.locator("[name=start]").selectOption(start);
        demo.getByText("Listen", new Locator.GetByTextOptions().setExact(true)).click();
        assertThat(demo.locator(".state")).hasText("open");
    }

    private static void publish(Locator demo, String topic, String type, String data) {
        demo.locator("[name=topic]").fill(topic);
        demo.locator("[name=type]").fill(type);
        demo.locator("[name=data]").fill(data);
        String before = demo.locator(".publish .answer").textContent();
        demo.locator(".publish button").click();
        assertThat(demo.locator(".publish .answer")).not().hasText(before);
    }

    /** A publish by somebody else; the hub's answer. */
    private String post(String path, String data) {
        return page.request().post(url(path), RequestOptions.create().setData(data)).text();
    }

    /** As if the tab came into view, or went out of it. */
    private void show(boolean visible) {
        page.evaluate("hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
                + " document.dispatchEvent(new Event('visibilitychange')); }", !visible);
    }

    private static void streamed(Route route, String body) {
        route.fulfill(new Route.FulfillOptions().setContentType("text/event-stream").setBody(body));
    }

    private static String url(String path) {
        return hub.uri().resolve(path).toString();
    }

    /** The browser itself logs a refused or broken request: that is wanted here, and nothing else is. */
    private void expectComplaint(String part) {
        Assertions.assertThat(complaints).isNotEmpty().allMatch(complaint -> complaint.contains(part));
        complaints.clear();
    }
}
