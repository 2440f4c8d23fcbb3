package dev.hark.app;

import dev.hark.Hub;
import dev.hark.HubMeter;
import dev.hark.app.config.ConfigSource;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A hub in this process, on free ports, for tests: the repository's application.yaml, with what the test sets. */
public final class RunningHub implements AutoCloseable {
    private final Server server;

    private RunningHub(Server server) {
        this.server = server;
    }

    /** @param settings {@code key=value}, as {@code --set} takes them */
    public static RunningHub start(String... settings) {
        List<String> set = Stream.concat(Stream.of("log.kind=memory", "server.port=0", "admin.port=0", "drain.window=PT0.1S"), Stream.of(settings))
                .toList();
        // Surefire and Failsafe run in the module's folder.
        return new RunningHub(Server.start(new ConfigSource(Path.of("..", "application.yaml"), set, Map.of()).load()));
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

    /** As SIGTERM does. */
    public void drain() {
        server.drain();
    }

    @Override
    public void close() {
        server.close();
    }
}
