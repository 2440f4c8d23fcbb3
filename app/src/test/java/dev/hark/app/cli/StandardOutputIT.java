package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hark.app.cli.FakeHub.Answer;
import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Standard output as the system gives it to a process: a full disk, and a pipe whose reader has gone. */
class StandardOutputIT {
    private static final File FULL = new File("/dev/full");

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
            assertThat(hub.asked).hasSize(1);
        }
    }

    /** Runs it; of a pipe nothing is read. */
    private static Ended hark(Redirect out, String... args) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        // As app/bin/hark starts it.
        List<String> command = new ArrayList<>(
                List.of(java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", Path.of("target", "hark.jar").toString()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectOutput(out).start();
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
}
