package dev.hark.app.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.app.Answer;
import dev.hark.app.Ports;
import dev.hark.app.RunningHub;
import dev.hark.app.access.ApiKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A hub as {@code docs/examples/hub.yaml} has it, with secrets of its own, which can be stopped and started again at the same address.
 * Confined to the test's thread.
 */
final class ExampleHub implements AutoCloseable {
    static final Path EXAMPLES = Path.of("..", "docs", "examples").toAbsolutePath().normalize();

    private final Path folder;
    private final int port = Ports.free();
    private final int servicePort = Ports.free();
    private final Path secretFile;
    private final Path keyFile;
    private final String reader = ApiKey.create();
    private final List<String> settings;
    private int log;
    private @Nullable RunningHub running;

    private ExampleHub(Path folder, String... settings) throws IOException {
        this.folder = folder;
        String key = ApiKey.create();
        secretFile = Files.writeString(folder.resolve("app.secret"), ApiKey.create() + "\n");
        keyFile = Files.writeString(folder.resolve("service.key"), key + "\n");
        this.settings = Stream.concat(
                Stream.of("server.port=" + port, "cors.origins.0=" + serviceUrl(""), "delivery.retry=PT0.1S", "log.kind=sqlite",
                        "auth.issuers.0.key-file=" + secretFile, "auth.keys.0.hash=sha256:" + ApiKey.hash(key),
                        "auth.keys.1.name=reader", "auth.keys.1.hash=sha256:" + ApiKey.hash(reader), "auth.keys.1.subscribe.0=**"),
                Stream.of(settings)).toList();
    }

    /** Starts one, with what it keeps in {@code folder}. */
    static ExampleHub start(Path folder, String... settings) throws IOException {
        var hub = new ExampleHub(folder, settings);
        hub.startAgain();
        return hub;
    }

    /** Where the service of the example listens. */
    String serviceUrl(String path) {
        return "http://127.0.0.1:" + servicePort + path;
    }

    int servicePort() {
        return servicePort;
    }

    /** What the services in JavaScript are told in their environment. */
    Map<String, String> environment() {
        return Map.of("PORT", "" + servicePort, "HUB", uri().toString(), "SECRET_FILE", secretFile.toString(), "KEY_FILE",
                keyFile.toString());
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    Path keyFile() {
        return keyFile;
    }

    void stop() {
        RunningHub hub = running;
        running = null;
        if (hub != null) {
            hub.close();
        }
    }

    /** Starts it on the log that it had. */
    void startAgain() {
        List<String> all = new ArrayList<>(settings);
        all.add("log.path=" + folder.resolve("hark-" + log + ".db"));
        running = RunningHub.reading(EXAMPLES.resolve("hub.yaml"), all.toArray(String[]::new));
    }

    /** Starts it on an empty log. */
    void startWithAnotherLog() {
        log++;
        startAgain();
    }

    /** The data of each event that {@code filter} matches, from the first on. */
    List<JsonNode> published(String filter) {
        RunningHub hub = Objects.requireNonNull(running, "it is stopped");
        Answer page = hub.get("/topics/" + filter + "?since=earliest&limit=500", "Accept", "application/json", "Authorization",
                "Bearer " + reader);
        assertThat(page.status()).as(page.body()).isEqualTo(200);
        List<JsonNode> data = new ArrayList<>();
        page.json().path("events").forEach(event -> data.add(event.path("data")));
        return data;
    }

    @Override
    public void close() {
        stop();
    }
}
