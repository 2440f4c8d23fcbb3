package dev.hark.log.jetstream;

import static dev.hark.log.EngineTest.HOT;
import static dev.hark.log.EngineTest.KEEPS_ALL;
import static dev.hark.log.EngineTest.KEYS;
import static dev.hark.log.EngineTest.append;
import static dev.hark.log.EngineTest.draft;
import static dev.hark.log.EngineTest.readAll;
import static dev.hark.log.replicated.ReplicatedNodesTest.publishAtRandom;
import static dev.hark.log.replicated.ReplicatedNodesTest.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Filters;
import dev.hark.log.EngineTest;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.LogConfig;
import dev.hark.log.UnusableLogException;
import dev.hark.log.replicated.Journal.Extent;
import dev.hark.log.replicated.ReplicatedLog;
import dev.hark.log.replicated.ReplicatedNodesTest;
import dev.hark.log.replicated.Snapshot;
import dev.hark.log.replicated.SnapshotSettings;
import dev.hark.log.sqlite.SqliteReplica;
import dev.hark.log.sqlite.SqliteSettings;
import dev.hark.nats.NatsServer;
import dev.hark.thread.VitalThreads;
import io.nats.client.api.ObjectStoreConfiguration;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Snapshots in the object store of real servers, and a stream that forgets what they cover. */
@Timeout(180)
class JetStreamSnapshotsTest {
    private static final LogConfig CONFIG = new LogConfig(KEEPS_ALL, HOT, KEYS);
    private static final SnapshotSettings OFTEN =
            new SnapshotSettings(Duration.ofMillis(100), Long.MAX_VALUE, Duration.ZERO, Duration.ofMillis(50), "test");

    @TempDir
    static Path folder;

    private static TestServers servers;

    @TempDir
    Path replicas;

    private final List<EventLog> nodes = new ArrayList<>();

    @BeforeAll
    static void begin() {
        servers = new TestServers(folder);
    }

    @AfterAll
    static void end() {
        servers.close();
    }

    @AfterEach
    void close() {
        nodes.forEach(EventLog::close);
    }

    static List<Path> versions() {
        return NatsServer.versions();
    }

    private ReplicatedLog node(JetStreamSettings settings, String name, @Nullable SnapshotSettings snapshots) {
        return node(settings, name, snapshots, CONFIG, InstantSource.system());
    }

    private ReplicatedLog node(
            JetStreamSettings settings, String name, @Nullable SnapshotSettings snapshots, LogConfig config, InstantSource clock) {
        var vital = new VitalThreads();
        var replica = new SqliteSettings(replicas.resolve(name + ".db"), SqliteSettings.Durability.WRITE, config);
        ReplicatedLog log = ReplicatedLog.open(
                () -> journal(settings, vital), SqliteReplica.open(replica, new Random(), vital), Duration.ofSeconds(20),
                clock, new Random(), vital, snapshots);
        nodes.add(log);
        return log;
    }

    private ReplicatedLog node(JetStreamSettings settings, String name) {
        return node(settings, name, null);
    }

    /** Makes one after another, and keeps no group that it need not. */
    private ReplicatedLog maker(JetStreamSettings settings, String name) {
        return node(settings, name, OFTEN);
    }

    private static JetStreamJournal journal(JetStreamSettings settings, VitalThreads vital) {
        try {
            return JetStreamJournal.open(settings, vital, TestServers.PATIENCE);
        } catch (IOException | InterruptedException e) {
            throw new UnusableLogException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Extent extent(JetStreamSettings settings) throws Exception {
        try (var journal = TestServers.open(settings)) {
            return journal.extent();
        }
    }

    /** Publishes until the stream has forgotten what stood up to {@code position}. */
    private static void awaitTrimmed(JetStreamSettings settings, ReplicatedLog maker, long position) throws Exception {
        try (var journal = TestServers.open(settings)) {
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                append(maker, draft("t/1", "more"));
                return journal.extent().first() > position;
            });
        }
    }

    private static void awaitSame(ReplicatedLog one, ReplicatedLog two) {
        await().atMost(Duration.ofSeconds(60)).until(() -> one.applied().equals(two.applied()));
        assertThat(two.tail().epoch()).isEqualTo(one.tail().epoch());
        assertThat(contents(two)).isEqualTo(contents(one)).isNotEmpty();
    }

    private static List<String> contents(ReplicatedLog log) {
        return readAll(log, 0, Filters.ALL).stream().map(event -> event.sequence() + " " + event.topic() + ' ' + EngineTest.data(event))
                .toList();
    }

