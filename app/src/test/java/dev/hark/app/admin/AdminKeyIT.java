package dev.hark.app.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who the admin listener answers to where others can reach it, over real sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminKeyIT {
    private static final String ADMIN = ApiKey.create();
    private static final String SHOP = ApiKey.create();

    private RunningHub hub;

    @BeforeAll
    void startHub() {
        hub = withKeys("admin.host=0.0.0.0");
    }

    private static RunningHub withKeys(String... more) {
        String[] keys = {
            "auth.keys.0.name=ops", "auth.keys.0.hash=sha256:" + ApiKey.hash(ADMIN), "auth.keys.0.admin=true",
            "auth.keys.1.name=shop", "auth.keys.1.hash=sha256:" + ApiKey.hash(SHOP), "auth.keys.1.publish.0=**",
            "auth.keys.1.subscribe.0=**"
        };
        return RunningHub.start(Stream.of(keys, more).flatMap(Arrays::stream).toArray(String[]::new));
    }

    @AfterAll
    void stopHub() {
        hub.close();
    }

    private static Answer ask(RunningHub hub, String method, String target, String... headers) {
        try (Wire wire = Wire.connect(URI.create("http://127.0.0.1:" + hub.adminUri("").getPort()))) {
            Stream<String> usual = Stream.of("Connection: close", "Content-Length: 0");
            return wire.request(method, target, Stream.concat(usual, Arrays.stream(headers)).toArray(String[]::new)).answer();
        }
    }

    private static String bearer(String key) {
        return "Authorization: Bearer " + key;
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /metrics", "HEAD, /metrics", "POST, /metrics", "GET, /health", "GET, /", "OPTIONS, /", "GET, /nothing",
        "POST, /health/live", "DELETE, /health/ready", "GET, /health/live/", "GET, //health/live", "GET, /health/./live",
        "GET, /health/%6Cive", "GET, /health/live;x=y", "GET, /health/live/../../metrics", "GET, /health/ready/%2e%2e/live"
    })
    void nobodyIsToldAnythingWithoutAKey(String method, String target) {
        Answer answer = ask(hub, method, target);
        assertThat(answer.status()).as(answer.body()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).contains("Bearer");
        assertThat(answer.mediaType()).isEqualTo("application/problem+json");
        assertThat(answer.body()).doesNotContain("hark_", "UP", "DOWN");
        if (!method.equals("HEAD")) {
            assertThat(answer.json("type")).isEqualTo("/problems/unauthenticated");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/metrics", "/health", "/health/live", "/health/ready", "/nothing"})
    void aKeyThatIsNoneOrNoAdministratorsIsRefusedEverywhere(String target) {
        for (String wrong : List.of(bearer("hark_none"), bearer(ADMIN + "x"), bearer(ApiKey.hash(ADMIN)), "Authorization: Basic eDp5")) {
            Answer answer = ask(hub, "GET", target, wrong);
            assertThat(answer.status()).as(wrong).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).contains("Bearer error=\"invalid_token\"");
        }
        Answer answer = ask(hub, "GET", target, bearer(SHOP));
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.header("WWW-Authenticate")).contains("Bearer error=\"insufficient_scope\"");
        assertThat(answer.json("type")).isEqualTo("/problems/forbidden");
        assertThat(ask(hub, "GET", target, bearer(ADMIN), bearer(SHOP)).status()).as("two of them").isEqualTo(400);
    }

    @Test
    void anAdministratorIsToldAll() {
        assertThat(ask(hub, "GET", "/metrics", bearer(ADMIN)).body()).contains("hark_streams ");
        assertThat(ask(hub, "GET", "/health", bearer(ADMIN)).json("status")).isEqualTo("UP");
        assertThat(ask(hub, "GET", "/nothing", bearer(ADMIN)).status()).isEqualTo(404);
        assertThat(ask(hub, "OPTIONS", "/", bearer(ADMIN)).status()).isEqualTo(204);
    }

    @Test
    void anAdminKeyOpensNoTopics() {
        assertThat(hub.post("/topics/a", "x", "Authorization", "Bearer " + ADMIN).status()).isEqualTo(403);
        assertThat(hub.post("/topics/a", "x", "Authorization", "Bearer " + SHOP).status()).isEqualTo(201);
        assertThat(hub.post("/topics/a", "x").status()).isEqualTo(401);
    }

    @Test
    void probesAreToldWhetherAndAdministratorsWhy() {
        try (RunningHub ill = withKeys("admin.host=0.0.0.0")) {
            for (String probe : List.of("/health/live", "/health/ready")) {
                Answer answer = ask(ill, "GET", probe);
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.json("status")).isEqualTo("UP");
                assertThat(ask(ill, "HEAD", probe).status()).isEqualTo(200);
                assertThat(ask(ill, "GET", probe + "?verbose").status()).isEqualTo(200);
            }
            ill.hub().close();
            Answer brief = ask(ill, "GET", "/health/ready");
            assertThat(brief.status()).isEqualTo(503);
            assertThat(brief.body()).isEqualTo("{\"status\":\"DOWN\",\"checks\":[{\"name\":\"ready\",\"status\":\"DOWN\"}]}");
            Answer whole = ask(ill, "GET", "/health/ready", bearer(ADMIN));
            assertThat(whole.status()).isEqualTo(503);
            assertThat(whole.json().at("/checks/0/data/reason").asText()).isNotBlank();
        }
    }

    @Test
    void onLoopbackNoKeyIsNeeded() {
        try (RunningHub local = withKeys()) {
            assertThat(ask(local, "GET", "/metrics").status()).isEqualTo(200);
            assertThat(ask(local, "GET", "/health").status()).isEqualTo(200);
        }
    }

    @Test
    void aReloadDecidesAnewWhetherAKeyIsNeeded(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("application.yaml");
        Files.writeString(file, configuration(true, false));
        try (RunningHub reloaded = RunningHub.reading(file)) {
            assertThat(ask(reloaded, "GET", "/metrics").status()).as("open, and nobody has an admin key").isEqualTo(200);
            Files.writeString(file, configuration(false, true));
            assertThat(ask(reloaded, "POST", "/api/reload").status()).isEqualTo(200);
            assertThat(ask(reloaded, "GET", "/metrics").status()).isEqualTo(401);
            assertThat(ask(reloaded, "POST", "/api/reload").status()).isEqualTo(401);
            assertThat(ask(reloaded, "GET", "/health/ready").status()).isEqualTo(200);
            assertThat(ask(reloaded, "GET", "/metrics", bearer(ADMIN)).status()).isEqualTo(200);
            Files.writeString(file, configuration(true, false));
            assertThat(ask(reloaded, "POST", "/api/reload", bearer(ADMIN)).status()).isEqualTo(200);
            assertThat(ask(reloaded, "GET", "/metrics").status()).as("nobody could come in otherwise").isEqualTo(200);
        }
    }

    private static String configuration(boolean open, boolean withAdmin) {
        String shop = "    - {name: shop, hash: \"sha256:" + ApiKey.hash(SHOP) + "\", publish: [\"**\"]}\n";
        String ops = "    - {name: ops, hash: \"sha256:" + ApiKey.hash(ADMIN) + "\", admin: true}\n";
        return "admin: {host: 0.0.0.0}\nauth:\n  open: " + open + "\n  keys:\n" + shop + (withAdmin ? ops : "");
    }

    @Test
    void anOpenHubAsksForAnAdminKeyWhereItHasOne() {
        try (RunningHub keyed = withKeys("admin.host=0.0.0.0", "auth.open=true");
                RunningHub open = RunningHub.start("admin.host=0.0.0.0", "auth.open=true")) {
            assertThat(ask(keyed, "GET", "/metrics").status()).isEqualTo(401);
            assertThat(ask(keyed, "GET", "/metrics", bearer(ADMIN)).status()).isEqualTo(200);
            assertThat(keyed.post("/topics/a", "x").status()).as("topics are open").isEqualTo(201);
            assertThat(ask(open, "GET", "/metrics").status()).isEqualTo(200);
        }
    }

    @Test
    void aForeignPageOrNameIsRefusedWithAKeyToo() {
        assertThat(ask(hub, "POST", "/metrics", bearer(ADMIN), "Origin: https://evil.example").json("type"))
                .isEqualTo("/problems/foreign-origin");
        String[] preflight = {"Origin: https://evil.example", "Access-Control-Request-Method: GET"};
        assertThat(ask(hub, "OPTIONS", "/metrics", preflight).header("Access-Control-Allow-Origin")).isEmpty();
        try (Wire wire = Wire.connect(URI.create("http://127.0.0.1:" + hub.adminUri("").getPort()))) {
            String rebound = "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n";
            assertThat(wire.send(rebound + bearer(ADMIN) + "\r\n\r\n").answer().status()).isEqualTo(421);
        }
    }
}
