package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FanoutIT {
    @TempDir
    Path folder;

    @Test
    void accountsForEveryDeliveryOfAFaithfulHub() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            assertThat(fanout(hub.url(), "-n", "200", "--rate", "50/s", "--expect", "silentLoss==0", "--expect", "delivery.p99<60s"))
                    .isZero();
            JsonNode metrics = report().get("metrics");
            assertThat(metrics.get("streams.confirmed").asLong()).isEqualTo(200);
            assertThat(metrics.get("owed").asLong()).isEqualTo(200 * 60);
            assertThat(metrics.get("delivered").asLong()).isEqualTo(200 * 60);
            assertThat(report().at("/timings/delivery/count").asLong()).isEqualTo(200 * 50);
            assertThat(report().at("/timings/completion/count").asLong()).isEqualTo(50);
        }
    }

    @Test
    void sendsEachTopicItsOwnEvents() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            assertThat(fanout(hub.url(), "-n", "100", "--topics", "100", "--rate", "500/s", "--expect", "wrongRecipient==0")).isZero();
            assertThat(report().at("/metrics/delivered").asLong()).isEqualTo(600);
        }
    }

    @Test
    void owesStalledStreamsNothing() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            assertThat(fanout(hub.url(), "-n", "100", "--stalled", "20", "--rate", "100/s", "--payload", "4KB")).isZero();
            assertThat(report().at("/metrics/owed").asLong()).isEqualTo(80 * 120);
            assertThat(report().at("/metrics/delivered").asLong()).isEqualTo(80 * 120);
        }
    }

    @Test
    void saysThatAnObjectiveWasMissed() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            assertThat(fanout(hub.url(), "-n", "10", "--expect", "delivery.p50<1ns")).isEqualTo(ExitCode.MISSED);
        }
    }

    @Tag("long")
    @Test
    void anIdleConnectionThatTheHubClosesIsNoFailure() throws IOException {
        try (Program hub = RealHub.start(folder, "server.idle-timeout=PT1S", "log.kind=memory")) {
            // One request in eight seconds on each connection; the hub waits for three.
            assertThat(fanoutFor("4s", hub.address(), "-n", "1", "--rate", "1/s", "--connections", "8")).as(printed).isZero();
            assertThat(report().at("/metrics/delivered").asLong()).isPositive().isEqualTo(report().at("/metrics/owed").asLong());
            assertThat(report().get("failures")).as("of its connections").isEmpty();
        }
    }

    @Test
    void saysThatNothingListens() throws IOException {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertThat(fanout("http://127.0.0.1:" + port, "-n", "10")).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(printed).contains("is the server up");
    }

    @Test
    void refusesWhatItCannotRun() {
        assertThat(fanout("https://example.org")).isEqualTo(ExitCode.USAGE);
        assertThat(fanout("http://127.0.0.1:1", "--payload", "63B")).isEqualTo(ExitCode.USAGE);
        assertThat(printed).contains("63 bytes").contains("64");
        assertThat(fanout("http://127.0.0.1:1", "--expect", "delivery.p99<5")).isEqualTo(ExitCode.USAGE);
        assertThat(fanout("http://127.0.0.1:1", "--rate", "fast")).isEqualTo(ExitCode.USAGE);
    }

    private String printed = "";

    private int fanout(String url, String... more) {
        return fanoutFor("1s", url, more);
    }

    private int fanoutFor(String time, String url, String... more) {
        var arguments = new ArrayList<>(List.of(
                "fanout", "--url", url, "--warmup", "200ms", "--measure", time, "--settle", "50ms", "--drain", "3s",
                "--correctness-only", "--out", folder.toString()));
        arguments.addAll(List.of(more));
        var text = new StringWriter();
        var writer = new PrintWriter(text, true);
        int code = LoadCommand.line(writer, writer).execute(arguments.toArray(String[]::new));
        printed = text.toString();
        return code;
    }

    private JsonNode report() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("report.json").toFile());
    }
}
