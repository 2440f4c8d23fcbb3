package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("a neighbour would be taken for a limit of the hub")
class CapacityIT {
    private static final int KNOWN_CAPACITY = 50;

    @TempDir
    Path folder;

    @Test
    @Tag("long")
    void findsTheCapacityOfAHubAndPlansFromIt() throws IOException {
        try (NullHub hub = NullHub.start(new HoldsFifty(), 0)) {
            // Of the ways to fifty, one of the shortest that doubles, and then halves in both directions.
            CommandLineRun found = CommandLineRun.of(
                    "find-capacity", "--url", hub.url(), "--from", "30", "--to", "200", "--rate", "20/s",
                    "--settle", "50ms", "--warmup", "0s",
                    "--measure", "500ms", "--drain", "1s", "--expect", "silentLoss==0",
                    "--server-pid", Long.toString(ProcessHandle.current().pid()), "--out", folder.toString());
            assertThat(found.printed()).contains("report: " + folder.resolve("report.html"));
            assertThat(Files.readString(folder.resolve("summary.md"))).startsWith("## ").contains("| subscribers |", "|---:|---|");
            JsonNode report = new ObjectMapper().readTree(folder.resolve("report.json").toFile());
            // On a busy machine the generator may be what fails: then it must say so, and claim no more than there is.
            if (report.get("bound").asText().equals("generator")) {
                assertThat(found.code()).isEqualTo(ExitCode.INVALID);
            } else {
                assertThat(found.code()).as(found.printed()).isZero();
                assertThat(report.get("capacity").asInt()).isGreaterThanOrEqualTo(KNOWN_CAPACITY * 94 / 100);
            }
            assertThat(report.get("capacity").asInt()).isLessThanOrEqualTo(KNOWN_CAPACITY);
            if (found.code() == 0) {
                // The hub lives in this process, and of fifty streams little can be said: the plan refuses, and says why.
                assertThat(report.at("/levels/0/metrics/serverCpuBefore").asDouble()).isPositive();
                assertThat(report.at("/server/processors").asInt()).isPositive();
                assertThat(report.at("/plan/payloadBytes").asInt()).isEqualTo(200);
                CommandLineRun planned = CommandLineRun.of(
                        "plan", "--from", folder.toString(), "--subscribers", "1000", "--rate", "20/s", "--node-network", "1G");
                assertThat(planned.code()).as(planned.printed()).isEqualTo(ExitCode.USAGE);
                assertThat(planned.printed()).containsAnyOf("warm hub", "beyond three times", "do not tell");
            }
        }
    }

    @Test
    void saysThatNotEvenTheLowestLevelHolds() throws IOException {
        try (NullHub hub = NullHub.start(new HoldsFifty(), 0)) {
            CommandLineRun found = CommandLineRun.of(
                    "find-capacity", "--url", hub.url(), "--from", "60", "--to", "200", "--rate", "20/s",
                    "--settle", "50ms", "--warmup", "0s", "--measure", "300ms", "--drain", "500ms");
            assertThat(found.code()).isIn(ExitCode.MISSED, ExitCode.INVALID);
        }
    }

    @Test
    void saysThatThereIsNoHub() {
        assertThat(CommandLineRun.of("find-capacity", "--url", "http://127.0.0.1:1", "--from", "1", "--to", "2").code())
                .isEqualTo(ExitCode.UNREACHABLE);
        assertThat(CommandLineRun.of("find-capacity", "--from", "5", "--to", "2").code()).isEqualTo(ExitCode.USAGE);
        assertThat(CommandLineRun.of("plan", "--from", folder.toString(), "--subscribers", "10", "--rate", "1/s").code())
                .isEqualTo(ExitCode.USAGE);
    }

    /** A hub that forgets every stream after the fiftieth of a run: streams are counted again when a run's first event comes. */
    private static final class HoldsFifty implements Delivery {
        private long sequence;
        private int receivers;

        @Override
        public void deliver(int stream, long eventSequence, ByteBuffer frame, Out out) {
            if (eventSequence != sequence) {
                sequence = eventSequence;
                receivers = 0;
            }
            if (receivers++ < KNOWN_CAPACITY) {
                out.send(frame);
            }
        }
    }
}
