package dev.hark.log.jetstream;

import static dev.hark.log.jetstream.TestServers.PATIENCE;
import static dev.hark.log.jetstream.TestServers.bytes;
import static dev.hark.log.jetstream.TestServers.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.log.replicated.Journal.Appended;
import dev.hark.nats.NatsServer;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that dies, hangs, or is not there. */
class JetStreamFaultsTest {
    /** As of one replica, of which it does not follow that no other has the group. */
    private static final byte[] FAILED =
            bytes("{\"type\":\"pub\",\"error\":{\"code\":500,\"err_code\":10077,\"description\":\"the disk hangs\"}}");

    @TempDir
    static Path folder;

    private static NatsServer server;

    @BeforeAll
    static void begin() throws IOException, InterruptedException {
        server = NatsServer.one(folder);
    }

    @AfterAll
    static void end() {
        if (server != null) {
            server.close();
        }
    }

    private static Appended append(JetStreamJournal journal, int i, Duration patience) {
        try {
            return journal.append("id-" + i, bytes("group " + i), patience);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void goesOnAfterTheServerWasKilled() throws Exception {
        try (var journal = open(TestServers.settings(server, 1))) {
            var followed = new Followed();
            journal.follow(0, null, followed);
            append(journal, 1, PATIENCE);
            append(journal, 2, PATIENCE);
            followed.awaitSize(2);
            server.kill(0);
            await().atMost(Duration.ofSeconds(5)).until(() -> journal.trouble().orElse("").contains("not connected"));
            var waiting = CompletableFuture.supplyAsync(() -> append(journal, 3, PATIENCE));
            assertThat(append(journal, 4, Duration.ofMillis(200))).isInstanceOf(Appended.Refused.class);
            assertThatThrownBy(journal::extent).isInstanceOf(IOException.class);
            server.restart(0);
            assertThat(waiting.get()).isEqualTo(new Appended.At(3));
            assertThat(append(journal, 5, PATIENCE)).isEqualTo(new Appended.At(4));
            followed.awaitSize(4);
            assertThat(followed.texts()).containsExactly("group 1", "group 2", "group 3", "group 5");
            await().atMost(Duration.ofSeconds(10)).until(() -> journal.trouble().isEmpty());
            assertThat(followed.lost()).isNull();
        }
    }

    @Test
    void aServerThatHangsIsAwaited() throws Exception {
        try (var journal = open(TestServers.settings(server, 1))) {
            var followed = new Followed();
            journal.follow(0, null, followed);
            append(journal, 1, PATIENCE);
            server.pause(0);
            try {
                assertThat(append(journal, 2, Duration.ofMillis(1500))).isInstanceOf(Appended.Unknown.class);
                assertThat(journal.trouble()).isPresent();
            } finally {
                server.resume(0);
            }
            // What was unknown has come after all, once.
            assertThat(append(journal, 2, PATIENCE)).isEqualTo(new Appended.At(2));
            assertThat(append(journal, 3, PATIENCE)).isEqualTo(new Appended.At(3));
            followed.awaitSize(3);
            assertThat(followed.texts()).containsExactly("group 1", "group 2", "group 3");
        }
    }

    @Test
    void saysThatNobodyIsThere() {
        JetStreamSettings nowhere = JetStreamSettings.of(List.of("nats://127.0.0.1:1"), "hark", 1);
        assertThatThrownBy(() -> JetStreamJournal.open(nowhere, new VitalThreads(), Duration.ofMillis(500)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("not connected to NATS at nats://127.0.0.1:1")
                .hasMessageContaining("refused");
    }

    @Test
    void startsBeforeItsServer() throws Exception {
        try (var late = NatsServer.one(folder.resolve("late"))) {
            JetStreamSettings settings = TestServers.settings(late, 1);
            late.kill(0);
            var opening = CompletableFuture.supplyAsync(() -> {
                try {
                    return open(settings);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            late.restart(0);
            try (var journal = opening.get()) {
                assertThat(append(journal, 1, PATIENCE)).isEqualTo(new Appended.At(1));
            }
        }
    }

    /** Nothing was expected, so whoever says so is no server that is as it should be. */
    @Test
    void anAnswerThatNobodyAskedForIsUnknown() throws Exception {
        JetStreamSettings settings = TestServers.settings(server, 1);
        try (var journal = open(settings); var admin = new Admin(settings.servers())) {
            admin.delete(settings);
            byte[] overtaken = TestServers.bytes(
                    "{\"type\":\"pub\",\"error\":{\"code\":400,\"err_code\":10071,\"description\":\"wrong last sequence: 5\"}}");
            admin.connection().createDispatcher(asked -> admin.connection().publish(asked.getReplyTo(), overtaken))
                    .subscribe(settings.subject());
            admin.connection().flush(PATIENCE);
            assertThat(journal.append("id", TestServers.bytes("group"), Duration.ofSeconds(2)))
                    .isInstanceOfSatisfying(Appended.Unknown.class, unknown -> assertThat(unknown.why()).contains("10071"));
        }
    }

    /** Who looks into it needs what the servers said, and that they say nothing any more. */
    @Test
    void aSilenceDoesNotHideWhatTheServersAnsweredBefore() throws Exception {
        JetStreamSettings settings = TestServers.settings(server, 1);
        try (var journal = open(settings); var admin = new Admin(settings.servers())) {
            admin.delete(settings);
            var tries = new AtomicInteger();
            admin.connection().createDispatcher(asked -> {
                // Not the first alone: a busy machine may answer that one too late.
                if (tries.incrementAndGet() <= 3) {
                    admin.connection().publish(asked.getReplyTo(), FAILED);
                }
            }).subscribe(settings.subject());
            admin.connection().flush(PATIENCE);
            assertThat(append(journal, 1, Duration.ofSeconds(3))).isInstanceOfSatisfying(Appended.Unknown.class, unknown ->
                    assertThat(unknown.why()).contains("no answer for").contains("the disk hangs (10077)"));
        }
    }

    /** After the first one and a pause there is too little left for an answer: what it did would not be known. */
    @Test
    void noTryBeginsThatHasNoTime() throws Exception {
        JetStreamSettings settings = TestServers.settings(server, 1);
        try (var journal = open(settings); var admin = new Admin(settings.servers())) {
            admin.delete(settings);
            var tries = new AtomicInteger();
            admin.connection().createDispatcher(asked -> {
                tries.incrementAndGet();
                admin.connection().publish(asked.getReplyTo(), FAILED);
            }).subscribe(settings.subject());
            admin.connection().flush(PATIENCE);
            for (int i = 1; i <= 5; i++) {
                assertThat(append(journal, i, Duration.ofMillis(80))).isNotInstanceOf(Appended.At.class);
            }
            // One that came too late to be answered is here by now.
            admin.connection().flush(PATIENCE);
            assertThat(tries).hasValueLessThanOrEqualTo(5);
        }
    }
}
