package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanCommandTest {
    private static final String[] NODE = {"--node-cores", "2", "--node-memory", "8GiB", "--node-network", "1G"};
    private static final double[] WIDE = {1250, 2500, 5000, 10_000, 20_000, 40_000, 40_000, 40_000};
    private static final double[] NARROW = {250, 500, 843, 843, 843};

    @TempDir
    Path folder;

    /** One topic of 300,000 is on one hub, and no number of hubs that do not share topics changes that. */
    @Test
    void plansNoClusterThatDoesNotExist() throws IOException {
        CommandLineRun one = plan(Fleet.search(5, WIDE), "--subscribers", "300k", "--rate", "2/s");
        assertThat(one.code()).isEqualTo(ExitCode.USAGE);
        assertThat(one.printed()).contains("the one topic has 300,000", "hubs do not share a topic", "--topics");
        CommandLineRun divided = plan(Fleet.search(5, WIDE), "--subscribers", "300k", "--rate", "2/s", "--topics", "12");
        assertThat(divided.code()).as(divided.printed()).isZero();
        // 1.39 processors at 21 µs hold 66 thousand, which are two of the topics of 25 thousand.
        assertThat(limit(divided, "processors")).isBetween(56_000, 76_000);
        assertThat(hubs(divided)).isEqualTo(6);
        assertThat(subscribersAHub(divided)).isEqualTo(50_000);
        assertThat(divided.printed()).contains("every hub is on its own", "none is spare").doesNotContain("one log");
    }

    @Test
    void takesNoProcessorsFromWhatTheServerUsed() throws IOException {
        String[] goal = {"--subscribers", "100k", "--rate", "2/s", "--topics", "4", "--node-network", "1G"};
        CommandLineRun unknown = planOf(List.of(Fleet.search(5, WIDE)), goal);
        assertThat(unknown.code()).isEqualTo(ExitCode.USAGE);
        assertThat(unknown.printed()).contains("--node-cores is missing");
        CommandLineRun known = planOf(List.of(Fleet.on(Fleet.search(5, WIDE), 2, 8e9)), goal);
        assertThat(known.code()).as(known.printed()).isZero();
        assertThat(known.printed().strip().lines().findFirst().orElseThrow())
                .contains("node", "2.000 processors (from the report)", "7.45 GiB of memory (from the report)", "bits/s (--node-network)");
        assertThat(hubs(known)).isEqualTo(2);
    }

    /** Many publishes and few subscribers of each: what a publish costs is most of it, and has to be measured. */
    @Test
    void takesTheCostOfAPublishFromARunThatTellsIt() throws IOException {
        String[] goal = {"--subscribers", "300k", "--rate", "0.01/s", "--topics", "300k", "--publish-rate", "3000/s"};
        CommandLineRun refused = plan(Fleet.search(5, WIDE), goal);
        assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.printed()).contains("publish").doesNotContain("not hold a single subscriber");
        CommandLineRun still = plan(Fleet.search(5, NARROW), with(goal, "--extrapolate"));
        assertThat(still.code()).as("no cost is made up").isEqualTo(ExitCode.USAGE);
        assertThat(still.printed()).contains("do not tell what a publish costs", "publish-throughput");
        var both = List.of(Fleet.search(5, WIDE), Fleet.search(800, 1, 1, 2), Fleet.search(1500, 1, 2, 2));
        CommandLineRun told = planOf(both, with(goal, NODE));
        assertThat(told.code()).as(told.printed()).isZero();
        // A subscriber takes 1 µs idle, 0.1 µs of deliveries and a hundredth of 200 µs: 1.39 processors hold 448 thousand of them.
        assertThat(told.printed()).contains("a publish (").doesNotContain("what a publish costs is not counted");
        assertThat(limit(told, "processors")).isBetween(380_000, 520_000);
        assertThat(hubs(told)).as("limits.subscribers").isEqualTo(3);
    }

    @Test
    void passesOverTheMemoryOfAWarmHub() throws IOException {
        ObjectNode warm = Fleet.search(5, WIDE);
        warm.path("levels").forEach(level -> ((ObjectNode) level.path("metrics")).put("serverCpuBefore", 54e9));
        CommandLineRun refused = plan(warm, "--subscribers", "100k", "--rate", "2/s", "--topics", "4");
        assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.printed()).contains("54.00 s of processor time", "warm", "what a stream takes of memory");
        ObjectNode old = Fleet.search(5, WIDE);
        old.path("levels").forEach(level -> ((ObjectNode) level.path("metrics")).remove("serverCpuBefore"));
        assertThat(plan(old, "--subscribers", "100k", "--rate", "2/s", "--topics", "4").printed())
                .contains("does not say whether the hub had served before");
        CommandLineRun other = planOf(
                List.of(warm, Fleet.run(5000, 5)), with(NODE, "--subscribers", "100k", "--rate", "2/s", "--topics", "4"));
        assertThat(other.code()).as("of another report that is of a cold hub:" + other.printed()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"missed", "invalid", "incorrect", ""})
    void refusesARunThatDoesNotHold(String verdict) throws IOException {
        CommandLineRun refused = plan(Fleet.run(5000, 5).put("verdict", verdict), "--subscribers", "10k", "--rate", "2/s");
        assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.printed()).contains("whose verdict is '" + (verdict.isEmpty() ? "not known" : verdict));
    }

    /** What three nodes took together is not what one takes. */
    @Test
    void refusesARunAgainstACluster() throws IOException {
        ObjectNode cluster = Fleet.run(5000, 5);
        ((ObjectNode) cluster.path("plan")).put("nodes", 3);
        assertThat(plan(cluster, "--subscribers", "10k", "--rate", "2/s").printed()).contains("against 3 nodes at once", "--publish-url");
    }

    @Test
    void refusesARunThatNobodyLookedAt() throws IOException {
        assertThat(plan(Fleet.run(5000, 5).put("validityChecked", false), "--subscribers", "10k", "--rate", "2/s").printed())
                .contains("--correctness-only");
        assertThat(plan(Fleet.run(5000, 5).put("ending", "interrupted"), "--subscribers", "10k", "--rate", "2/s").printed())
                .contains("did not come to its end");
        ObjectNode failed = Fleet.search(5, WIDE);
        failed.path("levels").forEach(level -> ((ObjectNode) level).put("outcome", "failed"));
        assertThat(plan(failed, "--subscribers", "10k", "--rate", "2/s").printed()).contains("no level that passed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2/s", "0.1/s"})
    void goesNoFurtherThanThreeTimesWhatWasMeasured(String rate) throws IOException {
        String[] goal = {"--subscribers", "300k", "--rate", rate, "--topics", "6"};
        CommandLineRun refused = plan(Fleet.search(5, NARROW), goal);
        assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.printed()).contains("beyond three times what was measured", "at most 843 were measured", "--extrapolate");
        CommandLineRun said = plan(Fleet.search(5, NARROW), with(goal, "--extrapolate"));
        assertThat(said.code()).as(said.printed()).isZero();
        assertThat(said.printed().lines().findFirst().orElseThrow()).startsWith("EXTRAPOLATED: ").contains("843 were measured");
        CommandLineRun near = plan(Fleet.search(5, NARROW), "--subscribers", "2500", "--rate", rate);
        assertThat(near.code()).as(near.printed()).isZero();
        assertThat(near.printed()).doesNotContain("EXTRAPOLATED");
    }

    @Test
    void listsEverythingThatItAssumes() throws IOException {
        CommandLineRun run = plan(Fleet.search(5, WIDE), "--subscribers", "100k", "--rate", "2/s", "--topics", "4");
        assertThat(run.printed()).contains(
                "node      2.000 processors (--node-cores), 8.00 GiB of memory (--node-memory), 1,000,000,000 bits/s (--node-network)",
                "assumed: the hub may open 1,000,000 files (--node-descriptors)",
                "assumed: limits.subscribers of the hub's configuration is 100,000 (--node-subscribers)",
                "assumed: 30 % of each node's", "assumed: the node's processors are as fast",
                "assumed: a delivery is 200 B of data and 118 B", "assumed: a restarted hub takes its streams back within 30.00 s",
                "note: the search ended at the highest that was tried, 40,000 subscribers");
    }

    @Test
    void knowsTheLimitOfTheHubsConfiguration() throws IOException {
        CommandLineRun run = plan(
                Fleet.search(5, WIDE), "--subscribers", "30k", "--rate", "0.5/s", "--topics", "30", "--node-subscribers", "10k");
        assertThat(run.printed()).contains("limits.subscribers                10,000 subscribers a hub   <- binds");
        assertThat(hubs(run)).isEqualTo(3);
    }

    @Test
    void plansFromARunByItsSeconds() throws IOException {
        CommandLineRun run = plan(Fleet.run(5000, 5), "--subscribers", "12k", "--rate", "2/s");
        assertThat(run.code()).as(run.printed()).isZero();
        // All the work of the run is on its deliveries: 10.04 µs each.
        assertThat(limit(run, "processors")).isBetween(56_000, 76_000);
        assertThat(limit(run, "memory")).isBetween(270_000, 370_000);
        assertThat(run.printed()).contains("one load was measured, and no higher one tried");
    }

    @Test
    void plansIdleStreamsFromARunWithoutDeliveries() throws IOException {
        ObjectNode idle = Fleet.run(5000, 0);
        CommandLineRun refused = plan(idle, "--subscribers", "10k", "--rate", "1/s");
        assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.printed()).contains("what a delivery costs", "--rate 0/s");
        CommandLineRun planned = plan(idle, "--subscribers", "10k", "--rate", "0/s");
        assertThat(planned.code()).as(planned.printed()).isZero();
        assertThat(planned.printed()).contains("a second for an idle stream").doesNotContain("a delivery (");
    }

    private static String[] with(String[] some, String... more) {
        var all = new ArrayList<>(List.of(some));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static int hubs(CommandLineRun run) {
        return number(run, "hubs: ([\\d,]+), with");
    }

    private static int subscribersAHub(CommandLineRun run) {
        return number(run, "topics?, ([\\d,]+) subscribers");
    }

    private static int limit(CommandLineRun run, String name) {
        return number(run, name + " +([\\d,]+) subscribers a hub");
    }

    private static int number(CommandLineRun run, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(run.printed());
        assertThat(matcher.find()).as(pattern + " in " + run.printed()).isTrue();
        return Integer.parseInt(matcher.group(1).replace(",", ""));
    }

    private CommandLineRun plan(JsonNode report, String... goal) throws IOException {
        return planOf(List.of(report), with(goal, NODE));
    }

    private CommandLineRun planOf(List<? extends JsonNode> reports, String... goal) throws IOException {
        var arguments = new ArrayList<>(List.of("plan"));
        for (int i = 0; i < reports.size(); i++) {
            Path file = Files.writeString(folder.resolve("report" + i + ".json"), reports.get(i).toString());
            arguments.addAll(List.of("--from", file.toString()));
        }
        arguments.addAll(List.of(goal));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }
}
