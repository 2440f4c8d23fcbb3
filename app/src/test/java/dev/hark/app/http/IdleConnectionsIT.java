package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Who connects and asks for nothing, or for half of something, keeps a descriptor and a thread only for as long as is configured. */
@ExtendWith(SilentLog.class)
@ResourceLock(value = SilentLog.LOG, mode = ResourceAccessMode.READ)
class IdleConnectionsIT {
    private static final String TIMEOUT = "server.idle-timeout=PT1S";

    /**
     * Long enough for every idle connection to be closed: the timeout, two seconds of a coarse clock, and a quarter of the
     * timeout between two checks.
     */
    private static final Duration LONGER = Duration.ofSeconds(4);

    @Test
    void whoeverSendsHalfARequestAndNoMoreIsCut() {
        List<String> halves = List.of(
                "",
                "POST /top",
                "POST /topics/a HTTP/1.1\r\n",
                "POST /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Le",
                "POST /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n",
                "POST /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf",
                "POST /topics/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
                "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 99\r\n\r\n[{\"topic\":\"a\",");
        try (RunningHub hub = RunningHub.start(TIMEOUT)) {
            List<Wire> wires = halves.stream().map(half -> Wire.connect(hub.uri()).send(half)).toList();
            for (int i = 0; i < halves.size(); i++) {
                assertEnds(wires.get(i), halves.get(i));
                wires.get(i).close();
            }
            assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).as("half an event is none").isZero();
            assertThat(hub.post("/topics/a", "whole").status()).isEqualTo(201);
        }
    }

    @Tag("long")
    @Test
    void soIsWhoeverDoesThatToTheAdminListener() {
        try (RunningHub hub = RunningHub.start(TIMEOUT)) {
            for (String half : List.of("", "GET /health/live HTTP/1.1\r\nHo")) {
                try (Wire wire = Wire.connect(hub.adminUri("/")).send(half)) {
                    assertEnds(wire, half);
                }
            }
            assertThat(hub.admin("/health/ready").status()).isEqualTo(200);
        }
    }

    @Tag("long")
    @Test
    void whoeverIsServedStays() throws InterruptedException {
        try (RunningHub hub = RunningHub.start(TIMEOUT);
                Wire stream = hub.open("/topics/a");
                Wire publisher = Wire.connect(hub.uri())) {
            long until = System.nanoTime() + LONGER.toNanos();
            while (System.nanoTime() < until) {
                publisher.nextHead().request("POST", "/topics/b", "Content-Length: 1").send("x");
                assertThat(publisher.answer().status()).isEqualTo(201);
                Thread.sleep(100);
            }
            String id = hub.publish("a", "x");
            assertThat(stream.block().id()).as("a stream is not idle, however silent").isEqualTo(id);
            assertThat(hub.read(HubMeter.STREAMS_GONE)).isZero();
            assertEnds(publisher, "nothing after requests");
        }
    }

    private static void assertEnds(Wire wire, String what) {
        try {
            assertThat(wire.rest()).as("answered to: %s", what).isEmpty();
        } catch (UncheckedIOException e) {
            // What was sent and not read makes the end a reset.
            assertThat(e).as(what).hasCauseInstanceOf(SocketException.class);
        }
    }
}
