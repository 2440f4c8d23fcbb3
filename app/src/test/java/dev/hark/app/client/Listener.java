package dev.hark.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.Wire;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A program that says one line of JSON for each thing that it hears from a hub. Thread-safe. */
final class Listener implements AutoCloseable {
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

    private Listener(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.reader = Thread.ofVirtual().name("listener-out").start(this::read);
    }

    static Listener run(List<String> command) {
        try {
            Path errors = Files.createTempFile(Clients.FOLDER, "listener", ".err");
            return new Listener(new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode json = JSON.readTree(line);
                String kind = json.path("kind").asText();
                // Some libraries have no name for events that have none.
                String type = kind.equals("event") && json.path("type").asText().isEmpty() ? "message" : json.path("type").asText();
                heard.add(new Heard(kind, type, json.path("data").asText(), json.path("id").asText()));
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
        awaitData(data, Wire.PATIENCE);
    }

    void awaitData(String data, Duration patience) {
        await("an event with " + data + errorsSoFar()).atMost(patience)
                .until(() -> events().stream().anyMatch(event -> event.data().equals(data)));
    }

    /** Waits for the program's own end; everything it said. */
    List<Heard> toEnd() throws InterruptedException {
        assertThat(process.waitFor(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("ended").isTrue();
        reader.join(Wire.PATIENCE);
        assertThat(process.exitValue()).as(errorsSoFar()).isZero();
        return heard();
    }

    String errorsSoFar() {
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
