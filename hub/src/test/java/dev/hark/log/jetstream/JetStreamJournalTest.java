package dev.hark.log.jetstream;

import static dev.hark.log.jetstream.TestServers.PATIENCE;
import static dev.hark.log.jetstream.TestServers.bytes;
import static dev.hark.log.jetstream.TestServers.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.log.replicated.Journal.Appended;
import dev.hark.log.replicated.Journal.Entry;
import dev.hark.log.replicated.Journal.Extent;
import dev.hark.log.replicated.Journal.Follower;
import dev.hark.nats.NatsServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a journal promises, on one server of each version that there is. */
class JetStreamJournalTest {
    @TempDir
    static Path folder;

    private static TestServers servers;

    static List<Path> versions() {
        return NatsServer.versions();
    }

    @BeforeAll
    static void begin() {
        servers = new TestServers(folder);
    }

    @AfterAll
    static void end() {
        servers.close();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void givesWhatWasAppendedInOrder(Path program) throws Exception {
        try (var journal = open(servers.settings(program))) {
            assertThat(journal.extent()).isEqualTo(new Extent(1, 0));
            assertThat(journal.entry(1)).isEmpty();
            var followed = new Followed();
            journal.follow(0, null, followed);
            for (int i = 1; i <= 300; i++) {
                assertThat(journal.append("id-" + i, bytes("group " + i), PATIENCE)).isEqualTo(new Appended.At(i));
            }
            followed.awaitSize(300);
            assertThat(followed.texts()).isEqualTo(IntStream.rangeClosed(1, 300).mapToObj(i -> "group " + i).toList());
            assertThat(followed.ids()).isEqualTo(IntStream.rangeClosed(1, 300).mapToObj(i -> "id-" + i).toList());
            assertThat(journal.extent()).isEqualTo(new Extent(1, 300));
            assertThat(journal.entry(7).orElseThrow().id()).isEqualTo("id-7");
            assertThat(journal.entry(7).orElseThrow().timeMillis()).isEqualTo(followed.entries().get(6).timeMillis());
            assertThat(journal.entry(301)).isEmpty();
            assertThat(journal.trouble()).isEmpty();
            assertThat(journal.durability()).isEqualTo("replicated-1");
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void twoJournalsOneAfterTheOther(Path program) throws Exception {
        JetStreamSettings settings = servers.settings(program);
        try (var first = open(settings)) {
            for (int i = 1; i <= 5; i++) {
                first.append("id-" + i, bytes("group " + i), PATIENCE);
            }
        }
        try (var second = open(settings)) {
            var followed = new Followed();
            second.follow(3, "id-3", followed);
            assertThat(second.append("id-6", bytes("group 6"), PATIENCE)).isEqualTo(new Appended.At(6));
            followed.awaitSize(3);
            assertThat(followed.positions()).containsExactly(4L, 5L, 6L);
        }
        // Without an id only the ends are compared; with another one it is another history.
        try (var third = open(settings); var fourth = open(settings)) {
            var followed = new Followed();
            third.follow(5, null, followed);
            followed.awaitSize(1);
            var misled = new Followed();
            fourth.follow(3, "id-of-another-history", misled);
            assertThat(misled.awaitLost()).contains("holds another group at 3");
            assertThat(misled.entries()).isEmpty();
            assertThat(fourth.trouble()).contains(misled.lost());
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void oneOfTwoWinsWhoCompareAndSet(Path program) throws Exception {
        JetStreamSettings settings = servers.settings(program);
        try (var one = open(settings); var other = open(settings)) {
            for (int round = 0; round < 20; round++) {
                long last = one.extent().last();
                String name = "round " + round;
                var racing = CompletableFuture.supplyAsync(() -> appendAfter(other, last, name + " other"));
                Appended ours = appendAfter(one, last, name + " one");
                Appended theirs = racing.get();
                assertThat(List.of(ours, theirs)).containsExactlyInAnyOrder(new Appended.At(last + 1), new Appended.Overtaken());
                String winner = ours instanceof Appended.At ? name + " one" : name + " other";
                assertThat(one.entry(last + 1).orElseThrow().id()).isEqualTo(winner);
                // Whoever asks again, as after an answer that was lost, is told the same.
                assertThat(appendAfter(one, last, winner)).isEqualTo(new Appended.At(last + 1));
            }
            assertThat(one.extent()).isEqualTo(new Extent(1, 20));
            assertThat(appendAfter(one, 0, "at the beginning")).isEqualTo(new Appended.Overtaken());
            assertThat(appendAfter(one, 100, "ahead")).isEqualTo(new Appended.Overtaken());
            assertThat(one.extent()).isEqualTo(new Extent(1, 20));
        }
    }

    private static Appended appendAfter(JetStreamJournal journal, long last, String id) {
        try {
            return journal.appendAfter(last, id, bytes(id), Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aGroupIsKnownAgain(Path program) throws Exception {
        try (var journal = open(servers.settings(program))) {
            var followed = new Followed();
            journal.follow(0, null, followed);
            assertThat(journal.append("same", bytes("once"), PATIENCE)).isEqualTo(new Appended.At(1));
            assertThat(journal.append("other", bytes("between"), PATIENCE)).isEqualTo(new Appended.At(2));
            assertThat(journal.append("same", bytes("twice"), PATIENCE)).isEqualTo(new Appended.At(1));
            assertThat(journal.append("last", bytes("last"), PATIENCE)).isEqualTo(new Appended.At(3));
            followed.awaitSize(3);
            assertThat(followed.texts()).containsExactly("once", "between", "last");
            assertThat(journal.trouble()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aGroupIsAsLargeAsItMayBe(Path program) throws Exception {
        try (var journal = open(servers.settings(program))) {
            var followed = new Followed();
            journal.follow(0, null, followed);
            int most = journal.maxBytes();
            assertThat(most).isEqualTo(JetStreamSettings.DEFAULT_MAX_GROUP_BYTES);
            assertThat(journal.append("too large", new byte[most + 1], PATIENCE))
                    .isEqualTo(new Appended.Refused("a group of 921601 bytes is larger than 921600"));
            // More than is asked for at once, so that requests end by bytes.
            for (int i = 1; i <= 20; i++) {
                assertThat(journal.append("id-".repeat(60) + i, new byte[most], PATIENCE)).isEqualTo(new Appended.At(i));
            }
            followed.awaitSize(20);
            assertThat(followed.entries()).allMatch(entry -> entry.group().length == most);
        }
    }

    /** All versions at once, because it takes its time. */
    @Test
    void whoTakesItsTimeMissesNothing() throws Exception {
        int count = 50_000;
        List<JetStreamJournal> journals = new ArrayList<>();
        List<Slow> followers = new ArrayList<>();
        try {
            for (Path program : versions()) {
                JetStreamSettings settings = servers.settings(program);
                JetStreamJournal journal = open(settings);
                journals.add(journal);
                var slow = new Slow();
                followers.add(slow);
                journal.follow(0, null, slow);
                try (var admin = new Admin(settings.servers())) {
                    admin.fill(settings, 10, 100);
                    slow.waits.get();
                    admin.fill(settings, count - 10, 100);
                }
                assertThat(journal.trouble()).isEmpty();
            }
            for (int i = 0; i < followers.size(); i++) {
                Slow slow = followers.get(i);
                await().atMost(Duration.ofSeconds(30)).until(() -> slow.last.get() == count);
                assertThat(slow.wrong).hasValue(0);
                assertThat(journals.get(i).trouble()).isEmpty();
            }
        } finally {
            journals.forEach(JetStreamJournal::close);
        }
    }

    /** Waits for three seconds over the tenth group. */
    private static final class Slow implements Follower {
        private final CompletableFuture<Void> waits = new CompletableFuture<>();
        private final AtomicLong last = new AtomicLong();
        private final AtomicLong wrong = new AtomicLong();

        @Override
        public void take(Entry entry) throws InterruptedException {
            if (entry.position() == 10) {
                waits.complete(null);
                Thread.sleep(3000);
            }
            if (entry.position() != last.get() + 1) {
                wrong.set(entry.position());
            }
            last.set(entry.position());
        }

        @Override
        public void lost(String why) {
            wrong.set(-1);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void leavesNoConsumerBehind(Path program) throws Exception {
        JetStreamSettings settings = servers.settings(program);
        try (var admin = new Admin(settings.servers())) {
            try (var journal = open(settings)) {
                journal.append("id", bytes("group"), PATIENCE);
                var followed = new Followed();
                journal.follow(0, null, followed);
                followed.awaitSize(1);
                assertThat(admin.streams().getConsumerNames(settings.stream())).hasSize(1);
            }
            await().atMost(Duration.ofSeconds(5)).until(() -> admin.streams().getConsumerNames(settings.stream()).isEmpty());
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    @Tag("long")
    void keepsItsConsumerWhileNothingComes(Path program) throws Exception {
        JetStreamSettings settings = servers.settings(program);
        try (var admin = new Admin(settings.servers()); var journal = open(settings)) {
            var followed = new Followed();
            journal.follow(0, null, followed);
            journal.append("first", bytes("first"), PATIENCE);
            followed.awaitSize(1);
            List<String> consumer = admin.streams().getConsumerNames(settings.stream());
            // Longer than a request for messages lasts.
            await().during(Duration.ofSeconds(33)).atMost(Duration.ofSeconds(40)).until(() -> journal.trouble().isEmpty());
            assertThat(admin.streams().getConsumerNames(settings.stream())).isEqualTo(consumer).hasSize(1);
            journal.append("last", bytes("last"), PATIENCE);
            followed.awaitSize(2);
        }
    }
}
