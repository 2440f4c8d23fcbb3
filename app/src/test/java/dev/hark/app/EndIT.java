package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The end of a hub as a container's supervisor asks for it: SIGTERM, and SIGKILL ten seconds later. */
@Timeout(180)
class EndIT {
    private static final Path CONFIG = Path.of("..", "application.yaml").toAbsolutePath().normalize();
    private static final int STREAMS = 2_000;
    private static final long SIGINT_BIT = 1L << 1;
    private static final int LEFT_BEHIND = 5;

    /** What Docker and its like wait. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private final List<Program> started = new ArrayList<>();
    private final List<Wire> wires = new ArrayList<>();

    @AfterEach
    void end() {
        wires.forEach(Wire::close);
        started.forEach(Program::kill);
    }

    @Test
    @Tag("long")
    void allStreamsAreToldAndTheLogIsClosedWithinTheGraceOfAContainer() throws Exception {
        Program program = serve();
        URI uri = program.awaitUri();
        for (int i = 0; i < STREAMS; i++) {
            wires.add(Wire.open(uri, "/topics/news"));
        }
        // One that reads nothing must not keep the others.
        wires.add(stalled(uri));
        var told = new AtomicInteger();
        List<Thread> readers = wires.subList(0, STREAMS).stream().map(wire -> Thread.ofVirtual().start(() -> {
            if (isToldAndEnds(wire)) {
                told.incrementAndGet();
            }
        })).toList();

        program.terminate();
        assertThat(program.process().waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)).as(program.err()).isTrue();
        assertThat(program.process().exitValue()).as(program.err()).isZero();
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(told).hasValue(STREAMS);

        Program next = serve();
        next.awaitUri();
        assertThat(next.err()).as("the log was closed in order").doesNotContain("was not closed");
    }

    /** What sources read from accepts their connections, and says nothing. */
    @Test
    @Tag("long")
    void sourcesThatGetNoAnswerDoNotTakeStreamsTheirTime() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + silent.getLocalPort();
            Program program = serve(
                    "--set", "sources.0.name=postgres", "--set", "sources.0.jdbc.url=jdbc:postgresql://" + address + "/shop",
                    "--set", "sources.1.name=mariadb", "--set", "sources.1.jdbc.url=jdbc:mariadb://" + address + "/shop",
                    "--set", "sources.2.name=rabbit", "--set", "sources.2.rabbitmq.uri=amqp://" + address,
                    "--set", "sources.2.rabbitmq.queue=q", "--set", "sources.2.rabbitmq.topic=t");
            URI uri = program.awaitUri();
            List<Wire> streams = IntStream.range(0, 20).mapToObj(i -> Wire.open(uri, "/topics/news")).toList();
            wires.addAll(streams);
            for (int i = 0; i < 3; i++) {
                silent.accept();
            }
            var told = new AtomicInteger();
            List<Thread> readers = streams.stream().map(wire -> Thread.ofVirtual().start(() -> {
                if (isToldAndEnds(wire)) {
                    told.incrementAndGet();
                }
            })).toList();

            program.terminate();
            assertThat(program.process().waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)).as(program.err()).isTrue();
            assertThat(program.process().exitValue()).as(program.err()).isZero();
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(told).hasValue(20);
            assertThat(program.err()).doesNotContain("does not end");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSecondSignalEndsItAtOnce(String signal) throws Exception {
        assumeThat(signal.equals("INT") && isInterruptIgnored()).as("what a shell starts in the background ignores SIGINT").isFalse();
        Program program = serve("--set", "drain.window=PT5M");
        URI uri = program.awaitUri();
        IntStream.range(0, 100).forEach(i -> wires.add(Wire.open(uri, "/topics/news")));
        program.terminate();
        await("draining").until(() -> program.err().contains("draining 100 streams over 300 s"));
        Thread.sleep(200);
        assertThat(program.process().isAlive()).isTrue();

        kill(signal, program);
        assertThat(program.process().waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)).as(program.err()).isTrue();
        assertThat(program.process().exitValue()).isEqualTo(LEFT_BEHIND);
        assertThat(program.err()).contains("told a second time");
    }

    /** Whether this process, and so each that it starts, was started with SIGINT ignored, which Java leaves as it is. */
    private static boolean isInterruptIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        String ignored = Files.exists(status)
                ? Files.readAllLines(status).stream().filter(line -> line.startsWith("SigIgn:")).findAny().orElse("")
                : "";
        return !ignored.isEmpty() && (Long.parseUnsignedLong(ignored.substring("SigIgn:".length()).strip(), 16) & SIGINT_BIT) != 0;
    }

    private static void kill(String signal, Program program) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, String.valueOf(program.process().pid())).inheritIO().start().waitFor();
    }

    private static Wire stalled(URI uri) {
        Wire reader = Wire.connect(uri, 4 << 10).request("GET", "/topics/large");
        try (Wire publisher = Wire.connect(uri)) {
            for (int i = 0; i < 20; i++) {
                publisher.nextHead().request("POST", "/topics/large", "Content-Length: 60000").send("x".repeat(60_000));
                assertThat(publisher.answer().status()).isEqualTo(201);
            }
        }
        return reader;
    }

    private static boolean isToldAndEnds(Wire wire) {
        Optional<SseBlock> block = wire.blockOrEnd();
        Optional<SseBlock> last = block;
        while (block.isPresent()) {
            last = block;
            block = wire.blockOrEnd();
        }
        return last.isPresent() && last.get().event().equals("hark.close");
    }

    private Program serve(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--config", CONFIG.toString(), "--set", "server.port=0", "--set", "admin.port=0"));
        all.addAll(List.of(arguments));
        Program program = Program.start(folder, started.size(), List.of(), all.toArray(String[]::new));
        started.add(program);
        return program;
    }
}
