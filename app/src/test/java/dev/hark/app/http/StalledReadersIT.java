package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.hark.HubMeter;
import dev.hark.app.KernelSockets;
import dev.hark.app.RunningHub;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Readers that take nothing are cut, and then nothing of them is left: not in the hub, and not in the kernel either. */
class StalledReadersIT {
    private static final int READERS = 100;
    private static final int RECEIVE_BYTES = 4 << 10;
    private static final String EVENT = "x".repeat(20_000);

    /** The promise is two seconds. */
    private static final Duration SOON = Duration.ofSeconds(2);

    private static final Duration POLL = Duration.ofMillis(50);

    @BeforeAll
    static void requireLinux() {
        assumeThat(Files.exists(Path.of("/proc/net/tcp"))).as("the kernel tells of its sockets").isTrue();
    }

    @Test
    void leaveNothingInTheKernelWhenTheyAreCut() {
        try (RunningHub hub = RunningHub.start("delivery.write-timeout=PT0.5S", "delivery.send-buffer=16KiB")) {
            List<Wire> readers = stalled(hub, READERS);
            publishUntil(hub, HubMeter.STREAMS_STALLED, READERS);
            hub.awaitStreams(0);
            await("the kernel let go").atMost(SOON).pollInterval(POLL).until(() -> KernelSockets.of(hub.uri().getPort()).stream()
                    .noneMatch(socket -> readers.stream().anyMatch(reader -> reader.localPort() == socket.remotePort())));
            readers.forEach(Wire::close);
            hub.publish("a", "and the hub goes on");
        }
    }

    /** Who says goodbye and reads nothing would hold as much as who says nothing. */
    @Test
    void leaveNothingWhenTheyCloseTheirHalf() {
        try (RunningHub hub = RunningHub.start("delivery.send-buffer=16KiB")) {
            List<Wire> readers = stalled(hub, READERS);
            IntStream.range(0, 20).forEach(i -> hub.publish("a", EVENT));
            readers.forEach(Wire::closeSendingHalf);
            hub.awaitMeter(HubMeter.STREAMS_GONE, gone -> gone == READERS);
            await("the kernel let go").atMost(SOON).pollInterval(POLL)
                    .until(() -> KernelSockets.lingering(hub.uri().getPort()).isEmpty());
            readers.forEach(Wire::close);
        }
    }

    /** What a hub wrote before it ended is the client's, however late that reads: hark.close is never reset. */
    @Test
    void getTheLastWordWhereTheyAreMerelySlow() {
        Wire reader;
        int count = 4;
        try (RunningHub hub = RunningHub.start()) {
            reader = Wire.connect(hub.uri(), RECEIVE_BYTES).request("GET", "/topics/a");
            hub.awaitStreams(1);
            // More than the reader's own buffer holds, and less than what the hub's kernel takes for it.
            IntStream.range(0, count).forEach(i -> hub.publish("a", EVENT));
            hub.awaitMeter(HubMeter.DELIVERED_EVENTS, delivered -> delivered == count);
            hub.drain();
            hub.awaitMeter(HubMeter.STREAMS_CLOSED_DRAINING, closed -> closed == 1);
        }
        try (reader) {
            assertThat(reader.head().getFirst()).isEqualTo("HTTP/1.1 200 OK");
            SseBlock last = reader.block();
            int events = 0;
            for (Optional<SseBlock> next = reader.blockOrEnd(); next.isPresent(); next = reader.blockOrEnd()) {
                last = next.get();
                events += last.data().equals(EVENT) ? 1 : 0;
            }
            assertThat(events).isEqualTo(count);
            assertThat(last.event()).isEqualTo("hark.close");
        }
    }

    private static List<Wire> stalled(RunningHub hub, int count) {
        List<Wire> readers = IntStream.range(0, count)
                .mapToObj(i -> Wire.connect(hub.uri(), RECEIVE_BYTES).request("GET", "/topics/a"))
                .toList();
        hub.awaitStreams(count);
        return readers;
    }

    private static void publishUntil(RunningHub hub, HubMeter meter, int count) {
        for (int i = 0; i < 1_000 && hub.read(meter) < count; i++) {
            hub.publish("a", EVENT);
        }
        hub.awaitMeter(meter, value -> value >= count);
    }
}
