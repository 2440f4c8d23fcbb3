package dev.hark.app.source.rabbitmq;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import dev.hark.app.Ports;
import dev.hark.app.TlsKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A RabbitMQ of a test's own, on free ports, in a folder that goes with it, with Erlang's port mapper of its own beside it. It runs as
 * nobody where the tests run as root. Confined to the test's thread, but for {@link #connect} and {@link #publish}.
 */
public final class RabbitServer implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final boolean IS_ROOT = "root".equals(System.getProperty("user.name"));

    private final Path folder;
    private final int port = Ports.free();
    private final int tlsPort = Ports.free();
    private final int mapperPort = Ports.free();
    private final int nodePort = Ports.free();
    private @Nullable Process mapper;
    private @Nullable Process process;

    private RabbitServer(Path folder) {
        this.folder = folder;
    }

    /** Starts one; skips the test, or fails it where {@code CI} is {@code true}, unless RabbitMQ is installed. */
    public static RabbitServer start() throws IOException {
        return start("");
    }

    /** The same, that speaks TLS as well: as who, {@code keys} say. */
    static RabbitServer start(TlsKeys keys) throws IOException, GeneralSecurityException {
        return start(keys.key() + keys.certificate());
    }

    /** @param pem a key and its certificate; empty for none */
    private static RabbitServer start(String pem) throws IOException {
        if (!Files.isExecutable(PROGRAM)) {
            String message = "no RabbitMQ at " + PROGRAM + ": what a source makes of a queue is left out";
            if ("true".equals(System.getenv("CI"))) {
                fail(message);
            }
            return abort(message);
        }
        Path folder = Files.isWritable(MEMORY) ? Files.createTempDirectory(MEMORY, "hark-mq") : Files.createTempDirectory("hark-mq");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        var server = new RabbitServer(folder);
        Files.writeString(folder.resolve("rabbitmq.conf"), """
                listeners.tcp.1 = 127.0.0.1:%d
                disk_free_limit.absolute = 1MB
                vm_memory_high_watermark.absolute = 512MB
                """.formatted(server.port));
        if (!pem.isEmpty()) {
            Path keys = Files.writeString(folder.resolve("keys.pem"), pem);
            Files.writeString(folder.resolve("rabbitmq.conf"), """
                    listeners.ssl.1 = 127.0.0.1:%d
                    ssl_options.certfile = %s
                    ssl_options.keyfile = %2$s
                    """.formatted(server.tlsPort, keys), StandardOpenOption.APPEND);
        }
        if (IS_ROOT) {
            Files.setOwner(folder, folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        }
        server.mapper = server.command("epmd", "-port", Integer.toString(server.mapperPort), "-address", "127.0.0.1").start();
        server.startAgain();
        return server;
    }

    private ProcessBuilder command(String... program) {
        List<String> command = new ArrayList<>();
        if (IS_ROOT) {
            command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
        }
        command.addAll(List.of(program));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("out").toFile()));
        Map<String, String> environment = builder.environment();
        String path = environment.get("PATH");
        environment.clear();
        environment.putAll(Map.of("PATH", path, "HOME", folder.toString(), "LANG", "C.UTF-8",
                "ERL_EPMD_PORT", Integer.toString(mapperPort), "RABBITMQ_DIST_PORT", Integer.toString(nodePort),
                "RABBITMQ_NODENAME", "hark" + port + "@localhost", "RABBITMQ_CONF_ENV_FILE", "/dev/null", "RABBITMQ_LOGS", "-",
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"));
        environment.putAll(Map.of("RABBITMQ_CONFIG_FILE", folder.resolve("rabbitmq.conf").toString(),
                "RABBITMQ_ENABLED_PLUGINS_FILE", folder.resolve("plugins").toString(),
                "RABBITMQ_MNESIA_BASE", folder.resolve("data").toString(), "RABBITMQ_LOG_BASE", folder.resolve("log").toString(),
                "RABBITMQ_PID_FILE", folder.resolve("pid").toString()));
        return builder;
    }

    /** Starts it once more; returns when it answers. */
    void startAgain() {
        await("RabbitMQ on port " + port).atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(POLL).until(() -> {
            Process running = process;
            if (running == null || !running.isAlive()) {
                process = command(PROGRAM.toString()).start();
            }
            try (Connection connection = connect()) {
                return true;
            } catch (IOException | TimeoutException e) {
                return false;
            }
        });
    }

    /** Has it be short of memory, or not any more: then it reads nothing from connections that publish. */
    void shortOfMemory(boolean isShort) throws IOException, InterruptedException {
        String limit = isShort ? "1000" : "512000000";
        Process control = command("/usr/lib/rabbitmq/bin/rabbitmqctl", "set_vm_memory_high_watermark", "absolute", limit).start();
        if (!control.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || control.exitValue() != 0) {
            control.destroyForcibly();
            fail("rabbitmqctl says " + Files.readString(folder.resolve("out")));
        }
    }

    /** SIGKILL for all of its processes. */
    void kill() {
        Process running = process;
        if (running != null) {
            end(running);
        }
    }

    private static void end(Process process) {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(each -> each.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join());
    }

    public String uri() {
        return "amqp://127.0.0.1:" + port + "/";
    }

    String tlsUri() {
        return "amqps://localhost:" + tlsPort + "/";
    }

    /** A connection of a publisher's. */
    Connection connect() throws IOException, TimeoutException {
        var factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(port);
        factory.setAutomaticRecoveryEnabled(false);
        factory.setChannelRpcTimeout(30_000);
        return factory.newConnection("test");
    }

    /** What happens on a channel of its own. */
    interface Steps {
        void on(Channel channel) throws Exception;
    }

    void with(Steps steps) throws Exception {
        try (Connection connection = connect(); Channel channel = connection.createChannel()) {
            steps.on(channel);
        }
    }

    /** A queue that outlives a restart, and is empty now. */
    public void queue(String name, Map<String, Object> arguments) throws Exception {
        with(channel -> {
            channel.queueDelete(name);
            channel.queueDeclare(name, true, false, false, arguments);
        });
    }

    /** Returns when the broker has it on disk. */
    void publish(String exchange, String routingKey, BasicProperties properties, String... bodies) throws Exception {
        with(channel -> {
            channel.confirmSelect();
            for (String body : bodies) {
                channel.basicPublish(exchange, routingKey, properties, body.getBytes(StandardCharsets.UTF_8));
            }
            channel.waitForConfirmsOrDie(PATIENCE.toMillis());
        });
    }

    void publish(String queue, String... bodies) throws Exception {
        publish("", queue, MessageProperties.PERSISTENT_BASIC, bodies);
    }

    /** How many messages wait for a consumer. */
    public long waiting(String queue) throws Exception {
        var count = new long[1];
        with(channel -> count[0] = channel.messageCount(queue));
        return count[0];
    }

    /** Ends it and all of its processes, and removes its folder. */
    @Override
    public void close() {
        kill();
        Process runningMapper = mapper;
        if (runningMapper != null) {
            end(runningMapper);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
