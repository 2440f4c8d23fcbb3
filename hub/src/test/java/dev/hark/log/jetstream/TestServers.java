package dev.hark.log.jetstream;

import dev.hark.nats.NatsServer;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A server of each version, started when it is first needed, and a stream of its own for each test. Confined to a test's thread. */
final class TestServers implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final AtomicInteger STREAMS = new AtomicInteger();

    private final Path folder;
    private final Map<Path, NatsServer> running = new HashMap<>();

    TestServers(Path folder) {
        this.folder = folder;
    }

    NatsServer of(Path program) throws IOException, InterruptedException {
        NatsServer server = running.get(program);
        if (server == null) {
            server = NatsServer.start(program, folder.resolve("v" + running.size()), 1, List.of());
            running.put(program, server);
        }
        return server;
    }

    JetStreamSettings settings(Path program) throws IOException, InterruptedException {
        return settings(of(program), 1);
    }

    static JetStreamSettings settings(NatsServer server, int replicas) {
        return JetStreamSettings.of(server.urls(), "s" + STREAMS.incrementAndGet(), replicas);
    }

    static JetStreamJournal open(JetStreamSettings settings) throws IOException, InterruptedException {
        return JetStreamJournal.open(settings, new VitalThreads(), PATIENCE);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        running.values().forEach(NatsServer::close);
    }
}
