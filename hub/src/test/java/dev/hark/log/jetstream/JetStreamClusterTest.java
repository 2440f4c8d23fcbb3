package dev.hark.log.jetstream;

import static dev.hark.log.jetstream.TestServers.bytes;
import static dev.hark.log.jetstream.TestServers.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.log.replicated.Journal.Appended;
import dev.hark.nats.NatsServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three servers and two nodes that append at the same time, while servers die and hang. */
class JetStreamClusterTest {
    /** Longer than an election takes. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    static Path folder;

    /** A node: what it appended, and what became of it. */
    private static final class Appender {
        private final JetStreamJournal journal;
        private final String name;
        private final Map<String, Long> acknowledged = new HashMap<>();
        private final Set<String> unknown = new HashSet<>();
        private final Set<String> refused = new HashSet<>();
        private final Followed followed = new Followed();

        Appender(JetStreamSettings settings, String name) throws Exception {
            this.journal = open(settings.withName(name));
            this.name = name;
            journal.follow(0, null, followed);
        }

        void run(AtomicBoolean end) {
            try {
                for (int i = 0; !end.get(); i++) {
                    String id = name + "-" + i;
                    // Now and then with less patience than an election needs.
                    switch (journal.append(id, bytes(id), i % 3 == 0 ? Duration.ofMillis(700) : PATIENCE)) {
                        case Appended.At(long position) -> acknowledged.put(id, position);
                        case Appended.Unknown _ -> unknown.add(id);
                        case Appended.Refused _ -> refused.add(id);
                        case Appended.Overtaken _ -> throw new IllegalStateException(id + " was overtaken");
                    }
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** What happens to the servers meanwhile. */
    private interface Faults {
        void happen(NatsServer servers, String stream) throws Exception;
    }

    private static void everyGroupOnceWhile(Path folder, Faults faults) throws Exception {
        try (var servers = NatsServer.three(folder)) {
            JetStreamSettings settings = TestServers.settings(servers, 3);
            var one = new Appender(settings, "one");
            var other = new Appender(settings, "other");
            try (one.journal; other.journal) {
                var end = new AtomicBoolean();
                var first = CompletableFuture.runAsync(() -> one.run(end));
                var second = CompletableFuture.runAsync(() -> other.run(end));
                try {
                    faults.happen(servers, settings.stream());
                } finally {
                    end.set(true);
                }
                first.get();
                second.get();
                Appended last = one.journal.append("last", bytes("last"), PATIENCE);
                assertThat(last).isInstanceOf(Appended.At.class);
                await().atMost(Duration.ofSeconds(20)).until(() -> isThrough(one) && isThrough(other));
                assertThat(one.followed.ids()).isEqualTo(other.followed.ids());
                assertThat(one.followed.positions()).isEqualTo(other.followed.positions());
                check(one, one.followed);
                check(other, one.followed);
                await().atMost(Duration.ofSeconds(10)).until(() -> one.journal.trouble().isEmpty() && other.journal.trouble().isEmpty());
            }
        }
    }

    private static boolean isThrough(Appender appender) {
        assertThat(appender.followed.lost()).isNull();
        return appender.followed.ids().contains("last");
    }

    private static void check(Appender appender, Followed followed) {
        assertThat(appender.acknowledged).hasSizeGreaterThan(50);
        Map<String, List<Long>> places = new HashMap<>();
        followed.entries().forEach(entry -> places.computeIfAbsent(entry.id(), id -> new ArrayList<>()).add(entry.position()));
        appender.acknowledged.forEach((id, position) -> assertThat(places.get(id)).as(id).containsExactly(position));
        appender.unknown.forEach(id -> assertThat(places.getOrDefault(id, List.of())).as(id).hasSizeLessThanOrEqualTo(1));
        appender.refused.forEach(id -> assertThat(places).as(id).doesNotContainKey(id));
    }

    /** Not a wait for anything: both append as fast as they can meanwhile. */
    private static void whileAppending(int millis) throws InterruptedException {
        Thread.sleep(millis);
    }

    @Tag("long")
    @Test
    void everyGroupOnceWhileTheLeaderIsKilled() throws Exception {
        everyGroupOnceWhile(folder.resolve("killed"), (servers, stream) -> {
            whileAppending(500);
            int leader = servers.leaderOf(stream);
            servers.kill(leader);
            whileAppending(1500);
            servers.restart(leader);
            whileAppending(300);
        });
    }

    @Test
    @Tag("long")
    void everyGroupOnceWhileTheLeaderHangs() throws Exception {
        everyGroupOnceWhile(folder.resolve("hangs"), (servers, stream) -> {
            whileAppending(300);
            int leader = servers.leaderOf(stream);
            servers.pause(leader);
            whileAppending(4000);
            servers.resume(leader);
            whileAppending(500);
        });
    }

    @Test
    @Tag("long")
    void everyGroupOnceOverManyKills() throws Exception {
        everyGroupOnceWhile(folder.resolve("many"), (servers, stream) -> {
            for (int round = 0; round < 12; round++) {
                whileAppending(1000);
                int victim = round % 3 == 2 ? round % servers.size() : servers.leaderOf(stream);
                if (round % 4 == 3) {
                    servers.pause(victim);
                    whileAppending(12_000);
                    servers.resume(victim);
                } else {
                    servers.kill(victim);
                    whileAppending(2000);
                    servers.restart(victim);
                }
            }
            servers.killAll();
            whileAppending(1000);
            servers.restartAll();
            whileAppending(1000);
        });
    }

    @Test
    @Tag("long")
    void saysWhenThereIsNoMajority() throws Exception {
        try (var servers = NatsServer.three(folder.resolve("minority"));
                var journal = open(TestServers.settings(servers, 3))) {
            var followed = new Followed();
            journal.follow(0, null, followed);
            assertThat(journal.durability()).isEqualTo("replicated-3");
            assertThat(journal.append("before", bytes("before"), PATIENCE)).isEqualTo(new Appended.At(1));
            await().atMost(Duration.ofSeconds(5)).until(() -> journal.trouble().isEmpty());
            servers.kill(1);
            servers.kill(2);
            await().atMost(Duration.ofSeconds(20)).until(() -> journal.trouble().isPresent());
            assertThat(journal.append("meanwhile", bytes("meanwhile"), Duration.ofSeconds(2))).isNotInstanceOf(Appended.At.class);
            assertThat(followed.lost()).isNull();
            servers.restartAll();
            assertThat(journal.append("after", bytes("after"), PATIENCE)).isInstanceOf(Appended.At.class);
            await().atMost(Duration.ofSeconds(20)).until(() -> followed.ids().contains("after") && journal.trouble().isEmpty());
            assertThat(followed.ids()).startsWith("before").endsWith("after").doesNotHaveDuplicates();
        }
    }
}
