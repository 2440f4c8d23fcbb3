package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import dev.hark.app.reload.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What requests are judged by, while it changes. */
@ResourceLock(SilentLog.LOG)
class LiveTermsIT {
    private static final String TWO = "[{\"topic\":\"a\",\"data\":\"1\"},{\"topic\":\"a\",\"data\":\"2\"}]";

    @TempDir
    private Path folder;

    private RunningHub hub;

    @BeforeEach
    void start() {
        write("");
        hub = RunningHub.reading(file());
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Path file() {
        return folder.resolve("application.yaml");
    }

    private void write(String yaml) {
        try {
            Files.writeString(file(), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void originsChangeWithAReloadOverHttp() {
        assertThat(from("https://a.example").status()).isEqualTo(403);
        write("cors: {origins: ['https://a.example'], credentials: true}\nserver: {backlog: 7}\n");

        Answer answer = hub.postAdmin("/api/reload", "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("Cache-Control")).contains("no-store");
        assertThat(answer.body()).isEqualTo("{\"applied\":[\"cors.credentials\",\"cors.origins\"],\"restart\":[\"server.backlog\"]}");
        Answer allowed = from("https://a.example");
        assertThat(allowed.status()).isEqualTo(201);
        assertThat(allowed.header("Access-Control-Allow-Credentials")).contains("true");

        write("");
        hub.postAdmin("/api/reload", "");
        assertThat(from("https://a.example").status()).isEqualTo(403);
    }

    @Test
    void aFileThatIsInvalidChangesNothingAndIsExplained() {
        write("cors: {origins: ['https://a.example']}\nlimits: {publish-rte: 1}\ndemo: {enabled: x}\n");

        Answer answer = hub.postAdmin("/api/reload", "");
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.header("Content-Type")).contains("application/problem+json");
        assertThat(answer.json("type")).isEqualTo("/problems/invalid-configuration");
        assertThat(answer.json("detail").lines()).satisfiesExactlyInAnyOrder(
                line -> assertThat(line).startsWith("demo.enabled is 'x' (" + file() + " line 3)"),
                line -> assertThat(line).startsWith("unknown key limits.publish-rte").contains("did you mean limits.publish-rate?"));
        assertThat(from("https://a.example").status()).isEqualTo(403);
        assertThat(hub.admin("/metrics").body()).contains(
                "hark_config_reloads_total{outcome=\"refused\"} 1.0", "hark_config_reloads_total{outcome=\"applied\"} 0.0");
        write("");
        assertThat(hub.reload()).isEqualTo(new Outcome.Applied(List.of(), List.of()));
    }

    @Test
    void aRequestIsAnsweredByTheTermsUnderWhichItBegan() {
        write("limits: {publish-rate: 1}");
        hub.reload();
        try (Wire wire = Wire.connect(hub.uri())) {
            wire.request("POST", "/events", "Content-Type: application/json", "Expect: 100-continue", "Content-Length: " + TWO.length());
            assertThat(wire.head()).as("it has begun").containsExactly("HTTP/1.1 100 Continue");
            write("");
            hub.reload();
            assertThat(hub.post("/events", TWO, "Content-Type", "application/json").status()).as("the new ones").isEqualTo(201);

            Answer answer = wire.nextHead().send(TWO).answer();
            assertThat(answer.status()).as("the old ones").isEqualTo(413);
            assertThat(answer.json("detail")).contains("may publish 1 a second");
        }
    }

    @Test
    void anAllowanceThatStaysTheSameIsNotFilledAnew() {
        write("limits: {publish-rate: 1}");
        hub.reload();
        assertThat(hub.post("/topics/a", "1").status()).isEqualTo(201);
        for (int i = 0; i < 100; i++) {
            write("limits: {publish-rate: 1}\ncors: {origins: ['https://a" + i + ".example']}");
            assertThat(hub.reload()).isEqualTo(new Outcome.Applied(List.of("cors.origins"), List.of()));
            if (hub.post("/topics/a", "2").status() == 429) {
                return;
            }
        }
        throw new AssertionError("each of 100 reloads filled it");
    }

    @Test
    void onlyPostReloadsAndNoForeignPage() {
        Answer get = hub.admin("/api/reload");
        assertThat(get.status()).isEqualTo(405);
        assertThat(get.header("Allow")).contains("POST");
        assertThat(hub.postAdmin("/api/reload", "", "Origin", "https://evil.example").status()).isEqualTo(403);
        assertThat(hub.post("/api/reload", "").status()).as("not on the data listener").isEqualTo(404);
        assertThat(hub.admin("/metrics").body()).contains("hark_config_reloads_total{outcome=\"applied\"} 0.0");
    }

    private Answer from(String origin) {
        return hub.post("/topics/a", "hi", "Origin", origin);
    }
}
