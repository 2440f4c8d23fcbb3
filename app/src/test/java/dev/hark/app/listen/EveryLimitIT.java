package dev.hark.app.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every limit is reached at once, and stays so: streams in all, by address and by subject, connections, the rate of publishing, room for
 * bodies, slow heads. Operators are answered, who is served goes on being served, and when it is over nothing of it is left.
 */
@Tag("long")
@Timeout(300)
class EveryLimitIT {
    private static final int DESCRIPTORS = 400;
    private static final int STREAMS = 60;
    private static final int STREAMS_OF_ADDRESS = 20;
    private static final int STREAMS_OF_SUBJECT = 10;
    private static final int BATCH_BYTES = 8 << 20;
    private static final int LONG_HEAD_BYTES = 200 << 10;
    private static final String KEY = ApiKey.create();

    /** Of a busy machine: how long until all limits are reached, and until all that is left of them has gone. */
    private static final Duration LONG = Duration.ofMinutes(2);

    /** So long that a slow head meets its time limit before it has to give way to newcomers. */
    private static final long PAUSE_NANOS = 2_000_000_000;

    private static final List<String> SETTINGS = List.of(
            "server.proxies=127.0.0.1",
            "server.arrival-timeout=PT0.5S",
            "limits.subscribers=" + STREAMS,
            "limits.subscribers-per-ip=" + STREAMS_OF_ADDRESS,
            "limits.subscribers-per-subject=" + STREAMS_OF_SUBJECT,
            "limits.publish-rate=5",
            "limits.batch-bytes=" + BATCH_BYTES,
            "limits.overload-answer=status",
            "auth.anonymous.publish.0=**", "auth.anonymous.subscribe.0=**",
            "auth.keys.0.name=shop", "auth.keys.0.hash=sha256:" + ApiKey.hash(KEY), "auth.keys.0.subscribe.0=**");

    /** What says that each of them was reached, and is reached again. */
    private static final List<String> REACHED = List.of(
            "hark_streams_refused_total", "hark_streams_refused_address_total", "hark_streams_refused_subject_total",
            "hark_connections_evicted_total", "hark_connections_slow_head_total", "hark_publish_rate_limited_total",
            "hark_bodies_refused_total", "hark_heads_refused_total");

    @TempDir
    Path folder;

    private final Set<Wire> open = ConcurrentHashMap.newKeySet();
    private final List<Thread> attackers = new ArrayList<>();
    private volatile boolean over;

    /** What one who means no good does on a connection, which ends with it. */
    @FunctionalInterface
    private interface Attack {
        void on(Wire wire, int number);
    }

    private static String from(String address) {
        return "X-Forwarded-For: " + address;
    }

    @Test
    void operatorsAreAnsweredAndTheHubRecoversByItself() throws Exception {
        try (HubProgram hub = HubProgram.start(DESCRIPTORS, folder, SETTINGS)) {
            try (Wire served = Wire.open(hub.uri(), "/topics/news", from("192.0.2.1"))) {
                attackInEveryWay(hub);
                for (int round = 0; round < 2; round++) {
                    List<Double> before = REACHED.stream().map(hub::metric).toList();
                    for (int i = 0; i < REACHED.size(); i++) {
                        String name = REACHED.get(i);
                        double was = before.get(i);
                        await(name).atMost(LONG).until(() -> hub.metric(name) > was);
                        HttpResponse<String> live = hub.admin("/health/live");
                        assertThat(live.statusCode()).as(live.body()).isEqualTo(200);
                    }
                    String data = "round " + round;
                    await("published").atMost(LONG).until(() -> publish(hub, "192.0.2.2", "/topics/news", data) == 201);
                    assertThat(served.event().data()).isEqualTo(data);
                }
                assertThat(hub.metric("hark_streams")).isLessThanOrEqualTo(STREAMS);
                endAttacks();
            }
            await("nothing is held").atMost(LONG).until(() -> hub.metric("hark_streams") == 0 && hub.metric("hark_streams_indexed") == 0);
            await("nobody is there").atMost(LONG).until(() -> hub.metric("hark_connections") <= 1);
            await("ready").atMost(LONG).until(() -> hub.admin("/health/ready").statusCode() == 200);
            assertThatAllIsAdmittedAgain(hub);
            assertThat(hub.err()).doesNotContain("SEVERE", "Exception");
        } finally {
            endAttacks();
        }
    }

