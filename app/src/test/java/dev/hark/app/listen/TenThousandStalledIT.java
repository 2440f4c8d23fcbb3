package dev.hark.app.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.KernelSockets;
import dev.hark.app.PackagedJar;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand readers that read nothing: what the kernel holds for them is what docs/operating.md says, and then nothing. */
@Tag("long")
@Timeout(600)
class TenThousandStalledIT {
    private static final int READERS = 10_000;
    private static final int DESCRIPTORS = 12_000;
    /** What all of them are blocked in is one event's bytes, not a copy for each. */
    private static final List<String> HEAP =
            Stream.concat(Stream.of("-Xmx256m"), PackagedJar.AS_JAVA_CHOOSES.stream()).toList();

    private static final int SEND_BUFFER = 4 << 10;
    /** The largest that loopback has. */
    private static final int SEGMENT = 64 << 10;

    private static final Duration LONG = Duration.ofMinutes(4);

    /** Two seconds are promised. */
    private static final Duration SOON = Duration.ofSeconds(2);

    @TempDir
    Path folder;

    private final List<Socket> readers = new ArrayList<>();

    @AfterEach
    void end() throws IOException {
        for (Socket reader : readers) {
            reader.close();
        }
    }

    @Test
    void areCutAndLeaveNothingInTheKernel() throws Exception {
        List<String> settings = List.of("delivery.send-buffer=4KiB", "delivery.write-timeout=PT20S");
        try (HubProgram hub = HubProgram.start(DESCRIPTORS, folder, HEAP, settings)) {
            int port = hub.uri().getPort();
            for (int i = 0; i < READERS; i++) {
                readers.add(reader(hub));
            }
            await("open").atMost(LONG).until(() -> hub.metric("hark_streams_indexed") == READERS);
            for (int i = 0; i < 5; i++) {
                assertThat(hub.publish("a", "x".repeat(40_000))).isEqualTo(201);
            }
            await("stalled").atMost(LONG).until(() -> {
                LongStream unsent = KernelSockets.of(port).stream().mapToLong(KernelSockets::unsent);
                return hub.metric("hark_streams_stalled_total") > 0 || unsent.filter(bytes -> bytes > 0).count() == READERS;
            });
            assertThat(KernelSockets.of(port).stream().mapToLong(KernelSockets::unsent).max().orElseThrow())
                    .as("twice the send buffer, and what a segment takes beyond it").isLessThanOrEqualTo(2 * SEND_BUFFER + 2 * SEGMENT);

            await("cut").atMost(LONG).until(() -> hub.metric("hark_streams_stalled_total") == READERS);
            await("the kernel let go").atMost(SOON).until(() -> KernelSockets.lingering(port).isEmpty());
            assertThat(hub.metric("hark_streams")).isZero();
            assertThat(hub.publish("a", "and the hub goes on")).isEqualTo(201);
        }
    }

    private static Socket reader(HubProgram hub) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(SEND_BUFFER);
        socket.connect(new InetSocketAddress(hub.uri().getHost(), hub.uri().getPort()));
        socket.getOutputStream().write("GET /topics/a HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
