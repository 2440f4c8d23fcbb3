package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The server of NATS that tests start: that of the property {@code hark.test.nats-server}, the variable {@code NATS_SERVER_FOR_TESTS}, what
 * {@code go install} has left, or the system's. Tests that lack one, or have one that is known to lose what it has acknowledged when it is
 * killed, are left out, and fail where {@code CI} is {@code true}. Stateless.
 */
final class NatsProgram {
    /** Below 2.11 they may lose what they have acknowledged when they are killed. */
    private static final int OLDEST_MAJOR = 2;
    private static final int OLDEST_MINOR = 11;

    private NatsProgram() {}

    static Path find() throws IOException, InterruptedException {
        Stream<String> named = Stream.of(
                System.getProperty("hark.test.nats-server", ""), variable("NATS_SERVER_FOR_TESTS"),
                System.getProperty("user.home") + "/go/bin/nats-server");
        Stream<String> onPath = Stream.concat(Stream.of(variable("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .map(each -> each + "/nats-server");
        Path found = Stream.concat(named, onPath).filter(name -> !name.isEmpty()).map(Path::of).filter(Files::isExecutable)
                .findFirst().orElse(null);
        if (found == null) {
            return missing("no nats-server in NATS_SERVER_FOR_TESTS, ~/go/bin or on the PATH");
        }
        Process process = new ProcessBuilder(found.toString(), "--version").redirectErrorStream(true).start();
        String version = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).as(version).isZero();
        String[] numbers = version.replaceAll(".*v", "").split("\\.");
        boolean old = Integer.parseInt(numbers[0]) < OLDEST_MAJOR
                || (Integer.parseInt(numbers[0]) == OLDEST_MAJOR && Integer.parseInt(numbers[1]) < OLDEST_MINOR);
        return old ? missing("no nats-server of 2.11 or newer, but " + version) : found;
    }

    private static String variable(String name) {
        return System.getenv().getOrDefault(name, "");
    }

    private static Path missing(String what) {
        String left = what + ": left out is what nodes that share a log do while everything fails";
        // In the report of the build it would be a number.
        System.err.println(left);
        return "true".equals(System.getenv("CI")) ? fail(left) : abort(left);
    }
}
