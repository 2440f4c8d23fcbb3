package dev.hark.app.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import dev.hark.app.SilentLog;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** When in a hub's life its sources are at work: behind its beginning, before its end. */
@ResourceLock(SilentLog.LOG)
class OutboxLifeIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void beginsWhenTheHubListens() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (ServerSocket database = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var first = CompletableFuture.supplyAsync(() -> {
                // In the moment in which the source has come.
                try (Socket source = database.accept(); Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    return client.isConnected() && source.isConnected();
                } catch (IOException e) {
                    return false;
                }
            });
            String url = "sources.0.jdbc.url=jdbc:postgresql://127.0.0.1:" + database.getLocalPort() + "/shop";
            try (RunningHub hub = RunningHub.start("sources.0.name=outbox", url, "server.port=" + port)) {
                assertThat(hub.uri().getPort()).isEqualTo(port);
                assertThat(first.join()).as("who comes when the source does gets a connection").isTrue();
            }
        }
    }

    /** Rows come all the time; the stream has every one that is in the log when the hub has ended. */
    @Test
    void endsBeforeStreamsAreTold() throws Exception {
        String[] log = {"log.kind=sqlite", "log.path=" + folder.resolve("hark.db")};
        List<String> told = new ArrayList<>();
        try (PostgresServer postgres = PostgresServer.start()) {
            postgres.makeTable();
            var isOver = new AtomicBoolean();
            Thread service = Thread.ofPlatform().start(() -> {
                try (Connection connection = postgres.connect()) {
                    for (int i = 0; !isOver.get(); i++) {
                        OutboxHub.insert(connection, "t", "row " + i);
                    }
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            try (RunningHub hub = OutboxHub.start(postgres, Engine.MEMORY, log[0], log[1], "drain.window=PT1S");
                    Wire other = Wire.open(hub.uri(), "/topics/other"); Wire stream = Wire.open(hub.uri(), "/topics/t?since=earliest")) {
                var reader = CompletableFuture.runAsync(() -> {
                    Optional<SseBlock> block = stream.blockOrEnd();
                    while (block.isPresent()) {
                        if (block.get().event().equals("message")) {
                            told.add(block.get().id());
                        }
                        block = stream.blockOrEnd();
                    }
                });
                await().atMost(OutboxHub.PATIENCE).until(() -> OutboxHub.status(hub).path("published").asLong() > 100);
                hub.drain();
                reader.join();
                assertThat(other.blockOrEnd()).isPresent();
            } finally {
                isOver.set(true);
                service.join();
            }
            try (RunningHub hub = OutboxHub.start(postgres, Engine.MEMORY, log[0], log[1], "sources.0.enabled=false")) {
                Answer rest = hub.get("/topics/t?since=" + told.getLast(), "Accept", "application/json");
                assertThat(JSON.readTree(rest.body()).path("events")).as("behind the last that was told").isEmpty();
            }
        }
    }
}
