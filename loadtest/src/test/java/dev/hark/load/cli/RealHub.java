package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** The hub that this project builds, in a process of its own. Where it was not built, its tests are left out, by name; on a build server they fail. */
final class RealHub implements AutoCloseable {
    private static final Path JAR = Path.of("..", "app", "target", "hark.jar").toAbsolutePath().normalize();
    private static final Pattern GREETING = Pattern.compile("Hark listens on (http://\\S+)");
    private static final long END_SECONDS = 20;

    private final Process process;
    private final String url;

    private RealHub(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    /** Starts one with settings such as {@code log.retention.events=20}. */
    static RealHub start(Path folder, String... settings) throws IOException {
        if (!Files.isRegularFile(JAR)) {
            String message = "left out: the real hub, because there is no " + JAR;
            assertThat(System.getenv("CI")).as(message).isNotEqualTo("true");
            Assumptions.abort(message);
        }
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"), "-Xmx512m", "--sun-misc-unsafe-memory-access=allow", "-jar", JAR.toString(),
                "serve", "--set", "server.port=0", "--set", "admin.port=0"));
        for (String setting : settings) {
            command.addAll(List.of("--set", setting));
        }
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        var said = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
            Matcher greeting = GREETING.matcher(line);
            if (greeting.find()) {
                Thread.startVirtualThread(() -> drain(out));
                return new RealHub(process, greeting.group(1));
            }
        }
        process.destroyForcibly();
        throw new IOException("the hub did not start: " + said);
    }

    String url() {
        return url;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** What nobody reads must not fill the pipe. */
    private static void drain(BufferedReader out) {
        try {
            while (out.readLine() != null) {
                // It is of no interest.
            }
        } catch (IOException e) {
            // The process is gone.
        }
    }
}
