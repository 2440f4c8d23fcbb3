package dev.hark.app.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.client.Cable;
import dev.hark.app.client.Clients;
import dev.hark.app.source.jdbc.PostgresServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The services that publish, each run as a process: what they have changed is published once, whatever happens on the way. */
@Timeout(300)
class PublishersIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOPIC = "users/alice/notifications";

    /** What the hub begins with when it has stored something new. */
    private static final String STORED = "HTTP/1.1 201";

    @TempDir
    private Path folder;

    @Test
    void node() throws Exception {
        Clients.requireOnPath("node");
        publishesOnce((hub, url) -> {
            Map<String, String> environment = new HashMap<>(hub.environment());
            environment.put("HUB", url);
            return ExampleService.node(ExampleHub.EXAMPLES.resolve("node-service"), hub, environment);
        });
    }

    @Test
    void springBoot() throws Exception {
        Path built = Clients.requireBuilt("spring-boot-service");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        publishesOnce((hub, url) -> ExampleService.start(built, hub.serviceUrl(""), Map.of(), List.of(java, "-XX:TieredStopAtLevel=1",
                "-jar", "target/shop.jar", "--server.port=" + hub.servicePort(), "--hub.url=" + url, "--hub.key-file=" + hub.keyFile())));
    }

    /** @param start gives a service that takes the text for the hub's address */
    private void publishesOnce(BiFunction<ExampleHub, String, ExampleService> start) throws Exception {
        try (ExampleHub hub = ExampleHub.start(folder);
                Cable cable = Cable.to(hub.uri());
                ExampleService service = start.apply(hub, cable.url(""))) {
            service.ship(1, 200);
            assertThat(hub.published(TOPIC)).containsExactly(shipped(1));
            service.ship(1, 200);
            service.ship(101, 404);

            cable.cutBehind(STORED, 1);
            service.ship(3, 200);
            assertThat(cable.cutsLeft()).as("an answer was lost").isZero();

            hub.stop();
            CompletableFuture<HttpResponse<String>> answer = service.ship(5);
            hub.startAgain();
            assertThat(answer.get(ExampleService.PATIENCE.toSeconds(), TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertThat(hub.published(TOPIC)).containsExactly(shipped(1), shipped(3), shipped(5));
            assertThat(hub.published("users/bob/**")).isEmpty();
        }
    }

    @Test
    void outbox() throws Exception {
        Clients.requireOnPath("node");
        Path packages = Clients.requirePackages("outbox-service");
        Path example = ExampleHub.EXAMPLES.resolve("outbox-service");
        Files.copy(example.resolve("service.mjs"), packages.resolve("service.mjs"), StandardCopyOption.REPLACE_EXISTING);
        try (PostgresServer postgres = PostgresServer.start()) {
            postgres.execute(Files.readString(example.resolve("schema.sql")));
            try (ExampleHub hub = ExampleHub.start(folder, "sources.0.name=outbox", "sources.0.jdbc.url=" + postgres.url(),
                            "sources.0.jdbc.user=hark");
                    ExampleService service = ExampleService.node(packages, hub, Map.of("PORT", "" + hub.servicePort(), "DATABASE",
                            postgres.url().replace("jdbc:postgresql://", "postgresql://hark@")))) {
                service.ship(1, 200);
                service.ship(1, 200);
                service.ship(101, 404);
                awaitPublished(hub, shipped(1));

                // What cannot be said does not happen either.
                postgres.execute("ALTER TABLE hark_outbox RENAME TO gone");
                service.ship(3, 500);
                assertThat(state(postgres, 3)).isEqualTo("paid");
                postgres.execute("ALTER TABLE gone RENAME TO hark_outbox");

                hub.stop();
                service.ship(3, 200);
                service.ship(5, 200);
                hub.startAgain();
                awaitPublished(hub, shipped(1), shipped(3), shipped(5));
            }
        }
    }

    private static void awaitPublished(ExampleHub hub, JsonNode... expected) {
        await().atMost(ExampleService.PATIENCE).until(() -> hub.published(TOPIC).size() >= expected.length);
        assertThat(hub.published(TOPIC)).containsExactly(expected);
    }

    private static String state(PostgresServer postgres, int order) throws SQLException {
        try (Connection connection = postgres.connect(); Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT state FROM orders WHERE number = " + order)) {
            row.next();
            return row.getString(1);
        }
    }

    private static JsonNode shipped(int order) throws IOException {
        return JSON.readTree("{\"order\":" + order + ",\"text\":\"Order " + order + " is on its way.\"}");
    }
}
