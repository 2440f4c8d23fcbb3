package dev.hark.app.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.HubMeter;
import dev.hark.app.Answer;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What two nodes do while NATS is away: they serve what they have, to all who ask, and say that nothing can be published. */
@ResourceLock(SilentLog.LOG)
class EngineAwayIT {
    @TempDir
    private Path folder;

    private NatsServer nats;
    private RunningHub one;
    private RunningHub two;

    @BeforeEach
    void start() throws Exception {
        nats = NatsServer.start(folder);
        // A publish is given up early: what is tried here is what is said meanwhile.
        one = nats.node("one", "health.stall=PT2S", "delivery.heartbeat=PT1S");
        two = nats.node("two", "health.stall=PT2S", "delivery.heartbeat=PT1S");
    }

    @AfterEach
    void stop() {
        List.of(one, two).forEach(RunningHub::close);
        nats.close();
    }

    @Test
    void subscribersAreServedWhileTheServerHangs() throws Exception {
        servesSubscribersWhile(nats::pause, nats::resume);
    }

    @Test
    void subscribersAreServedWhileTheServerIsGone() throws Exception {
        servesSubscribersWhile(nats::kill, nats::launch);
    }

    private interface Step {
        void run() throws Exception;
    }

    private void servesSubscribersWhile(Step goes, Step comes) throws Exception {
        String before = one.publish("a", "before");
        try (Wire live = two.open("/topics/a?since=earliest")) {
            assertThat(event(live)).isEqualTo("before");
            goes.run();
            for (RunningHub node : List.of(one, two)) {
                await().atMost(NatsServer.PATIENCE).untilAsserted(() -> isPublishing(node, 503));
                assertThat(node.admin("/health/publishing").body()).contains("\"reason\"");
                assertThat(node.admin("/health/ready").status()).as("subscribers are served").isEqualTo(200);
                assertThat(node.admin("/health/live").status()).isEqualTo(200);
                assertThat(node.admin("/health").status()).as("something is wrong").isEqualTo(503);
                assertThat(node.read(HubMeter.LOG_TROUBLE)).isEqualTo(1);
            }
            Answer refused = one.post("/topics/a", "while it is away");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).isNotEmpty();

            // A stream that was there lives, and others come and are given what there is.
            two.awaitMeter(HubMeter.HEARTBEATS, count -> count >= 1);
            try (Wire replay = two.open("/topics/a?since=earliest")) {
                assertThat(event(replay)).isEqualTo("before");
            }
            assertThat(one.get("/topics/a?since=earliest", "Accept", "application/json").body()).contains(before);

            comes.run();
            for (RunningHub node : List.of(one, two)) {
                await().atMost(NatsServer.PATIENCE).untilAsserted(() -> isPublishing(node, 200));
            }
            two.publish("b", "other");
            await().atMost(NatsServer.PATIENCE).until(() -> one.post("/topics/a", "after").status() == 201);
            await().atMost(NatsServer.PATIENCE).until(() -> live.block().data().contains("after"));
        }
    }

    @Test
    void aNodeThatCannotWriteItsReplicaIsNotReadyAndTheOtherOneIs() throws Exception {
        one.publish("a", "before");
        try (Connection rival = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("one.db"));
                Statement statement = rival.createStatement()) {
            // It holds the only place of a writer.
            statement.execute("BEGIN IMMEDIATE");
            await().atMost(NatsServer.PATIENCE).untilAsserted(() -> assertThat(one.admin("/health/ready").status()).isEqualTo(503));
            // First that writing takes too long, then that it fails.
            await().atMost(NatsServer.PATIENCE).until(() -> one.admin("/health/ready").body().contains("one.db"));
            isPublishing(one, 503);
            isPublishing(two, 200);
            assertThat(two.admin("/health/ready").status()).isEqualTo(200);
            // The other one says every second how late it is.
            await().atMost(NatsServer.PATIENCE).until(() -> one.admin("/health/ready").body().contains("this node is behind the journal"));
            assertThat(Metrics.of(one).value("hark_replica_lag_groups")).isPositive();
            assertThat(Metrics.of(one).value("hark_replica_lag_seconds")).isGreaterThanOrEqualTo(5);
            assertThat(two.admin("/health/ready").body()).doesNotContain("alarms");
            statement.execute("ROLLBACK");
        }
        await().atMost(NatsServer.PATIENCE).untilAsserted(() -> assertThat(one.admin("/health/ready").status()).isEqualTo(200));
    }

    @Test
    void aReplicaThatWasRemovedIsAnAlarm() throws Exception {
        Files.delete(folder.resolve("one.db"));
        await().atMost(NatsServer.PATIENCE).until(() -> one.admin("/health/ready").body().contains("was removed or replaced"));
        assertThat(one.admin("/health/ready").status()).isEqualTo(200);
    }

    /** The next event's data; a stream that is slow to begin may have had a heartbeat before. */
    private static String event(Wire stream) {
        SseBlock block = stream.block();
        while (!block.isEvent() || block.isPosition()) {
            block = stream.block();
        }
        return block.data();
    }

    private static void isPublishing(RunningHub node, int status) {
        Answer answer = node.admin("/health/publishing");
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    }
}
