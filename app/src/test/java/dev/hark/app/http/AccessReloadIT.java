package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a reload of {@code auth} does to those who are there, and to those who come. */
@Timeout(60)
@ResourceLock(SilentLog.LOG)
class AccessReloadIT {
    private static final String KEY = ApiKey.create();
    private static final String OPS = ApiKey.create();
    private static final String USUAL = key("shop", KEY, "a/**") + key("ops", OPS, "**");

    @TempDir
    private Path folder;

    private RunningHub hub;

    private static String key(String name, String key, String subscribe) {
        return "  - {name: %s, hash: \"sha256:%s\", publish: [\"**\"], subscribe: [\"%s\"]}%n".formatted(name, ApiKey.hash(key), subscribe);
    }

    private void write(boolean open, String keys) throws IOException {
        Files.writeString(folder.resolve("application.yaml"), "auth:\n  open: " + open + "\n  keys:\n" + keys);
    }

    @BeforeEach
    void start() throws IOException {
        write(false, USUAL);
        hub = RunningHub.reading(folder.resolve("application.yaml"));
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Answer reload() {
        return hub.postAdmin("/api/reload", "");
    }

    private Wire listen(String key, String target) {
        return hub.open(target, "Authorization: Bearer " + key);
    }

    private int publish(String key) {
        return hub.post("/topics/a/1", "x", "Authorization", "Bearer " + key).status();
    }

    private static String end(Wire stream) {
        SseBlock block = stream.block();
        while (!block.is("hark.close")) {
            block = stream.block();
        }
        return block.data();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "its key is taken out, none",
        "its key is another one, other",
        "it may do less, narrowed",
    })
    void aStreamEndsWhere(String what, String how) throws IOException {
        try (Wire shop = listen(KEY, "/topics/a/*"); Wire ops = listen(OPS, "/topics/a/*")) {
            hub.awaitStreams(2);
            write(false, switch (how) {
                case "none" -> "";
                case "other" -> key("shop", ApiKey.create(), "a/**");
                default -> key("shop", KEY, "a/1");
            } + key("ops", OPS, "**"));
            assertThat(reload().body()).contains("auth.keys");
            assertThat(end(shop)).contains("revoked");
            hub.awaitStreams(1);
            assertThat(publish(OPS)).isEqualTo(201);
            assertThat(ops.block().data()).isEqualTo("x");
            assertThat(publish(KEY)).isEqualTo(how.equals("narrowed") ? 201 : 401);
        }
    }

    /** It lets do what a stream may do that is opened with it: that would have ended. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "its key is taken out, none",
        "its key is another one, other",
        "it may do less, narrowed",
        "the hub was open to all, open",
    })
    void aTicketIsTakenBackWhere(String what, String how) throws IOException {
        if (how.equals("open")) {
            write(true, USUAL);
            assertThat(reload().status()).isEqualTo(200);
        }
        String lost = ticket(KEY);
        String kept = ticket(OPS);
        write(false, switch (how) {
            case "none" -> "";
            case "other" -> key("shop", ApiKey.create(), "a/**");
            case "narrowed" -> key("shop", KEY, "a/1");
            default -> key("shop", KEY, "a/**");
        } + key("ops", OPS, "**"));
        assertThat(reload().status()).isEqualTo(200);
        assertThat(page("/topics/a/*?ticket=" + lost)).isEqualTo(401);
        assertThat(page("/topics/a/*?ticket=" + kept)).as("of another key").isEqualTo(how.equals("open") ? 401 : 200);
    }

    private String ticket(String key) {
        return hub.post("/tickets", "", "Authorization", "Bearer " + key).json("ticket");
    }

    private int page(String target) {
        return hub.get(target, "Accept", "application/json").status();
    }

    @Test
    void whoIsNotConcernedStays() throws IOException {
        try (Wire shop = listen(KEY, "/topics/a/*")) {
            hub.awaitStreams(1);
            write(false, USUAL + key("new", ApiKey.create(), "b"));
            assertThat(reload().status()).isEqualTo(200);
            assertThat(publish(KEY)).isEqualTo(201);
            assertThat(shop.block().data()).isEqualTo("x");
        }
    }

    @Test
    void aHubThatIsClosedAgainKnowsWhatWasRevoked() throws IOException {
        assertThat(hub.postAdmin("/api/revocations", "{\"key\":\"shop\"}").status()).isEqualTo(201);
        write(true, USUAL);
        assertThat(reload().status()).isEqualTo(200);
        assertThat(publish(KEY)).as("everybody may").isEqualTo(201);
        try (Wire anybody = hub.open("/topics/a/*")) {
            hub.awaitStreams(1);
            write(false, USUAL);
            assertThat(reload().status()).isEqualTo(200);
            assertThat(end(anybody)).contains("revoked");
        }
        assertThat(publish(KEY)).isEqualTo(401);
        String over = "{\"key\":\"shop\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}";
        assertThat(hub.postAdmin("/api/revocations", over).status()).isEqualTo(201);
        assertThat(publish(KEY)).as("taken back").isEqualTo(201);
    }

    @Test
    void sayingForTheFirstTimeWhoMayNeedsARestart() throws IOException {
        Files.writeString(folder.resolve("application.yaml"), "auth: {open: true}\n");
        Answer refused = reload();
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json("detail")).contains("this needs a restart");
        assertThat(publish(KEY)).isEqualTo(201);
        assertThat(publish(KEY + "x")).isEqualTo(401);
    }
}
