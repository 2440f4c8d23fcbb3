package dev.hark.app.cluster;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;

import dev.hark.app.Ports;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.ObjectInfo;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Three servers of NATS in a cluster, each of which reaches each other one on a {@link Line}. Ports, names and folders stay the same over
 * restarts. Ended by {@link #close}. Confined to the test's thread.
 */
final class NatsServers implements AutoCloseable {
    static final int COUNT = 3;
    static final String STREAM = "hark";

    /** Longer than several elections. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int NOT_FOUND = 404;

    /** Where nobody listens: whoever is told of a server by another one is not to reach it past its line. */
    private static final String NOWHERE = "127.0.0.1:1";

    private final Path program;
    private final Path folder;
    private final List<Server> servers;

    /** By whose it is, and to whom. */
    private final Map<Integer, Map<Integer, Line>> lines = new HashMap<>();

    /** Its process is null while it is down. */
    private static final class Server {
        private final int index;
        private final int port;
        private final int routes;
        private final int monitor;
        private @Nullable Process process;
        private boolean paused;

        Server(int index, List<Integer> ports) {
            this.index = index;
            this.port = ports.get(3 * index);
            this.routes = ports.get(3 * index + 1);
            this.monitor = ports.get(3 * index + 2);
        }
    }

    private NatsServers(Path program, Path folder) throws IOException {
        this.program = program;
        this.folder = Files.createDirectories(folder);
        List<Integer> ports = Ports.free(3 * COUNT);
        servers = IntStream.range(0, COUNT).mapToObj(i -> new Server(i, ports)).toList();
        for (Server from : servers) {
            for (Server to : servers) {
                if (from.index != to.index) {
                    lines.computeIfAbsent(from.index, i -> new HashMap<>()).put(to.index, Line.to(to.routes));
                }
            }
        }
    }

    static NatsServers start(Path folder) throws IOException, InterruptedException {
        var servers = new NatsServers(NatsProgram.find(), folder);
        try {
            servers.startAll();
            servers.awaitLeader();
            return servers;
        } catch (RuntimeException | Error e) {
            servers.close();
            throw e;
        }
    }

    /** Where clients connect to. */
    int port(int index) {
        return servers.get(index).port;
    }

    boolean isUp(int index) {
        return servers.get(index).process != null;
    }

    boolean isPaused(int index) {
        return servers.get(index).paused;
    }

    /** Both lines between two of them. */
    List<Line> between(int one, int other) {
        return List.of(line(one, other), line(other, one));
    }

    private Line line(int from, int to) {
        return Objects.requireNonNull(lines.getOrDefault(from, Map.of()).get(to), "a line");
    }

    void start(int index) {
        Server server = servers.get(index);
        try {
            Path file = folder.resolve("n" + index + ".conf");
            Files.write(file, configuration(server));
            server.process = new ProcessBuilder(program.toString(), "-c", file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("n" + index + ".log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void startAll() {
        servers.stream().filter(server -> server.process == null).forEach(server -> start(server.index));
    }

    private List<String> configuration(Server server) {
        List<String> routes = servers.stream().filter(other -> other.index != server.index)
                .map(other -> "\"nats://127.0.0.1:" + line(server.index, other.index).port() + "\"").toList();
        return List.of(
                "server_name: n" + server.index,
                "listen: \"127.0.0.1:" + server.port + "\"",
                "http: \"127.0.0.1:" + server.monitor + "\"",
                "jetstream { store_dir: \"" + store(server.index) + "\", max_mem: 64M, max_file: 4G }",
                "cluster { name: hark, listen: \"127.0.0.1:" + server.routes + "\", advertise: \"" + NOWHERE
                        + "\", no_advertise: true, routes: [" + String.join(", ", routes) + "] }");
    }

    /** SIGKILL; returns when it is gone. */
    void kill(int index) throws InterruptedException {
        Server server = servers.get(index);
        Process process = server.process;
        if (process != null) {
            process.destroyForcibly().waitFor();
            server.process = null;
            server.paused = false;
        }
    }

    void killAll() throws InterruptedException {
        for (Server server : servers) {
            Process process = server.process;
            if (process != null) {
                process.destroyForcibly();
            }
        }
        for (Server server : servers) {
            kill(server.index);
        }
    }

    void pause(int index) throws InterruptedException {
        Server server = servers.get(index);
        Hanging.pause(running(server));
        server.paused = true;
    }

    void resume(int index) throws InterruptedException {
        Server server = servers.get(index);
        Hanging.resume(running(server));
        server.paused = false;
    }

    private static Process running(Server server) {
        Process process = server.process;
        return process == null ? fail("server " + server.index + " does not run") : process;
    }

    private Path store(int index) {
        return folder.resolve("store-" + index);
    }

    /** A copy of what all of them keep; none may run. */
    void copyTo(Path copy) throws IOException {
        for (Server server : servers) {
            Folders.replace(copy.resolve("store-" + server.index), store(server.index));
        }
    }

    /** Puts back what was copied; none may run. */
    void putBack(Path copy) throws IOException {
        for (Server server : servers) {
            Folders.replace(store(server.index), copy.resolve("store-" + server.index));
        }
    }

    /** Which of them leads the stream, if anybody says that he does. */
    OptionalInt leader() {
        return servers.stream().filter(server -> server.process != null && !server.paused && leads(server))
                .mapToInt(server -> server.index).findFirst();
    }

    /** Waits until each that runs has all that it has to have. */
    void awaitLeader() {
        await("servers that are ready").atMost(PATIENCE).until(
                () -> servers.stream().filter(server -> server.process != null).allMatch(NatsServers::isReady));
    }

    private static boolean isReady(Server server) {
        return get(server.monitor, "/healthz").contains("\"ok\"") && get(server.monitor, "/jsz").contains("\"leader\": \"n");
    }

    private static boolean leads(Server server) {
        String all = get(server.monitor, "/jsz?streams=true");
        int at = all.indexOf("\"name\": \"" + STREAM + "\"");
        int leader = at < 0 ? -1 : all.indexOf("\"leader\": \"", at);
        return leader >= 0 && all.startsWith("n" + server.index + "\"", leader + "\"leader\": \"".length());
    }

    /** By hand, because a client would leave connections and threads behind; empty where nobody answers. */
    private static String get(int port, String path) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /** Does it once, however often that has to be tried until the stream is led. */
    void does(Deed deed) throws IOException, InterruptedException {
        await("a leader").atMost(PATIENCE).until(() -> leader().isPresent());
        try (Connection connection = connect()) {
            deed.on(connection);
        } catch (JetStreamApiException e) {
            throw new IOException(e);
        }
    }

    /** Whether a snapshot of a replica ends with something that the stream still has: then a node can begin from there. */
    boolean haveSnapshot() throws InterruptedException {
        try (Connection connection = connect()) {
            for (ObjectInfo each : connection.objectStore(STREAM + "-snapshots").getList()) {
                Map<String, String> said = each.getObjectMeta().getMetadata();
                if (said != null && holds(connection, Long.parseLong(said.getOrDefault("hark-position", "0")), said.get("hark-id"))) {
                    return true;
                }
            }
            return false;
        } catch (IOException | JetStreamApiException e) {
            return false;
        }
    }

    private static boolean holds(Connection connection, long position, @Nullable String id) throws IOException, JetStreamApiException {
        try {
            Headers headers = connection.jetStreamManagement().getMessage(STREAM, position).getHeaders();
            return headers != null && id != null && id.equals(headers.getFirst("Nats-Msg-Id"));
        } catch (JetStreamApiException e) {
            if (e.getErrorCode() == NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private Connection connect() throws IOException, InterruptedException {
        String[] urls = servers.stream().filter(server -> server.process != null)
                .map(server -> "nats://127.0.0.1:" + server.port).toArray(String[]::new);
        return Nats.connect(Options.builder().servers(urls).build());
    }

    @Override
    public void close() throws InterruptedException {
        killAll();
        var all = new ArrayList<Line>();
        lines.values().forEach(from -> all.addAll(from.values()));
        all.forEach(Line::close);
    }
}
