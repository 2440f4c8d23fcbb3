package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import dev.hark.app.access.ApiKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What is done at one of two nodes, and has to hold at the other, or must not disturb it. */
@ResourceLock(SilentLog.LOG)
class NodesIT {
    private static final String KEY = ApiKey.create();
    private static final String OTHER_KEY = ApiKey.create();

    private static final String[] PAGE = {"Accept", "application/json"};

    @TempDir
    private Path folder;

    private NatsServer nats;
    private RunningHub one;
    private RunningHub two;

    @BeforeEach
    void start() throws Exception {
        nats = NatsServer.start(folder);
        one = node("one");
        two = node("two");
    }

    private RunningHub node(String name) {
        return nats.node(name, "auth.keys.0.name=reader", "auth.keys.0.hash=sha256:" + ApiKey.hash(KEY), "auth.keys.0.subscribe.0=**",
                "auth.keys.0.publish.0=**", "auth.keys.1.name=other", "auth.keys.1.hash=sha256:" + ApiKey.hash(OTHER_KEY),
                "auth.keys.1.subscribe.0=**", "auth.keys.1.publish.0=**");
    }

    private static String keys(String keys) {
        return "auth:\n  keys:\n" + keys;
    }

    private static String key(String name, String key) {
        return "  - {name: %s, hash: \"sha256:%s\", publish: [\"**\"], subscribe: [\"**\"]}%n".formatted(name, ApiKey.hash(key));
    }

    @AfterEach
    void stop() {
        List.of(one, two).forEach(RunningHub::close);
        nats.close();
    }

    private static Wire open(RunningHub node, String key) {
        return node.open("/topics/a", "Authorization: Bearer " + key);
    }

    private static Answer post(RunningHub node, String data, String... headers) {
        String[] all = new String[2 + headers.length];
        all[0] = "Authorization";
        all[1] = "Bearer " + KEY;
        System.arraycopy(headers, 0, all, 2, headers.length);
        return node.post("/topics/a", data, all);
    }

