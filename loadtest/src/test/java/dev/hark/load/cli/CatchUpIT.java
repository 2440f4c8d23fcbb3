package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.nullhub.SharedOrder;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class CatchUpIT {
    @Test
    void bringsEveryStreamToTheNewestEvent() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun run = CommandLineRun.of("catch-up", "--url", hub.url(), "-n", "50", "--behind", "30", "--rounds", "2");
            assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.HOLDS);
            assertThat(run.printed())
                    .contains("50 of 50 streams caught up on 30 events each").contains("1,500 delivered, 0 unexpected, 0 gaps");
        }
    }

    /** The id is one node's, and the streams come to all of them. */
    @Test
    void comesBackToEveryNode() throws IOException {
        var order = new SharedOrder();
        try (NullHub one = NullHub.start(Delivery.FAITHFUL, 0, order); NullHub other = NullHub.start(Delivery.FAITHFUL, 0, order)) {
            CommandLineRun run = CommandLineRun.of("catch-up", "--url", one.url(), "--url", other.url(), "-n", "50", "--behind", "30");
            assertThat(run.code()).as(run.printed()).isZero();
            assertThat(run.printed()).contains("50 of 50 streams caught up", "1,500 delivered, 0 unexpected");
        }
        try (NullHub one = NullHub.start(Delivery.FAITHFUL, 0); NullHub other = NullHub.start(Delivery.FAITHFUL, 0)) {
            CommandLineRun run = CommandLineRun.of(
                    "catch-up", "--url", one.url(), "--url", other.url(), "-n", "10", "--behind", "3", "--timeout", "2s");
            assertThat(run.code()).as("no cluster: " + run.printed()).isEqualTo(ExitCode.MISSED);
            assertThat(run.printed()).contains("5 of 10 streams caught up");
        }
    }

    @Test
    void saysWhatCameTwice() throws IOException {
        Delivery repeating = new Delivery() {
            @Override
            public long resumeFrom(int stream, long lastSequence) {
                return lastSequence;
            }
        };
        try (NullHub hub = NullHub.start(repeating, 0)) {
            CommandLineRun run = CommandLineRun.of("catch-up", "--url", hub.url(), "-n", "5", "--behind", "30");
            assertThat(run.code()).as(run.printed()).isEqualTo(ExitCode.INCORRECT);
        }
    }

    @Test
    void saysThatNothingListens() throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        CommandLineRun run = CommandLineRun.of("catch-up", "--url", "http://127.0.0.1:" + port);
        assertThat(run.code()).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(run.printed()).contains("http://127.0.0.1:" + port);
    }

    @Test
    void refusesWhatCannotBe() {
        assertThat(CommandLineRun.of("catch-up", "-n", "0").printed()).contains("streams is 0; it must be from 1");
        assertThat(CommandLineRun.of(
                "catch-up", "--target", "generic", "--subscribe-path", "/{topic}", "--publish-path", "/{topic}").code())
                .isEqualTo(ExitCode.USAGE);
    }
}
