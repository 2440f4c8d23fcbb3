package dev.hark.app.source.jdbc;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * How soon rows of an outbox are with a subscriber, and how many a second become events. It starts a database and the packaged hub with its
 * usual settings, says what it saw, and ends both. No test; from {@code app/}, after {@code mvn package}, with the tests' class path:
 *
 * <pre>
 * mvn -o -q -f .. -pl hub,app test-compile dependency:build-classpath -Dmdep.outputFile=target/class-path
 * java -cp target/test-classes:target/classes:$(cat target/class-path) dev.hark.app.source.jdbc.OutboxMeasurement postgresql 200000 \
 *     '../loadtest/bin/hark-load run ../loadtest/scenarios/publish-throughput.yaml --url $URL --rate $RATE/s --set phases.measure=90s'
 * </pre>
 *
 * <p>Arguments: {@code postgresql} or {@code mariadb}; how many rows; and, for a second time beside it, a command for {@code sh -c} that
 * publishes over HTTP: it finds the hub's address in {@code URL}, and half the rows a second that were seen in {@code RATE}.
 */
public final class OutboxMeasurement implements AutoCloseable {
    private static final int WRITERS = 4;
    private static final int ROWS_AT_ONCE = 100;
    private static final int TOPICS = 10;
    private static final String DATA = "x".repeat(200);
    private static final int SINGLE_ROWS = 1_000;
    private static final long SINGLE_NANOS = 20_000_000;

    /** Rows before those that count, so that the hub is warm. */
    private static final int WARM_UP = 20_000;

    private static final Duration SETTLING = Duration.ofSeconds(8);
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final OutboxDatabase database;
    private final Path folder;
    private final Process hub;
    private final URI data;
    private final URI admin;
    private final HttpClient client = HttpClient.newHttpClient();

