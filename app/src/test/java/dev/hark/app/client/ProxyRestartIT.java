package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.demo.Chromium;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Browsers behind a proxy, while the hub is restarted: the recipes of {@code docs/operating.md}. */
class ProxyRestartIT {
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");
    private static Chromium chromium;

    @BeforeAll
    static void startBrowser() {
        chromium = Chromium.start();
    }

    @AfterAll
    static void stopBrowser() {
        chromium.close();
    }

    @ParameterizedTest
    @EnumSource
    void aBrowserComesBackAndMissesNothing(Proxy.Kind kind, @TempDir Path folder) throws Exception {
        String[] settings = {"log.kind=sqlite", "log.path=" + folder.resolve("hark.db"), "delivery.retry=PT0.3S"};
        try (RunningHub first = RunningHub.start(settings);
                Cable cable = Cable.to(first.uri());
                Proxy proxy = Proxy.start(kind, cable.url(""), folder);
                BrowserContext context = chromium.contextWithoutPolicies()) {
            Page page = context.newPage();
            page.navigate(proxy.url("/problems/malformed"));
            page.evaluate(
                    """
                    () => {
                      window.heard = []
                      window.opened = 0
                      window.source = new EventSource('/topics/news')
                      source.onopen = () => opened++
                      source.onmessage = event => heard.push(event.data)
                    }""");
            await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> (int) page.evaluate("opened") == 1);
            String before = first.publish("news", "before");
            await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> (int) page.evaluate("heard.length") == 1);

            cable.layTo(NOBODY);
            first.close();
            // The hub is away, and the browser has been answered by the proxy alone, more than once.
            await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> (int) page.evaluate("opened") >= 3);
            assertThat((int) page.evaluate("source.readyState")).as("it has not given up").isNotEqualTo(2);
            comesBackLater(proxy);
            assertThat(status(proxy, "POST", "/topics/news")).as("a publish is refused").isIn(502, 503);
            assertThat(status(proxy, "GET", "/problems/malformed")).as("a page is not there").isIn(502, 503);

            List<String> asked = cable.requests();
            try (RunningHub second = RunningHub.start(settings)) {
                second.publish("news", "between");
                cable.layTo(second.uri());
                second.awaitStreams(1);
                second.publish("news", "after");
                await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> (int) page.evaluate("heard.length") >= 3);
                assertThat(page.evaluate("heard")).isEqualTo(List.of("before", "between", "after"));
                assertThat(cable.requests().subList(asked.size(), cable.requests().size())).as("its last id outlived the proxy's answers")
                        .anySatisfy(head -> assertThat(head).containsIgnoringCase("\r\nlast-event-id: " + before + "\r\n"));
            }
        }
    }

    /** One that is stopped, or hangs: it takes connections, and says nothing. */
    @ParameterizedTest
    @EnumSource
    void aHubThatNeverAnswersIsAwayToo(Proxy.Kind kind, @TempDir Path folder) throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Proxy proxy = Proxy.startImpatient(kind, "http://127.0.0.1:" + silent.getLocalPort(), folder)) {
            comesBackLater(proxy);
            assertThat(status(proxy, "POST", "/topics/news")).as("whether it was stored is not known").isEqualTo(504);
            assertThat(status(proxy, "GET", "/problems/malformed")).isEqualTo(504);
        }
    }

    /** The answer to who asks for a stream says when to come back, and nothing that a parser takes for a block: that would have no id. */
    private static void comesBackLater(Proxy proxy) {
        try (Wire wire = Wire.subscribe(URI.create(proxy.url("")), "/topics/news", "Accept: text/event-stream", "Connection: close")) {
            assertThat(wire.head().getFirst()).startsWith("HTTP/1.1 200 ");
            assertThat(wire.head()).anySatisfy(line -> assertThat(line).startsWithIgnoringCase("content-type: text/event-stream"))
                    .anySatisfy(line -> assertThat(line).isEqualToIgnoringCase("cache-control: no-store"));
            assertThat(wire.rest()).matches("retry: [0-9]+\n");
        }
    }

    /** On a connection of its own: HAProxy ends one that has been used before without an answer, so that its client asks again. */
    private static int status(Proxy proxy, String method, String path) {
        try (Wire wire = Wire.connect(URI.create(proxy.url(""))).request(method, path, "Content-Length: 0")) {
            return Integer.parseInt(wire.head().getFirst().split(" ")[1]);
        }
    }
}
