package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.nullhub.SharedOrder;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The scenario that ships, against three fakes that share an order: the clients of one go through a process that is killed. */
@Timeout(180)
class ClusterFailoverIT {
    private static final int STREAMS = 30;

    @TempDir
    Path folder;

    private final SharedOrder order = new SharedOrder();
    private NullHub one;
    private NullHub two;
    private NullHub three;
    private Program relay;

    @BeforeEach
    void start() throws IOException {
        one = NullHub.start(Delivery.FAITHFUL, 0, order);
        two = NullHub.start(Delivery.FAITHFUL, 0, order);
        three = NullHub.start(Delivery.FAITHFUL, 0, order);
        relay = Relay.to(three.url());
    }

    @AfterEach
    void end() {
        relay.close();
        one.close();
        two.close();
        three.close();
    }

    private CommandLineRun failover(String... more) {
        var arguments = new ArrayList<>(List.of(
                "run", "scenarios/cluster-failover.yaml", "--url", one.url(), "--url", two.url() + "," + relay.address(),
                "-n", Integer.toString(STREAMS), "--rate", "150/s", "--set", "phases.warmup=200ms", "--set", "phases.measure=3s",
                "--set", "phases.settle=50ms", "--set", "phases.drain=10s", "--correctness-only", "--out", folder.toString()));
        // A machine that is busy with something else may be late.
        arguments.addAll(List.of("--expect", "failoverStreams==10"));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private JsonNode report() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("report.json").toFile());
    }

    private void assertThatNothingWasLost(CommandLineRun run) throws IOException {
        JsonNode metrics = report().get("metrics");
        assertThat(run.code()).as(run.printed()).isIn(ExitCode.HOLDS, ExitCode.MISSED);
        for (String none : List.of("silentLoss", "declaredLoss", "duplicates", "disorder", "wrongId", "unanswered", "refused",
                "streams.away", "ambiguous")) {
            assertThat(metrics.get(none).asLong()).as(none + " of " + run.printed()).isZero();
        }
        assertThat(metrics.get("failoverStreams").asLong()).isEqualTo(STREAMS / 3);
        assertThat(metrics.get("failoverAll").asDouble()).isPositive();
        assertThat(metrics.get("delivered").asLong()).isEqualTo(STREAMS * 480).isEqualTo(metrics.get("owed").asLong());
        assertThat(metrics.get("acknowledged").asLong()).isEqualTo(480);
        assertThat(report().at("/timings/deliveryDuring/count").asLong()).isPositive();
        assertThat(report().at("/timings/deliveryAfter/count").asLong()).isPositive();
        assertThat(report().at("/timings/resume/count").asLong()).isEqualTo(STREAMS / 3);
        JsonNode nodes = report().get("nodes");
        assertThat(nodes).hasSize(3);
        assertThat(nodes.get(2).get("name").asText()).isEqualTo(relay.address().substring("http://".length()));
        assertThat(nodes.get(2).get("streams").asLong()).isEqualTo(10);
        assertThat(nodes.get(2).get("lost").asLong()).isEqualTo(10);
        assertThat(nodes.get(2).get("streamsAtEnd").asLong()).isZero();
        assertThat(nodes.get(0).get("streamsAtEnd").asLong()).as("the next after the last is the first").isEqualTo(20);
        assertThat(nodes.get(1).get("streamsAtEnd").asLong()).isEqualTo(10);
        assertThat(run.printed()).contains("10 streams ended, all live again after", "publishes sent again", "20 at the end", "10 lost");
        assertThat(Files.readString(folder.resolve("summary.md"))).contains("Failover: 10 streams ended, all live again after");
        assertThat(report().get("marks").findValuesAsText("text")).contains("all 10 are live again");
    }

    @Test
    void losesNothingWhenANodeIsKilled() throws IOException {
        CommandLineRun run = failover("--kill-pid", Long.toString(relay.pid()));
        assertThatNothingWasLost(run);
        assertThat(report().at("/plan/outage").asText()).isEqualTo("process " + relay.pid() + " is killed");
        assertThat(run.printed()).contains("halfway process " + relay.pid() + " is killed");
    }

    @Test
    void losesNothingWhenACommandTakesANodeAway() throws IOException {
        assertThatNothingWasLost(failover("--at-failure", "kill -9 " + relay.pid()));
    }

    @Test
    void saysThatTheCommandDidNotDoItsWork() throws IOException {
        CommandLineRun run = failover("--at-failure", "exit 7");
        assertThat(run.code()).as("nobody was taken away").isEqualTo(ExitCode.MISSED);
        assertThat(run.printed()).contains("MISSED     failoverAll<10s (nothing measured)", "no stream ended: was the node taken away?");
        assertThat(report().at("/metrics/failoverStreams").asLong()).isZero();
        assertThat(report().at("/metrics/silentLoss").asLong()).isZero();
    }

    /** What the others do wrong while one is away is caught as ever. */
    @Tag("long")
    @Test
    void catchesWhatIsLostOnTheWay() throws IOException {
        var kept = new AtomicBoolean();
        three.close();
        one.close();
        one = NullHub.start(new Delivery() {
            @Override
            public void deliver(int stream, long sequence, java.nio.ByteBuffer frame, Out out) {
                // Its first ten streams are its own; those that come later are of the node that was killed.
                if (stream < STREAMS / 3 || !kept.compareAndSet(false, true)) {
                    out.send(frame);
                }
            }
        }, 0, order);
        three = NullHub.start(Delivery.FAITHFUL, 0, order);
        relay.close();
        relay = Relay.to(three.url());
        CommandLineRun run = failover("--kill-pid", Long.toString(relay.pid()));
        assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.INCORRECT);
        assertThat(report().at("/metrics/silentLoss").asLong()).isEqualTo(1);
    }

    @Test
    void refusesWhatCannotBe() {
        assertUsage("there is no such process", "--kill-pid", "2147483647");
        assertUsage("leave one out", "--kill-pid", "2147483647", "--at-failure", "true");
        assertUsage("say how, by --kill-pid or --at-failure");
        assertUsage("--server-pid is given for 2 of 3 servers", "--at-failure", "true", "--server-pid", "1", "--server-pid", "2");
        assertUsage("pipeline is 4; with retries it must be 1", "--at-failure", "true", "--set", "publish.pipeline=4");
        assertUsage("without --agents", "--at-failure", "true", "--agents", "127.0.0.1:1", "--agents-token", AgentProcess.TOKEN);
        CommandLineRun twice = CommandLineRun.of("fanout", "--url", one.url(), "--url", one.url());
        assertThat(twice.code()).isEqualTo(ExitCode.USAGE);
        assertThat(twice.printed()).contains("twice; each server once");
        CommandLineRun paths = CommandLineRun.of("fanout", "--url", one.url() + "/a", "--url", two.url() + "/b");
        assertThat(paths.printed()).contains("have different paths");
    }

    private void assertUsage(String message, String... more) {
        CommandLineRun run = failover(more);
        assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.USAGE);
        assertThat(run.printed()).contains(message);
    }
}
