package dev.hark.app.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.TlsKeys;
import dev.hark.app.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who connects and does not come to the point does not keep others from being served. */
@ExtendWith(SilentLog.class)
@Timeout(120)
@ResourceLock(value = SilentLog.LOG, mode = ResourceAccessMode.READ)
class PlacesIT {
    private static final String QUICK = "server.arrival-timeout=PT0.5S";

    private static final byte[] REQUEST =
            "GET /problems/busy HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Of an end: the timeout, a look, and what a busy machine takes. Far below the idle timeout, which is 75 s. */
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void healthAnswersBesideSixtyFourIdleConnections() {
        answersBeside(64);
    }

    @Test
    @Tag("long")
    void healthAnswersBesideSixThousandIdleConnections() {
        answersBeside(6_400);
    }

    private static void answersBeside(int idle) {
        List<Wire> wires = new ArrayList<>();
        try (RunningHub hub = RunningHub.start()) {
            for (int i = 0; i < idle; i++) {
                wires.add(Wire.connect(hub.adminUri("/")));
                if (i % 64 == 0) {
                    assertThat(hub.admin("/health/live").status()).as("beside %s", i).isEqualTo(200);
                }
            }
            assertThat(hub.admin("/health/live").status()).isEqualTo(200);
            await("counted").atMost(SOON).until(() -> metric(hub, "hark_connections_evicted_total") > 0);
        }
        wires.forEach(Wire::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"G", "GET /topics/a HTT", "GET /topics/a HTTP/1.1\r\nHost: test\r\nX: "})
    void aHeadThatTakesTooLongIsCut(String begun) {
        try (RunningHub hub = RunningHub.start(QUICK)) {
            for (URI uri : List.of(hub.uri(), hub.adminUri("/"))) {
                try (Wire slow = Wire.connect(uri).send(begun)) {
                    assertThat(ends(slow)).isLessThan(SOON);
                }
            }
            await("counted").atMost(SOON).until(() -> metric(hub, "hark_connections_slow_head_total") == 2);
            assertThat(hub.post("/topics/a", "x").status()).isEqualTo(201);
        }
    }

    @Test
    void aHeadThatTricklesIsCut() {
        try (RunningHub hub = RunningHub.start(QUICK);
                Wire slow = Wire.connect(hub.uri()).send("GET /topics/a HTTP/1.1\r\nHost: test\r\nX: ")) {
            await("cut").atMost(SOON).pollInterval(Duration.ofMillis(50)).until(() -> !takes(slow, "x"));
        }
    }

    @Test
    void soIsOneBehindAnAnsweredRequest() {
        try (RunningHub hub = RunningHub.start(QUICK);
                Wire slow = Wire.connect(hub.uri())) {
            slow.send("GET /problems/busy HTTP/1.1\r\nHost: localhost\r\n\r\nGET /problems/busy HTTP/1.1\r\nHo");
            assertThat(slow.answer().status()).isEqualTo(200);
            assertThat(ends(slow)).isLessThan(SOON);
        }
    }

    @Test
    void whoAsksForNothingStays() throws Exception {
        try (RunningHub hub = RunningHub.start(QUICK);
                Wire silent = Wire.connect(hub.uri());
                Wire served = Wire.connect(hub.uri())) {
            assertThat(served.request("GET", "/problems/busy").answer().status()).isEqualTo(200);
            Thread.sleep(1_500);
            assertThat(served.nextHead().request("GET", "/problems/busy").answer().status()).isEqualTo(200);
            assertThat(silent.request("GET", "/problems/busy").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void aHandshakeThatDoesNotEndIsCut() throws Exception {
        TlsKeys keys = TlsKeys.make(folder);
        // A handshake that does end takes a while, too, on a busy machine.
        List<String> settings = Stream.concat(keys.settings().stream(), Stream.of("server.arrival-timeout=PT4S")).toList();
        try (RunningHub hub = RunningHub.start(settings.toArray(String[]::new));
                Wire silent = Wire.connect(hub.uri());
                // A record of a handshake that announces 512 bytes.
                Wire begun = Wire.connect(hub.uri()).send(new byte[] {22, 3, 1, 2, 0, 1})) {
            assertThat(ends(silent)).isLessThan(SOON);
            assertThat(ends(begun)).isLessThan(SOON);
            await("counted").atMost(SOON).until(() -> metric(hub, "hark_connections_slow_handshake_total") == 2);

            try (Wire plain = Wire.connect(hub.uri()).request("GET", "/health")) {
                assertThat(ends(plain)).isLessThan(SOON);
            }
            await("counted").atMost(SOON).until(() -> metric(hub, "hark_connections_failed_handshake_total") == 1);
            try (Socket client = keys.trust().getSocketFactory().createSocket(hub.uri().getHost(), hub.uri().getPort())) {
                client.setSoTimeout((int) Wire.PATIENCE.toMillis());
                client.getOutputStream().write(REQUEST);
                assertThat(new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
            }
        }
    }

    private static double metric(RunningHub hub, String name) {
        Answer metrics = hub.admin("/metrics");
        return metrics.body()
                .lines()
                .filter(line -> line.startsWith(name + '{') || line.startsWith(name + ' '))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    /** How long it took until the other side closed without a word. */
    private static Duration ends(Wire wire) {
        long start = System.nanoTime();
        try {
            assertThat(wire.rest()).doesNotStartWith("HTTP/1.1 2");
        } catch (UncheckedIOException e) {
            assertThat(e).hasCauseInstanceOf(SocketException.class);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static boolean takes(Wire wire, String text) {
        try {
            wire.send(text);
            return true;
        } catch (UncheckedIOException e) {
            assertThat(e.getCause()).isInstanceOf(IOException.class);
            return false;
        }
    }
}
