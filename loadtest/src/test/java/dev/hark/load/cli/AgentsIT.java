package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.drive.Sabotage;
import dev.hark.load.drive.Sabotage.Kind;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.nullhub.SharedOrder;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two agents in processes of their own, one controller, one hub. */
@Timeout(120)
class AgentsIT {
    private static final int STREAMS = 12;

    private static Program one;
    private static Program other;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws IOException {
        one = AgentProcess.start();
        other = AgentProcess.start();
    }

    @AfterAll
    static void end() {
        one.close();
        other.close();
    }

    @Test
    void addUpToWhatOneProcessWouldFind() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun run = fanout(hub, "-n", "41", "--rate", "100/s", "--measure", "1500ms", "--expect", "silentLoss==0",
                    "--server-pid", Long.toString(ProcessHandle.current().pid()));
            assertThat(run.code()).as(run.printed()).isZero();
            assertThat(metric("streams.asked")).isEqualTo(41);
            assertThat(metric("streams.confirmed")).isEqualTo(41);
            assertThat(metric("acknowledged")).isEqualTo(150);
            assertThat(metric("unsent")).isZero();
            assertThat(metric("owed")).isEqualTo(41 * 150);
            assertThat(metric("delivered")).isEqualTo(41 * 150);
            assertThat(metric("ambiguous")).isZero();
            // Of 150 events each of the two published 75, and timed these at its own streams.
            assertThat(report().at("/timings/delivery/count").asLong()).isEqualTo(41 * 75);
            assertThat(report().at("/timings/publish/count").asLong()).isEqualTo(150);
            assertThat(report().at("/timings/connect/count").asLong()).isEqualTo(41);
            JsonNode seconds = report().get("seconds");
            assertThat(seconds.get(seconds.size() - 1).at("/counts/delivered").asLong()).isEqualTo(41 * 150);
            assertThat(metric("serverMemory")).isPositive();
            long due = 0;
            for (JsonNode second : report().get("due")) {
                due += second.get("events").asLong();
                assertThat(second.at("/completion/max").asLong()).isPositive();
            }
            assertThat(due).isEqualTo(150);
            assertThat(report().get("laggards")).hasSize(10);
            assertThat(report().get("marks").findValuesAsText("text")).containsExactly("measuring", "draining");
        }
    }

    /** Two processes, three nodes: who reads where, and publishes where, is divided by the numbers of all. */
    @Test
    void divideSeveralNodes() throws IOException {
        var order = new SharedOrder();
        try (NullHub a = NullHub.start(Delivery.FAITHFUL, 0, order); NullHub b = NullHub.start(Delivery.FAITHFUL, 0, order);
                NullHub c = NullHub.start(Delivery.FAITHFUL, 0, order)) {
            CommandLineRun run = run(List.of(one, other), a.url() + "," + b.url() + "," + c.url(), "-n", "42", "--rate", "100/s",
                    "--drop-all", "--connections", "6", "--retry", "--pipeline", "1");
            assertThat(run.code()).as(run.printed()).isZero();
            assertThat(metric("delivered")).isEqualTo(metric("owed")).isEqualTo(42 * 100);
            assertThat(metric("streams.resumed")).isEqualTo(42);
            assertThat(metric("duplicates") + metric("silentLoss") + metric("wrongId") + metric("ambiguous")).isZero();
            assertThat(report().get("nodes").findValuesAsText("streams")).containsExactly("14", "14", "14");
            long delivered = 0;
            for (JsonNode node : report().get("nodes")) {
                delivered += node.get("delivered").asLong();
            }
            assertThat(delivered).isEqualTo(42 * 100);
        }
    }

    @Test
    void searchForACapacity() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun run = CommandLineRun.of(
                    "find-capacity", "--url", hub.url(),
                    "--agents", one.address() + "," + other.address(), "--agents-token", AgentProcess.TOKEN,
                    "--from", "10", "--to", "20", "--rate", "20/s", "--settle", "0s", "--warmup", "0s", "--measure", "300ms",
                    "--drain", "2s", "--out", folder.toString());
            // On a busy machine the generator may be what fails.
            assertThat(run.code()).as(run.printed()).isIn(ExitCode.HOLDS, ExitCode.INVALID);
            JsonNode level = report().at("/levels/0");
            assertThat(level.at("/metrics/streams.confirmed").asInt()).isEqualTo(10);
            assertThat(level.at("/metrics/delivered").asInt()).isEqualTo(60);
            assertThat(folder.resolve("report.html")).isNotEmptyFile();
        }
        CommandLineRun lost = CommandLineRun.of(
                "find-capacity", "--from", "1", "--to", "2", "--agents", "127.0.0.1:1", "--agents-token", AgentProcess.TOKEN);
        assertThat(lost.code()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(lost.printed()).contains("agent 127.0.0.1:1 cannot be reached");
    }

    @Test
    void accountForEveryDeliveryOfTheRealHub() throws IOException {
        try (Program hub = RealHub.start(folder)) {
            CommandLineRun run = run(List.of(one, other), hub.address(), "-n", "101", "--rate", "100/s", "--drop-all", "--late", "7");
            assertThat(run.code()).as(run.printed()).isZero();
            assertThat(metric("streams.confirmed")).isEqualTo(101);
            assertThat(metric("owed")).isEqualTo(101 * 100);
            assertThat(metric("delivered")).isEqualTo(101 * 100);
            assertThat(metric("duplicates")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 40})
    void sendEachTopicItsOwnEvents(int topics) throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun run = fanout(hub, "-n", "40", "--rate", "400/s", "--measure", "500ms", "--topics", Integer.toString(topics));
            assertThat(run.code()).as(run.printed()).isZero();
            assertThat(metric("wrongRecipient")).isZero();
            assertThat(metric("delivered")).isEqualTo(metric("owed"));
            assertThat(metric("silentLoss")).isZero();
        }
    }

    /** Each stream loses one event, some of them published by its own agent, some by the other. */
    @Test
    void findTheLossesOfEveryStream() throws IOException {
        var forgetful = new Delivery() {
            @Override
            public void deliver(int stream, long sequence, ByteBuffer frame, Out out) {
                if (sequence != 20 + 5L * stream && sequence != 23 + 5L * stream) {
                    out.send(frame);
                }
            }
        };
        try (NullHub hub = NullHub.start(forgetful, 0)) {
            CommandLineRun run = fanout(hub, "-n", "12", "--rate", "200/s", "--measure", "500ms", "--drain", "2500ms");
            assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.INCORRECT);
            assertThat(metric("silentLoss")).isEqualTo(24);
            assertThat(run.printed()).contains("never got event");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void catchEverySabotage(Kind kind) throws IOException {
        sabotaged(EnumSet.of(kind), 7);
    }

    @Test
    void catchAllSabotagesTogether() throws IOException {
        sabotaged(EnumSet.allOf(Kind.class), 8);
    }

    private void sabotaged(EnumSet<Kind> kinds, long seed) throws IOException {
        try (NullHub hub = NullHub.start(new Sabotage(kinds, seed, STREAMS), 0)) {
            CommandLineRun run = fanout(hub, "-n", Integer.toString(STREAMS), "--rate", "200/s", "--measure", "500ms", "--drain", "2500ms");
            assertThat(metric("silentLoss")).as(run.printed()).isEqualTo(kinds.contains(Kind.DROP) ? 1 : 0);
            assertThat(metric("declaredLoss")).isEqualTo(kinds.contains(Kind.DECLARED_DROP) ? 1 : 0);
            assertThat(metric("duplicates"))
                    .isEqualTo((kinds.contains(Kind.DUPLICATE) ? 1 : 0) + (kinds.contains(Kind.DUPLICATE_ON_RESUME) ? 1 : 0));
            assertThat(metric("disorder")).isEqualTo(kinds.contains(Kind.SWAP) ? 1 : 0);
            assertThat(metric("corrupt")).isEqualTo(kinds.contains(Kind.CORRUPT) ? 1 : 0);
            assertThat(metric("wrongId")).isEqualTo(kinds.contains(Kind.WRONG_ID) ? 1 : 0);
            assertThat(metric("ambiguous")).isZero();
        }
    }

    @Test
    void letNobodyInWithoutTheToken() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun wrong = CommandLineRun.of(
                    "fanout", "--url", hub.url(), "--agents", one.address(), "--agents-token", "not the token");
            assertThat(wrong.code()).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(wrong.printed()).contains("agent " + one.address() + " refused: wrong token");
        }
        assertThat(CommandLineRun.of("fanout", "--agents", one.address(), "--agents-token", "short").code()).isEqualTo(ExitCode.USAGE);
        assertThat(CommandLineRun.of("agent", "--listen", "nowhere", "--token", "long enough").code()).isEqualTo(ExitCode.USAGE);
        assertThat(CommandLineRun.of("fanout", "--agents", "a:b", "--agents-token", "long enough").code()).isEqualTo(ExitCode.USAGE);
        if (System.getenv(AgentOptions.TOKEN_VARIABLE) == null) {
            assertThat(CommandLineRun.of("fanout", "--agents", one.address()).printed()).contains("agents need a token");
            assertThat(CommandLineRun.of("agent").code()).isEqualTo(ExitCode.USAGE);
        }
    }

    @Test
    void saysWhichCannotBeReached() {
        CommandLineRun run = CommandLineRun.of("fanout", "--agents", one.address() + ",127.0.0.1:1", "--agents-token", AgentProcess.TOKEN);
        assertThat(run.code()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(run.printed()).contains("agent 127.0.0.1:1 cannot be reached").contains("'hark-load agent'");
    }

    @Test
    void sayThatThereIsNoServer() {
        CommandLineRun run = run(List.of(one, other), "http://127.0.0.1:1", "-n", "10");
        assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(run.printed()).contains("is the server up");
    }

    @Test
    void takeNoHarmFromStrangers() throws IOException {
        int port = Integer.parseInt(one.address().substring(one.address().indexOf(':') + 1));
        for (int i = 0; i < 40; i++) {
            try (var stranger = new Socket(InetAddress.getLoopbackAddress(), port)) {
                stranger.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> fanout(hub, "-n", "10", "--rate", "100/s", "--measure", "200ms").code() == ExitCode.HOLDS);
        }
    }

    @Test
    void sayThatOneWasKilledAndTheOtherIsFreeAgain() throws IOException, InterruptedException {
        var published = new AtomicLong();
        var counting = new Delivery() {
            @Override
            public void beforeEvent(long sequence) {
                published.set(sequence);
            }
        };
        try (NullHub hub = NullHub.start(counting, 0);
                Program victim = AgentProcess.start()) {
            Thread killer = Thread.startVirtualThread(() -> {
                await().atMost(Duration.ofSeconds(60)).until(() -> published.get() > 20);
                victim.kill();
            });
            CommandLineRun run = run(List.of(one, victim), hub.url(), "-n", "20", "--rate", "50/s", "--measure", "300s");
            assertThat(killer.join(Duration.ofSeconds(10))).isTrue();
            assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.INVALID);
            assertThat(run.printed()).contains("agent " + victim.address() + " was lost").contains("the run is invalid");
            awaitFree(one, hub);
        }
    }

    @Test
    void makeOneRunAtATime() throws IOException {
        var published = new AtomicLong();
        var counting = new Delivery() {
            @Override
            public void beforeEvent(long sequence) {
                published.set(sequence);
            }
        };
        try (NullHub hub = NullHub.start(counting, 0)) {
            Thread first = Thread.startVirtualThread(
                    () -> run(List.of(other), hub.url(), "-n", "5", "--rate", "50/s", "--measure", "300s"));
            await().atMost(Duration.ofSeconds(60)).until(() -> published.get() > 5);
            CommandLineRun second = run(List.of(other), hub.url(), "-n", "5");
            // The first was to be on for as long as the second might need; now its controller leaves.
            first.interrupt();
            assertThat(second.code()).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(second.printed()).contains("another run is on");
            await().atMost(Duration.ofSeconds(60)).until(() -> !first.isAlive());
            awaitFree(other, hub);
        }
    }

    private void awaitFree(Program agent, NullHub hub) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> run(List.of(agent), hub.url(), "-n", "5", "--rate", "50/s", "--measure", "100ms").code() == ExitCode.HOLDS);
    }

    private CommandLineRun fanout(NullHub hub, String... more) {
        return run(List.of(one, other), hub.url(), more);
    }

    private CommandLineRun run(List<Program> agents, String url, String... more) {
        var arguments = new ArrayList<>(List.of(
                "fanout", "--url", url, "--agents", String.join(",", agents.stream().map(Program::address).toList()),
                "--agents-token", AgentProcess.TOKEN, "--correctness-only", "--settle", "50ms", "--warmup", "0s",
                "--out", folder.toString()));
        if (!List.of(more).contains("--measure")) {
            arguments.addAll(List.of("--measure", "1s"));
        }
        if (!List.of(more).contains("--drain")) {
            arguments.addAll(List.of("--drain", "5s"));
        }
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private long metric(String key) throws IOException {
        return report().get("metrics").path(key).asLong(-1);
    }

    private JsonNode report() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("report.json").toFile());
    }
}
