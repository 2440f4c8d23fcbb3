package dev.hark.log.jetstream;

import static dev.hark.log.jetstream.TestServers.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.log.replicated.Journal.Appended;
import dev.hark.nats.NatsServer;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three servers of {@code docs/deploy/nats.conf} find each other, and keep a stream on all of them. */
@Timeout(120)
class DeployedServersTest {
    private static final Path FILE = Path.of("..", "docs", "deploy", "nats.conf");
    private static final String PASSWORD = "s3cret-word";
    private static final String ROUTES_PASSWORD = "an0ther-word";
    private static final int SIZE = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        started.forEach(Process::destroyForcibly);
        for (Process each : started) {
            each.waitFor();
        }
    }

    @Test
    void keepAStreamOnAllOfThem() throws Exception {
        NatsServer.requireDeployed();
        List<Integer> ports = NatsServer.freePorts(3 * SIZE);
        List<Integer> clients = ports.subList(0, SIZE);
        List<Integer> routes = ports.subList(SIZE, 2 * SIZE);
        List<Integer> monitors = ports.subList(2 * SIZE, 3 * SIZE);
        for (int i = 0; i < SIZE; i++) {
            start(i, clients.get(i), routes, monitors.get(i));
        }
        List<String> servers = clients.stream().map(port -> "nats://127.0.0.1:" + port).toList();
        var settings = JetStreamSettings.of(servers, "hark", SIZE).withAccess(new Access.User("hark", PASSWORD));
        try (var journal = JetStreamJournal.open(settings, new VitalThreads(), PATIENCE)) {
            assertThat(journal.append("id-1", bytes("1"), PATIENCE)).isEqualTo(new Appended.At(1));
        } catch (IOException e) {
            throw new AssertionError(said(), e);
        }
    }

    private void start(int index, int port, List<Integer> routes, int monitor) throws IOException {
        String name = "n" + (index + 1);
        String text = Files.readString(FILE)
                .replace("0.0.0.0:4222", "127.0.0.1:" + port)
                .replace("127.0.0.1:8222", "127.0.0.1:" + monitor)
                .replace("0.0.0.0:6222", "127.0.0.1:" + routes.get(index))
                .replace("/var/lib/nats", folder.resolve("store-" + name).toString())
                .replace("50GB", "1GB");
        Path file = Files.writeString(folder.resolve(name + ".conf"), text);
        var builder = new ProcessBuilder(NatsServer.newest().toString(), "-c", file.toString()).redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        String addresses = String.join(", ",
                routes.stream().map(each -> "nats-route://route:" + ROUTES_PASSWORD + "@127.0.0.1:" + each).toList());
        builder.environment().putAll(Map.of("NATS_NAME", name, "NATS_PASSWORD", PASSWORD, "NATS_ROUTES_PASSWORD", ROUTES_PASSWORD,
                "NATS_ROUTES", "[" + addresses + "]"));
        started.add(builder.start());
    }

    private String said() {
        return String.join("\n", IntStream.rangeClosed(1, SIZE).mapToObj(i -> {
            try {
                return Files.readString(folder.resolve("n" + i + ".log"), StandardCharsets.UTF_8);
            } catch (IOException e) {
                return String.valueOf(e.getMessage());
            }
        }).toList());
    }
}
