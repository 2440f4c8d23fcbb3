package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.sun.net.httpserver.HttpServer;
import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.demo.Chromium;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands and the page of README.md, as they are printed there, against a hub: what a newcomer would see. */
class ReadmeIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");
    private static final String PRINTED = "127.0.0.1:8080";

    @TempDir
    private Path folder;

    private final String readme = read(ROOT.resolve("README.md"));
    private final List<Shell> running = new ArrayList<>();
    private RunningHub hub;

    /** Where a page comes from that is not the hub's. */
    private HttpServer pages;

    @BeforeEach
    void start() throws IOException {
        pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        assertThat(readme).contains("--set cors.origins.0=http://localhost:8000`");
        hub = RunningHub.start("cors.origins.0=" + origin());
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Shell shell : running) {
            shell.end();
        }
        hub.close();
        pages.stop(0);
    }

    @Test
    void listensAndPublishesWithCurl() {
        Clients.requireOnPath("curl");
        Shell listener = run(block("sh", "curl -N " + PRINTED + "/topics/news"));
        hub.awaitStreams(1);
        Shell publisher = run(block("sh", "curl -d hi "));

        assertThat(publisher.awaitEnd()).isZero();
        assertThat(publisher.out()).contains("\"topic\":\"news\"", "\"subscribers\":1");
        listener.awaitOut("data: hi\n");
    }

    @Test
    void startsWhereItIsAsked() {
        Clients.requireOnPath("curl");
        hub.publish("orders/4711", "created");
        hub.publish("news", "good");
        List<String> lines = block("sh", "curl -N '").lines().toList();
        assertThat(lines).hasSize(2);
        Shell orders = run(lines.getFirst());
        Shell both = run(lines.getLast());

        orders.awaitOut("data: created\n");
        both.awaitOut("\"topic\":\"orders/4711\"");
        both.awaitOut("\"data\":\"good\"");
        assertThat(orders.out()).doesNotContain("good");
    }

    @Test
    void readsAPage() {
        Clients.requireOnPath("curl");
        String id = hub.publish("orders/4711", "created");
        Shell page = run(block("sh", "curl -H 'Accept"));

        assertThat(page.awaitEnd()).isZero();
        assertThat(page.out()).contains("\"topic\":\"orders/4711\"", "\"next\":\"" + id + "\",\"gap\":null}");
    }

    @Test
    void publishesABatch() {
        Clients.requireOnPath("curl");
        Shell batch = run(block("sh", "curl -H 'Content-Type"));

        assertThat(batch.awaitEnd()).isZero();
        assertThat(batch.out()).contains("{\"events\":[{\"id\":\"");
        assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).isEqualTo(2);
    }

    @Test
    void subscribesAndPublishesWithHark() {
        Shell subscriber = run(block("sh", "app/bin/hark subscribe"));
        hub.awaitStreams(1);
        Shell publisher = run(block("sh", "app/bin/hark publish"));

        assertThat(publisher.awaitEnd()).as(publisher.out()).isZero();
        subscriber.awaitOut("Good morning\n");
        assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).as("the date too").isEqualTo(2);
    }

    @Test
    void saysWhatIsWrongWithAConfiguration() {
        String check = block("sh", "check-config").lines().filter(line -> line.contains("check-config")).findFirst().orElseThrow();
        Shell shell = run(check);

        assertThat(shell.awaitEnd()).isEqualTo(1);
        String said = Pattern.compile("(?s)says what is wrong:\\s+`([^`]+)`").matcher(readme).results()
                .map(found -> found.group(1)).findFirst().orElseThrow();
        assertThat(shell.out()).contains(said);
    }

    @Test
    void showsAPageWhatIsPublished() throws IOException {
        byte[] html = block("html", "EventSource").replace(PRINTED, hub.uri().getAuthority()).getBytes(StandardCharsets.UTF_8);
        pages.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, html.length);
            exchange.getResponseBody().write(html);
            exchange.close();
        });
        pages.start();
        try (Chromium chromium = Chromium.start()) {
            Page page = chromium.browser().newPage();
            page.navigate(origin() + "/");
            hub.awaitStreams(1);
            hub.publish("news", "for the page");
            PlaywrightAssertions.assertThat(page.locator("#news li")).hasText("for the page");
        }
    }

    private String origin() {
        return "http://localhost:" + pages.getAddress().getPort();
    }

    /** The block in {@code language} whose text begins with {@code text}, or else has it somewhere; the only one. */
    private String block(String language, String text) {
        List<String> all = BLOCK.matcher(readme).results().filter(block -> block.group(1).equals(language))
                .map((MatchResult block) -> block.group(2)).toList();
        List<String> beginning = all.stream().filter(block -> block.startsWith(text)).toList();
        List<String> found = beginning.isEmpty() ? all.stream().filter(block -> block.contains(text)).toList() : beginning;
        assertThat(found).as("blocks of README.md with '%s'", text).hasSize(1);
        return found.getFirst();
    }

    private Shell run(String commands) {
        Path out = folder.resolve("out-" + running.size());
        var builder = new ProcessBuilder("bash", "-c", commands.replace(PRINTED, hub.uri().getAuthority()))
                .directory(ROOT.toFile()).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().put("HARK_URL", hub.uri().toString());
        builder.environment().put("HARK_BUILD", "never");
        try {
            var shell = new Shell(builder.start(), out);
            running.add(shell);
            return shell;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Shell(Process process, Path file) {
        String out() {
            return read(file);
        }

        void awaitOut(String text) {
            await(text).atMost(Wire.PATIENCE).until(() -> out().contains(text));
        }

        int awaitEnd() {
            await("ended").atMost(Wire.PATIENCE).until(() -> !process.isAlive());
            return process.exitValue();
        }

        void end() throws InterruptedException {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            assertThat(process.waitFor(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }
}
