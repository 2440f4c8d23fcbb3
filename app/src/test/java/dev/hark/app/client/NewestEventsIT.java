package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.sun.net.httpserver.HttpServer;
import dev.hark.app.Program;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.demo.Chromium;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands and the page of {@code docs/newest-events.md}, as they are printed there, against a hub: each says what the page says. */
@Timeout(180)
class NewestEventsIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path CHAPTER = ROOT.resolve("docs").resolve("newest-events.md");
    private static final String PRINTED = "127.0.0.1:8080";
    private static final String PRINTED_EPOCH = "p0dfsve1";

    /** Some of the commands start a program twice. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A reader sees all of a stream in it; a machine that is busy may need longer. */
    private static final String A_SECOND = "--max-time 1 ";

    private static final String RESTART = "Stop the hub, and start it again.";

    /** Blocks in their order, and the place where the hub is started anew. */
    private static final Pattern PART = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$|" + Pattern.quote(RESTART));

    private static final Pattern ID = Pattern.compile("\"(\\w{8})-\\d+\"");
    /** Where the page breaks a line that is none. */
    private static final Pattern BREAK = Pattern.compile("↵\\n +");

    private static final Pattern TIME = Pattern.compile("\"time\":\"[^\"]+\"");

    @TempDir
    private Path folder;

    private final List<Program> started = new ArrayList<>();

    @Test
    void saysWhatThePageSays() throws Exception {
        Clients.requireOnPath("curl", "bash");
        String chapter = Files.readString(CHAPTER);
        List<MatchResult> parts = PART.matcher(chapter).results().toList();
        String said = "";
        String epoch = PRINTED_EPOCH;
        int compared = 0;
        try {
            for (int i = 0; i < parts.size(); i++) {
                MatchResult part = parts.get(i);
                String language = part.group(1);
                if (language == null) {
                    started.getLast().terminate();
                    started.getLast().awaitExit();
                    start();
                } else if (language.equals("yaml")) {
                    Files.writeString(folder.resolve("application.yaml"), part.group(2));
                    start();
                } else if (language.equals("sh")) {
                    int length = parts.get(i + 1).group(2).replace(PRINTED_EPOCH, epoch).length();
                    said = run(part.group(2).replace(PRINTED_EPOCH, epoch), length, started.getLast());
                    // What is published next has no subscribers.
                    await("no streams").atMost(PATIENCE).until(() -> metrics().contains("\nhark_streams 0"));
                    var id = ID.matcher(said);
                    epoch = id.find() ? id.group(1) : epoch;
                } else if (language.isEmpty()) {
                    assertThat(TIME.matcher(said.replace(epoch, PRINTED_EPOCH)).replaceAll("")).as("what the page says")
                            .isEqualTo(TIME.matcher(BREAK.matcher(part.group(2)).replaceAll("")).replaceAll(""));
                    compared++;
                }
            }
        } finally {
            started.forEach(Program::kill);
        }
        assertThat(compared).isEqualTo(9);
        assertThat(started).hasSize(2);
    }

    private void start() {
        started.add(Program.start(folder, started.size(), List.of(),
                "--set", "server.port=0", "--set", "admin.port=0", "--set", "drain.window=PT0.1S"));
        started.getLast().awaitUri();
    }

    private String metrics() {
        try (Wire wire = Wire.connect(started.getLast().adminUri())) {
            return wire.request("GET", "/metrics").answer().body();
        }
    }

    /** What {@code commands} say; a stream at the end of them, until it has said {@code length} characters. */
    private String run(String commands, int length, Program program) throws IOException, InterruptedException {
        Path out = folder.resolve("said");
        URI hub = program.awaitUri();
        var builder = new ProcessBuilder("bash", "-c", commands.replace(PRINTED, hub.getAuthority()).replace(A_SECOND, ""))
                .directory(ROOT.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD).redirectOutput(out.toFile());
        builder.environment().put("HARK_URL", hub.toString());
        builder.environment().put("HARK_BUILD", "never");
        Process process = builder.start();
        try {
            if (commands.contains(A_SECOND)) {
                await(commands).atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(Files.readString(out)).hasSizeGreaterThanOrEqualTo(length));
            } else {
                assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(commands).isTrue();
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        // A refusal has no line end, and here none is to be seen.
        String said = Files.readString(out);
        return said.endsWith("\n") ? said : said + "\n";
    }

    @Test
    void showsABoard() throws Exception {
        HttpServer pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String origin = "http://localhost:" + pages.getAddress().getPort();
        try (RunningHub hub = RunningHub.start("topics.0.match=prices/**", "topics.0.keep.latest=true", "cors.origins=" + origin);
                Chromium chromium = Chromium.start()) {
            String html = Pattern.compile("(?ms)^```html\\n(.*?)^```$").matcher(Files.readString(CHAPTER)).results().findFirst()
                    .orElseThrow().group(1);
            assertThat(html).contains(PRINTED);
            byte[] page = html.replace(PRINTED, hub.uri().getAuthority()).getBytes(StandardCharsets.UTF_8);
            pages.createContext("/", exchange -> {
                exchange.getResponseHeaders().add("Content-Type", "text/html");
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
                exchange.close();
            });
            pages.start();
            hub.publish("prices/eurusd", "1.0842");
            hub.publish("prices/gbpusd", "1.2671");
            hub.publish("prices/eurusd", "1.0850");
            Page board = chromium.browser().newPage();
            board.navigate(origin + "/");
            var lines = PlaywrightAssertions.assertThat(board.locator("#board li"));
            lines.hasText(new String[] {"prices/gbpusd 1.2671", "prices/eurusd 1.085"});
            assertThat(hub.request("DELETE", "/topics/prices/gbpusd").status()).isEqualTo(200);
            hub.publish("prices/eurusd", "1.0861");
            lines.hasText(new String[] {"prices/eurusd 1.0861"});
        } finally {
            pages.stop(0);
        }
    }
}
