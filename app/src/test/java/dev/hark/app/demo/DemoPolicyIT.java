package dev.hark.app.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The policies that pages are served under, as a browser reads them. Whatever it says in its console of one is found here. */
class DemoPolicyIT {
    private final Chromium chromium = Chromium.start();
    private final RunningHub hub = RunningHub.start();
    private final BrowserContext context = chromium.browser().newContext();
    private final Page page = context.newPage();
    private final List<String> said = new CopyOnWriteArrayList<>();

    DemoPolicyIT() {
        page.onConsoleMessage(message -> said.add(message.type() + ": " + message.text()));
        page.onPageError(said::add);
        // Some violations are in no console.
        page.exposeFunction("violated", what -> said.add("violated: " + what[0]));
        page.addInitScript("document.addEventListener('securitypolicyviolation',"
                + " event => violated(event.effectiveDirective + ' by ' + event.blockedURI))");
    }

    @AfterEach
    void stop() {
        context.close();
        hub.close();
        chromium.close();
    }

    @Test
    void theDemoDoesWhatItDoesWithoutAViolation() {
        page.navigate(hub.uri("/demo/").toString());
        for (String name : List.of("broadcast", "ten", "console", "notify", "prices")) {
            page.locator("nav a[href='#" + name + "']").click();
            Locator demo = page.locator("section#" + name);
            assertThat(demo).isVisible();
            switch (name) {
                case "ten", "prices" -> demo.locator("button.primary").first().click();
                case "console" -> demo.locator(".publish button").click();
                default -> demo.locator("form.say button.primary").click();
            }
            assertThat(demo.locator(".state").first()).hasText("open");
            assertThat(demo.locator(".answer b, [data-kind=event], [data-heard=true], tbody tr").first()).isVisible();
            assertThat(demo.locator(".copy").first()).isVisible();
        }
        Assertions.assertThat(said).isEmpty();
    }

    @Test
    void aViolationWouldBeNoticed() {
        page.navigate(hub.uri("/demo/").toString());
        page.evaluate("""
                () => {
                  const script = document.createElement('style')
                  script.textContent = 'body { color: red }'
                  document.head.append(script)
                }""");
        Awaitility.await().pollInSameThread().atMost(Wire.PATIENCE).until(() -> {
            page.waitForTimeout(20);
            return said.stream().anyMatch(line -> line.startsWith("violated: style-src")) && said.stream().anyMatch(
                    line -> line.startsWith("error: ") && line.contains("Content Security Policy"));
        });
    }

    @Test
    void whatIsPutIntoThePageDoesNotRun() {
        page.navigate(hub.uri("/demo/").toString());
        Object ran = page.evaluate("""
                () => {
                  const ran = []
                  window.ran = what => ran.push(what)
                  const script = document.createElement('script')
                  try { script.textContent = 'ran("inline")'; document.body.append(script) } catch {}
                  try { document.body.insertAdjacentHTML('beforeend', '<img src=x: onerror="ran(1)">') } catch {}
                  try { document.body.setAttribute('onclick', 'ran("attribute")'); document.body.click() } catch {}
                  return new Promise(done => setTimeout(() => done(ran), 100))
                }""");
        Assertions.assertThat(ran).isEqualTo(List.of());
        Assertions.assertThat(said).anyMatch(line -> line.startsWith("violated: "));
    }

    @Test
    void refusalsAndTheirExplanationsAreShownWithoutAViolation() {
        for (String path : List.of("/problems/internal", "/nothing")) {
            page.navigate(hub.uri(path).toString());
            assertThat(page.locator("body")).not().isEmpty();
        }
        page.navigate(hub.adminUri("/metrics").toString());
        assertThat(page.locator("body")).containsText("hark_streams");
        // The browser itself says that an answer was 404.
        Assertions.assertThat(said).allMatch(line -> line.contains("status of 404"));
    }

    @Test
    void noOtherPageFramesIt() {
        page.navigate(hub.uri("/problems/internal").toString());
        for (String path : List.of("/demo/", "/problems/internal")) {
            // Of the same origin even: nobody's frame, not the hub's own either.
            Object shown = page.evaluate("""
                    path => new Promise(done => {
                      const frame = document.createElement('iframe')
                      frame.onload = () => { try { done(frame.contentDocument?.title ?? '') } catch { done('') } }
                      frame.src = path
                      document.body.append(frame)
                    })""", path);
            Assertions.assertThat(shown).as(path).isEqualTo("");
        }
    }
}
