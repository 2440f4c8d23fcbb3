package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.demo.Chromium;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A page that means harm, in a real browser, beside a hub on the same machine that nobody has configured. */
class ForeignPageIT {
    private static Chromium chromium;

    private final RunningHub hub = RunningHub.start();
    private final RunningHub evil = RunningHub.start();
    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void startBrowser() {
        // evil.example leads to this machine, as a rebound name does.
        chromium = Chromium.start("--host-resolver-rules=MAP evil.example 127.0.0.1");
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

    @Test
    void publishesNothing() {
        try (Cable cable = Cable.to(hub.uri())) {
            attack(cable);
        }
    }

    private void attack(Cable cable) {
        page.navigate(evil.uri("/problems/internal").toString());
        page.evaluate(
                """
                async hub => {
                  await fetch(hub + '/topics/a', {method: 'POST', mode: 'no-cors', body: 'fetched'}).catch(() => {})
                  navigator.sendBeacon(hub + '/topics/a', 'beacon')
                  const form = document.createElement('form')
                  form.action = hub + '/topics/a'
                  form.method = 'POST'
                  form.target = 'sink'
                  const frame = document.createElement('iframe')
                  frame.name = 'sink'
                  document.body.append(frame, form)
                  form.submit()
                  const sandbox = document.createElement('iframe')
                  sandbox.sandbox = 'allow-scripts'
                  sandbox.srcdoc = `<script>fetch('${hub}/topics/a', {method: 'POST', mode: 'no-cors', body: 'x'})</script>`
                  document.body.append(sandbox)
                }""",
                cable.url(""));
        // Each of the four has been tried and refused: nothing is on its way any more that could still be stored.
        await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> {
            page.waitForTimeout(20);
            return cable.answers().stream().filter(answer -> answer.startsWith("HTTP/1.1 403 ")).count() >= 4;
        });
        assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).isZero();
    }

    @Test
    void readsNothingByAReboundName() {
        hub.publish("a", "secret");
        for (String listener : new String[] {hub.uri("").toString(), hub.adminUri("").toString()}) {
            String rebound = listener.replace("127.0.0.1", "evil.example");
            assertThat(page.navigate(rebound + "/metrics").status()).as(rebound).isEqualTo(421);
            Object read = page.evaluate(
                    "async () => { const a = await fetch('/topics/a?since=earliest'); return a.status + ' ' + await a.text() }");
            assertThat(read.toString()).startsWith("421 ").doesNotContain("secret");
        }
    }
}
