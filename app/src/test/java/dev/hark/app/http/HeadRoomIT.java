package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Wire;
import dev.hark.app.http.wire.ClientFaults;
import dev.hark.app.http.wire.HeadRoom;
import dev.hark.app.http.wire.WireRules;
import dev.hark.app.listen.ListenMeter;
import dev.hark.app.listen.ListenSettings;
import dev.hark.app.listen.Listeners;
import dev.hark.thread.VitalThreads;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A listener with little room for long heads, which all connections share. */
@Timeout(300)
class HeadRoomIT {
    private static final int LONG = 100_000;

    /** One address may have half of three quarters: more than one long head, and not two, whatever an array has for its growth. */
    private final BodyBudget budget = new BodyBudget(4 * 100_000);

    private final CountDownLatch released = new CountDownLatch(1);
    private final Listeners listeners = Listeners.start(
            new ListenSettings(100, false, Duration.ofSeconds(60)), new ListenSettings(100, false, Duration.ofSeconds(60)),
            new VitalThreads(System::nanoTime));
    private final WebServer server = start();

    private WebServer start() {
        HttpRouting.Builder routing = HttpRouting.builder()
                .get("/", (request, response) -> response.send("x"))
                .get("/slow", (request, response) -> {
                    released.await();
                    response.send("x");
                })
                .get("/stream", (request, response) -> {
                    throw new StreamHandover(() -> {
                        try {
                            released.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
                });
        return WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .shutdownHook(false)
                .useNio(false)
                .featuresDiscoverServices(false)
                .protocolsDiscoverServices(false)
                .connectionOptions(listeners.data().noting(SocketOptions.builder().build()))
                .addConnectionSelector(new StreamConnections(new WireRules(256 << 10, 16 << 10, 1 << 20), new ClientFaults(),
                        Problems::document, new HeadRooms(budget, listeners.counters()), listeners.data(), Duration.ofMinutes(1)))
                .routing(routing)
                .build()
                .start();
    }

    @AfterEach
    void end() {
        released.countDown();
        server.stop();
        listeners.close();
    }

    private URI uri() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    /** All of a head but its end. */
    private Wire begin(String path) {
        return Wire.connect(uri())
                .send("GET " + path + '?' + "x".repeat(LONG) + " HTTP/1.1\r\nHost: localhost\r\n");
    }

    private static void finish(Wire wire) {
        wire.send("\r\n");
    }

    private long refused() {
        return ListenMeter.HEADS_REFUSED.read(listeners);
    }

    @Test
    void whoFindsNoneIsAnsweredNothingAndTakesNone() {
        try (Wire first = begin("/")) {
            await().until(() -> budget.taken() >= LONG - HeadRoom.USUAL_BYTES);
            try (Wire second = begin("/")) {
                // A browser would take an answer for the end of its stream.
                assertThatThrownBy(second::answer).isInstanceOfAny(AssertionError.class, UncheckedIOException.class);
                assertThat(refused()).isEqualTo(1);
            }
            finish(first);
            assertThat(first.answer().status()).isEqualTo(200);
            await("given back behind the answer").until(() -> budget.taken() == 0);
            finish(first.send("GET / HTTP/1.1\r\nHost: localhost\r\n"));
            assertThat(first.answer().status()).as("the connection lives").isEqualTo(200);
        }
        try (Wire third = begin("/")) {
            finish(third);
            assertThat(third.answer().status()).isEqualTo(200);
        }
        assertThat(refused()).isEqualTo(1);
    }

    /** The text that it is read into has more room than it needs, and what stands behind the head is none of it. */
    @Test
    void aUsualHeadNeedsNoneWhateverComesBehindIt() {
        try (Wire first = begin("/")) {
            await().until(() -> budget.taken() > 0);
            for (int fields : List.of(8_000, 8_300, 12_000, 16_000)) {
                String head = "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\nX: " + "x".repeat(fields) + "\r\n\r\n";
                try (Wire usual = Wire.connect(uri()).send(head + "y".repeat(20_000))) {
                    assertThat(usual.answer().status()).as("%d bytes", fields).isEqualTo(200);
                }
            }
            assertThat(refused()).isZero();
            finish(first);
            assertThat(first.answer().status()).isEqualTo(200);
        }
    }

    /** Whoever is closed for want of room has still to be told what was answered before. */
    @Test
    void takesNoAnswerAwayThatCameBefore() {
        try (Wire first = begin("/")) {
            await().until(() -> budget.taken() > 0);
            try (Wire second = Wire.connect(uri()).send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /?" + "x".repeat(LONG))) {
                await().until(() -> refused() == 1);
                assertThat(second.answer().status()).isEqualTo(200);
            }
            finish(first);
            assertThat(first.answer().status()).isEqualTo(200);
        }
    }

    /** A network of IPv6 counts as one address, as everywhere. */
    @Test
    void oneNetworkHasHalf() throws UnknownHostException {
        var rooms = new HeadRooms(budget, listeners.counters());
        HeadRoom one = rooms.of(peer("2001:db8::1"));
        HeadRoom neighbour = rooms.of(peer("2001:db8::2"));
        HeadRoom other = rooms.of(peer("2001:db8:0:1::1"));
        assertThat(one.take(LONG)).isTrue();
        assertThat(neighbour.take(LONG)).isFalse();
        assertThat(other.take(LONG)).isTrue();
        one.giveBack();
        assertThat(neighbour.take(LONG)).isTrue();
        neighbour.giveBack();
        other.giveBack();
        assertThat(budget.taken()).isZero();
    }

    private static PeerInfo peer(String address) throws UnknownHostException {
        var from = new InetSocketAddress(InetAddress.getByName(address), 1);
        return (PeerInfo) Proxy.newProxyInstance(HeadRoomIT.class.getClassLoader(), new Class<?>[] {PeerInfo.class},
                (proxy, method, arguments) -> method.getName().equals("address") ? from : null);
    }

    @Test
    void isHeldUntilTheAnswer() {
        try (Wire slow = begin("/slow")) {
            finish(slow);
            await().until(() -> budget.taken() >= LONG - HeadRoom.USUAL_BYTES);
            try (Wire usual = Wire.connect(uri()).request("GET", "/")) {
                assertThat(usual.answer().status()).as("what is not long needs no room").isEqualTo(200);
            }
            assertThat(budget.taken()).isPositive();
            released.countDown();
            assertThat(slow.answer().status()).isEqualTo(200);
            await().until(() -> budget.taken() == 0);
        }
    }

    @Test
    void isGivenBackByAStreamAndByWhoLeaves() {
        try (Wire stream = begin("/stream")) {
            await().until(() -> budget.taken() > 0);
            finish(stream);
            await("a stream keeps nothing of its head").until(() -> budget.taken() == 0);
            assertThat(released.getCount()).isEqualTo(1);
        }
        Wire left = begin("/");
        await().until(() -> budget.taken() > 0);
        left.close();
        await().until(() -> budget.taken() == 0);
    }
}
