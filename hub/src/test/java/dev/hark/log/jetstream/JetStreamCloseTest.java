package dev.hark.log.jetstream;

import static dev.hark.log.jetstream.TestServers.PATIENCE;
import static dev.hark.log.jetstream.TestServers.bytes;
import static dev.hark.log.jetstream.TestServers.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.log.replicated.Journal.Appended;
import dev.hark.log.replicated.Journal.Entry;
import dev.hark.log.replicated.Journal.Follower;
import dev.hark.nats.NatsServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** That nothing of a journal is left when it is closed. */
@Isolated("it looks for threads by their names")
class JetStreamCloseTest {
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
    void closesWhileTheServerHangs() throws Exception {
        var journal = open(TestServers.settings(server, 1));
        var followed = new Followed();
        journal.follow(0, null, followed);
        append(journal, 1, PATIENCE);
        followed.awaitSize(1);
        server.pause(0);
        try {
            var waiting = CompletableFuture.supplyAsync(() -> append(journal, 2, Duration.ofSeconds(30)));
            long before = System.nanoTime();
            journal.close();
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(6));
            assertThat(waiting.get()).isNotInstanceOf(Appended.At.class);
            journal.close();
            assertThat(Thread.getAllStackTraces().keySet()).noneMatch(thread -> thread.getName().startsWith("hark-journal"));
            await().atMost(Duration.ofSeconds(6)).until(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("hark-nats")));
        } finally {
            server.resume(0);
        }
    }

    @Test
    void closesWhileTheFollowerWaits() throws Exception {
        var journal = open(TestServers.settings(server, 1));
        var taking = new CompletableFuture<Void>();
        var stopped = new CompletableFuture<Void>();
        journal.follow(0, null, new Follower() {
            @Override
            public void take(Entry entry) throws InterruptedException {
                taking.complete(null);
                try {
                    Thread.sleep(60_000);
                } finally {
                    stopped.complete(null);
                }
            }

            @Override
            public void lost(String why) {}
        });
        append(journal, 1, PATIENCE);
        taking.get();
        journal.close();
        assertThat(stopped).isDone();
        assertThat(append(journal, 2, PATIENCE)).isEqualTo(new Appended.Refused("the journal is closed"));
    }
}
