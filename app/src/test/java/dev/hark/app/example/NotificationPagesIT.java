package dev.hark.app.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.HasCountOptions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.hark.app.client.Clients;
import dev.hark.app.demo.Chromium;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The notification pages, each built by its own tools and given out by the Node service, with a browser for each of Alice and Bob. */
@Timeout(300)
class NotificationPagesIT {
    private static final double PATIENCE_MILLIS = 60_000;
    private static final ContainsTextOptions PART = new ContainsTextOptions().setTimeout(PATIENCE_MILLIS);
    private static final HasCountOptions COUNT = new HasCountOptions().setTimeout(PATIENCE_MILLIS);

    /** Before its start, at its end before an answer, and in the middle of one. */
    private static final List<String> AWAY = List.of(
            "net::ERR_CONNECTION_REFUSED", "net::ERR_CONNECTION_RESET", "net::ERR_EMPTY_RESPONSE", "net::ERR_INCOMPLETE_CHUNKED_ENCODING");

    private static final Deque<AutoCloseable> STARTED = new ArrayDeque<>();

    private static Chromium chromium;

    @TempDir
    private Path folder;

    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    static void startBrowser() {
        chromium = Chromium.start();
        STARTED.push(chromium);
    }

    @AfterAll
    static void stopBrowser() throws Exception {
        while (!STARTED.isEmpty()) {
            STARTED.pop().close();
        }
    }

    @Test
    void plain() throws Exception {
        everybodyHearsTheirOwn(ExampleHub.EXAMPLES.resolve("plain-page"));
    }

    @Test
    void react() throws Exception {
        Path page = source("react-page");
        build(page, "node", "node_modules/vite/bin/vite.js", "build");
        everybodyHearsTheirOwn(page.resolve("dist"));
    }

    @Test
    @Tag("long")
    void angular() throws Exception {
        Path page = source("angular-page");
        build(page, "node", "node_modules/@angular/cli/bin/ng.js", "build");
        everybodyHearsTheirOwn(page.resolve("dist"));
    }

    private void everybodyHearsTheirOwn(Path page) throws Exception {
        Clients.requireOnPath("node");
        try (ExampleHub hub = ExampleHub.start(folder);
                ExampleService service = ExampleService.node("node-service", hub, page.toString())) {
            service.ship(1, 200);
            Page alice = logIn(service, "Alice");
            Page bob = logIn(service, "Bob");
            shows(alice, "Order 1 is on its way.");
            service.ship(2, 200);
            shows(bob, "Order 2 is on its way.");

            hub.stop();
            expect(alice.locator("#state")).containsText("Cut off (", PART);
            CompletableFuture<HttpResponse<String>> shipped = service.ship(3);
            hub.startAgain();
            assertThat(shipped.get(ExampleService.PATIENCE.toSeconds(), TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            shows(alice, "Order 3 is on its way.", "Order 1 is on its way.");
            listens(bob);

            hub.stop();
            hub.startWithAnotherLog();
            listens(alice);
            service.ship(5, 200);
            shows(alice, "Order 5 is on its way.", "Some notifications are missing here (reset).", "Order 3 is on its way.",
                    "Order 1 is on its way.");
            expect(alice.locator("li.note")).hasCount(1);
            shows(bob, "Some notifications are missing here (reset).", "Order 2 is on its way.");

            assertThat(complaints).as("what the browser says, but for a hub that is away")
                    .allMatch(each -> AWAY.stream().anyMatch(each::contains));
            assertThat(alice.evaluate("document.documentElement.scrollWidth <= innerWidth")).as("fits a phone").isEqualTo(true);
        }
    }

    private Page logIn(ExampleService service, String name) {
        Page page = chromium.browser().newContext(new Browser.NewContextOptions().setViewportSize(360, 640)).newPage();
        page.onConsoleMessage(message -> complaints.add(message.text()));
        page.onPageError(complaints::add);
        page.navigate(service.url());
        page.getByText(name, new Page.GetByTextOptions().setExact(true)).click();
        listens(page);
        return page;
    }

    private static void listens(Page page) {
        expect(page.locator("#state")).containsText("Listening", PART);
    }

    /** The newest first. */
    private static void shows(Page page, String... all) {
        Locator items = page.locator("#feed li");
        expect(items).hasCount(all.length, COUNT);
        expect(items).containsText(all, PART);
    }

    private static LocatorAssertions expect(Locator shown) {
        return PlaywrightAssertions.assertThat(shown);
    }

    /** Puts a page's source where its packages are, and the client that the build has packed beside them; its folder. */
    private Path source(String example) throws IOException, InterruptedException {
        Clients.requireOnPath("node", "npm");
        Path packages = Clients.requirePackages(example);
        for (String each : List.of(example, "plain-page")) {
            copy(ExampleHub.EXAMPLES.resolve(each), Clients.FOLDER.resolve(each));
        }
        // npm would take another build of the same version for what it has already.
        delete(packages.resolve("node_modules").resolve("hark-client"));
        build(packages, "npm", "install", "--no-save", "--offline", "--ignore-scripts", "--no-audit", "--no-fund",
                Clients.tarball().toString());
        return packages;
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.write(copy, Files.readAllBytes(file));
            }
        }
    }

    private void build(Path page, String... command) throws IOException, InterruptedException {
        Path out = folder.resolve("build");
        Process process = new ProcessBuilder(command)
                .directory(page.toFile()).redirectErrorStream(true).redirectOutput(out.toFile()).start();
        try {
            assertThat(process.waitFor(240, TimeUnit.SECONDS)).as(Files.readString(out)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(out)).isZero();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
