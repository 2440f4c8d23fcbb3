package dev.hark.log.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.log.replicated.DamagedSnapshotException;
import dev.hark.log.replicated.Snapshot;
import dev.hark.log.replicated.Snapshots;
import dev.hark.nats.NatsServer;
import io.nats.client.PurgeOptions;
import io.nats.client.api.ObjectInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Objects that are not what was kept, told from those that cannot be read now. */
@Timeout(120)
class JetStreamDamageTest {
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

    static List<Path> versions() {
        return NatsServer.versions();
    }

    private static Snapshot keep(Snapshots snapshots, int bytes) throws Exception {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        var snapshot = new Snapshot("of-" + bytes, bytes, "id", "epoch", 1, 5, bytes, 7, "digest", "1.2");
        snapshots.keep(snapshot, Files.write(folder.resolve("content"), content));
        snapshots.fetch(snapshot, OutputStream.nullOutputStream());
        return snapshot;
    }

    private static void assertDamaged(Snapshots snapshots, Snapshot snapshot) {
        assertThatThrownBy(() -> snapshots.fetch(snapshot, OutputStream.nullOutputStream()))
                .isInstanceOf(DamagedSnapshotException.class).hasMessageStartingWith("it is damaged");
    }

    private static void assertAway(Snapshots snapshots, Snapshot snapshot) {
        assertThatThrownBy(() -> snapshots.fetch(snapshot, OutputStream.nullOutputStream()))
                .isInstanceOf(IOException.class).isNotInstanceOf(DamagedSnapshotException.class);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void whatLacksAPartOrHasAnotherIsDamaged(Path program) throws Exception {
        JetStreamSettings settings = servers.settings(program);
        try (var journal = TestServers.open(settings); var admin = new Admin(settings.servers())) {
            Snapshots snapshots = journal.snapshots().orElseThrow();
            Snapshot large = keep(snapshots, 2_000_000);
            // Of its four chunks, the second.
            assertThat(admin.streams().deleteMessage(settings.bucketStream(), 2)).isTrue();
            assertDamaged(snapshots, large);

            for (int size : new int[] {1_000, 1_001}) {
                Snapshot small = keep(snapshots, size);
                ObjectInfo info = admin.connection().objectStore(settings.bucket()).getInfo(small.name());
                String chunks = "$O." + settings.bucket() + ".C." + info.getNuid();
                admin.streams().purgeStream(settings.bucketStream(), PurgeOptions.subject(chunks));
                assertDamaged(snapshots, small);
                // Of the same size, and of another one.
                admin.connection().jetStream().publish(chunks, new byte[1_000]);
                assertDamaged(snapshots, small);
            }
        }
    }

    /** Another node may have removed it since it was listed, and the next list says so. */
    @ParameterizedTest
    @MethodSource("versions")
    void whatIsGoneOrNotAnsweredForIsNotDamaged(Path program) throws Exception {
        JetStreamSettings settings = servers.settings(program);
        try (var journal = TestServers.open(settings)) {
            Snapshots snapshots = journal.snapshots().orElseThrow();
            Snapshot gone = keep(snapshots, 2_000_000);
            snapshots.remove(gone);
            assertAway(snapshots, gone);
            Snapshot kept = keep(snapshots, 1_000_000);
            servers.of(program).kill(0);
            try {
                assertAway(snapshots, kept);
            } finally {
                servers.of(program).restart(0);
            }
            snapshots.fetch(kept, OutputStream.nullOutputStream());
        }
    }
}
