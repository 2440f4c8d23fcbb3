package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.Wire;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages of other origins, and rebound names, get from a hub that says nothing of them in its configuration. */
class CrossOriginIT {
    private static final String EVIL = "https://evil.example";

    private final RunningHub hub = RunningHub.start();

    @AfterEach
    void stop() {
        hub.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "Origin: https://evil.example", "Origin: null", "Origin: http://127.0.0.1:1", "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Origin: http://localhost", "Origin: https://localhost.evil.example"
    })
    void aForeignPageChangesNothing(String header) {
        for (String path : List.of("/topics/a", "/events")) {
            Answer answer = post(hub.uri(), path, header);
            assertThat(answer.status()).as(path).isEqualTo(403);
            assertThat(answer.json("type")).isEqualTo("/problems/foreign-origin");
        }
        assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).isZero();
        assertThat(post(URI.create(hub.adminUri("").toString()), "/health/ready", header).status()).as("admin").isEqualTo(403);
    }

    @Test
    void theHubsOwnPagesAndProgramsPublish() {
        String own = hub.uri().toString();
        for (String header : List.of("X: y", "Origin: " + own, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none",
                // As a page sees the hub through a proxy that does TLS and keeps the name.
                "Origin: " + own.replace("http:", "https:"))) {
            assertThat(post(hub.uri(), "/topics/a", header, "Host: " + hub.uri().getAuthority()).status()).as(header).isEqualTo(201);
        }
    }

    @Test
    void aReboundNameReadsAndWritesNothing() {
        hub.publish("a", "secret");
        for (URI listener : List.of(hub.uri(), URI.create(hub.adminUri("").toString()))) {
            for (String path : List.of("/topics/a?since=earliest", "/demo/", "/metrics", "/health", "/")) {
                try (Wire wire = Wire.connect(listener)) {
                    Answer answer = wire.send("GET " + path + " HTTP/1.1\r\nHost: evil.example\r\n\r\n").answer();
                    assertThat(answer.status()).as(listener + path).isEqualTo(421);
                    assertThat(answer.body()).contains("evil.example", "server.hosts").doesNotContain("secret");
                }
            }
        }
        try (Wire wire = Wire.connect(hub.uri())) {
            assertThat(wire.send("POST /topics/a HTTP/1.1\r\nHost: evil.example\r\n"
                            + "Origin: http://evil.example\r\nContent-Length: 1\r\n\r\nx")
                    .answer().status()).isEqualTo(421);
        }
        assertThat(hub.read(HubMeter.PUBLISHED_EVENTS)).isEqualTo(1);
    }

    @Test
    void aNameThatIsListedIsAnsweredTo() {
        try (RunningHub named = RunningHub.start("server.hosts=hub.example.com");
                Wire wire = Wire.connect(named.uri())) {
            assertThat(wire.send("GET /problems/internal HTTP/1.1\r\nHost: hub.example.com:8080\r\n\r\n").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void anOriginThatIsTheHostIsNoPassWhereOthersAreListed() {
        try (RunningHub shop = RunningHub.start("cors.origins=https://*.shop.example.com");
                Wire wire = Wire.connect(shop.uri())) {
            assertThat(wire.send("GET /topics/a HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n\r\n").answer().status())
                    .isEqualTo(421);
            Answer answer = shop.post("/topics/a", "x", "Origin", "https://a.shop.example.com", "Sec-Fetch-Site", "cross-site");
            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.header("Access-Control-Allow-Origin")).contains("https://a.shop.example.com");
            assertThat(shop.post("/topics/a", "x", "Origin", EVIL).status()).isEqualTo(403);
            assertThat(shop.get("/problems/internal", "Origin", EVIL).status()).isEqualTo(403);
        }
    }

    private static Answer post(URI listener, String path, String... headers) {
        try (Wire wire = Wire.connect(listener)) {
            boolean named = List.of(headers).stream().anyMatch(header -> header.startsWith("Host: "));
            return wire.send("POST " + path + " HTTP/1.1\r\n" + (named ? "" : "Host: " + listener.getAuthority() + "\r\n")
                    + "Content-Type: application/x-ndjson\r\n" + String.join("\r\n", headers)
                    + "\r\nContent-Length: 24\r\n\r\n{\"topic\":\"a\",\"data\":\"x\"}").answer();
        }
    }
}
