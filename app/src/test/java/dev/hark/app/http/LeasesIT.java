package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.app.access.IssuedTokens;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rights that end: with their token, in the middle of whatever is being given. */
class LeasesIT {
    private static final String FILLER = "x".repeat(60_000);
    private static final int BACKLOG = 400;

    private IssuedTokens tokens;
    private RunningHub hub;

    @BeforeEach
    void start(@TempDir Path folder) {
        tokens = new IssuedTokens(folder);
        hub = RunningHub.start(tokens.clock(), tokens.settings("delivery.heartbeat=PT1S"));
    }

    @AfterEach
    void end() {
        hub.close();
    }

    private static String bearer(String token) {
        return "Authorization: Bearer " + token;
    }

    private void publish(String topic, String data) {
        Answer answer = hub.post("/topics/" + topic, data, "Authorization", "Bearer " + tokens.sign("publisher", Duration.ofHours(1)));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }

    private static List<SseBlock> toEnd(Wire stream) {
        var blocks = new ArrayList<SseBlock>();
        for (Optional<SseBlock> block = stream.blockOrEnd(); block.isPresent(); block = stream.blockOrEnd()) {
            blocks.add(block.get());
        }
        return blocks;
    }

    private static void assertToldToGo(List<SseBlock> blocks, Wire stream) {
        assertThat(blocks.getLast().is("hark.close")).as("%s", blocks.getLast()).isTrue();
        assertThat(blocks.getLast().data()).contains("\"reason\":\"token-expired\"");
        assertThat(stream.isFinished()).isTrue();
        assertThat(stream.isAtEnd()).isTrue();
    }

    @Test
    void aStreamEndsWithItsToken() {
        String token = tokens.sign("ann", Duration.ofSeconds(5));
        try (Wire stream = hub.open("/topics/users/ann/a", bearer(token))) {
            publish("users/ann/a", "before");
            assertThat(stream.event().data()).isEqualTo("before");
            tokens.pass(Duration.ofSeconds(5));
            List<SseBlock> blocks = toEnd(stream);
            assertToldToGo(blocks, stream);
            publish("users/ann/a", "after");
            assertThat(blocks).extracting(SseBlock::data).doesNotContain("after");
        }
        hub.awaitStreams(0);
        Answer late = hub.get("/topics/users/ann/a", "Authorization", "Bearer " + token, "Accept", "application/json");
        assertThat(late.status()).isEqualTo(401);
    }

    @Test
    void aTokenThatEndsNowOpensNothing() {
        String token = tokens.sign("ann", Duration.ofSeconds(1));
        try (Wire stream = hub.open("/topics/users/ann/a", bearer(token))) {
            tokens.pass(Duration.ofMillis(999));
            publish("users/ann/a", "a moment before");
            assertThat(stream.event().data()).isEqualTo("a moment before");
            tokens.pass(Duration.ofMillis(1));
            try (Wire late = Wire.subscribe(hub.uri(), "/topics/users/ann/a", bearer(token))) {
                assertThat(late.answer().status()).isEqualTo(401);
            }
            assertToldToGo(toEnd(stream), stream);
        }
    }

    /** The client takes some of a long replay, and goes on when the token has ended. */
    @Test
    void aReplayEndsWithItsToken() {
        IntStream.range(0, BACKLOG).forEach(i -> publish("users/ann/a", i + FILLER));
        String token = tokens.sign("ann", Duration.ofSeconds(5));
        try (Wire stream = Wire.connect(hub.uri(), 16 << 10)
                .request("GET", "/topics/users/ann/a?since=earliest", bearer(token), "Accept: text/event-stream")) {
            assertThat(stream.block().is("hark.open")).isTrue();
            assertThat(stream.event().data()).startsWith("0x");
            tokens.pass(Duration.ofSeconds(5));
            hub.awaitStreams(0);
            assertFewCame(stream);
        }
    }

    private static void assertFewCame(Wire stream) {
        var blocks = new ArrayList<SseBlock>();
        try {
            stream.blockOrEnd().ifPresent(blocks::add);
            for (int before = 0; blocks.size() > before; stream.blockOrEnd().ifPresent(blocks::add)) {
                before = blocks.size();
            }
        } catch (AssertionError | UncheckedIOException e) {
            // A write that was under way was cut, perhaps in the middle of an event.
        }
        assertThat(blocks).hasSizeLessThan(BACKLOG / 2);
    }

    @Test
    void aBlockedWriteEndsWithItsToken() {
        String token = tokens.sign("ann", Duration.ofSeconds(5));
        try (Wire stream = Wire.connect(hub.uri(), 16 << 10)
                .request("GET", "/topics/users/ann/a", bearer(token), "Accept: text/event-stream")) {
            assertThat(stream.block().is("hark.open")).isTrue();
            hub.awaitStreams(1);
            IntStream.range(0, BACKLOG).forEach(i -> publish("users/ann/a", i + FILLER));
            tokens.pass(Duration.ofSeconds(5));
            hub.awaitStreams(0);
            assertFewCame(stream);
        }
    }

    /** And not when its time is over, or something is published. */
    @Test
    void aPageThatWaitsIsAnsweredAtTheEnd() {
        String token = tokens.sign("ann", Duration.ofSeconds(5));
        try (Wire page = Wire.connect(hub.uri()).request("GET", "/topics/users/ann/a?wait=PT60S", bearer(token),
                "Accept: application/json")) {
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            tokens.pass(Duration.ofSeconds(5));
            assertThat(page.answer().status()).isEqualTo(401);
        }
        await().atMost(Wire.PATIENCE).until(() -> hub.read(HubMeter.PAGES_WAITING) == 0);
    }

    @Test
    void aPageThatWaitsAcrossTheEndHasNoEvents() {
        String token = tokens.sign("ann", Duration.ofSeconds(5));
        String since = hub.get("/topics/users/ann/a", "Authorization", "Bearer " + token, "Accept", "application/json").json("next");
        try (Wire page = Wire.connect(hub.uri()).request("GET", "/topics/users/ann/a?wait=PT20S&since=" + since, bearer(token),
                "Accept: application/json")) {
            hub.awaitMeter(HubMeter.PAGES_WAITING, waiting -> waiting == 1);
            tokens.pass(Duration.ofSeconds(5));
            publish("users/ann/a", "too late");
            Answer answer = page.answer();
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).contains("Bearer error=\"invalid_token\"");
            assertThat(answer.body()).doesNotContain("too late");
        }
        await().atMost(Wire.PATIENCE).until(() -> hub.read(HubMeter.PAGES_WAITING) == 0);
    }
}
