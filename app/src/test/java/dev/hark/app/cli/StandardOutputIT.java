package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hark.app.PackagedJar;
import dev.hark.app.cli.FakeHub.Answer;
import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Standard output as the system gives it to a process: a full disk, and a pipe whose reader has gone. */
@DisabledIfSystemProperty(named = "hark.test.access", matches = "true", disabledReason = "nobody asks a hub for anything")
class StandardOutputIT {
    private static final File FULL = new File("/dev/full");

    @TempDir
    Path folder;

    private record Ended(int code, String err) {}

    @Test
    void aFullDiskIsAFailure() throws Exception {
        assumeThat(FULL).exists();
        try (FakeHub hub = new FakeHub(Answer.stream("data: a\n\n"))) {
            Ended subscribed = hark(Redirect.to(FULL), "subscribe", "a", "--url", hub.url());

            assertThat(subscribed.err()).startsWith("hark: standard output cannot be written (").hasLineCount(1);
            assertThat(subscribed.code()).isEqualTo(2);
        }
    }

    @Test
    void aReaderThatHasHadEnoughIsNone() throws Exception {
        try (FakeHub hub = new FakeHub(Answer.stream("data: a\n\n"))) {
            assertThat(hark(Redirect.PIPE, "subscribe", "a", "--url", hub.url())).isEqualTo(new Ended(0, ""));
            assertThat(hub.asked).as("once, or not at all where it was seen before").hasSizeLessThanOrEqualTo(1);
        }
    }

    @Test
    void anExportWhoseReaderHasHadEnoughEndsWell() throws Exception {
        Path log = folder.resolve("hark.db");
        Path lines = folder.resolve("in.ndjson");
        // More than a pipe holds.
        Files.writeString(lines, ("{\"topic\":\"t\",\"data\":\"" + "x".repeat(1_000) + "\"}\n").repeat(2_000));
        String[] where = {"--set", "log.kind=sqlite", "--set", "log.path=" + log};
        assertThat(hark(Redirect.DISCARD, args(where, "log", "import", lines.toString())))
                .isEqualTo(new Ended(0, "hark: made a new log at " + log + "\n"));

        assertThat(hark(Redirect.PIPE, args(where, "log", "export"))).isEqualTo(new Ended(0, ""));
        assumeThat(FULL).exists();
        Ended full = hark(Redirect.to(FULL), args(where, "log", "export"));
        assertThat(full.err()).startsWith("hark: standard output cannot be written (").hasLineCount(1);
        assertThat(full.code()).isEqualTo(2);
    }

    /** A terminal of its own, by script(1), while standard input is none. */
    @Test
    void aTerminalIsShieldedThoughInputIsNone() throws Exception {
        assumeThat(Path.of("/usr/bin/script")).exists();
        try (FakeHub hub = new FakeHub(Answer.stream("data: \u001B]0;title\u0007\n\n"))) {
            String hark = String.join(" ", command("subscribe", "a", "--url", hub.url()));
            Process script = new ProcessBuilder("script", "-q", "-e", "-c", hark + " </dev/null", "/dev/null")
                    .redirectErrorStream(true)
                    .start();
            try {
                script.getOutputStream().close();
                assertThat(new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).contains("\uFFFD]0;title\uFFFD");
                assertThat(script.waitFor(60, TimeUnit.SECONDS)).isTrue();
            } finally {
                script.destroyForcibly();
            }
        }
    }

    private static String[] args(String[] where, String... command) {
        return Stream.concat(Stream.of(command), Stream.of(where)).toArray(String[]::new);
    }

    /** Runs it; of a pipe nothing is read. */
    private static Ended hark(Redirect out, String... args) throws Exception {
        Process process = new ProcessBuilder(command(args)).redirectOutput(out).start();
        process.getInputStream().close();
        process.getOutputStream().close();
        try {
            String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), err);
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> command(String... args) {
        List<String> command = PackagedJar.command(List.of());
        command.addAll(List.of(args));
        return command;
    }
}
