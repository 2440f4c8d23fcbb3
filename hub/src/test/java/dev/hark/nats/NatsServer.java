package dev.hark.nats;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Real servers of NATS with JetStream, one or a cluster of three, on this machine alone. Ports, names and folders stay the same over
 * restarts. Ended by {@link #close}, each by its process.
 *
 * <p>The newest server is the one of the property {@code hark.test.nats-server}, the variable {@code NATS_SERVER_FOR_TESTS}, or what {@code
 * go install} has left; where there is none, the system's. Tests that lack one are left out, and fail where {@code CI} is {@code true}.
 */
public final class NatsServer implements AutoCloseable {
    private static final long START_SECONDS = 30;
    private static final int FIRST_PORT = 20_000;
    private static final int LAST_PORT = 32_000;

    private final Path program;
    private final Path folder;
    private final List<String> more;
    private final List<Node> nodes;

    private NatsServer(Path program, Path folder, int size, List<String> more) throws IOException {
        this.program = program;
        this.folder = folder;
        this.more = more;
        List<Integer> ports = freePorts(3 * size);
        nodes = IntStream.range(0, size)
                .mapToObj(i -> new Node(i, ports.get(3 * i), ports.get(3 * i + 1), ports.get(3 * i + 2)))
                .toList();
    }

    /** One of them; its process is null while it is down. */
    private static final class Node {
        private final int index;
        private final int port;
        private final int routes;
        private final int monitor;
        private @Nullable Process process;

        Node(int index, int port, int routes, int monitor) {
            this.index = index;
            this.port = port;
            this.routes = routes;
            this.monitor = monitor;
        }
    }

    /** A server of the newest version there is. */
    public static NatsServer one(Path folder) throws IOException, InterruptedException {
        return start(newest(), folder, 1, List.of());
    }

    /** Three, which keep what has three replicas while two of them live. */
    public static NatsServer three(Path folder) throws IOException, InterruptedException {
        return start(newest(), folder, 3, List.of());
    }

    /**
     * @param more lines of their configuration: {@code jetstream: false} takes the place of theirs
     */
    public static NatsServer start(Path program, Path folder, int size, List<String> more) throws IOException, InterruptedException {
        var servers = new NatsServer(program, folder, size, more);
        try {
            for (int i = 0; i < size; i++) {
                servers.launch(i);
            }
            servers.awaitReady();
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            servers.close();
            throw e;
        }
        return servers;
    }

    /** The newest server of this machine. */
    public static Path newest() {
        return Stream.concat(built(), packaged().stream()).findFirst().orElseGet(NatsServer::missing);
    }

    /** All versions of this machine, the newest first. */
    public static List<Path> versions() {
        List<Path> all = Stream.concat(built().limit(1), packaged().stream()).toList();
        return all.isEmpty() ? List.of(missing()) : all;
    }

    private static Stream<Path> built() {
        Stream<String> named = Stream.of(System.getProperty("hark.test.nats-server", ""), variable("NATS_SERVER_FOR_TESTS"))
                .filter(name -> !name.isEmpty());
        Stream<String> gopath = Stream.of(variable("GOPATH")).filter(name -> !name.isEmpty()).map(name -> name + "/bin/nats-server");
        return Stream.of(named, gopath, Stream.of(System.getProperty("user.home") + "/go/bin/nats-server"))
                .flatMap(names -> names)
                .map(Path::of)
                .filter(Files::isExecutable);
    }

    private static Optional<Path> packaged() {
        // A distribution's own first: another one on the path may be as new as the one that was built.
        return Stream.concat(Stream.of("/usr/sbin"), Stream.of(variable("PATH").split(File.pathSeparator), new String[] {"/usr/local/bin"})
                .flatMap(Stream::of))
                .map(folder -> Path.of(folder, "nats-server"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static String variable(String name) {
        return System.getenv().getOrDefault(name, "");
    }

    /** Leaves a test out, and fails where {@code CI} is {@code true}, if the newest one is older than 2.11, which the deployment is for. */
    public static void requireDeployed() throws IOException {
        Process asked = new ProcessBuilder(newest().toString(), "--version").redirectErrorStream(true).start();
        String version = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (version.matches("(?s).*v2\\.(\\d|10)\\..*")) {
            String left = version + " is older than 2.11, for which docs/deploy/nats.conf is: left out is a cluster of that file";
            System.err.println(left);
            if ("true".equals(System.getenv("CI"))) {
                fail(left);
            }
            abort(left);
        }
    }

    private static Path missing() {
        String left = "no nats-server in NATS_SERVER_FOR_TESTS, ~/go/bin or on the PATH: left out is what a log in JetStream does";
        // In the report of the build it would be a number.
        System.err.println(left);
        return "true".equals(System.getenv("CI")) ? fail(left) : abort(left);
    }

    public int size() {
        return nodes.size();
    }

    public int port(int index) {
        return nodes.get(index).port;
    }

    /** Where clients connect to, the one at {@code first} first. */
    public List<String> urls() {
        return nodes.stream().map(node -> "nats://127.0.0.1:" + node.port).toList();
    }

    /** Ends one as a loss of power would, but for what the kernel has. */
    public void kill(int index) throws InterruptedException {
        Process process = nodes.get(index).process;
        if (process != null) {
            process.destroyForcibly().waitFor();
            nodes.get(index).process = null;
        }
    }

    /** Ends all of them. */
    public void killAll() throws InterruptedException {
        for (int i = 0; i < nodes.size(); i++) {
            kill(i);
        }
    }

    /** Starts one that was killed, with the folder that it had. */
    public void restart(int index) throws IOException, InterruptedException {
        launch(index);
        awaitReady();
    }

    /** Starts all that were killed. */
    public void restartAll() throws IOException, InterruptedException {
        for (Node node : nodes) {
            if (node.process == null) {
                launch(node.index);
            }
        }
        awaitReady();
    }

    /** Lets one hang, with its connections open. */
    public void pause(int index) throws IOException, InterruptedException {
        signal(index, "STOP");
        // Its threads stop one by one, and the last of them may answer until then.
        Path threads = Path.of("/proc", Long.toString(Objects.requireNonNull(nodes.get(index).process).pid()), "task");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!haveAllStopped(threads)) {
            if (System.nanoTime() >= end) {
                fail("server " + index + " does not stop");
            }
            Thread.sleep(1);
        }
    }

    private static boolean haveAllStopped(Path threads) throws IOException {
        try (Stream<Path> all = Files.list(threads)) {
            for (Path each : all.toList()) {
                String state = Files.readString(each.resolve("stat"));
                // Behind the name, which may have spaces and brackets.
                if (state.charAt(state.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
        } catch (NoSuchFileException e) {
            // One has ended meanwhile.
            return false;
        }
        return true;
    }

    /** Goes on with one that hangs. */
    public void resume(int index) throws IOException, InterruptedException {
        signal(index, "CONT");
    }

    /** What one keeps. */
    public Path store(int index) {
        return folder.resolve("store-" + index);
    }

    /** The number of the server that leads {@code stream}; it must have a leader. */
    public int leaderOf(String stream) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < end) {
            for (Node node : nodes) {
                if (node.process != null && leads(node, stream)) {
                    return node.index;
                }
            }
            Thread.sleep(50);
        }
        return fail("nobody leads " + stream);
    }

    private static boolean leads(Node node, String stream) throws IOException {
        String all = get(node.monitor, "/jsz?streams=true");
        int at = all.indexOf("\"name\": \"" + stream + "\"");
        int leader = at < 0 ? -1 : all.indexOf("\"leader\": \"", at);
        return leader >= 0 && all.startsWith("n" + node.index + "\"", leader + "\"leader\": \"".length());
    }

    @Override
    public void close() {
        for (Node node : nodes) {
            Process process = node.process;
            if (process != null) {
                process.destroyForcibly();
            }
        }
        for (Node node : nodes) {
            Process process = node.process;
            if (process != null) {
                process.onExit().join();
            }
        }
    }

    private void launch(int index) throws IOException {
        Node node = nodes.get(index);
        Files.createDirectories(folder);
        Path file = folder.resolve("n" + index + ".conf");
        Files.write(file, configuration(node));
        node.process = new ProcessBuilder(program.toString(), "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("n" + index + ".log").toFile()))
                .start();
    }

    private List<String> configuration(Node node) {
        List<String> lines = new ArrayList<>(List.of(
                "server_name: n" + node.index,
                "listen: \"127.0.0.1:" + node.port + "\"",
                "http: \"127.0.0.1:" + node.monitor + "\""));
        if (!more.contains("jetstream: false")) {
            lines.add("jetstream { store_dir: \"" + store(node.index) + "\", max_mem: 64M, max_file: 4G }");
        }
        if (nodes.size() > 1) {
            String routes = String.join(", ", nodes.stream().map(other -> "\"nats://127.0.0.1:" + other.routes + "\"").toList());
            lines.add("cluster { name: hark, listen: \"127.0.0.1:" + node.routes + "\", routes: [" + routes + "] }");
        }
        lines.addAll(more);
        return lines;
    }

    /** Until all that run answer, and JetStream has a leader where there are several. */
    private void awaitReady() throws IOException, InterruptedException {
        await("servers that are ready", () -> nodes.stream().filter(node -> node.process != null).allMatch(this::isReady));
    }

    private boolean isReady(Node node) {
        try {
            if (more.contains("jetstream: false")) {
                return get(node.monitor, "/varz").contains("\"server_id\"");
            }
            String health = get(node.monitor, "/healthz");
            boolean led = nodes.size() == 1 || get(node.monitor, "/jsz").contains("\"leader\": \"n");
            return health.contains("\"ok\"") && led;
        } catch (IOException e) {
            return false;
        }
    }

    private void await(String what, BooleanSupplier condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!condition.getAsBoolean()) {
            for (Node node : nodes) {
                if (node.process != null && !node.process.isAlive()) {
                    fail(program + " has ended: " + Files.readString(folder.resolve("n" + node.index + ".log")));
                }
            }
            if (System.nanoTime() > end) {
                fail("no " + what + " in " + START_SECONDS + " s");
            }
            Thread.sleep(20);
        }
    }

    /** By hand, because a client would leave connections and threads behind. */
    private static String get(int port, String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(2000);
            socket.getOutputStream().write(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void signal(int index, String name) throws IOException, InterruptedException {
        Process process = nodes.get(index).process;
        if (process == null || new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor() != 0) {
            fail("server " + index + " does not run");
        }
    }

    /** Below those that the system gives to whoever connects, so that a server that is down for a while finds its own again. */
    public static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int tries = 0; sockets.size() < count; tries++) {
                int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
                try {
                    sockets.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
                } catch (BindException e) {
                    if (tries == 1000) {
                        throw e;
                    }
                }
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
