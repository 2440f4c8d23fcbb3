package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.Program;
import dev.hark.app.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One hub with sources as a process of its own, with its replica. Confined to the test's thread. */
final class SourceNode implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final List<String> settings;
    private final List<Program> started = new ArrayList<>();

    /** @param settings which every node has alike */
    SourceNode(Path folder, List<String> settings) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.settings = settings;
    }

    /** Returns at once. */
    void start() {
        List<String> arguments = new ArrayList<>();
        Stream.concat(Stream.of("log.kind=jetstream", "log.path=" + folder.resolve("hark.db"), "server.port=0", "admin.port=0",
                "drain.window=PT0.1S"), settings.stream()).forEach(each -> arguments.addAll(List.of("--set", each)));
        started.add(Program.start(folder, started.size(), List.of(), arguments.toArray(String[]::new)));
    }

    private Program program() {
        return started.getLast();
    }

    /** Waits until it listens. */
    URI awaitUri() {
        return program().awaitUri();
    }

    /** SIGKILL; returns when it is gone. */
    void kill() throws InterruptedException {
        program().kill();
        program().awaitExit();
    }

    /** SIGTERM; returns when it has ended, in order. */
    void terminate() throws InterruptedException {
        program().terminate();
        assertThat(program().awaitExit()).as(program().err()).isZero();
    }

    void pause() throws InterruptedException {
        Hanging.pause(program().process());
    }

    void resume() throws InterruptedException {
        Hanging.resume(program().process());
    }

    /** What it runs, as the admin API says: {@code running}, {@code standby} or {@code trouble}. */
    String state(String source) {
        return status(source).path("state").asText();
    }

    /** How much the source has published in all, as this node knows. */
    long published(String source) {
        return status(source).path("published").asLong();
    }

    private JsonNode status(String source) {
        try (Wire wire = Wire.connect(program().adminUri())) {
            for (JsonNode each : JSON.readTree(wire.request("GET", "/api/sources").answer().body()).path("sources")) {
                if (each.path("name").asText().equals(source)) {
                    return each;
                }
            }
            throw new AssertionError("no source " + source + " at " + folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What all of its processes have said. */
    String said() {
        var all = new StringBuilder();
        started.forEach(program -> all.append(program.err()));
        return all.toString();
    }

    @Override
    public void close() {
        started.forEach(Program::kill);
    }
}
