package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.demo.Chromium;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each way in which a page has its visitor's browser send something to another origin, tried in one: on another port, which is of the same
 * site, and under another name, which is not; with cookies for the hub and without. None publishes or deletes anything, or reads an answer.
 */
class CrossSiteIT {
    private static final String COOKIE = "session=visitor";

    /** How often {@link #ATTACK} has the browser send something that would change what the hub holds, or ask whether it may. */
    private static final int SENT = 15;

    /** What it returns could be read by the page. */
    private static final String ATTACK = """
            async ([target, hub]) => {
              const topic = target + '/topics/a'
              const read = []
              const ask = async (url, options) => {
                try {
                  const answer = await fetch(url, {credentials: 'include', ...options})
                  if (answer.type !== 'opaque') read.push(answer.status + ' ' + await answer.text())
                } catch {}
              }
              await ask(topic, {method: 'POST', body: 'x'})
              await ask(topic + '?omitted', {method: 'POST', body: 'x', credentials: 'omit'})
              await ask(topic, {method: 'POST', body: 'x', mode: 'no-cors'})
              await ask(topic, {method: 'POST', body: 'x', keepalive: true})
              await ask(topic, {method: 'POST', body: '{}', headers: {'Content-Type': 'application/json'}})
              await ask(topic, {method: 'POST', body: 'x', headers: {Authorization: 'Bearer x'}})
              await ask(target + '/topics/prices/a?key=', {method: 'DELETE'})
              await ask(target + '/events', {method: 'POST', body: '[{"topic": "a", "data": "x"}]', mode: 'no-cors'})
              navigator.sendBeacon(topic, 'x')
              navigator.sendBeacon(topic, new URLSearchParams({a: 'x'}))
              navigator.sendBeacon(target + '/events', new Blob(['[{"topic": "a", "data": "x"}]'], {type: 'application/json'}))
              for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
                const sink = document.createElement('iframe')
                sink.name = type
                const form = document.createElement('form')
                Object.assign(form, {action: topic, method: 'POST', enctype: type, target: type})
                const field = document.createElement('input')
                Object.assign(field, {name: 'a', value: 'x'})
                form.append(field)
                document.body.append(sink, form)
                form.submit()
              }
              const sandbox = document.createElement('iframe')
              sandbox.sandbox = 'allow-scripts'
              sandbox.srcdoc = `<script>fetch('${topic}', {method: 'POST', mode: 'no-cors', body: 'x'})</script>`
              document.body.append(sandbox)

              await ask(hub + '/topics/prices/a?since=earliest', {headers: {Accept: 'application/json'}})
              await ask(hub + '/topics/prices/a?since=earliest', {})
              await ask(hub + '/demo/', {})
              await new Promise(done => {
                const source = new EventSource(hub + '/topics/prices/a?since=earliest', {withCredentials: true})
                source.onmessage = event => { read.push(event.data); done() }
                source.onerror = () => { source.close(); done() }
              })
              return read
            }""";

    private static Chromium chromium;

    private final RunningHub hub = RunningHub.start();
    private final ForeignSite evil = ForeignSite.start();
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
        context = chromium.browser().newContext();
        page = context.newPage();
    }

    @AfterEach
    void stop() {
        context.close();
        evil.close();
        hub.close();
    }

    static Stream<Arguments> pages() {
        return Stream.of("127.0.0.1", "localhost")
                .flatMap(host -> Stream.of(SameSiteAttribute.values()).map(cookie -> Arguments.of(host, cookie)));
    }

    /** @param host of the page; the hub's is 127.0.0.1 */
    @ParameterizedTest
    @MethodSource("pages")
    void noPageChangesOrReadsAnything(String host, SameSiteAttribute sameSite) {
        hub.publish("prices/a", "secret");
        try (Cable cable = Cable.to(hub.uri())) {
            String target = cable.url("");
            // As a hub would set one; browsers take Secure on loopback, and None needs it. Cookies know no ports.
            context.addCookies(List.of(new Cookie("session", "visitor")
                    .setDomain("127.0.0.1").setPath("/").setSameSite(sameSite).setSecure(true)));
            page.navigate(evil.url(host));

            Object read = page.evaluate(ATTACK, List.of(target, hub.uri().toString()));

            assertThat(read).as("what the page could read").isEqualTo(List.of());
            // Each has been tried and refused: nothing is on its way any more that could still be stored.
            await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> {
                page.waitForTimeout(20);
                return cable.answers().stream().filter(answer -> answer.startsWith("HTTP/1.1 403 ")).count() >= SENT;
            });
            // At last a form that takes the whole window along: of all that another site sends, this has cookies most readily.
            Response shown = page.waitForResponse(answer -> answer.frame().equals(page.mainFrame()), () -> page.evaluate("""
                    () => {
                      const form = document.querySelector('form')
                      form.target = '_top'
                      form.submit()
                    }"""));
            assertThat(shown.status()).isEqualTo(403);

            assertThat(cable.answers()).as("none was let in").noneMatch(answer -> answer.startsWith("HTTP/1.1 2"));
            if (host.equals("127.0.0.1") || sameSite == SameSiteAttribute.NONE) {
                assertThat(cable.requests()).as("the browser sent the cookie along").anyMatch(request -> request.contains(COOKIE));
            }
            assertThat(cable.requests()).as("and went without it where it was told to").anyMatch(
                    request -> request.startsWith("POST /topics/a?omitted ") && !request.contains(COOKIE));
        }
        assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).as("one is the test's own").isEqualTo(1);
    }
}
