package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.measure.ServerWatch;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.report.ExitCode;
import dev.hark.load.scenario.ScenarioFile;
import dev.hark.load.scenario.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario that ships, once, small, against the real hub; times do not count here. */
class ScenariosIT {
    private static final List<String> SHIPPED = List.of(
            "churn", "cluster-failover", "connect-ramp", "fanout", "idle", "late-join", "many-topics", "many-topics-zipf",
            "publish-batches", "publish-throughput", "reconnect-storm", "slow-mixed", "soak", "unicast");

    @TempDir
    static Path hubFolder;

    private static @Nullable Program realHub;

    @TempDir
    Path folder;

    @BeforeAll
    static void startHub() throws IOException {
        realHub = RealHub.start(hubFolder);
    }

    @AfterAll
    static void endHub() {
        if (realHub != null) {
            realHub.close();
        }
    }

    static List<Path> scenarios() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("scenarios"))) {
            return files.sorted().toList();
        }
    }

    @Test
    void shipsAFileForEach() throws IOException {
        assertThat(scenarios())
                .extracting(file -> file.getFileName().toString().replace(".yaml", "")).containsExactlyInAnyOrderElementsOf(SHIPPED);
    }

    /** Those of one hub: {@link ClusterFailoverIT} is about several. */
    static List<Path> scenariosOfOneHub() throws IOException {
        return scenarios().stream().filter(file -> !file.endsWith("cluster-failover.yaml")).toList();
    }

    @ParameterizedTest
    @MethodSource("scenariosOfOneHub")
    void runs(Path file) throws IOException {
        CommandLineRun run = run(Objects.requireNonNull(realHub).address(), file.toString(), "--set", "streams.count=40");
        if (file.endsWith("churn.yaml")) {
            assertThat(run.code()).as(run.printed()).isZero();
            assertThat(run.printed()).contains("300 of 300 cycles");
            return;
        }
        assertThat(run.code()).as(run.printed()).isIn(ExitCode.HOLDS, ExitCode.MISSED);
        JsonNode metrics = metrics();
        assertThat(metrics.get("streams.confirmed").asInt()).isEqualTo(40);
        assertThat(metrics.get("delivered").asLong()).isEqualTo(metrics.get("owed").asLong());
        assertThat(metrics.get("silentLoss").asInt()).isZero();
        assertThat(metrics.get("declaredLoss").asInt()).isZero();
        assertThat(metrics.get("duplicates").asInt()).isZero();
        assertThat(metrics.get("wrongRecipient").asInt()).isZero();
        assertThat(metrics.get("ambiguous").asInt()).isZero();
        if (file.endsWith("late-join.yaml")) {
            assertThat(metrics.get("streams.dropped").asInt()).isEqualTo(10);
            assertThat(metrics.get("streams.resumed").asInt()).isEqualTo(10);
        }
    }

    /** Ten streams come back when the log has forgotten most of what they missed: the hub says what, and how much. */
    @Test
    @Tag("long")
    void seesADeclaredGapBeyondTheRetention() throws IOException {
        try (Program hub = RealHub.start(folder, "log.retention.events=256", "log.hot-events=256")) {
            CommandLineRun run = run(hub.address(), "scenarios/late-join.yaml", "--set", "streams.count=40",
                    "--set", "publish.rate=500/s", "--set", "phases.measure=4s");
            assertThat(run.code()).as(run.printed()).isIn(ExitCode.HOLDS, ExitCode.MISSED);
            JsonNode metrics = metrics();
            assertThat(metrics.get("streams.resumed").asInt()).isEqualTo(10);
            // Who falls behind again on a busy machine is told again: the sum is what counts.
            assertThat(metrics.get("gaps").asInt()).isGreaterThanOrEqualTo(10);
            assertThat(metrics.get("declaredLoss").asInt()).isGreaterThanOrEqualTo(10 * 400);
            assertThat(metrics.get("silentLoss").asInt()).isZero();
            assertThat(metrics.get("delivered").asLong() + metrics.get("declaredLoss").asLong()).isEqualTo(metrics.get("owed").asLong());
        }
    }

    /** What the scenario's comment says: a hub starts with it, and forgets sooner than the late streams come back. */
    @Test
    void saysHowToCrossTheRetention() throws IOException {
        Path file = Path.of("scenarios", "late-join.yaml");
        Matcher said = Pattern.compile("--set (log\\.retention\\.age=(PT\\d+S))").matcher(Files.readString(file));
        assertThat(said.find()).isTrue();
        FanoutPlan.Phases phases = ScenarioFile.read(file).plan(ServerWatch.NONE).phases();
        Duration away = phases.warmup().plus(phases.measure().multipliedBy(80).dividedBy(100));
        assertThat(Duration.parse(said.group(2)).plusSeconds(10)).isLessThan(away);
        try (Program hub = RealHub.start(folder, said.group(1))) {
            assertThat(hub.address()).startsWith("http://");
        }
    }

    @Test
    void bringsEveryStreamBackAfterAStormWithNothingLostOrRepeated() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun run = run(
                    hub.url(), "scenarios/reconnect-storm.yaml", "--set", "streams.count=300", "--set", "publish.rate=100/s");
            assertThat(run.code()).as(run.printed()).isZero();
            JsonNode metrics = metrics();
            assertThat(metrics.get("streams.dropped").asInt()).isEqualTo(300);
            assertThat(metrics.get("streams.resumed").asInt()).isEqualTo(300);
            assertThat(metrics.get("reconnectAll").asDouble()).isPositive();
            assertThat(metrics.get("delivered").asInt()).isEqualTo(metrics.get("owed").asInt());
            assertThat(metrics.get("duplicates").asInt()).isZero();
        }
    }

    @Test
    void expectsAllThatWasSet() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun run = run(
                    hub.url(), "scenarios/fanout.yaml", "--set", "streams.count=3", "--set", "expect=delivery.p99<1ns",
                    "--set", "expect=silentLoss==0");
            assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.MISSED);
            assertThat(run.printed()).contains("delivery.p99<1ns", "silentLoss==0");
        }
        assertThat(CommandLineRun.of("run", "scenarios/fanout.yaml", "--set", "streams.count").printed()).contains("key=value");
    }

    @Test
    void takesUrlStreamsAndRateFromTheCommandLine() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun run = CommandLineRun.of(
                    "run", "scenarios/fanout.yaml", "--url", hub.url(), "-n", "7", "--rate", "20/s", "--correctness-only",
                    "--set", "streams.count=9", "--set", "phases.settle=0s", "--set", "phases.warmup=0s", "--set", "phases.measure=500ms",
                    "--out", folder.toString());
            // The scenario's own objective is one for quiet machines.
            assertThat(run.code()).as(run.printed()).isIn(ExitCode.HOLDS, ExitCode.MISSED);
            assertThat(metrics().get("owed").asInt()).isEqualTo(7 * 10);
        }
        assertThat(CommandLineRun.of("run", "scenarios/fanout.yaml", "--set", "url=http://127.0.0.1:1").printed())
                .contains("did you mean 'target.url'");
        assertThat(CommandLineRun.of("run", "scenarios/fanout.yaml", "--url", "nowhere").printed()).contains("'nowhere'");
    }

    @Test
    void refusesWhatAChurnCannotDo() {
        CommandLineRun run = CommandLineRun.of("run", "scenarios/churn.yaml", "--out", folder.toString());
        assertThat(run.code()).isEqualTo(ExitCode.USAGE);
        assertThat(run.printed()).contains("--out");
    }

    @Test
    void listsEveryKey() {
        CommandLineRun run = CommandLineRun.of("run", "--keys");
        assertThat(run.code()).isZero();
        for (Setting setting : Setting.values()) {
            assertThat(run.printed()).contains("  " + setting.key() + " ");
        }
    }

    @Test
    void refusesAFileThatIsNone() {
        assertThat(CommandLineRun.of("run", folder.resolve("none.yaml").toString()).code()).isEqualTo(ExitCode.USAGE);
        assertThat(CommandLineRun.of("run", "scenarios/fanout.yaml", "--set", "streams.cuont=5").printed())
                .contains("did you mean 'streams.count'");
    }

    private CommandLineRun run(String url, String file, String... more) {
        var arguments = new ArrayList<>(List.of(
                "run", file, "--correctness-only", "--set", "target.url=" + url, "--set", "phases.settle=50ms",
                "--set", "phases.warmup=0s", "--set", "phases.measure=600ms", "--set", "phases.drain=5s"));
        arguments.addAll(List.of(more));
        if (file.contains("late-join")) {
            arguments.addAll(List.of("--set", "streams.late=10"));
        }
        if (file.contains("churn")) {
            arguments.addAll(List.of("--set", "churn.cycles=300"));
        } else {
            arguments.addAll(List.of("--out", folder.toString()));
        }
        if (file.contains("slow-mixed")) {
            arguments.addAll(List.of("--set", "streams.stalled=10"));
        }
        if (file.contains("publish-batches")) {
            arguments.addAll(List.of("--set", "publish.rate=5000/s"));
        }
        if (file.contains("unicast")) {
            arguments.addAll(List.of("--set", "publish.topics=40"));
        }
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private JsonNode metrics() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("report.json").toFile()).get("metrics");
    }
}
