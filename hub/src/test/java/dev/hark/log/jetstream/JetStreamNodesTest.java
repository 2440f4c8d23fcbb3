package dev.hark.log.jetstream;

import static dev.hark.log.EngineTest.KEYS;
import static dev.hark.log.EngineTest.KEEPS_ALL;
import static dev.hark.log.EngineTest.HOT;
import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.readAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import dev.hark.log.Append;
import dev.hark.log.EngineTest;
import dev.hark.log.LogConfig;
import dev.hark.log.UnusableLogException;
import dev.hark.log.replicated.ReplicatedLog;
import dev.hark.log.sqlite.SqliteReplica;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.nats.NatsServer;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes on a real server, which may be killed, and its stream deleted. */
@Timeout(120)
class JetStreamNodesTest {
    private static final LogConfig CONFIG = new LogConfig(KEEPS_ALL, HOT, KEYS);

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    private NatsServer server() throws Exception {
        NatsServer server = NatsServer.start(NatsServer.newest(), folder.resolve("nats"), 1, List.of());
        opened.add(server);
        return server;
    }

    private ReplicatedLog node(JetStreamSettings settings, String name) {
        var vital = new VitalThreads();
        var replica = new SqliteSettings(folder.resolve(name + ".db"), SqliteSettings.Durability.WRITE, CONFIG);
        ReplicatedLog log = ReplicatedLog.open(
                () -> journal(settings, vital), SqliteReplica.open(replica, new Random(), vital), Duration.ofSeconds(20),
                InstantSource.system(), new Random(), vital);
        opened.add(log);
        return log;
    }

    private static JetStreamJournal journal(JetStreamSettings settings, VitalThreads vital) {
        try {
            return JetStreamJournal.open(settings, vital, TestServers.PATIENCE);
        } catch (IOException | InterruptedException e) {
            throw new UnusableLogException(String.valueOf(e.getMessage()), e);
        }
    }

    @Test
    void storeOnceWhatTheyAcknowledgeThroughTheServersDeath() throws Exception {
        NatsServer server = server();
        JetStreamSettings settings = TestServers.settings(server, 1);
        ReplicatedLog one = node(settings, "one");
        ReplicatedLog two = node(settings, "two");
        var acknowledged = new ConcurrentLinkedQueue<Long>();
        var done = new AtomicBoolean();
        List<Thread> publishers = List.of(
                Thread.ofVirtual().start(() -> publish(one, "one", done, acknowledged)),
                Thread.ofVirtual().start(() -> publish(two, "two", done, acknowledged)));
        await().until(() -> acknowledged.size() > 100);
        server.kill(0);
        server.restart(0);
        int before = acknowledged.size();
        await().atMost(Duration.ofSeconds(60)).until(() -> acknowledged.size() > before + 100);
        done.set(true);
        for (Thread publisher : publishers) {
            publisher.join();
        }
        append(one, draft("a", "last"));
        await().until(() -> one.applied().position() == two.applied().position());
        List<Event> events = readAll(one, 0, Filters.ALL);
        assertThat(events).extracting(Event::sequence).containsAll(acknowledged);
        assertThat(events).extracting(EngineTest::data).as("each once").doesNotHaveDuplicates();
        assertThat(readAll(two, 0, Filters.ALL)).extracting(event -> event.sequence() + EngineTest.data(event))
                .containsExactlyElementsOf(events.stream().map(event -> event.sequence() + EngineTest.data(event)).toList());
    }

    private static void publish(ReplicatedLog node, String name, AtomicBoolean done, ConcurrentLinkedQueue<Long> acknowledged) {
        for (int i = 0; !done.get(); i++) {
            // The key makes the retry of what may be stored safe.
            Append append;
            do {
                append = node.append(List.of(draft("t/" + name, name + i, name + i)));
            } while (!(append instanceof Append.Stored));
            acknowledged.add(((Append.Stored) append).entries().getFirst().sequence());
        }
    }

    @Test
    void beginAnotherHistoryWhereTheStreamIsDeleted() throws Exception {
        NatsServer server = server();
        JetStreamSettings settings = TestServers.settings(server, 1);
        ReplicatedLog one = node(settings, "one");
        ReplicatedLog two = node(settings, "two");
        append(one, draft("a", "lost"));
        await().until(() -> one.applied().position() == two.applied().position());
        String before = one.tail().epoch();
        try (var link = new Link(settings)) {
            link.connect();
            link.connection().jetStreamManagement().deleteStream(settings.stream());
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> !one.tail().epoch().equals(before)
                && one.tail().epoch().equals(two.tail().epoch()) && one.health().trouble() == null && one.health().refusal() == null);
        long position = append(two, draft("a", "new")).getFirst();
        assertThat(one.tail().awaitPosition(position, Duration.ofSeconds(20))).isTrue();
        assertThat(readAll(one, 0, Filters.of("a"))).extracting(EngineTest::data).containsExactly("new");
    }
}
