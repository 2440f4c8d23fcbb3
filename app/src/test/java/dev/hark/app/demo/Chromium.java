package dev.hark.app.demo;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.hark.app.Wire;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The machine's own Chromium without a window, and the driver that talks to it. Confined to the test's thread.
 */
public record Chromium(Playwright driver, Browser browser) implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    /** Root in a container has no sandbox; the rest keeps the browser from talking to anybody but the hub. */
    private static final List<String> FLAGS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    /**
     * Starts the browser, with {@code more} flags; where there is none, the tests are skipped, but fail where {@code CI} is {@code
     * true}. What Playwright asserts of pages has {@link Wire#PATIENCE} to become so.
     */
    public static Chromium start(String... more) {
        var driver = new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"));
        var options = new BrowserType.LaunchOptions()
                .setExecutablePath(executable().orElseGet(Chromium::missing))
                .setHeadless(true)
                .setArgs(Stream.concat(FLAGS.stream(), Stream.of(more)).toList());
        PlaywrightAssertions.setDefaultAssertionTimeout((double) Wire.PATIENCE.toMillis());
        Playwright playwright = Playwright.create(driver);
        return new Chromium(playwright, playwright.chromium().launch(options));
    }

    /** One whose pages stand for somebody else's: they may do what the hub's own pages must not. */
    public BrowserContext contextWithoutPolicies() {
        return browser.newContext(new Browser.NewContextOptions().setBypassCSP(true));
    }

    @Override
    public void close() {
        browser.close();
        driver.close();
    }

    private static Optional<Path> executable() {
        Stream<String> path = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator));
        return Stream.concat(Stream.of("/usr/bin"), path)
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Path missing() {
        String left = "no Chromium at /usr/bin/chromium nor on the PATH: left out is what a browser makes of the demo page and of streams";
        return "true".equals(System.getenv("CI")) ? fail(left) : abort(left);
    }
}
