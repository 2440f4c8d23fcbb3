package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.Wire;
import dev.hark.app.cluster.NatsServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What {@code hark cluster status} and {@code GET /api/cluster} say of two nodes and their server. */
@ResourceLock(SilentLog.LOG)
class ClusterStatusCommandIT {
    @TempDir
    private Path folder;

    @Test
    void saysHowEachNodeIs() throws Exception {
        try (NatsServer nats = NatsServer.start(folder);
                RunningHub one = nats.node("one");
                RunningHub two = nats.node("two", "health.stall=PT2S");
                Wire stream = two.open("/topics/a")) {
            one.publish("a", "x");
            assertThat(stream.block().data()).isEqualTo("x");

            JsonNode status = await().atMost(NatsServer.PATIENCE).until(() -> json(one), each -> each.path("nodes").size() == 2);
            assertThat(status.path("unknown").asText()).isEmpty();
            assertThat(status.path("warnings")).isEmpty();
            assertThat(status.path("journal").path("name").asText()).isEqualTo("hark");
            assertThat(status.path("journal").path("replicas").asInt()).isEqualTo(1);
            assertThat(status.path("journal").path("servers")).singleElement()
                    .satisfies(server -> assertThat(server.path("leader").asBoolean()).isTrue());
            JsonNode other = node(status, two);
            assertThat(other.path("streams").asInt()).isEqualTo(1);
            assertThat(other.path("position").asLong()).isPositive();
            assertThat(other.path("epoch").asText()).isEqualTo(two.hub().id(1).epoch());
            assertThat(other.path("server").asText()).isEqualTo("n0");
            assertThat(status.path("asked").asText()).endsWith(":" + one.uri().getPort());

            String there = ":" + two.uri().getPort() + " ";
            String table = await().atMost(NatsServer.PATIENCE).until(() -> text(one), each -> each.contains(there));
            assertThat(table).contains("stream   hark, ", "kept by  1 server: n0 (leader)", ":" + one.uri().getPort() + " *",
                    "publishing", "n0 2.");

            nats.kill();
            await().atMost(NatsServer.PATIENCE).until(() -> one.admin("/health/publishing").status() == 503);
            String alone = text(one);
            assertThat(alone).contains("other nodes cannot be asked now: not connected to NATS", "what is shown is this node alone",
                    "is not publishing: ", "nobody", "kept by  1 server: n0 (leader)").doesNotContain(":" + two.uri().getPort());
        }
    }

    /** Before what they keep comes to differ. */
    @Test
    void saysWhichNodesHaveOtherRules() throws Exception {
        try (NatsServer nats = NatsServer.start(folder);
                RunningHub one = nats.node("one");
                RunningHub two = nats.node("two", "log.idempotency.age=PT7M")) {
            await().atMost(NatsServer.PATIENCE).untilAsserted(() -> assertThat(text(one)).contains(
                    "have different rules of topics: topics, log.retention, log.idempotency, log.latest, sources, hooks",
                    ":" + two.uri().getPort()));
        }
    }

    @Test
    void saysThatAHubHasALogOfItsOwn() {
        try (RunningHub hub = RunningHub.start()) {
            var shell = new TestShell();
            assertThat(shell.run("cluster", "status", "--admin", hub.adminUri("").toString())).isEqualTo(ExitCode.REFUSED);
            assertThat(shell.err()).contains("this hub has a log of its own");
            assertThat(hub.admin("/api/cluster").status()).isEqualTo(404);
            Answer posted = hub.postAdmin("/api/cluster", "");
            assertThat(posted.status()).isEqualTo(405);
            assertThat(posted.header("Allow")).contains("GET, HEAD");
        }
    }

    @Test
    void saysThatNobodyIsThere() {
        var shell = new TestShell();
        assertThat(shell.run("cluster", "status", "--admin", "http://127.0.0.1:1")).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(shell.err()).contains("no hub answers at http://127.0.0.1:1");
        assertThat(new TestShell().run("cluster", "status", "--admin", "nats://x")).isEqualTo(ExitCode.USAGE);
    }

    private static JsonNode node(JsonNode status, RunningHub hub) {
        return StreamSupport.stream(status.path("nodes").spliterator(), false)
                .filter(each -> each.path("name").asText().endsWith(":" + hub.uri().getPort())).findFirst().orElseThrow();
    }

    private static JsonNode json(RunningHub hub) throws IOException {
        return new ObjectMapper().readTree(text(hub, "--json"));
    }

    private static String text(RunningHub hub, String... more) {
        var shell = new TestShell();
        String[] args = new String[4 + more.length];
        System.arraycopy(new String[] {"cluster", "status", "--admin", hub.adminUri("").toString()}, 0, args, 0, 4);
        System.arraycopy(more, 0, args, 4, more.length);
        assertThat(shell.run(args)).as(shell.err()).isEqualTo(ExitCode.OK);
        return shell.out();
    }
}
