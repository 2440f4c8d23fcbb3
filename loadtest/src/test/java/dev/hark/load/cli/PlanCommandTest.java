package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
    private static final String METRICS = """
            {"streams.confirmed": 1000, "connectAll": 1e8, "publishRate": 5, "deliveryRate": 5000, "serverCpu": 0.1, "serverIdle": 0.01,
             "serverMemory": 100000000, "serverMemoryEmpty": 90000000}""";
    private static final String IDLE = """
            {"streams.confirmed": 1000, "connectAll": 1e8, "publishRate": 0, "deliveryRate": 0, "serverCpu": 0.01, "serverIdle": 0.01,
             "serverMemory": 100000000, "serverMemoryEmpty": 90000000}""";

    private static final String TAKEN_FROM_THERE = "; its processors are taken from there unless --node-cores says more";

    @TempDir
    Path folder;

    @Test
    void saysThatTheSearchEndedWithItsRange() throws IOException {
        String text = planned(search("range", "subscribers"));
        assertThat(text).contains(
                "assumed: the search ended at the highest that was tried, 1,000 subscribers: a node may hold more" + TAKEN_FROM_THERE);
        assertThat(planned(search("range", "rate"))).contains("tried, 1,000 events/s: a node");
        assertThat(planned(search("generator", "subscribers")))
                .contains("where the generator was the limit, above 1,000 subscribers: a node may hold more");
        assertThat(planned(search("server", "subscribers"))).doesNotContain("may hold more").doesNotContain(TAKEN_FROM_THERE);
    }

    @Test
    void tellsWhereTheProcessorsAreFrom() throws IOException {
        assertThat(planned(search("range", "subscribers")))
                .contains("a node may use 0.10 processors", "as on the machine that was measured");
        assertThat(planned(search("range", "subscribers"), "--node-cores", "2"))
                .contains("a node may use 2.00 processors", "a node may hold more")
                .doesNotContain("as on the machine that was measured", "taken from there");
    }

    @Test
    void putsTheMemoryOfASingleRunWhereItBelongs() throws IOException {
        assertThat(planned(run(METRICS)))
                .contains("85.8 MiB and 9.8 KiB a stream", "one load was measured, and no higher one tried: a node may hold more");
        assertThat(planned(run(METRICS.replace("serverMemoryEmpty", "somethingElse"))))
                .contains("0 B and 97.7 KiB a stream", "all of it is put on the streams");
    }

    @Test
    void plansIdleStreamsOnlyFromARunWithoutDeliveries() throws IOException {
        CommandLineRun refused = plan(run(IDLE), "1/s");
        assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.printed()).contains("without deliveries", "--rate 0/s");
        assertThat(plan(run(IDLE), "1/s", "--publish-rate", "0/s").printed()).contains("without deliveries");
        assertThat(plan(run(IDLE), "0/s", "--publish-rate", "1/s").code()).isEqualTo(ExitCode.USAGE);
        CommandLineRun idle = plan(run(IDLE), "0/s");
        assertThat(idle.code()).as(idle.printed()).isZero();
        assertThat(idle.printed()).contains("measured: no deliveries, 10.0 µs a second for each idle stream").doesNotContain("a delivery,");
    }

    private static String search(String bound, String by) {
        return """
                {"version": 1, "kind": "capacity", "by": "%s", "capacity": 1000, "bound": "%s", "levels": [
                  {"level": 1000, "outcome": "passed", "metrics": %s}, {"level": 1000, "outcome": "failed", "metrics": {}}]}"""
                        .formatted(by, bound, METRICS);
    }

    private static String run(String metrics) {
        return "{\"version\": 1, \"metrics\": " + metrics + "}";
    }

    private String planned(String report, String... more) throws IOException {
        CommandLineRun run = plan(report, "1/s", more);
        assertThat(run.code()).as(run.printed()).isZero();
        return run.printed();
    }

    private CommandLineRun plan(String report, String rate, String... more) throws IOException {
        Path file = Files.writeString(folder.resolve("report.json"), report);
        var arguments = new ArrayList<>(List.of("plan", "--from", file.toString(), "--subscribers", "5000", "--rate", rate));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }
}
