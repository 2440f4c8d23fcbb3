package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Answer;
import dev.hark.app.Wire;
import dev.hark.app.access.AccessControl;
import dev.hark.app.config.AuthSettings;
import dev.hark.app.http.wire.ClientFaults;
import dev.hark.app.http.wire.WireRules;
import dev.hark.app.listen.ListenSettings;
import dev.hark.app.listen.Listeners;
import dev.hark.thread.VitalThreads;
import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A listener with little room for bodies, which all that read some share. */
class BodyRoomIT {
    private static final int BYTES = 50_000;
    private static final int AT_ONCE = 64;

    /** One address may have half of three quarters: more than one body, and not two. */
    private final BodyBudget budget = new BodyBudget(4 * 60_000);

    private final Listeners listeners = Listeners.start(
            new ListenSettings(100, false, Duration.ofSeconds(10)), new ListenSettings(100, false, Duration.ofSeconds(10)),
            new VitalThreads(System::nanoTime));
    private final WebServer server = start();

    private WebServer start() {
        var access = new AccessControl(AuthSettings.NONE, InstantSource.system());
        var addresses = new ClientAddresses(List.of());
        var tickets = new TicketHandler(
                new Gate(access, addresses, new AuditLog()), addresses, new BodyRoom(budget, listeners.counters()));
        HttpRouting.Builder routing = HttpRouting.builder().addFilter(new Closing());
        Problems.register(routing);
        routing.post("/tickets", tickets::create);
        return WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .shutdownHook(false)
                .useNio(false)
                .featuresDiscoverServices(false)
                .protocolsDiscoverServices(false)
                .connectionOptions(listeners.data().noting(SocketOptions.builder().build()))
                .addConnectionSelector(new StreamConnections(new WireRules(4_096, 4_096, 1 << 20), new ClientFaults(),
                        Problems::document, new HeadRooms(budget, listeners.counters()), listeners.data(), Duration.ofMinutes(1)))
                .routing(routing)
                .build()
                .start();
    }

    @AfterEach
    void end() {
        server.stop();
        listeners.close();
    }

    private Wire begin() {
        return Wire.connect(URI.create("http://127.0.0.1:" + server.port()))
                .request("POST", "/tickets", "Content-Length: " + BYTES)
                .send("{" + " ".repeat(BYTES - 2));
    }

    @Test
    void manyAtOnceAreTakenOrRefusedAndNothingStays() throws Exception {
        for (int round = 0; round < 2; round++) {
            try (Wire first = begin()) {
                await().until(() -> budget.taken() >= BYTES - 1);
                assertThat(sendAtOnce()).as("beside another one").containsOnly(503);
                assertThat(first.send("}").answer().status()).isEqualTo(201);
            }
            await().until(() -> budget.taken() == 0);
            assertThat(sendAtOnce()).isSubsetOf(201, 503);
            await("nothing stays").until(() -> budget.taken() == 0);
            try (Wire alone = begin().send("}")) {
                assertThat(alone.answer().status()).isEqualTo(201);
            }
            await("nor of that one").until(() -> budget.taken() == 0);
        }
    }

    /** Sends many bodies; the statuses of their answers. */
    private List<Integer> sendAtOnce() throws Exception {
        try (var senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = IntStream.range(0, AT_ONCE).mapToObj(i -> senders.submit(() -> {
                try (Wire wire = begin().send("}")) {
                    return wire.answer().status();
                }
            })).toList();
            List<Integer> statuses = new ArrayList<>();
            for (Future<Integer> answer : answers) {
                statuses.add(answer.get());
            }
            return statuses;
        }
    }

    @Test
    void isTakenByTheBodiesOfTickets() {
        try (Wire first = begin()) {
            // It has arrived.
            await().until(() -> budget.taken() >= BYTES - 1);
            try (Wire second = begin()) {
                Answer refused = second.answer();
                assertThat(refused.status()).as(refused.body()).isEqualTo(503);
                assertThat(refused.json("type")).isEqualTo("/problems/busy");
                assertThat(refused.header("Retry-After")).contains("1");
            }
            assertThat(first.send("}").answer().status()).isEqualTo(201);
        }
        // Given back behind the answer.
        await().until(() -> budget.taken() == 0);
        try (Wire third = begin().send("}")) {
            assertThat(third.answer().status()).isEqualTo(201);
        }
        await().until(() -> budget.taken() == 0);
    }
}
