package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program as a process: what it prints, how it ends, and how it does not start. */
class ServeIT {
    private static final Path CONFIG = Path.of("..", "application.yaml").toAbsolutePath().normalize();
    private static final int EXIT_SIGTERM = 0;
    private static final Duration SOON = Duration.ofMillis(500);

    @TempDir
    private Path folder;

    private final List<Program> started = new ArrayList<>();

    @AfterEach
    void endWhatWasStarted() {
        started.forEach(Program::kill);
    }

    @Test
    void printsWhereItListensAndWhatToTry() throws Exception {
        Program program = serve();
        URI uri = program.awaitUri();

        assertThat(program.out()).contains("Hark", "curl -N " + uri + "/topics/news", "curl -d hi " + uri + "/topics/news", uri + "/demo/");
        assertThat(program.out()).as("no colour where nobody looks").doesNotContain("\u001B");
        Matcher admin = Pattern.compile("health and metrics: (http://\\S+:[1-9][0-9]*)").matcher(program.out());
        assertThat(admin.find()).isTrue();
        for (String command : List.of("curl -N " + uri + "/topics/news", "curl -d hi " + uri + "/topics/news")) {
            assertThat(program.out().lines().filter(line -> line.contains(command))).hasSize(1);
        }
        try (Wire wire = Wire.open(uri, "/topics/news");
                Wire publisher = Wire.connect(uri);
                Wire health = Wire.connect(URI.create(admin.group(1)))) {
            publisher.request("POST", "/topics/news", "Content-Length: 2", "Content-Type: application/x-www-form-urlencoded").send("hi");
            Answer answer = publisher.answer();
            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.json("durability")).as("what is acknowledged is on disk").isEqualTo("fsync");
            assertThat(wire.block().data()).isEqualTo("hi");
            assertThat(health.request("GET", "/health/ready").answer().status()).isEqualTo(200);
        }
        assertThat(program.err()).doesNotContain("WARNING", "SEVERE", "Exception");
        assertThat(program.out()).contains("Log:      " + folder.toRealPath().resolve("data/hark.db") + " (fsync)\n");
        assertThat(folder.resolve("data/hark.db")).isNotEmptyFile();
    }

    @Test
    void saysWhereTheLogIsNot() throws Exception {
        Program program = serve("--set", "log.kind=memory");
        program.awaitUri();

        assertThat(program.out()).contains("Log:      in memory, and gone when the hub ends\n");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void leavesNothingAmongTheTemporaryFiles() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Program program = serve(List.of("-Djava.io.tmpdir=" + temporary));
        URI uri = program.awaitUri();
        try (Wire wire = Wire.connect(uri)) {
            assertThat(wire.request("GET", "/demo/main.js").answer().status()).isEqualTo(200);
        }
        assertThat(temporary).as("even if it is killed now").isEmptyDirectory();
    }

    @Test
    void aFolderThatSqliteCannotBeLoadedFromIsOneLine() throws Exception {
        Program program = serve(List.of("-Dorg.sqlite.tmpdir=" + folder.resolve("none")));
        assertThat(program.awaitExit()).isNotZero();
        List<String> lines = complaint(program);
        assertThat(lines).as(program.err()).hasSize(1);
        assertThat(lines.getFirst()).contains("cannot start", folder.resolve("none").toString(), "org.sqlite.tmpdir");
    }

    @Test
    void bodiesThatNeverEndDoNotFillTheHeap() throws Exception {
        Program program = serve(List.of("-Xmx64m"), "--set", "limits.batch-bytes=1MiB", "--set", "server.arrival-timeout=PT5M");
        URI uri = program.awaitUri();
        byte[] most = new byte[(1 << 20) - 1];
        List<Wire> held = new ArrayList<>();
        // A heap of 64 MiB has room for three or so of one address: large bodies have six, and one address half of that. Those that come
        // at once may push each other out, so each one gets its time to be read.
        for (int refused = 0; refused < 72; ) {
            Wire wire = Wire.connect(uri).request("POST", "/events", "Content-Type: application/json", "Content-Length: " + (1 << 20));
            if (wire.isAnsweredWithin(SOON)) {
                assertThat(wire.answer().status()).isEqualTo(503);
                wire.close();
                refused++;
                publishSmall(uri);
            } else {
                held.add(wire.send(most));
                assertThat(held).as("bodies that are being received").hasSizeLessThan(16);
            }
        }
        held.forEach(Wire::close);
        publishSmall(uri);
        assertThat(program.process().isAlive()).isTrue();
    }

    /** Whatever large bodies take, it gets through. */
    private static void publishSmall(URI uri) {
        try (Wire publisher = Wire.connect(uri)) {
            publisher.request("POST", "/events", "Content-Type: application/json", "Content-Length: 26")
                    .send("[{\"topic\":\"a\",\"data\":\"x\"}]");
            assertThat(publisher.answer().status()).isEqualTo(201);
        }
    }

    /** As {@link TestAccess} has it: where a hub says nothing of who may do what, credentials are passed over. */
    @Test
    void saysWhoMayDoWhatWhereAllHubsDo() {
        URI uri = serve().awaitUri();
        for (String credential : List.of("Authorization: Bearer wrong", "Accept: */*")) {
            try (Wire publisher = Wire.connect(uri)) {
                publisher.request("POST", "/topics/news", credential, "Content-Length: 1").send("x");
                boolean refused = Boolean.getBoolean("hark.test.access") && credential.endsWith("wrong");
                assertThat(publisher.answer().status()).as(credential).isEqualTo(refused ? 401 : 201);
            }
        }
    }

    @Test
    void takesConnectionsAgainAfterTheyWereTooMany() throws Exception {
        Program program = Program.startWithDescriptors(
                250, folder, started.size(), "--config", CONFIG.toString(), "--set", "server.port=0", "--set", "admin.port=0");
        started.add(program);
        URI uri = program.awaitUri();
        List<Wire> wires = IntStream.range(0, 300).mapToObj(i -> Wire.connect(uri)).toList();
        wires.forEach(Wire::close);
        try (Wire publisher = Wire.connect(uri)) {
            publisher.request("POST", "/topics/news", "Content-Length: 1").send("x");
            assertThat(publisher.answer().status()).isEqualTo(201);
        }
        assertThat(program.err()).doesNotContain("SEVERE");
    }

    @Test
    void aHostWithoutAnAddressIsOneLine() throws Exception {
        Program program = serve("--set", "server.host=nosuch.invalid", "--set", "auth.open=true");
        assertThat(program.awaitExit()).isEqualTo(1);
        assertThat(complaint(program)).hasSize(1).first().asString().contains("cannot start", "server.host nosuch.invalid");
    }

    @Test
    void sigtermTellsEachStreamSpreadOverTheWindowAndExitsWithZero() throws Exception {
        Duration window = Duration.ofSeconds(4);
        int streams = 20;
        Program program = serve("--set", "drain.window=" + window);
        URI uri = program.awaitUri();
        List<Wire> wires = IntStream.range(0, streams).mapToObj(i -> Wire.open(uri, "/topics/news")).toList();

        long start = System.nanoTime();
        List<Long> ends = new ArrayList<>();
        List<Thread> readers = new ArrayList<>();
        for (Wire wire : wires) {
            readers.add(Thread.ofVirtual().unstarted(() -> {
                SseBlock last = wire.block();
                boolean told = last.names().equals(List.of("retry", "event", "id", "data"))
                        && last.event().equals("hark.close")
                        && last.data().equals("{\"reason\":\"draining\"}")
                        && last.retry() >= 2000
                        && last.retry() < 4000
                        && wire.blockOrEnd().isEmpty()
                        && wire.isFinished();
                synchronized (ends) {
                    ends.add(told ? System.nanoTime() - start : -1);
                }
            }));
        }
        // Before it is told to end: whoever began to read later would see less of the spread.
        readers.forEach(Thread::start);
        program.terminate();
        for (Thread reader : readers) {
            reader.join();
        }

        assertThat(program.awaitExit()).isEqualTo(EXIT_SIGTERM);
        assertThat(ends).as("each stream was told, and ended").hasSize(streams).doesNotContain(-1L);
        long spread = ends.getLast() - ends.getFirst();
        assertThat(Duration.ofNanos(spread)).as("spread over the window").isBetween(window.dividedBy(2), window.multipliedBy(3));
        assertThat(program.err()).contains("draining 20 streams over 4 s", "stopped").doesNotContain("WARNING", "SEVERE", "Exception");
        wires.forEach(Wire::close);
    }

    @Test
    void sigtermLosesNoAcknowledgedEventOfOpenStreams() throws Exception {
        Program program = serve("--set", "drain.window=PT1S");
        URI uri = program.awaitUri();
        try (Wire wire = Wire.open(uri, "/topics/news")) {
            for (int i = 0; i < 100; i++) {
                try (Wire publisher = Wire.connect(uri)) {
                    publisher.request("POST", "/topics/news", "Content-Length: 1").send("x");
                    assertThat(publisher.answer().status()).isEqualTo(201);
                }
            }
            program.terminate();
            assertThat(wire.blocks(100)).allSatisfy(block -> assertThat(block.data()).isEqualTo("x"));
            assertThat(wire.block().event()).isEqualTo("hark.close");
        }
        assertThat(program.awaitExit()).isEqualTo(EXIT_SIGTERM);
    }

    @Test
    void sigtermWithoutStreamsIsQuick() throws Exception {
        Program program = serve("--set", "drain.window=PT1M");
        program.awaitUri();
        long start = System.nanoTime();
        program.terminate();
        assertThat(program.awaitExit()).isEqualTo(EXIT_SIGTERM);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void aPortInUseIsSaidInOneSentence() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (String key : List.of("server.port", "admin.port")) {
                Program program = serve("--set", key + "=" + taken.getLocalPort());
                assertThat(program.awaitExit()).as(program.err()).isNotZero();
                List<String> lines = complaint(program);
                assertThat(lines).as(program.err()).hasSize(1);
                assertThat(lines.getFirst()).contains("cannot start", String.valueOf(taken.getLocalPort()), "in use");
                assertThat(program.out()).as("it does not claim to listen").doesNotContain("listens");
            }
        }
    }

    @Test
    void aWrongConfigurationIsOneLine() throws Exception {
        Path file = Files.writeString(folder.resolve("wrong.yaml"), "server:\n  prot: 8080\n");
        for (String[] wrong : new String[][] {
            {"--config", file.toString()}, {"--set", "server.port=many"}, {"--set", "serve.port=1"},
            {"--config", folder.resolve("none.yaml").toString()}
        }) {
            Program program = start(List.of(), wrong);
            assertThat(program.awaitExit()).isNotZero();
            List<String> lines = complaint(program);
            assertThat(lines).as(program.err()).hasSize(1);
            assertThat(program.out()).isEmpty();
        }
        Program typo = start(List.of(), "--config", file.toString());
        typo.awaitExit();
        assertThat(typo.err()).contains("server.prot", "did you mean server.port?");
    }

    /** What was said on standard error but for which configuration holds. */
    private static List<String> complaint(Program program) {
        return program.err().lines().filter(line -> !line.isBlank() && !line.contains("configured by")).toList();
    }

    private Program serve(String... arguments) {
        return serve(List.of(), arguments);
    }

    private Program serve(List<String> options, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--config", CONFIG.toString(), "--set", "server.port=0", "--set", "admin.port=0"));
        all.addAll(List.of(arguments));
        return start(options, all.toArray(String[]::new));
    }

    private Program start(List<String> options, String... arguments) {
        var program = Program.start(folder, started.size(), options, arguments);
        started.add(program);
        return program;
    }
}
