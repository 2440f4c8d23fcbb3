package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.hark.app.RunningHub;
import dev.hark.app.demo.Chromium;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A page whose name was rebound to a hub on the same machine that nobody has configured, in a real browser. */
class ForeignPageIT {
    private static Chromium chromium;

    private final RunningHub hub = RunningHub.start();
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
        context = chromium.contextWithoutPolicies();
        page = context.newPage();
    }

    @AfterEach
    void stop() {
        context.close();
        hub.close();
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
