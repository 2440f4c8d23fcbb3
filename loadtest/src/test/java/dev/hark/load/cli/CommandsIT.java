package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsIT {
    @TempDir
    Path folder;

    @Test
    void explainsItselfWhenBare() {
        CommandLineRun bare = CommandLineRun.of();
        assertThat(bare.code()).isZero();
        assertThat(bare.printed().lines().count()).isLessThanOrEqualTo(10);
        assertThat(bare.printed()).contains("hark-load fanout -n 10000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fanout", "run", "agent", "churn", "catch-up", "calibrate", "doctor", "compare", "find-capacity", "plan"})
    void hasAnExampleForEachCommand(String command) {
        CommandLineRun help = CommandLineRun.of("help", command);
        assertThat(help.code()).isZero();
        assertThat(help.printed()).contains("Example:").contains("hark-load " + command);
    }

    @Test
    void saysWhatCountsWhereTheServerIsSeenTwice() {
        CommandLineRun help = CommandLineRun.of("help", "fanout");
        assertThat(help.printed().replaceAll("\\s+", " ")).contains("--metrics-url").contains("with both, the process counts");
    }

    @Test
    void churnsWithoutLeavingAnythingBehind() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun churn = CommandLineRun.of("churn", "--url", hub.url(), "--cycles", "500");
            assertThat(churn.code()).as(churn.printed()).isZero();
            assertThat(churn.printed()).contains("500 of 500 cycles");
        }
        assertThat(CommandLineRun.of("churn", "--url", "http://127.0.0.1:1", "--cycles", "3").code()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(CommandLineRun.of("churn", "--cycles", "0").code()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void churnsOnSeveralNodes() throws IOException {
        try (NullHub one = NullHub.start(Delivery.FAITHFUL, 0); NullHub other = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun churn = CommandLineRun.of("churn", "--url", one.url(), "--url", other.url(), "--cycles", "100");
            assertThat(churn.code()).as(churn.printed()).isZero();
            assertThat(churn.printed()).contains("100 of 100 cycles");
        }
        try (NullHub one = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun half = CommandLineRun.of("churn", "--url", one.url() + ",http://127.0.0.1:1", "--cycles", "100");
            assertThat(half.code()).as(half.printed()).isEqualTo(ExitCode.MISSED);
            assertThat(half.printed()).contains("50 of 100 cycles");
            CommandLineRun pids = CommandLineRun.of(
                    "churn", "--url", one.url() + ",http://127.0.0.1:1", "--server-pid", Long.toString(ProcessHandle.current().pid()));
            assertThat(pids.code()).isEqualTo(ExitCode.USAGE);
            assertThat(pids.printed()).contains("--server-pid is given for 1 of 2 servers");
            CommandLineRun doctor = CommandLineRun.of("doctor", "--url", one.url(), "--publish-url", "http://127.0.0.1:1", "-n", "10");
            assertThat(doctor.code()).isEqualTo(ExitCode.UNREACHABLE);
            assertThat(doctor.printed()).contains("accepts connections", "127.0.0.1:1 does not answer");
        }
    }

    @Test
    void examinesTheMachine() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun doctor = CommandLineRun.of("doctor", "--url", hub.url(), "-n", "100");
            assertThat(doctor.code()).as(doctor.printed()).isZero();
            assertThat(doctor.printed()).contains("descriptors").contains("accepts connections");
            assertThat(CommandLineRun.of("doctor", "--url", hub.url(), "-n", "900M").code()).isEqualTo(ExitCode.INVALID);
        }
        assertThat(CommandLineRun.of("doctor", "--url", "http://127.0.0.1:1", "-n", "10").code()).isEqualTo(ExitCode.UNREACHABLE);
    }

    @Test
    void calibratesAgainstAHubInAProcessOfItsOwn() {
        CommandLineRun calibrate = CommandLineRun.of(
                "calibrate", "-n", "50", "--rate", "20/s", "--warmup", "0s", "--measure", "500ms",
                "--settle", "50ms", "--correctness-only");
        assertThat(calibrate.code()).as(calibrate.printed()).isZero();
        assertThat(calibrate.printed()).contains("this machine alone cause delivery times");
    }

    /** Before the run: nobody listens there, and still it is the folder that is found fault with. */
    @ParameterizedTest
    @ValueSource(strings = {
        "fanout --url http://127.0.0.1:1 -n 5 --measure 1s", "run scenarios/fanout.yaml --set target.url=http://127.0.0.1:1",
        "find-capacity --url http://127.0.0.1:1 --from 1 --to 2", "calibrate -n 5 --measure 100ms"
    })
    void refusesAFolderThatCannotBeWritten(String command) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        for (Path out : List.of(file, file.resolve("below"))) {
            var arguments = new ArrayList<>(List.of(command.split(" ")));
            arguments.addAll(List.of("--out", out.toString()));
            CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));
            assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.USAGE);
            assertThat(run.printed())
                    .contains("hark-load: --out '" + out + "' cannot be written").doesNotContain("not started", "calibrate:");
        }
    }

    @Test
    void leavesNothingInAFolderThatCanBeWritten() throws IOException {
        Path out = folder.resolve("a").resolve("b");
        OutputFolder.prepare("--out", out);
        OutputFolder.prepare("--out", out);
        assertThat(out).isEmptyDirectory();
    }

    @Test
    void writesAReportThatCanBeComparedWithItself() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun run = CommandLineRun.of(
                    "fanout", "--url", hub.url(), "-n", "50", "--rate", "20/s", "--warmup", "0s", "--measure", "1500ms", "--settle", "50ms",
                    "--correctness-only", "--json-lines", "--expect", "silentLoss==0", "--out", folder.toString());
            assertThat(run.code()).as(run.printed()).isZero();
            assertThat(run.printed()).contains("{\"at\":");
        }
        for (String file : new String[] {"report.html", "report.json", "summary.md", "seconds.csv", "latency.hlog", "junit.xml"}) {
            assertThat(folder.resolve(file)).isNotEmptyFile();
        }
        String html = Files.readString(folder.resolve("report.html"));
        assertThat(html).doesNotContain("{{").hasSizeLessThan(3 << 20);
        String names = "https?://(127\\.0\\.0\\.1|www\\.chartjs\\.org|chartjs\\.org|www\\.w3\\.org|github\\.com)";
        assertThat(html.replaceAll(names, "")).as("asks for nothing from a network")
                .doesNotContain("src=\"http").doesNotContain("href=\"http");
        assertThat(Files.readString(folder.resolve("junit.xml"))).contains("silentLoss==0").contains("failures=\"0\"");
        assertThat(Files.readAllLines(folder.resolve("seconds.csv"))).hasSizeGreaterThan(1);
        CommandLineRun same = CommandLineRun.of("compare", folder.toString(), folder.resolve("report.json").toString());
        assertThat(same.code()).as(same.printed()).isZero();
        assertThat(same.printed()).contains("not worse: of ");
        assertThat(same.printed().lines().findFirst().orElseThrow()).contains("base", "new", "change");
        String report = Files.readString(folder.resolve("report.json"));
        Path other = Files.writeString(
                folder.resolve("other.json"), report.replace("\"subscribers\" : 50", "\"subscribers\" : 51"));
        CommandLineRun unlike = CommandLineRun.of("compare", folder.toString(), other.toString());
        assertThat(unlike.code()).isEqualTo(ExitCode.USAGE);
        assertThat(unlike.printed()).contains("different loads", "subscribers was 50 and is 51", "--unlike");
        assertThat(CommandLineRun.of("compare", folder.toString(), other.toString(), "--unlike").code()).isZero();
    }
}