    private OutboxMeasurement(OutboxDatabase database) throws IOException, SQLException {
        this.database = database;
        database.makeTable();
        folder = Files.createTempDirectory("hark-measured");
        data = URI.create("http://127.0.0.1:" + Ports.free());
        admin = URI.create("http://127.0.0.1:" + Ports.free());
        List<String> command = new ArrayList<>(List.of(Path.of("bin", "hark").toAbsolutePath().toString(), "serve"));
        for (String setting : List.of("server.port=" + data.getPort(), "admin.port=" + admin.getPort(), "log.kind=sqlite",
                "log.path=" + folder.resolve("hark.db"), "sources.0.name=outbox", "sources.0.jdbc.url=" + database.url(),
                "sources.0.jdbc.user=" + database.user())) {
            command.addAll(List.of("--set", setting));
        }
        hub = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve("hub.txt").toFile()).start();
    }

    /** @see OutboxMeasurement */
    public static void main(String... arguments) throws Exception {
        OutboxDatabase database = arguments[0].equals("mariadb") ? MariaDbServer.start() : PostgresServer.start();
        int rows = Integer.parseInt(arguments[1]);
        try (var measurement = new OutboxMeasurement(database)) {
            await().atMost(PATIENCE).ignoreExceptions().until(() -> measurement.published() == 0);
            measurement.write(WARM_UP);
            say("alone:");
            double rate = measurement.measure(rows);
            if (arguments.length > 2) {
                var publishing = new ProcessBuilder("sh", "-c", arguments[2]).inheritIO();
                publishing.environment().putAll(Map.of("URL", measurement.data.toString(), "RATE", Long.toString(Math.round(rate / 2))));
                Process running = publishing.start();
                try {
                    LockSupport.parkNanos(SETTLING.toNanos());
                    say(String.format(Locale.ROOT, "beside publishing of %,.0f events/s:", rate / 2));
                    measurement.measure(rows);
                    say("the other " + (running.isAlive() ? "was at work until here" : "HAD ENDED: it has to go on for longer"));
                    running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                } finally {
                    running.descendants().forEach(ProcessHandle::destroy);
                    running.destroy();
                }
            }
        }
    }

    @SuppressWarnings("SystemOut")
    private static void say(String line) {
        System.out.println(line);
    }

    /** @return rows a second */
    private double measure(int rows) throws Exception {
        long[] micros = latencies();
        say(String.format(Locale.ROOT, "  from before the commit to a subscriber, %,d rows singly: p50 %.1f ms, p99 %.1f ms, most %.1f ms",
                micros.length, micros[micros.length / 2] / 1e3, micros[micros.length * 99 / 100] / 1e3, micros[micros.length - 1] / 1e3));
        long begin = System.nanoTime();
        double written = write(rows);
        double seconds = (System.nanoTime() - begin) / 1e9;
        say(String.format(Locale.ROOT, "  %,d rows of %d bytes by %d writers, %d in a transaction: written at %,.0f/s, events at %,.0f/s",
                rows, DATA.length(), WRITERS, ROWS_AT_ONCE, written, rows / seconds));
        return rows / seconds;
    }

    /** Of single rows, sorted: from before the commit until a subscriber has the event. */
    private long[] latencies() throws Exception {
        Map<Integer, Long> arrived = new ConcurrentHashMap<>();
        long[] begun = new long[SINGLE_ROWS];
        var request = HttpRequest.newBuilder(data.resolve("/topics/single")).header("Accept", "text/event-stream").build();
        try (Stream<String> lines = client.send(request, BodyHandlers.ofLines()).body()) {
            Thread.ofVirtual().start(() -> listen(lines, arrived));
            try (Connection connection = database.connect()) {
                for (int i = 0; i < SINGLE_ROWS; i++) {
                    begun[i] = System.nanoTime();
                    OutboxHub.insert(connection, "single", Integer.toString(i));
                    call(connection);
                    LockSupport.parkNanos(SINGLE_NANOS);
                }
            }
            await().atMost(PATIENCE).until(() -> arrived.size() == SINGLE_ROWS);
        }
        long[] micros = new long[SINGLE_ROWS];
        Arrays.setAll(micros, i -> (arrived.getOrDefault(i, begun[i]) - begun[i]) / 1_000);
        Arrays.sort(micros);
        return micros;
    }

    private static void listen(Stream<String> lines, Map<Integer, Long> arrived) {
        try {
            // There are other blocks than those of events.
            lines.filter(line -> line.matches("data: \\d+"))
                    .forEach(line -> arrived.put(Integer.parseInt(line.substring("data: ".length())), System.nanoTime()));
        } catch (UncheckedIOException e) {
            // All have come, and it was closed. Where they have not, who waits for them says so.
        }
    }

    private void call(Connection connection) throws SQLException {
        if (database instanceof PostgresServer) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("NOTIFY hark_outbox");
            }
        }
    }

    /** Has {@code rows} written, and waits until they are events. @return at how many a second they were written */
    private double write(int rows) throws Exception {
        long before = published();
        long begin = System.nanoTime();
        List<Future<Void>> writers = new ArrayList<>();
        double seconds;
        try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
            for (int i = 0; i < WRITERS; i++) {
                Callable<Void> writer = () -> write(rows / WRITERS / ROWS_AT_ONCE, ROWS_AT_ONCE);
                writers.add(threads.submit(writer));
            }
            for (Future<Void> writer : writers) {
                writer.get();
            }
            seconds = (System.nanoTime() - begin) / 1e9;
        }
        await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(20)).until(() -> published() - before == rows);
        return rows / seconds;
    }

    private Void write(int transactions, int rows) throws SQLException {
        String sql = "INSERT INTO hark_outbox (topic, data) VALUES (?, ?)" + ", (?, ?)".repeat(rows - 1);
        try (Connection connection = database.connect(); PreparedStatement insert = connection.prepareStatement(sql)) {
            for (int i = 0; i < transactions; i++) {
                for (int row = 0; row < rows; row++) {
                    insert.setString(2 * row + 1, "many/" + row % TOPICS);
                    insert.setString(2 * row + 2, DATA);
                }
                insert.executeUpdate();
                call(connection);
            }
        }
        return null;
    }

    private long published() throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(admin.resolve("/api/sources")).build();
        JsonNode source = JSON.readTree(client.send(request, BodyHandlers.ofString()).body()).path("sources").path(0);
        return source.path("published").asLong(-1);
    }

    @Override
    public void close() throws Exception {
        hub.destroy();
        if (!hub.waitFor(30, TimeUnit.SECONDS)) {
            hub.destroyForcibly();
        }
        database.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