    @Test
    void aRetryIsKnownAtTheOtherNode() {
        Answer first = post(one, "once", "Idempotency-Key", "k1");
        assertThat(first.status()).isEqualTo(201);
        Answer again = post(two, "once", "Idempotency-Key", "k1");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json("id")).isEqualTo(first.json("id"));
        assertThat(again.header("Idempotency-Replayed")).contains("true");
        assertThat(post(two, "another", "Idempotency-Key", "k1").status()).isEqualTo(422);
    }

    @Test
    void aRevocationEndsStreamsOfBothNodesAndHoldsAfterARestart() {
        try (Wire here = open(one, KEY);
                Wire there = open(two, KEY);
                Wire others = open(two, OTHER_KEY)) {
            assertThat(one.postAdmin("/api/revocations", "{\"key\":\"reader\"}").status()).isEqualTo(201);
            assertThat(here.rest()).contains("hark.close", "revoked");
            assertThat(there.rest()).contains("hark.close", "revoked");
            assertThat(two.get("/topics/a", "Authorization", "Bearer " + KEY).status()).isEqualTo(401);

            Answer published = one.post("/topics/a", "goes on", "Authorization", "Bearer " + OTHER_KEY);
            assertThat(published.status()).isEqualTo(201);
            assertThat(others.block().data()).isEqualTo("goes on");
        }
        two.close();
        two = node("two");
        assertThat(two.get("/topics/a", "Authorization", "Bearer " + KEY).status()).isEqualTo(401);
    }

    /** Whatever becomes of the log: or a restart would let in again whom somebody has shut out. */
    @Test
    void aRevocationSurvivesTheStream() throws Exception {
        assertThat(one.postAdmin("/api/revocations", "{\"key\":\"reader\"}").status()).isEqualTo(201);
        assertThat(one.postAdmin("/api/revocations", "{\"key\":\"other\"}").status()).isEqualTo(201);
        assertThat(two.postAdmin("/api/revocations", "{\"key\":\"other\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}").status()).isEqualTo(201);
        await().atMost(NatsServer.PATIENCE).until(() -> read(one, OTHER_KEY) == 200 && read(two, KEY) == 401);
        String before = epoch(one);
        nats.does(Deed::delete);
        await().atMost(NatsServer.PATIENCE).until(() -> !epoch(one).equals(before) && epoch(one).equals(epoch(two)));
        assertThat(List.of(read(one, KEY), read(two, KEY))).containsOnly(401);

        // A node that knows nothing but what is in the log.
        await().atMost(NatsServer.PATIENCE).until(() -> {
            try (RunningHub third = node("third")) {
                return read(third, KEY) == 401 && read(third, OTHER_KEY) == 200;
            }
        });
        assertThat(List.of(read(one, OTHER_KEY), read(two, OTHER_KEY))).as("what was taken back stays so").containsOnly(200);
    }

    private static int read(RunningHub node, String key) {
        return node.get("/topics/a", "Authorization", "Bearer " + key, "Accept", "application/json").status();
    }

    private static String epoch(RunningHub node) {
        return node.hub().newest().epoch();
    }

    @Test
    void aTicketOfOneNodeOpensOneStreamAtAny() {
        String[] key = {"Authorization", "Bearer " + KEY};
        String ticket = one.post("/tickets", "", key).json("ticket");
        assertThat(two.get("/topics/a?ticket=x" + ticket, PAGE).status()).as("another one").isEqualTo(401);
        try (Wire stream = two.open("/topics/a?ticket=" + ticket)) {
            for (RunningHub node : List.of(one, two)) {
                assertThat(node.get("/topics/a?ticket=" + ticket, PAGE).status()).as("it is used up").isEqualTo(401);
            }
            assertThat(post(one, "heard").status()).isEqualTo(201);
            assertThat(stream.block().data()).isEqualTo("heard");
        }

        String narrow = one.post("/tickets", "{\"subscribe\":[\"b/*\"]}", key).json("ticket");
        assertThat(two.get("/topics/a?ticket=" + narrow, PAGE).status()).isEqualTo(403);
        assertThat(two.get("/topics/b/c?ticket=" + narrow, PAGE).status()).as("what was refused did not use it up").isEqualTo(200);

        String late = one.post("/tickets", "", key).json("ticket");
        assertThat(two.postAdmin("/api/revocations", "{\"key\":\"reader\"}").status()).isEqualTo(201);
        assertThat(two.get("/topics/a?ticket=" + late, PAGE).status()).as("it ends with its key").isEqualTo(401);

        String other = one.post("/tickets", "", "Authorization", "Bearer " + OTHER_KEY).json("ticket");
        two.close();
        two = nats.node("two", "auth.keys.0.name=reader", "auth.keys.0.hash=sha256:" + ApiKey.hash(KEY), "auth.keys.0.subscribe.0=**");
        assertThat(two.get("/topics/a?ticket=" + other, PAGE).status()).as("a key that is gone there").isEqualTo(401);
    }

    @Test
    void aTicketIsGoodAtItsNodeWhileTheyAreApart() throws Exception {
        nats.kill();
        await().atMost(NatsServer.PATIENCE).until(() -> one.admin("/health/publishing").status() == 503);
        // At once: a page that reconnects does not wait for what cannot be.
        String ticket = one.post("/tickets", "", "Authorization", "Bearer " + KEY).json("ticket");
        assertThat(two.get("/topics/a?ticket=" + ticket, PAGE).status()).isEqualTo(401);
        assertThat(one.get("/topics/a?ticket=" + ticket, PAGE).status()).isEqualTo(200);
        assertThat(one.get("/topics/a?ticket=" + ticket, PAGE).status()).isEqualTo(401);
    }

    @Test
    void aNodeThatDrainsDoesNotDisturbTheOther() {
        try (Wire here = open(one, KEY);
                Wire there = open(two, KEY)) {
            one.drain();
            assertThat(here.rest()).contains("hark.close", "draining");
            assertThat(two.admin("/health").status()).isEqualTo(200);
            assertThat(post(two, "goes on").status()).isEqualTo(201);
            assertThat(there.block().data()).isEqualTo("goes on");
        }
    }

    @Test
    void aNodeThatReloadsDoesNotDisturbTheOther() throws Exception {
        one.close();
        Path file = folder.resolve("one.yaml");
        Files.writeString(file, keys(key("reader", KEY) + key("other", OTHER_KEY)));
        one = nats.nodeReading(file, "one");
        try (Wire here = open(one, KEY);
                Wire there = open(two, KEY);
                Wire others = open(one, OTHER_KEY)) {
            Files.writeString(file, keys(key("other", OTHER_KEY)));
            one.reload();
            assertThat(here.rest()).contains("hark.close", "revoked");
            assertThat(post(two, "goes on").status()).as("what the other one has is another configuration").isEqualTo(201);
            assertThat(there.block().data()).isEqualTo("goes on");
            assertThat(others.block().data()).isEqualTo("goes on");
            assertThat(post(one, "refused").status()).isEqualTo(401);
            await().atMost(NatsServer.PATIENCE).until(() -> two.admin("/health").status() == 200);
        }
    }
}
