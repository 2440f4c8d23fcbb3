package dev.hark.app.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.HasCountOptions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ReducedMotion;
import com.microsoft.playwright.options.RequestOptions;
import dev.hark.app.Ports;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo page's price board end to end: a hub, a browser, and somebody who looks at a table. */
class PriceBoardIT {
    private static final String ROWS = "tbody tr";
    private static final String NOTES = ".board-notes li";
    private static final int INSTRUMENTS = 24;
    private static final double BACK_MILLIS = 60_000;
    private static final long REST_MILLIS = 3_000;
    private static final long FRAME_MILLIS = 16;

    /** Less than the time after which the client takes a stream for dead. */
    private static final long AHEAD_MILLIS = 20_000;

    private static final long DAY_MILLIS = 300_000;

    /** Puts how many publishes of the page's wait for their answer into {@code window.underWay}. */
    private static final String COUNT_UNDER_WAY = """
            () => {
              const { fetch } = window
              window.underWay = 0
              window.fetch = async (url, options) => {
                const publishes = options?.method === 'POST' ? 1 : 0
                underWay += publishes
                try {
                  return await fetch(url, options)
                } finally {
                  underWay -= publishes
                }
              }
            }""";

    /** What the browser says of a hub that is restarted: before its start, and at its end. */
    private static final List<String> AWAY =
            List.of("net::ERR_CONNECTION_REFUSED", "net::ERR_CONNECTION_RESET", "net::ERR_EMPTY_RESPONSE");

    /** Empty when there is no browser to start, and then there is nothing to stop. */
    private static final Deque<AutoCloseable> BROWSER = new ArrayDeque<>();

    private static Chromium chromium;

    /** Newest first. */
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    private final List<String> complaints = new ArrayList<>();
    private BrowserContext context;
    private RunningHub hub;
    private Page page;

    @TempDir
    Path folder;

    @BeforeAll
    static void startBrowser() {
        chromium = Chromium.start();
        BROWSER.push(chromium);
    }

    @AfterAll
    static void stopBrowser() throws Exception {
        while (!BROWSER.isEmpty()) {
            BROWSER.pop().close();
        }
    }

    @BeforeEach
    void openTab() {
        hub = start();
        context = chromium.browser().newContext();
        page = newTab();
    }

    @AfterEach
    void closeAllAndHearNoComplaints() throws Exception {
        context.close();
        while (!started.isEmpty()) {
            started.pop().close();
        }
        Assertions.assertThat(complaints).as("errors and warnings in the browser's console").isEmpty();
    }

    @Test
    void isWholeAtOnceWhileNoPriceChanges() {
        Locator first = visit(page);
        assertThat(first.locator(".empty")).containsText("Nothing is listed");
        listAll(first);
        List<String> prices = rows(first);

        Locator second = visit(newTab());
        assertThat(second.locator(ROWS)).hasCount(INSTRUMENTS);
        Assertions.assertThat(rows(second)).isEqualTo(prices).isSorted();
        assertThat(second.locator(".as-of"))
                .hasText(Pattern.compile("As of \\d\\d:\\d\\d:\\d\\d, id [0-9a-z]+-\\d+: 24 instruments; live since then\\."));
        assertThat(second.locator(".count")).hasText("24 instruments");
        assertThat(second.locator(".empty")).isHidden();

        page.reload();
        assertThat(first.locator(ROWS)).hasCount(INSTRUMENTS);
        Assertions.assertThat(rows(first)).isEqualTo(prices);
    }

