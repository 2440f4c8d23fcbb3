package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.Hub;
import dev.hark.HubMeter;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.Configuration;
import dev.hark.app.reload.Outcome;
import dev.hark.log.SteadyClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A hub in this process, on free ports, for tests: the repository's application.yaml, with what the test sets. */
public final class RunningHub implements AutoCloseable {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Wire.PATIENCE).build();

    private static final Duration POLL = Duration.ofMillis(5);

    /** The repository's: Surefire and Failsafe run in the module's folder. */
    private static final Path OURS = Path.of("..", "application.yaml");

    private static final Path MEMORY = Path.of("/dev/shm");

    private final Node server;

    /** Where its log is; null where that is in memory. */
    private final @Nullable Path folder;

    private RunningHub(Node server, @Nullable Path folder) {
        this.server = server;
        this.folder = folder;
    }

    /** The engines of the log, the usual one first. */
    public enum Engine {
        SQLITE,
        MEMORY
    }

    /**
     * One on a log in memory.
     *
     * @param settings {@code key=value}, as {@code --set} takes them
     */
    public static RunningHub start(String... settings) {
        return start(Engine.MEMORY, settings);
    }

    /** One on a log in memory, that reads {@code file}, again with each reload. */
    public static RunningHub reading(Path file, String... settings) {
        return start(file, Engine.MEMORY, SteadyClock.ofSystem(), settings);
    }

    /** One on a log on disk, that reads {@code file}, and goes by {@code clock}. */
    public static RunningHub readingOnDisk(Path file, SteadyClock clock, String... settings) {
        return start(file, Engine.SQLITE, clock, settings);
    }

    /** One on a log of {@code engine}, in a folder of its own that goes with it. */
    public static RunningHub start(Engine engine, String... settings) {
        return start(engine, SteadyClock.ofSystem(), settings);
    }

    /** One on a log in memory, whose events bear the time of {@code clock}. */
    public static RunningHub start(SteadyClock clock, String... settings) {
        return start(Engine.MEMORY, clock, settings);
    }

    private static RunningHub start(Engine engine, SteadyClock clock, String... settings) {
        return start(OURS, engine, clock, settings);
    }

    private static RunningHub start(Path file, Engine engine, SteadyClock clock, String... settings) {
        Path folder = switch (engine) {
            case SQLITE -> createFolder();
            case MEMORY -> null;
        };
        Stream<String> log =
                folder == null ? Stream.of("log.kind=memory") : Stream.of("log.kind=sqlite", "log.path=" + folder.resolve("hark.db"));
        Stream<String> usual = Stream.of("server.port=0", "admin.port=0", "drain.window=PT0.1S");
        boolean access = file.equals(OURS) && TestAccess.isFor(Stream.of(settings));
        Stream<String> auth = access ? TestAccess.settings().stream() : Stream.empty();
        List<String> set = Stream.of(log, usual, auth, Stream.of(settings)).flatMap(Function.identity()).toList();
        Configuration configuration = new ConfigSource(file, set, Map.of()).read();
        var hub = new RunningHub(Node.start(configuration, clock), folder);
        if (access) {
            TestAccess.started(hub.uri().getPort());
        }
        return hub;
    }

    /** In memory where the system has some: what a disk keeps is not what is tested here. */
    private static Path createFolder() {
        try {
            return Files.isWritable(MEMORY) ? Files.createTempDirectory(MEMORY, "hark-test") : Files.createTempDirectory("hark-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI uri() {
        return server.uri();
    }

    public URI uri(String path) {
        return URI.create(server.uri() + path);
    }

    public URI adminUri(String path) {
        return URI.create(server.adminUri() + path);
    }

    public Hub hub() {
        return server.hub();
    }

    public long read(HubMeter meter) {
        return meter.read(server.hub());
    }

    /** Waits, with a bound, until {@code meter} says what is expected of it. */
    public void awaitMeter(HubMeter meter, LongPredicate expected) {
        await(meter.metricName()).atMost(Wire.PATIENCE).pollDelay(Duration.ZERO).pollInterval(POLL)
                .until(() -> read(meter), value -> expected.test(value));
    }

    /** Waits until {@code count} streams are open and events are offered to each. */
    public void awaitStreams(long count) {
        awaitMeter(HubMeter.STREAMS, streams -> streams == count);
        awaitMeter(HubMeter.STREAMS_INDEXED, streams -> streams == count);
    }

    /** A stream, open: its first block has been read. */
    public Wire open(String target, String... headers) {
        return Wire.open(uri(), target, headers);
    }

    /** As {@link #open}, where somebody's place is needed who has gone: it is given back a moment behind the end of the stream. */
    public Wire awaitOpen(String target, String... headers) {
        return await("a place for " + target).atMost(Wire.PATIENCE).pollDelay(Duration.ZERO).pollInterval(POLL)
                .until(() -> ask(target, headers), Optional::isPresent)
                .orElseThrow()
                .opened(target);
    }

    /** Asks for a stream; empty where it is refused. */
    private Optional<Wire> ask(String target, String... headers) {
        Wire wire = Wire.subscribe(uri(), target, headers);
        if (wire.head().getFirst().equals("HTTP/1.1 200 OK")) {
            return Optional.of(wire);
        }
        wire.close();
        return Optional.empty();
    }

    /** Publishes one event; its id. */
    public String publish(String topic, String data) {
        Answer answer = post("/topics/" + topic, data);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.json("id");
    }

    /** @param headers name, value, name, value … */
    public Answer post(String path, String body, String... headers) {
        return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    public Answer post(String path, byte[] body, String... headers) {
        return send("POST", uri(path), BodyPublishers.ofByteArray(body), headers);
    }

    public Answer get(String path, String... headers) {
        return send("GET", uri(path), BodyPublishers.noBody(), headers);
    }

    public Answer request(String method, String path, String... headers) {
        return send(method, uri(path), BodyPublishers.noBody(), headers);
    }

    public Answer admin(String path) {
        return send("GET", adminUri(path), BodyPublishers.noBody());
    }

    /** @param headers name, value, name, value … */
    public Answer postAdmin(String path, String body, String... headers) {
        return send("POST", adminUri(path), BodyPublishers.ofString(body), headers);
    }

    private static Answer send(String method, URI uri, BodyPublisher body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(Wire.PATIENCE).method(method, body);
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        if (TestAccess.isAsked(uri.getPort()) && !List.of(headers).contains("Authorization")) {
            request.header("Authorization", TestAccess.bearer());
        }
        try {
            return Answer.of(CLIENT.send(request.build(), BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + uri, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + uri, e);
        }
    }

    /** As SIGHUP does, and {@code POST /api/reload}. */
    public Outcome reload() {
        return server.reload("a test");
    }

    /** As SIGTERM does. */
    public void drain() {
        server.drain();
    }

    @Override
    public void close() {
        TestAccess.stopped(uri().getPort());
        server.close();
        if (folder != null && Files.exists(folder)) {
            delete(folder);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
