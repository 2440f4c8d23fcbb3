package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The packaged program as a process of its own, serving; what it says goes to files, which never block it. Thread-safe.
 *
 * @param access whether it says who may do what because {@link TestAccess} is on
 */
public record Program(Process process, Path outFile, Path errFile, boolean access) {
    /** The repository's, with which {@link TestAccess} has to do. */
    private static final String OURS = Path.of("..", "application.yaml").toAbsolutePath().normalize().toString();

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(5);
    private static final Pattern ADMIN = Pattern.compile("health and metrics: (http://[^)]+)\\)");
    private static final Pattern LISTENS = Pattern.compile("listens on (https?://\\S+)");

    /**
     * Starts {@code hark serve}.
     *
     * @param number  which program in {@code folder} this is
     * @param options of the JVM
     */
    public static Program start(Path folder, int number, List<String> options, String... arguments) {
        return start(folder, number, List.of(), options, arguments);
    }

    /** Starts {@code hark serve} by {@code before}, a command that becomes the one that follows it, such as {@code env}. */
    public static Program startBy(List<String> before, Path folder, int number, List<String> options, String... arguments) {
        return start(folder, number, before, options, arguments);
    }

    /** Starts {@code hark serve} where it may have no more than {@code descriptors} open at once. */
    public static Program startWithDescriptors(int descriptors, Path folder, int number, String... arguments) {
        return startWithDescriptors(descriptors, folder, number, List.of(), arguments);
    }

    /** The same, with {@code options} of the JVM. */
    public static Program startWithDescriptors(int descriptors, Path folder, int number, List<String> options, String... arguments) {
        return start(folder, number, List.of("sh", "-c", "ulimit -n " + descriptors + " && exec \"$@\"", "sh"), options, arguments);
    }

    private static boolean isOurs(String... arguments) {
        int config = List.of(arguments).indexOf("--config");
        return config >= 0 && config + 1 < arguments.length && arguments[config + 1].equals(OURS);
    }

    private static Program start(Path folder, int number, List<String> before, List<String> options, String... arguments) {
        List<String> command = new ArrayList<>(before);
        command.addAll(PackagedJar.command(options));
        command.add("serve");
        command.addAll(List.of(arguments));
        boolean access = isOurs(arguments) && TestAccess.isFor(Stream.of(arguments));
        if (access) {
            TestAccess.settings().forEach(setting -> command.addAll(List.of("--set", setting)));
        }
        Path out = folder.resolve("out-" + number);
        Path err = folder.resolve("err-" + number);
        try {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            return new Program(process, out, err, access);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it listens and has said all that it says at its start. */
    public URI awaitUri() {
        await("listening")
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .until(() -> out().contains("Ctrl-C") || !process.isAlive());
        Matcher listens = LISTENS.matcher(out());
        assertThat(listens.find()).as(err()).isTrue();
        URI uri = URI.create(listens.group(1));
        if (access) {
            TestAccess.started(uri.getPort());
        }
        return uri;
    }

    /** Where it tells of itself, once it listens. */
    public URI adminUri() {
        Matcher admin = ADMIN.matcher(out());
        assertThat(admin.find()).as("it listens").isTrue();
        return URI.create(admin.group(1));
    }

    /** SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    public int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("ended: " + err()).isTrue();
        forgetPort();
        return process.exitValue();
    }

    /** SIGKILL. */
    public void kill() {
        process.destroyForcibly();
        forgetPort();
    }

    /** Another hub may have it next. */
    private void forgetPort() {
        Matcher listens = LISTENS.matcher(out());
        if (access && listens.find()) {
            TestAccess.stopped(URI.create(listens.group(1)).getPort());
        }
    }

    public String out() {
        return read(outFile);
    }

    public String err() {
        return read(errFile);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
