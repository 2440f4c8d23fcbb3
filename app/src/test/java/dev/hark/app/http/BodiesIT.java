package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.TlsKeys;
import dev.hark.app.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Bodies that do not arrive: they take no room, and their senders are told in the end. */
@ExtendWith(SilentLog.class)
@Timeout(120)
@ResourceLock(value = SilentLog.LOG, mode = ResourceAccessMode.READ)
class BodiesIT {
    private static final String QUICK = "server.arrival-timeout=PT1S";
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String MEBIBYTE = String.valueOf(1 << 20);

    /** A batch of two events and much white space between them. */
    private static final String LARGE = "[{\"topic\":\"a\",\"data\":\"x\"}," + " ".repeat(900_000) + "{\"topic\":\"a\",\"data\":\"y\"}]";

    @TempDir
    Path folder;

    @Test
    void whatIsAnnouncedKeepsNobodyOut() {
        try (RunningHub hub = RunningHub.start()) {
            List<Wire> slow = IntStream.range(0, 256)
                    .mapToObj(i -> i % 2 == 0
                            ? Wire.connect(hub.uri())
                                    .request("POST", "/events", "Content-Type: application/json", "Content-Length: " + MEBIBYTE)
                                    .send("[")
                            : Wire.connect(hub.uri())
                                    .request("POST", "/events", "Content-Type: application/json", "Transfer-Encoding: chunked")
                                    .send("100000\r\n["))
                    .toList();
            for (int i = 0; i < 20; i++) {
                assertThat(hub.post("/topics/a", "x").status()).isEqualTo(201);
                Answer large = hub.post("/events", LARGE, "Content-Type", "application/json");
                assertThat(large.status()).as(large.body()).isEqualTo(201);
            }
            slow.forEach(Wire::close);
        }
    }

    @Test
    void aBodyOfWhichTooLittleComesIsRefused() {
        try (RunningHub hub = RunningHub.start(QUICK)) {
            List<Wire> slow = List.of(
                    Wire.connect(hub.uri()).request("POST", "/topics/a", "Content-Length: 1000"),
                    Wire.connect(hub.uri()).request("POST", "/topics/a", "Content-Length: 1000").send("half"),
                    Wire.connect(hub.uri()).request("POST", "/topics/a", "Transfer-Encoding: chunked").send("4\r\nhalf\r\n"),
                    Wire.connect(hub.uri()).request("POST", "/topics/a", "Transfer-Encoding: chunked").send("400\r\nhalf"),
                    Wire.connect(hub.uri()).request("POST", "/events", "Content-Type: application/json", "Content-Length: 99").send("["));
            for (Wire wire : slow) {
                Answer answer = wire.answer();
                assertThat(answer.status()).as(answer.body()).isEqualTo(408);
                assertThat(answer.json("type")).isEqualTo("/problems/too-slow");
                assertThat(answer.header("Connection")).hasValue("close");
                assertThat(wire.rest()).as("and closed").isEmpty();
                wire.close();
            }
            assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).as("half an event is none").isZero();
            assertThat(hub.post("/topics/a", "whole").status()).isEqualTo(201);
        }
    }

    @Test
    void soIsOneThatTrickles() {
        try (RunningHub hub = RunningHub.start(QUICK);
                Wire slow = Wire.connect(hub.uri()).request("POST", "/topics/a", "Content-Length: 10000")) {
            await("refused").atMost(SOON).pollInterval(Duration.ofMillis(100)).until(() -> !takes(slow, "x"));
            try {
                assertThat(slow.answer().status()).isEqualTo(408);
            } catch (UncheckedIOException e) {
                // It went on sending, so its connection was reset before it came to read.
                assertThat(e).hasCauseInstanceOf(IOException.class);
            }
        }
    }

    /** The client gets its answer before it has sent all, and its body is nowhere. */
    @Test
    void aRefusedBodyHasToArriveAsFast() {
        try (RunningHub hub = RunningHub.start(QUICK);
                Wire slow = Wire.connect(hub.uri()).request("POST", "/nope", "Content-Length: 1000").send("half")) {
            assertThat(slow.answer().status()).isEqualTo(404);
            long start = System.nanoTime();
            assertThat(slow.rest()).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
        }
    }

    @Test
    void aBodyThatArrivesIsTakenHoweverLongItTakes() throws Exception {
        try (RunningHub hub = RunningHub.start("server.arrival-timeout=PT4S");
                Wire slow = Wire.connect(hub.uri()).request("POST", "/topics/a", "Content-Length: 60000")) {
            for (int i = 0; i < 12; i++) {
                slow.send("x".repeat(5_000));
                Thread.sleep(500);
            }
            assertThat(slow.answer().status()).isEqualTo(201);
        }
    }

    @Test
    void overTlsItIsRefusedToo() throws Exception {
        TlsKeys keys = TlsKeys.make(folder);
        // The handshake has as much time.
        List<String> settings = Stream.concat(keys.settings().stream(), Stream.of("server.arrival-timeout=PT3S")).toList();
        try (RunningHub hub = RunningHub.start(settings.toArray(String[]::new));
                Socket client = keys.trust().getSocketFactory().createSocket(hub.uri().getHost(), hub.uri().getPort())) {
            client.setSoTimeout((int) Wire.PATIENCE.toMillis());
            client.getOutputStream().write(
                    "POST /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 408");
        }
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