    private void attackInEveryWay(HubProgram hub) {
        // One after the other, or the first would leave no streams to the others.
        attack(hub, 2 * STREAMS_OF_ADDRESS, (wire, number) -> hold(wire, from("203.0.113.1")));
        await("all of an address").atMost(LONG).until(() -> hub.metric("hark_streams_refused_address_total") > 0);
        attack(hub, 2 * STREAMS_OF_SUBJECT, (wire, number) -> hold(wire, from("203.0.114." + number), "Authorization: Bearer " + KEY));
        await("all of a subject").atMost(LONG).until(() -> hub.metric("hark_streams_refused_subject_total") > 0);
        attack(hub, STREAMS, (wire, number) -> hold(wire, from("198.51.100." + number)));
        attack(hub, DESCRIPTORS / 2, (wire, number) -> wire.rest());
        attack(hub, STREAMS, (wire, number) -> wire.send("GET /topics/news HTTP/1.1\r\nHost: localhost\r\nX: ").rest());
        String longHead = "GET /topics/news?" + "x".repeat(LONG_HEAD_BYTES);
        attack(hub, 2 * STREAMS, (wire, number) -> wire.send(longHead).rest());
        attack(hub, 4, (wire, number) -> {
            for (int i = 0; i < 20; i++) {
                wire.nextHead().request("POST", "/topics/a", from("203.0.113.2"), "Content-Length: 1").send("x").answer();
            }
        });
        attack(hub, 8, (wire, number) -> {
            wire.request("POST", "/events", from("203.0.115." + number),
                    "Content-Type: application/json", "Content-Length: " + BATCH_BYTES);
            wire.send("[" + " ".repeat(BATCH_BYTES - (1 << 20)));
            while (!wire.isAnsweredWithin(Duration.ofMillis(200))) {
                wire.send(" ".repeat(8 << 10));
            }
        });
    }

    /** As long as the hub lets it. */
    private static void hold(Wire stream, String... headers) {
        stream.request("GET", "/topics/news", headers).head();
        stream.rest();
    }

    /** Again and again, {@code count} at once. */
    private void attack(HubProgram hub, int count, Attack attack) {
        for (int i = 0; i < count; i++) {
            int number = i;
            attackers.add(Thread.ofVirtual().start(() -> {
                while (!over) {
                    try (Wire wire = Wire.connect(hub.uri())) {
                        attack(wire, number, attack);
                    } catch (UncheckedIOException | AssertionError e) {
                        // The hub has ended it, as it should.
                    }
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }));
        }
    }

    private void attack(Wire wire, int number, Attack attack) {
        open.add(wire);
        try {
            if (!over) {
                attack.on(wire, number);
            }
        } finally {
            open.remove(wire);
        }
    }

    private void endAttacks() throws InterruptedException {
        over = true;
        open.forEach(Wire::close);
        for (Thread attacker : attackers) {
            attacker.join();
        }
    }

    /** The status, or 0 where there was none. */
    private static int publish(HubProgram hub, String address, String target, String body) {
        try (Wire wire = Wire.connect(hub.uri())
                .request("POST", target, from(address), "Content-Type: application/json", "Content-Length: " + body.length())
                .send(body)) {
            return wire.answer().status();
        } catch (UncheckedIOException | AssertionError e) {
            return 0;
        }
    }

    /** Up to each limit, and not beyond it: what was held is not counted any more, and what is held now is. */
    private static void assertThatAllIsAdmittedAgain(HubProgram hub) {
        await("its rate is there again").atMost(LONG).until(() -> publish(hub, "203.0.113.2", "/topics/a", "x") == 201);
        String large = "[{\"topic\":\"a\",\"data\":\"x\"}" + " ".repeat(BATCH_BYTES - 100) + "]";
        assertThat(publish(hub, "203.0.115.0", "/events", large)).isEqualTo(201);

        List<Wire> streams = new ArrayList<>();
        try {
            for (int i = 0; i < STREAMS_OF_ADDRESS; i++) {
                streams.add(Wire.open(hub.uri(), "/topics/news", from("203.0.113.1")));
            }
            assertThat(refused(hub, from("203.0.113.1"))).isEqualTo(429);
            for (int i = 0; i < STREAMS_OF_SUBJECT; i++) {
                streams.add(Wire.open(hub.uri(), "/topics/news", from("203.0.114." + i), "Authorization: Bearer " + KEY));
            }
            assertThat(refused(hub, from("203.0.114.99"), "Authorization: Bearer " + KEY)).isEqualTo(429);
            for (int i = streams.size(); i < STREAMS; i++) {
                streams.add(Wire.open(hub.uri(), "/topics/news", from("198.51.100." + i)));
            }
            assertThat(refused(hub, from("198.51.100.99"))).isEqualTo(503);
        } finally {
            streams.forEach(Wire::close);
        }
        await("all are gone").atMost(LONG).until(() -> hub.metric("hark_streams") == 0);
    }

    private static int refused(HubProgram hub, String... headers) {
        try (Wire wire = Wire.subscribe(hub.uri(), "/topics/news", headers)) {
            return wire.answer().status();
        }
    }
}