    @Test
    void goesOnLiveInEveryTab() {
        Locator first = visit(page);
        Locator second = visit(newTab());
        first.locator("[data-do=trade]").click();
        assertThat(second.locator(ROWS)).hasCount(INSTRUMENTS);
        List<String> opened = rows(second);
        Awaitility.await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> !rows(second).equals(opened));
        assertThat(first.locator("[data-do=trade]")).hasText("Close the market");
        Assertions.assertThat(rows(second)).as("each its own row").hasSize(INSTRUMENTS);
    }

    @Test
    void tellsUpFromDownByASignAndAnArrow() {
        Locator board = visit(page);
        publish("chfjpy", "{\"last\":\"110.00\",\"open\":\"100.00\"}");
        assertThat(board.locator(ROWS + " .change")).hasText("▲ +10.00 %");
        assertThat(board.locator(ROWS + " .price")).hasText("110.00");
        publish("chfjpy", "{\"last\":\"92.50\",\"open\":\"100.00\"}");
        assertThat(board.locator(ROWS + " .change")).hasText("▼ −7.50 %");
        publish("chfjpy", "{\"last\":\"100.00\",\"open\":\"100.00\"}");
        assertThat(board.locator(ROWS + " .change")).hasText("– 0.00 %");
        assertThat(board.locator(ROWS + " .when")).hasText(Pattern.compile("\\d\\d:\\d\\d:\\d\\d"));
        assertThat(board.locator(".change [aria-hidden=true]")).hasText("–");
    }

    @Test
    void takesWhatItKnowsNothingOfForNoPriceOrAsItIs() {
        Locator board = visit(page);
        publish("usdzar", "no price");
        publish("usdcad", "{\"last\":\"-1\"}");
        publish("own", "{\"last\":7.5}");
        assertThat(board.locator(ROWS)).hasCount(1);
        assertThat(board.locator(ROWS + " th")).hasText("own");
        assertThat(board.locator(ROWS + " .price")).hasText("7.5");
        assertThat(board.locator(ROWS + " .change")).hasText("");
    }

    @Test
    void losesTheRowInEveryTabOnDelistingAndHasItBackOnListing() {
        Locator first = visit(page);
        listAll(first);
        Page tab = newTab();
        Locator second = visit(tab);
        assertThat(second.locator(ROWS)).hasCount(INSTRUMENTS);

        first.locator("[name=instrument]").selectOption("GBP/USD");
        first.locator("[data-do=list]").click();
        assertThat(first.locator(".answer")).containsText(Pattern.compile("^200.+ on prices/demo/gbpusd, .+ deleted$"));
        assertThat(second.locator(ROWS)).hasCount(INSTRUMENTS - 1);
        assertThat(row(second, "GBP/USD")).hasCount(0);
        assertThat(first.locator(ROWS)).hasCount(INSTRUMENTS - 1);
        tab.reload();
        assertThat(second.locator(ROWS)).hasCount(INSTRUMENTS - 1);
        assertThat(row(second, "GBP/USD")).hasCount(0);

        assertThat(first.locator("[data-do=list]")).hasText("List");
        first.locator("[data-do=list]").click();
        assertThat(row(second, "GBP/USD")).hasCount(1);
        Assertions.assertThat(rows(second)).as("in its place").hasSize(INSTRUMENTS).isSorted();
        assertThat(first.locator("[data-do=list]")).hasText("Delist");
    }

    @Test
    void isTheSameAfterARestartOfTheHubInTheMiddle() throws Exception {
        int port = Ports.free();
        String[] settings = {"server.port=" + port, "log.kind=sqlite", "log.path=" + folder.resolve("hark.db")};
        hub = start(settings);
        Locator board = visit(page);
        listAll(board);
        board.locator("[data-do=list]").click();
        assertThat(board.locator(ROWS)).hasCount(INSTRUMENTS - 1);
        List<String> prices = rows(board);

        started.pop().close();
        assertThat(board.locator(NOTES + "[data-kind=close]")).containsText("draining");
        assertThat(board.locator(".state")).hasText("reconnecting");
        Assertions.assertThat(rows(board)).as("while the hub is away").isEqualTo(prices);
        hub = start(settings);
        assertThat(board.locator(".state")).containsText("open", new ContainsTextOptions().setTimeout(BACK_MILLIS));
        Assertions.assertThat(rows(board)).isEqualTo(prices);
        Locator second = visit(newTab());
        assertThat(second.locator(ROWS)).hasCount(INSTRUMENTS - 1);
        Assertions.assertThat(rows(second)).isEqualTo(prices);

        publish("eurusd", "{\"last\":\"1.5000\",\"open\":\"1.0000\"}");
        assertThat(row(board, "EUR/USD").locator(".price")).hasText("1.5000");
        assertThat(row(second, "EUR/USD").locator(".price")).hasText("1.5000");
        complaints.removeIf(complaint -> AWAY.stream().anyMatch(complaint::contains));
    }

    @Test
    void isEmptyWhereTheHubHasForgottenEverything() throws Exception {
        String port = "server.port=" + Ports.free();
        hub = start(port);
        Locator board = visit(page);
        publish("eurusd", "{\"last\":\"1.5000\",\"open\":\"1.0000\"}");
        publish("usdjpy", "{\"last\":\"150.00\",\"open\":\"150.00\"}");
        assertThat(board.locator(ROWS)).hasCount(2);

        started.pop().close();
        assertThat(board.locator(".state")).hasText("reconnecting");
        hub = start(port);
        publish("usdjpy", "{\"last\":\"151.00\",\"open\":\"150.00\"}");
        assertThat(board.locator(ROWS)).hasCount(1, new HasCountOptions().setTimeout(BACK_MILLIS));
        assertThat(row(board, "USD/JPY").locator(".price")).hasText("151.00");
        assertThat(board.locator(NOTES + "[data-kind=gap]")).containsText("reset");
        complaints.removeIf(complaint -> AWAY.stream().anyMatch(complaint::contains));
    }

    @Test
    void beginsAnewAfterAGapThatMayHideADeletion() {
        String whole = said("open", "e-9.0", "{}") + event("e-9.3", "eurusd") + event("e-9.4", "usdjpy") + said("position", "e-9", "{}");
        String gap = said("gap", "e-19", "{\"reason\":\"retention\",\"after\":\"e-9\",\"resumedAt\":\"e-19\",\"dropped\":null}");
        String again = "{\"events\":[" + envelope("e-15", "usdjpy") + "],\"next\":\"e-20\",\"gap\":null}";
        List<String> asked = new ArrayList<>();
        page.route("**/events?*", route -> {
            asked.add(route.request().url());
            boolean stream = "text/event-stream".equals(route.request().headers().get("accept"));
            route.fulfill(stream
                    ? new Route.FulfillOptions().setContentType("text/event-stream").setBody("retry: 600000\n" + whole + gap)
                    : new Route.FulfillOptions().setContentType("application/json").setBody(again));
        });

        Locator board = visit(page);
        assertThat(board.locator(NOTES + "[data-kind=gap]"))
                .containsText(" An unknown number of events missing here (retention); it goes on at e-19.");
        assertThat(board.locator(ROWS)).hasCount(1);
        assertThat(row(board, "USD/JPY")).hasCount(1);
        assertThat(board.locator(".as-of")).containsText("id e-20: 1 instrument;");
        Assertions.assertThat(asked).hasSize(2).allMatch(url -> url.contains("since=current"))
                .noneMatch(url -> url.contains("lastEventId"));
    }

    @Test
    void saysWhyWhereTheHubKeepsNoNewestPrices() {
        hub = start("topics.0.keep=nothing");
        Locator board = visit(page);
        assertThat(board.locator(".state")).hasText("closed: refused");
        assertThat(board.locator(NOTES + "[data-kind=close]")).containsText(Pattern.compile("400 .+keep\\.latest"));
        Assertions.assertThat(complaints).isNotEmpty().allMatch(complaint -> complaint.contains("status of 400"));
        complaints.clear();
    }

    @Test
    void closesTheMarketWhenItsDayIsOver() {
        page.clock().install();
        Locator board = visit(page);
        board.locator("[data-do=trade]").click();
        assertThat(board.locator(ROWS)).hasCount(INSTRUMENTS);
        page.clock().fastForward(DAY_MILLIS);
        assertThat(board.locator("[data-do=trade]")).hasText("Open the market");
    }

    @Test
    void hearsWhatIsDelistedInATabThatNobodySeesWhileItsMarketIsOpen() {
        page.clock().install();
        Locator first = visit(page);
        page.evaluate(COUNT_UNDER_WAY);
        first.locator("[data-do=trade]").click();
        assertThat(first.locator(ROWS)).hasCount(INSTRUMENTS);
        page.evaluate("Object.defineProperty(document, 'hidden', {value: true}); document.dispatchEvent(new Event('visibilitychange'))");
        page.clock().fastForward(REST_MILLIS);

        Locator second = visit(newTab());
        assertThat(second.locator(ROWS)).hasCount(INSTRUMENTS);
        pauseBetweenTwoTrades();
        second.locator("[data-do=list]").click();
        // The next trade may not come before that has been heard, so no more than 400 ms may pass in the tab: a frame each second.
        Awaitility.await().pollInSameThread().pollInterval(Duration.ofSeconds(1)).atMost(Wire.PATIENCE).until(() -> {
            page.clock().runFor(FRAME_MILLIS);
            return first.locator(ROWS).count() == INSTRUMENTS - 1;
        });
        page.clock().resume();
        assertThat(first.locator(".state")).hasText("open");
        assertThat(second.locator(ROWS)).hasCount(INSTRUMENTS - 1);
        List<String> delisted = rows(second);
        Awaitility.await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> !rows(second).equals(delisted));
        assertThat(row(second, "EUR/USD")).hasCount(0);

        first.locator("[data-do=trade]").click();
        assertThat(first.locator(".state")).hasText("closed");
    }

    /** A trade that is under way when something is delisted lists it again. */
    private void pauseBetweenTwoTrades() {
        page.clock().pauseAt(((Number) page.evaluate("Date.now()")).longValue() + AHEAD_MILLIS);
        Awaitility.await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> (int) page.evaluate("underWay") == 0);
    }

    @Test
    void isATableThatScreenReadersKnowAndThatStandsStillWhereMotionIsUnwanted() {
        page.emulateMedia(new Page.EmulateMediaOptions().setReducedMotion(ReducedMotion.REDUCE));
        Locator board = visit(page);
        publish("eurusd", "{\"last\":\"1.5000\",\"open\":\"1.0000\"}");
        Locator table = page.getByRole(AriaRole.TABLE, new Page.GetByRoleOptions().setName("Last price, and change since it was listed"));
        assertThat(table.getByRole(AriaRole.ROWHEADER)).hasText("EUR/USD Euro, US dollar");
        publish("eurusd", "{\"last\":\"1.6000\",\"open\":\"1.0000\"}");

        assertThat(table.getByRole(AriaRole.COLUMNHEADER)).hasText(new String[] {"Instrument", "Last", "Change", "Time"});
        assertThat(table.locator("[data-moved=up]")).hasCSS("animation-name", "none");
        assertThat(board.locator(".board[aria-live], .board [aria-live], .board [role=status]")).hasCount(0);
        assertThat(board.locator(".as-of")).hasRole(AriaRole.STATUS);
    }

    private RunningHub start(String... settings) {
        RunningHub hub = RunningHub.start(settings);
        started.push(hub);
        return hub;
    }

    private Page newTab() {
        Page tab = context.newPage();
        tab.onPageError(complaints::add);
        tab.onConsoleMessage(message -> {
            if (List.of("error", "warning").contains(message.type())) {
                complaints.add(message.text() + " at " + message.location());
            }
        });
        return tab;
    }

    private Locator visit(Page tab) {
        tab.navigate(hub.uri().resolve("/demo/#prices").toString());
        Locator board = tab.locator("section#prices");
        assertThat(board).isVisible();
        assertThat(board.locator(".state")).not().hasText("connecting");
        return board;
    }

    /** Has all instruments listed by somebody else, and sees them on {@code board}. */
    private void listAll(Locator board) {
        List<?> topics = (List<?>) board.locator("[name=instrument] option").evaluateAll("options => options.map(each => each.value)");
        String lines = topics.stream()
                .map(topic -> "{\"topic\":\"" + topic + "\",\"data\":{\"last\":\"1.2500\",\"open\":\"1.0000\"}}\n")
                .collect(Collectors.joining());
        int status = page.request()
                .post(hub.uri().resolve("/events").toString(),
                        RequestOptions.create().setHeader("Content-Type", "application/x-ndjson").setData(lines)).status();
        Assertions.assertThat(status).isEqualTo(201);
        assertThat(board.locator(ROWS)).hasCount(INSTRUMENTS);
    }

    private static Locator row(Locator board, String symbol) {
        return board.locator(ROWS).filter(new Locator.FilterOptions().setHasText(symbol));
    }

    private static List<String> rows(Locator board) {
        return board.locator(ROWS).allTextContents();
    }

    /** A publish by somebody else. */
    private void publish(String instrument, String data) {
        int status = page.request()
                .post(hub.uri().resolve("/topics/prices/demo/" + instrument).toString(), RequestOptions.create().setData(data)).status();
        Assertions.assertThat(status).isEqualTo(201);
    }

    private static String event(String id, String instrument) {
        return "id: %s\ndata: %s\n\n".formatted(id, envelope("e-" + id.substring(id.indexOf('.') + 1), instrument));
    }

    private static String envelope(String id, String instrument) {
        return """
                {"topic":"prices/demo/%s","id":"%s","time":"2026-11-29T10:00:00Z","data":{"last":"1.10","open":"1.00"}}"""
                .formatted(instrument, id);
    }

    private static String said(String type, String id, String data) {
        return "event: hark.%s\nid: %s\ndata: %s\n\n".formatted(type, id, data);
    }
}
