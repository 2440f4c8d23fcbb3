package dev.hark.log.jetstream;

import static dev.hark.log.jetstream.TestServers.PATIENCE;
import static dev.hark.log.jetstream.TestServers.bytes;
import static dev.hark.log.jetstream.TestServers.open;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.nats.NatsServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who answers when the roll of two nodes is called. */
class RollCallTest {
    private static final Duration SHORT = Duration.ofMillis(600);

    @TempDir
    Path folder;

    private TestServers servers;
    private JetStreamJournal one;
    private JetStreamJournal two;

    @BeforeEach
    void begin() throws Exception {
        servers = new TestServers(folder);
        JetStreamSettings settings = servers.settings(NatsServer.newest());
        one = open(settings);
        two = open(settings);
    }

    @AfterEach
    void end() {
        one.close();
        two.close();
        servers.close();
    }

    private static List<String> call(JetStreamJournal node, Duration patience) throws IOException, InterruptedException {
        return node.callRoll(patience).stream().map(each -> new String(each, UTF_8)).toList();
    }

    /** Its own answer has no way to go, so it says nothing of how long others take. */
    @Test
    void isHeardThoughItIsSlowerThanWhoAsks() throws Exception {
        var slow = new AtomicBoolean();
        one.answerRollCall(() -> bytes("one"));
        two.answerRollCall(() -> {
            if (slow.get()) {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            }
            return bytes("two");
        });
        await("both listen").atMost(PATIENCE).until(() -> call(one, SHORT).size() == 2);
        slow.set(true);

        await().atMost(PATIENCE.multipliedBy(2)).untilAsserted(
                () -> assertThat(call(one, PATIENCE)).containsExactlyInAnyOrder("one", "two"));
    }

    @Test
    void isAloneWhereNobodyElseAnswersInTime() throws Exception {
        one.answerRollCall(() -> bytes("one"));

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(call(one, SHORT)).containsExactly("one"));
    }
}
