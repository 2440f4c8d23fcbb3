package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/clients.md, on a connection that breaks in the middle of an event: they receive it whole, and once. */
class SnippetsIT {
    private static final Path PAGE = Path.of("..", "docs", "clients.md");

    /** Not {@code localhost}, which on many machines is {@code ::1} first, where no hub listens (decision 0040). */
    private static final String PRINTED = "http://127.0.0.1:8080/";

    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String LARGE = "x".repeat(1_500) + "MIDDLE" + "y".repeat(1_494);

    @TempDir
    private Path folder;

    @Test
    void java() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        receiveAllOnce(snippet("java", 0), folder.resolve("Listen.java"), "hi from Java", java);
    }

    @Test
    void javaScript() {
        Clients.require("node");
        // Where it finds its package.
        receiveAllOnce(snippet("js", 1), Clients.FOLDER.resolve("node").resolve("listen.mjs"), "hi from JavaScript", "node");
    }

    @Test
    void python() {
        Clients.requireOnPath("python3");
        receiveAllOnce(snippet("python", 0), folder.resolve("listen.py"), "hi from Python", "python3");
    }

    @Test
    void pythonWithHttpxSse() {
        Clients.require("python");
        receiveAllOnce(snippet("python", 1), folder.resolve("listen.py"), "", Clients.pythonOfClients());
    }

    /** One of them is for a language that no test runs. */
    @Test
    void sayWhereAHubListens() {
        assertThat(BLOCK.matcher(page()).results().map(block -> block.group(2)))
                .isNotEmpty().allSatisfy(program -> assertThat(program).contains(PRINTED).doesNotContain("localhost"));
    }

    /** @param greeting what it publishes itself, and so receives first; empty where it only listens */
    private void receiveAllOnce(String program, Path file, String greeting, String... command) {
        Path out = folder.resolve("out");
        try (RunningHub hub = RunningHub.start();
                Cable cable = Cable.to(hub.uri())) {
            assertThat(program).contains(PRINTED);
            Files.writeString(file, program.replace(PRINTED, cable.url("/")));
            Process process = new ProcessBuilder(List.of(command[0], file.toString()))
                    .redirectErrorStream(true).redirectOutput(out.toFile()).start();
            try {
                if (greeting.isEmpty()) {
                    hub.awaitMeter(HubMeter.STREAMS, streams -> streams == 1);
                } else {
                    awaitReceived(out, greeting);
                }
                hub.publish("news", "small");
                awaitReceived(out, "small");
                cable.cutBehind("MIDDLE", 1);
                hub.publish("news", LARGE);
                hub.publish("news", "two\nlines");
                hub.publish("news", "end");
                awaitReceived(out, "end");

                assertThat(cable.cutsLeft()).as("it was cut").isZero();
                String all = Files.readString(out);
                assertThat(all.substring(all.indexOf("received: small")))
                        .contains("received: small\n", "received: " + LARGE + "\n", "received: two\nlines\n", "received: end\n")
                        .doesNotContain("missing", "position");
                assertThat(all.split("MIDDLE", -1)).as("once").hasSize(2);
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitReceived(Path out, String data) {
        await("received " + data).atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Files.readString(out)).contains("received: " + data + "\n"));
    }

    /** The program in {@code language} that stands at {@code index} of those on the page. */
    private static String snippet(String language, int index) {
        return BLOCK.matcher(page()).results()
                .filter(block -> block.group(1).equals(language)).map((MatchResult block) -> block.group(2)).toList().get(index);
    }

    private static String page() {
        try {
            return Files.readString(PAGE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
