package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** The hub that this project builds. Where it was not built, its tests are left out, by name; on a build server they fail. */
final class RealHub {
    private static final Path JAR = Path.of("..", "app", "target", "hark.jar").toAbsolutePath().normalize();

    private RealHub() {}

    /** Starts one, whose address is its URL, with settings such as {@code log.retention.events=20}. */
    static Program start(Path folder, String... settings) throws IOException {
        if (!Files.isRegularFile(JAR)) {
            String message = "left out: the real hub, because there is no " + JAR;
            assertThat(System.getenv("CI")).as(message).isNotEqualTo("true");
            Assumptions.abort(message);
        }
        // Compiled quickly instead of well: it starts in half the time, and lives for seconds.
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"), "-Xmx512m", "-XX:TieredStopAtLevel=1",
                "--sun-misc-unsafe-memory-access=allow", "-jar", JAR.toString(), "serve",
                "--set", "server.port=0", "--set", "admin.port=0"));
        for (String setting : settings) {
            command.addAll(List.of("--set", setting));
        }
        return Program.start(new ProcessBuilder(command).directory(folder.toFile()), Pattern.compile("Hark listens on (http://\\S+)"));
    }
}
