package dev.hark.log.jetstream;

import static dev.hark.log.jetstream.TestServers.PATIENCE;
import static dev.hark.log.jetstream.TestServers.bytes;
import static dev.hark.log.jetstream.TestServers.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.log.replicated.Journal.Appended;
import dev.hark.log.replicated.Journal.Extent;
import dev.hark.nats.NatsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody does to the stream behind a journal's back, and that its follower is told. */
class JetStreamHistoryTest {
    @TempDir
    static Path folder;

    private static TestServers servers;

    @BeforeAll
    static void begin() {
        servers = new TestServers(folder);
    }

    @AfterAll
    static void end() {
        servers.close();
    }

    private static JetStreamSettings settings() throws IOException, InterruptedException {
        return servers.settings(NatsServer.newest());
    }

    private static Followed followed(JetStreamJournal journal, int groups) throws InterruptedException {
        for (int i = 1; i <= groups; i++) {
            assertThat(journal.append("id-" + i, bytes("group " + i), PATIENCE)).isEqualTo(new Appended.At(i));
        }
        var followed = new Followed();
        journal.follow(0, null, followed);
        followed.awaitSize(groups);
        return followed;
    }

    @Test
    void whatIsGoneIsNoticedWhenNobodyPublishes() throws Exception {
        JetStreamSettings deleted = settings();
        JetStreamSettings purged = settings();
        JetStreamSettings anew = settings();
        JetStreamSettings filled = settings();
        JetStreamSettings appended = settings();
        JetStreamSettings holed = settings();
        try (var admin = new Admin(deleted.servers());
                var one = open(deleted);
                var two = open(purged);
                var three = open(anew);
                var four = open(filled);
                var five = open(appended);
                var six = open(holed)) {
            Followed ofDeleted = followed(one, 3);
            Followed ofPurged = followed(two, 3);
            Followed ofAnew = followed(three, 3);
            Followed ofFilled = followed(four, 3);
            Followed ofAppended = followed(five, 3);
            for (int i = 1; i <= 5; i++) {
                six.append("id-" + i, bytes("group " + i), PATIENCE);
            }
            admin.delete(deleted);
            admin.purge(purged);
            admin.delete(anew);
            admin.make(anew);
            admin.delete(filled);
            admin.make(filled);
            admin.fill(filled, 5, 10);
            admin.delete(appended);
            admin.make(appended);
            assertThat(five.append("id-of-the-new", bytes("new"), PATIENCE)).isEqualTo(new Appended.At(1));
            admin.streams().deleteMessage(holed.stream(), 3);
            assertThat(six.entry(3).orElseThrow().position()).isEqualTo(4);
            var ofHoled = new Followed();
            six.follow(0, null, ofHoled);
            assertThat(ofDeleted.awaitLost()).contains("does not exist any more");
            assertThat(ofPurged.awaitLost()).contains("it was purged");
            // Whoever looks for long enough before all is done sees what was true on the way.
            assertThat(ofAnew.awaitLost()).containsAnyOf("ends at 0, before 3", "does not exist any more");
            assertThat(ofFilled.awaitLost()).containsAnyOf("holds another group at 3", ", before 3", "does not exist any more");
            assertThat(ofAppended.awaitLost()).containsAnyOf("ends at 1, before 3", "ends at 0, before 3", "does not exist any more");
            assertThat(ofHoled.awaitLost()).contains("goes on at 4");
            assertThat(ofHoled.positions()).containsExactly(1L, 2L);
            assertThat(Stream.of(ofDeleted, ofPurged, ofAnew, ofFilled, ofAppended)).allMatch(followed -> followed.size() == 3);
            assertThat(one.append("id-4", bytes("group 4"), Duration.ofMillis(300))).isNotInstanceOf(Appended.At.class);
        }
        // Whoever opens it again has a stream.
        try (var journal = open(deleted)) {
            assertThat(journal.extent()).isEqualTo(new Extent(1, 0));
        }
    }

    @Test
    void whatTheLimitsRemoveIsNoLossToWhoHasIt() throws Exception {
        JetStreamSettings settings = settings();
        try (var journal = open(settings); var late = open(settings); var admin = new Admin(settings.servers())) {
            Followed followed = followed(journal, 3);
            // It has them before the limit comes, and the next one is there for as long as that takes.
            admin.limit(settings, Duration.ofSeconds(1));
            await().atMost(Duration.ofSeconds(30)).until(() -> journal.extent().equals(new Extent(4, 3)));
            admin.limit(settings, Duration.ofHours(1));
            // Long enough for the stream to be looked at.
            assertThat(journal.append("id-4", bytes("group 4"), PATIENCE)).isEqualTo(new Appended.At(4));
            followed.awaitSize(4);
            assertThat(followed.lost()).isNull();
            var behind = new Followed();
            late.follow(1, "id-1", behind);
            assertThat(behind.awaitLost()).contains("what came after 1 was removed before this node had it");
        }
    }

    @Test
    void yesterdaysFolderIsAnotherHistory() throws Exception {
        try (var server = NatsServer.one(folder.resolve("yesterday"))) {
            JetStreamSettings settings = TestServers.settings(server, 1);
            Path copy = folder.resolve("copy");
            try (var journal = open(settings)) {
                journal.append("id-1", bytes("group 1"), PATIENCE);
            }
            server.killAll();
            copy(server.store(0), copy);
            server.restartAll();
            try (var journal = open(settings)) {
                for (int i = 2; i <= 4; i++) {
                    journal.append("id-" + i, bytes("group " + i), PATIENCE);
                }
                var followed = new Followed();
                journal.follow(1, "id-1", followed);
                followed.awaitSize(3);
                server.killAll();
                await().atMost(Duration.ofSeconds(10)).until(() -> journal.trouble().isPresent());
                assertThat(journal.append("id-x", bytes("x"), Duration.ofMillis(300)))
                        .isInstanceOfSatisfying(Appended.Refused.class, refused -> assertThat(refused.why()).contains("not connected"));
                delete(server.store(0));
                copy(copy, server.store(0));
                server.restartAll();
                // Others go on as if nothing had been, beyond where this node is.
                try (var others = open(settings)) {
                    for (int i = 2; i <= 6; i++) {
                        others.append("other-" + i, bytes("other"), PATIENCE);
                    }
                }
                assertThat(followed.awaitLost()).containsAnyOf("holds another group at 4", "before 4");
                assertThat(followed.texts()).containsExactly("group 2", "group 3", "group 4");
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        }
    }
}