    private static Snapshot snapshot(long position, long bytes) {
        return new Snapshot("name-" + position, position, "id-" + position, "epoch", 1, 5, bytes, 7, "digest", "1.2");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void areKeptAsObjectsWithWhatTheyAre(Path program) throws Exception {
        JetStreamSettings settings = servers.settings(program);
        Path file = replicas.resolve("file");
        byte[] content = new byte[3_000_000];
        new Random(1).nextBytes(content);
        Files.write(file, content);
        try (var journal = TestServers.open(settings); var link = new Link(settings)) {
            link.connect();
            var snapshots = new JetStreamSnapshots(link, settings);
            assertThat(snapshots.list()).isEmpty();
            snapshots.keep(snapshot(1, content.length), file);
            Files.write(file, new byte[] {1, 2, 3});
            snapshots.keep(snapshot(2, 3), file);
            assertThat(journal.snapshots().orElseThrow().list()).containsExactlyInAnyOrder(snapshot(1, content.length), snapshot(2, 3));
            var read = new ByteArrayOutputStream();
            snapshots.fetch(snapshot(1, content.length), read);
            assertThat(read.toByteArray()).isEqualTo(content);
            snapshots.remove(snapshot(1, content.length));
            snapshots.remove(snapshot(1, content.length));
            assertThat(snapshots.list()).containsExactly(snapshot(2, 3));
            assertThat(link.connection().jetStreamManagement().getStreamInfo(settings.bucketStream()).getStreamState().getMsgCount())
                    .as("a chunk and a description").isEqualTo(2);
            assertThatThrownBy(() -> snapshots.fetch(snapshot(1, 1), read)).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatAKilledMakerHasLeftIsRemoved(Path program) throws Exception {
        JetStreamSettings settings = servers.settings(program);
        Path file = replicas.resolve("file");
        Files.write(file, new byte[1_000_000]);
        try (var journal = TestServers.open(settings); var link = new Link(settings)) {
            link.connect();
            var patient = new JetStreamSnapshots(link, settings);
            patient.keep(snapshot(1, 1_000_000), file);
            var state = link.connection().jetStreamManagement();
            long whole = state.getStreamInfo(settings.bucketStream()).getStreamState().getMsgCount();
            for (int i = 0; i < 5; i++) {
                link.connection().jetStream().publish("$O." + settings.bucket() + ".C.half", new byte[1_000]);
            }
            assertThat(journal.snapshots().orElseThrow().list()).hasSize(1);
            patient.keep(snapshot(2, 1_000_000), file);
            assertThat(state.getStreamInfo(settings.bucketStream()).getStreamState().getMsgCount())
                    .as("it may be somebody's who is at it").isEqualTo(2 * whole + 5);
            new JetStreamSnapshots(link, settings, Duration.ZERO).keep(snapshot(3, 1_000_000), file);
            assertThat(state.getStreamInfo(settings.bucketStream()).getStreamState().getMsgCount()).isEqualTo(3 * whole);
            assertThat(patient.list()).hasSize(3);
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void aNewNodeBeginsWithOneWhereTheStreamHasForgottenTheRest(Path program) throws Exception {
        JetStreamSettings settings = servers.settings(program);
        ReplicatedLog one = maker(settings, "one");
        ReplicatedLog two = node(settings, "two");
        append(one, draft("t/1", "first"), draft("t/2", "x".repeat(500_000)));
        awaitTrimmed(settings, one, 3);
        ReplicatedLog three = node(settings, "three");
        assertThat(three.snapshots().restored()).isEqualTo(1);
        append(three, draft("t/1", "last"));
        awaitSame(one, two);
        awaitSame(one, three);
        assertThat(contents(three).getFirst()).endsWith("t/1 first");
        // One that was away for long.
        long position = three.applied().position();
        three.close();
        awaitTrimmed(settings, one, position + 1);
        ReplicatedLog again = node(settings, "three");
        assertThat(again.snapshots().restored()).isEqualTo(1);
        append(again, draft("t/1", "back"));
        awaitSame(one, again);
    }

    /** With classes, newest events, ends, keys, and a retention that is smaller than what comes. */
    @ParameterizedTest
    @MethodSource("versions")
    void allThatALogKnowsIsInASnapshot(Path program) throws Exception {
        JetStreamSettings settings = servers.settings(program);
        var clock = new FakeClock();
        ReplicatedLog one = node(settings, "one", OFTEN, ReplicatedNodesTest.CONFIG, clock);
        ReplicatedLog two = node(settings, "two", null, ReplicatedNodesTest.CONFIG, clock);
        publishAtRandom(List.of(one, two), List.of(clock));
        long position = one.applied().position();
        try (var journal = TestServers.open(settings)) {
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                append(one, draft("t/1", "more"));
                clock.advance(Duration.ofSeconds(1));
                return journal.extent().first() >= position;
            });
        }
        publishAtRandom(List.of(one, two), List.of(clock));
        ReplicatedLog three = node(settings, "three", null, ReplicatedNodesTest.CONFIG, clock);
        assertThat(three.snapshots().restored()).isEqualTo(1);
        publishAtRandom(List.of(one, two, three), List.of(clock));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> one.applied().equals(two.applied()) && one.applied().equals(three.applied()));
        assertThat(state(two)).isEqualTo(state(one)).hasSizeGreaterThan(100);
        assertThat(state(three)).isEqualTo(state(one));
    }

    @Test
    void theStreamGrowsWhereTheBucketIsFullAndItIsMadeAnewWhereItIsDeleted() throws Exception {
        JetStreamSettings settings = servers.settings(NatsServer.newest());
        try (var admin = new Admin(settings.servers())) {
            admin.connection().objectStoreManagement().create(
                    ObjectStoreConfiguration.builder(settings.bucket()).maxBucketSize(1_000).build());
            ReplicatedLog one = maker(settings, "one");
            append(one, draft("t/1", "first"));
            await().atMost(Duration.ofSeconds(60)).until(() -> one.snapshots().failed() > 0);
            assertThat(one.snapshots().failure()).hasValueSatisfying(why -> assertThat(why).contains("maximum bytes exceeded"));
            assertThat(append(one, draft("t/1", "second"))).hasSize(1);
            assertThat(extent(settings).first()).isEqualTo(1);
            awaitSame(one, node(settings, "two"));
            admin.connection().objectStoreManagement().delete(settings.bucket());
            awaitTrimmed(settings, one, 2);
            admin.connection().objectStoreManagement().delete(settings.bucket());
            awaitTrimmed(settings, one, one.applied().position());
            ReplicatedLog three = node(settings, "three");
            append(one, draft("t/1", "last"));
            awaitSame(one, three);
            assertThat(contents(three).getFirst()).endsWith("t/1 first");
        }
    }

    @Test
    void aPurgeOfAllIsAnotherHistoryAlsoWhereThereAreSnapshots() throws Exception {
        JetStreamSettings settings = servers.settings(NatsServer.newest());
        try (var admin = new Admin(settings.servers())) {
            ReplicatedLog one = node(settings, "one");
            ReplicatedLog two = maker(settings, "two");
            append(one, draft("t/1", "lost"));
            awaitTrimmed(settings, two, 2);
            two.close();
            ReplicatedLog three = node(settings, "two");
            String before = one.tail().epoch();
            admin.purge(settings);
            await().atMost(Duration.ofSeconds(60)).until(() -> !one.tail().epoch().equals(before)
                    && one.tail().epoch().equals(three.tail().epoch())
                    && one.health().trouble() == null && three.health().trouble() == null);
            append(three, draft("t/1", "new"));
            awaitSame(one, three);
            assertThat(contents(one)).hasSize(1);
            // It begins at the marker, and needs no snapshot.
            ReplicatedLog four = node(settings, "four");
            assertThat(four.snapshots().restored()).isZero();
            awaitSame(one, four);
        }
    }

    @Test
    void aPurgeOfAPartThatNothingCoversIsSaidToANewNode() throws Exception {
        JetStreamSettings settings = servers.settings(NatsServer.newest());
        ReplicatedLog one = node(settings, "one");
        for (int i = 0; i < 5; i++) {
            append(one, draft("t/1", "x" + i));
        }
        try (var journal = TestServers.open(settings)) {
            journal.trim(4);
        }
        assertThatThrownBy(() -> node(settings, "two")).isInstanceOf(UnusableLogException.class)
                .hasMessageContaining("the journal begins at 4, and there is no snapshot of a replica to begin from");
        append(one, draft("t/1", "goes on"));
        one.close();
        ReplicatedLog again = maker(settings, "one");
        await().atMost(Duration.ofSeconds(60)).until(() -> again.snapshots().made() > 0);
        awaitSame(again, node(settings, "two"));
    }

    @Test
    void aStreamThatWasMadeAnewHasNothingOfTheOldSnapshots() throws Exception {
        JetStreamSettings settings = servers.settings(NatsServer.newest());
        ReplicatedLog one = maker(settings, "one");
        append(one, draft("t/1", "old"));
        awaitTrimmed(settings, one, 3);
        String before = one.tail().epoch();
        one.close();
        try (var admin = new Admin(settings.servers())) {
            admin.delete(settings);
        }
        ReplicatedLog two = node(settings, "two");
        append(two, draft("t/1", "new"));
        assertThat(two.tail().epoch()).isNotEqualTo(before);
        assertThat(two.snapshots().restored()).isZero();
        assertThat(contents(two)).hasSize(1);
        ReplicatedLog again = node(settings, "one");
        awaitSame(two, again);
        assertThat(contents(again)).hasSize(1);
    }

    /** The servers would remove all, and go on from there. */
    @Test
    void aTrimBeyondTheEndIsRefused() throws Exception {
        JetStreamSettings settings = servers.settings(NatsServer.newest());
        try (var journal = TestServers.open(settings)) {
            journal.append("id-1", TestServers.bytes("1"), TestServers.PATIENCE);
            assertThatThrownBy(() -> journal.trim(2)).isInstanceOf(IOException.class).hasMessageContaining("does not hold 2");
            assertThat(journal.extent()).isEqualTo(new Extent(1, 1));
        }
    }
}
