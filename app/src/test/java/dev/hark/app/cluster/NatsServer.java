package dev.hark.app.cluster;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.hark.app.RunningHub;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One server of NATS with JetStream, and hubs that share a log in it, each in this process with a replica of its own. The server's ports
 * and folder stay the same over restarts; it is ended by its process.
 *
 * <p>The server is the one of the property {@code hark.test.nats-server}, the variable {@code NATS_SERVER_FOR_TESTS}, or what {@code go
 * install} has left; where there is none, the system's. Tests that lack one are left out, and fail where {@code CI} is {@code true}.
 */
public final class NatsServer implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int FIRST_PORT = 20_000;
    private static final int LAST_PORT = 32_000;

    private final Path program;
    private final Path folder;
    private final int port = freePort();
    private final int monitor = freePort();
    private @Nullable Process process;

    private NatsServer(Path program, Path folder) {
        this.program = program;
        this.folder = folder;
    }

    public static NatsServer start(Path folder) throws IOException {
        var server = new NatsServer(program(), folder);
        server.launch();
        return server;
    }

    private static Path program() {
        return Stream.of(
                        Stream.of(System.getProperty("hark.test.nats-server", ""), variable("NATS_SERVER_FOR_TESTS"),
                                System.getProperty("user.home") + "/go/bin/nats-server"),
                        Stream.of(variable("PATH").split(File.pathSeparator)).map(each -> each + "/nats-server"),
                        Stream.of("/usr/sbin/nats-server", "/usr/local/bin/nats-server"))
                .flatMap(names -> names)
                .filter(name -> !name.isEmpty())
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(NatsServer::missing);
    }

    private static String variable(String name) {
        return System.getenv().getOrDefault(name, "");
    }

    private static Path missing() {
        String left = "no nats-server in NATS_SERVER_FOR_TESTS, ~/go/bin or on the PATH: left out is what several nodes do";
        // In the report of the build it would be a number.
        System.err.println(left);
        return "true".equals(System.getenv("CI")) ? fail(left) : abort(left);
    }

    private static int freePort() {
        for (int tries = 0; tries < 1_000; tries++) {
            // Below those that the system gives to whoever connects, so that a server that is down for a while finds its own again.
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
            try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Somebody's.
            }
        }
        return fail("no port is free");
    }

    public String url() {
        return "nats://127.0.0.1:" + port;
    }

    /** A hub whose log is the stream {@code hark} here, and whose replica is called {@code name}: the same name is the same node. */
    public RunningHub node(String name, String... more) {
        return RunningHub.start(settings(name, more));
    }

    /** The same of one that reads {@code file}, again with each reload. */
    public RunningHub nodeReading(Path file, String name) {
        return RunningHub.reading(file, settings(name));
    }

    private String[] settings(String name, String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "log.kind=jetstream", "log.servers.0=" + url(), "log.path=" + folder.resolve(name + ".db")));
        settings.addAll(List.of(more));
        return settings.toArray(String[]::new);
    }

    /** Ends the server, as a loss of power would but for what the kernel has. */
    public void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().waitFor();
            process = null;
        }
    }

    /** Starts the server, with the folder that it had. */
    public void launch() throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve("nats.conf");
        Files.write(file, List.of(
                "server_name: n0",
                "listen: \"127.0.0.1:" + port + "\"",
                "http: \"127.0.0.1:" + monitor + "\"",
                "jetstream { store_dir: \"" + folder.resolve("store") + "\", max_mem: 64M, max_file: 4G }"));
        process = new ProcessBuilder(program.toString(), "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("nats.log").toFile()))
                .start();
        await("a server that is ready").atMost(PATIENCE).until(this::isReady);
    }

    private boolean isReady() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), monitor)) {
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write("GET /healthz HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).contains("\"ok\"");
        } catch (IOException e) {
            return false;
        }
    }

    /** Has something done to the stream by somebody who may do everything. */
    public void does(Deed deed) throws IOException, InterruptedException {
        try (Connection connection = Nats.connect(url())) {
            deed.on(connection);
        } catch (JetStreamApiException e) {
            throw new IOException(e);
        }
    }

    /** Lets the server hang, with its connections open. */
    public void pause() {
        signal("STOP");
    }

    /** Has it go on. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        Process running = process;
        try {
            if (running == null || new ProcessBuilder("kill", "-" + name, Long.toString(running.pid())).start().waitFor() != 0) {
                fail("the server does not run");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().onExit().join();
        }
    }
}
