package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.Wire;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Node program among the tests' resources that says one line of JSON for each thing it hears. Thread-safe.
 */
final class Node implements AutoCloseable {
    /** The WHATWG client for Node, and the parser, each as of one day: an update is a change of these lines. */
    private static final List<String> PACKAGES = List.of("eventsource@4.1.1", "eventsource-parser@4.1.3");

    private static final Path FOLDER = Path.of("target", "npm").toAbsolutePath();
    private static final Duration INSTALLED = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Path errors;
    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private final Thread reader;

    /**
     * What a client says that it heard.
     *
     * @param kind {@code open}, {@code event}, {@code id} or {@code error}
     * @param type of an event
     * @param data of an event, or what was wrong
     * @param id   the client's last event id at an event
     */
    record Heard(String kind, String type, String data, String id) {
        boolean is(String wanted) {
            return kind.equals("event") && type.equals(wanted);
        }
    }

    private Node(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.reader = Thread.ofVirtual().name("node-out").start(this::read);
    }

    /** Installs what the programs need; where that cannot be, the tests are skipped, but fail where {@code CI} is {@code true}. */
    static void install() {
        require("node", "npm");
        try {
            Files.createDirectories(FOLDER);
            if (!isInstalled()) {
                List<String> command = new ArrayList<>(List.of(
                        "npm", "install", "--prefix", FOLDER.toString(),
                        "--no-save", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"));
                command.addAll(PACKAGES);
                Path log = FOLDER.resolve("npm.log");
                Process npm = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
                boolean ended = npm.waitFor(INSTALLED.toSeconds(), TimeUnit.SECONDS);
                npm.destroyForcibly();
                if (!ended || npm.exitValue() != 0) {
                    leaveOut("npm could not install " + PACKAGES + ": " + Files.readString(log));
                }
            }
            for (String program : List.of("eventsource.mjs", "parser.mjs")) {
                try (InputStream source = Node.class.getResourceAsStream("/client/" + program)) {
                    assertThat(source).as(program).isNotNull();
                    Files.copy(source, FOLDER.resolve(program), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while npm installs", e);
        }
    }

    private static boolean isInstalled() throws IOException {
        for (String wanted : PACKAGES) {
            int at = wanted.indexOf('@');
            Path manifest = FOLDER.resolve("node_modules").resolve(wanted.substring(0, at)).resolve("package.json");
            if (!Files.exists(manifest) || !JSON.readTree(manifest.toFile()).path("version").asText().equals(wanted.substring(at + 1))) {
                return false;
            }
        }
        return true;
    }

    /** Skips the test, or fails it where {@code CI} is {@code true}, unless each of {@code programs} is on the path. */
    static void require(String... programs) {
        for (String program : programs) {
            boolean found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
            if (!found) {
                leaveOut("no " + program + " on the PATH");
            }
        }
    }

    private static void leaveOut(String why) {
        String message = why + ": left out is what npm eventsource, eventsource-parser and curl make of a stream";
        if ("true".equals(System.getenv("CI"))) {
            fail(message);
        }
        abort(message);
    }

    static Node run(String program, String... arguments) {
        try {
            List<String> command = new ArrayList<>(List.of("node", FOLDER.resolve(program).toString()));
            command.addAll(List.of(arguments));
            Path errors = Files.createTempFile(FOLDER, "node", ".err");
            return new Node(new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode json = JSON.readTree(line);
                heard.add(new Heard(
                        json.path("kind").asText(), json.path("type").asText(), json.path("data").asText(), json.path("id").asText()));
            }
        } catch (IOException e) {
            heard.add(new Heard("error", "", "the test's own reader: " + e, ""));
        }
    }

    /** Everything so far. */
    List<Heard> heard() {
        return List.copyOf(heard);
    }

    /** The events so far. */
    List<Heard> events() {
        return heard.stream().filter(each -> each.kind().equals("event")).toList();
    }

    void awaitOpen(int times) {
        await("open " + times).atMost(Wire.PATIENCE)
                .until(() -> heard.stream().filter(each -> each.kind().equals("open")).count() >= times);
    }

    /** Waits for an event with {@code data}. */
    void awaitData(String data) {
        await("an event with " + data + errorsSoFar()).atMost(Wire.PATIENCE)
                .until(() -> events().stream().anyMatch(event -> event.data().equals(data)));
    }

    /** Waits for the program's own end; everything it said. */
    List<Heard> toEnd() throws InterruptedException {
        assertThat(process.waitFor(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("ended").isTrue();
        reader.join(Wire.PATIENCE);
        assertThat(process.exitValue()).as(errorsSoFar()).isZero();
        return heard();
    }

    private String errorsSoFar() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
