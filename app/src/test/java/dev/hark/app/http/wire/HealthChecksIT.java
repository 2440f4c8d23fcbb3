package dev.hark.app.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Ports;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HAProxy's own health checks, which are requests of HTTP/1.0 where nothing else is configured. */
class HealthChecksIT {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {
        "option httpchk",
        "option httpchk GET /health/ready",
        "option httpchk HEAD /health/live HTTP/1.0",
        "option httpchk GET /health/ready HTTP/1.1\n    http-check send hdr Host localhost",
    })
    void findTheHubWell(String check) throws Exception {
        Path socket = folder.resolve("stats");
        int port = Ports.free();
        try (RunningHub hub = RunningHub.start()) {
            String config = """
                    global
                        stats socket %s
                    defaults
                        mode http
                        timeout connect 5s
                        timeout client 20s
                        timeout server 20s
                    frontend all
                        bind 127.0.0.1:%d
                        default_backend hub
                    backend hub
                        %s
                        server one %s check port %d inter 100ms
                    """.formatted(socket, port, check, hub.uri().getAuthority(), hub.adminUri("").getPort());
            try (Intermediary proxy = Intermediary.haproxy(config, port, folder)) {
                assertThat(proxy.process().isAlive()).isTrue();
                await().atMost(Wire.PATIENCE).untilAsserted(() -> assertThat(status(socket)).startsWith("L7OK"));
            }
        }
    }

    /** What the last check of the hub said, in HAProxy's words. */
    private static String status(Path socket) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap("show stat\n".getBytes(StandardCharsets.US_ASCII)));
            List<String> lines = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8).lines().toList();
            int column = List.of(lines.getFirst().split(",")).indexOf("check_status");
            return lines.stream().filter(line -> line.startsWith("hub,one,")).findFirst().orElseThrow().split(",")[column];
        }
    }
}
