package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How tests start the packaged program, often and for a short time each: with what brings a JVM up soonest. Its classes are found where a
 * first process left them (JEP 514), which is started for that alone when the jar is new. Thread-safe.
 */
public final class PackagedJar {
    /** As users start it: for what is about speed or memory. */
    public static final List<String> AS_JAVA_CHOOSES = List.of("-XX:-UseSerialGC", "-XX:+UseG1GC", "-XX:TieredStopAtLevel=4");

    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path JAR = TARGET.resolve("hark.jar");
    private static final Path CLASSES = TARGET.resolve("hark.aot");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private PackagedJar() {}

    /**
     * The command that arguments of {@code hark} follow.
     *
     * @param options more of the JVM's; they come last and so win
     */
    public static List<String> command(List<String> options) {
        learn();
        return command("-XX:AOTCache=" + CLASSES, options);
    }

    private static List<String> command(String cache, List<String> options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", cache));
        command.addAll(options);
        command.addAll(List.of("-jar", JAR.toString()));
        return command;
    }

    private static synchronized void learn() {
        try {
            if (!Files.exists(CLASSES) || Files.getLastModifiedTime(CLASSES).compareTo(Files.getLastModifiedTime(JAR)) <= 0) {
                Path folder = Files.createTempDirectory(TARGET, "hark-classes");
                Files.move(learnIn(folder), CLASSES, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Path learnIn(Path folder) throws IOException, InterruptedException {
        Path learned = folder.resolve("hark.aot");
        List<String> command = command("-XX:AOTCacheOutput=" + learned, List.of());
        command.addAll(List.of("serve", "--set", "server.port=0", "--set", "admin.port=0", "--set", "log.path=" + folder.resolve("log")));
        Path said = folder.resolve("said");
        Process process = new ProcessBuilder(command).directory(folder.toFile())
                .redirectErrorStream(true).redirectOutput(said.toFile()).start();
        try {
            await("listening").atMost(PATIENCE).until(() -> Files.readString(said).contains("Ctrl-C") || !process.isAlive());
            process.destroy();
            // It writes what it knows when it ends.
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("ended: " + Files.readString(said)).isTrue();
            assertThat(learned).as(Files.readString(said)).exists();
            return learned;
        } finally {
            process.destroyForcibly();
        }
    }
}
