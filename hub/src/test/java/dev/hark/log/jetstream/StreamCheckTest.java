package dev.hark.log.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.log.jetstream.JetStreamSettings.Limits;
import dev.hark.nats.NatsServer;
import dev.hark.thread.VitalThreads;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.Mirror;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.Source;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jspecify.annotations.Nullable;

/** Streams that are there and not as they have to be, and servers that are not. */
class StreamCheckTest {
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

    private static void refuses(UnaryOperator<StreamConfiguration.Builder> change, String sentence) throws Exception {
        refuses(change, null, sentence);
    }

    private static void refuses(
            UnaryOperator<StreamConfiguration.Builder> change, @Nullable UnaryOperator<StreamConfiguration.Builder> later, String sentence)
            throws Exception {
        JetStreamSettings settings = settings();
        try (var admin = new Admin(settings.servers())) {
            admin.make(settings, change);
            if (later != null) {
                admin.streams().updateStream(later.apply(StreamConfiguration.builder(StreamCheck.wanted(settings))).build());
            }
        }
        assertThatThrownBy(() -> TestServers.open(settings))
                .isInstanceOf(IOException.class)
                .hasMessage("the stream " + settings.stream() + " is not as configured: " + sentence.replace("STREAM", settings.stream()));
    }

    @Test
    void whatItMakesItTakes() throws Exception {
        JetStreamSettings settings = settings().withLimits(new Limits(Duration.ofDays(7), 1 << 20)).withMaxGroupBytes(10_000);
        for (int i = 0; i < 2; i++) {
            try (var journal = TestServers.open(settings)) {
                assertThat(journal.maxBytes()).isEqualTo(10_000);
            }
        }
    }

    @Test
    void aSentenceForEachDifference() throws Exception {
        refuses(stream -> stream.subjects("others.>"), "its subjects are [others.>], not [STREAM.groups] alone");
        refuses(stream -> stream.storageType(StorageType.Memory), "it is kept in memory, not in files");
        refuses(stream -> stream.retentionPolicy(RetentionPolicy.WorkQueue), "its retention policy is workqueue, not limits");
        refuses(stream -> stream.retentionPolicy(RetentionPolicy.Interest), "its retention policy is interest, not limits");
        refuses(stream -> stream.discardPolicy(DiscardPolicy.New), "beyond its limits it discards what is new, not old");
        refuses(stream -> stream.duplicateWindow(1000), "it knows duplicates for 1 s, not 120 s");
        refuses(stream -> stream.maximumMessageSize(1000), "it takes messages of at most 1000 bytes, not 922624");
        refuses(stream -> stream.maxAge(Duration.ofHours(1)).duplicateWindow(120_000), "it keeps messages for 3600 s, not for ever");
        refuses(stream -> stream.maxBytes(5000), "it keeps 5000 bytes, not any number of bytes");
        refuses(stream -> stream.maxMessages(7), "it keeps 7 messages, not all");
        refuses(stream -> stream.maxMessagesPerSubject(7), "it keeps 7 messages of a subject, not all");
        refuses(stream -> stream.maxConsumers(1), "it takes 1 consumers, not one for each node");
        refuses(stream -> stream.noAck(true), "it does not acknowledge");
        refuses(stream -> stream, StreamConfiguration.Builder::seal, "it is sealed; beyond its limits it discards what is new, not old");
        refuses(stream -> stream.maxMessages(7).maxBytes(5000),
                "it keeps 5000 bytes, not any number of bytes; it keeps 7 messages, not all");
        refuses(stream -> stream.sources(Source.builder().sourceName("elsewhere").build()), "it takes messages from other streams");
        refuses(stream -> stream.mirror(Mirror.builder().sourceName("elsewhere").build()).subjects(List.of()),
                "it mirrors another stream; its subjects are [], not [STREAM.groups] alone");
    }

    @Test
    void serversThatCannotKeepIt() throws Exception {
        JetStreamSettings three = TestServers.settings(servers.of(NatsServer.newest()), 3);
        assertThatThrownBy(() -> JetStreamJournal.open(three, new VitalThreads(), Duration.ofMillis(300)))
                .hasMessageContaining("is in no cluster, so no stream can be kept by 3 servers (log.replicas)");
        JetStreamSettings large = settings().withMaxGroupBytes(2 << 20);
        assertThatThrownBy(() -> TestServers.open(large)).hasMessageContaining("messages of at most 1048576 bytes (max_payload)");
        try (var off = NatsServer.start(NatsServer.newest(), folder.resolve("off"), 1, List.of("jetstream: false"))) {
            assertThatThrownBy(() -> TestServers.open(TestServers.settings(off, 1)))
                    .hasMessage("JetStream is not enabled at " + off.urls().getFirst());
        }
    }

    @Test
    void settingsAreChecked() {
        List<String> good = List.of("nats://localhost:4222");
        assertThat(JetStreamSettings.of(List.of("nats://[::1]:4222", "tls://nats.example"), "Hark-1_a", 5)).isNotNull();
        List<String> bad = List.of("localhost:4222", "http://localhost", "nats://", "nats://a b", "nats://host/path", "nats://host?tls=no");
        for (String server : bad) {
            assertThatThrownBy(() -> JetStreamSettings.of(List.of(server), "hark", 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("server 1 of NATS is no address such as nats://host:4222");
        }
        assertThatThrownBy(() -> JetStreamSettings.of(List.of("nats://hub:s3cret@host"), "hark", 1))
                .hasMessage("server 1 of NATS has a user in its address: credentials are configured on their own");
        for (String stream : List.of("", "a.b", "a*", ">", "a b", "ä", "x".repeat(65))) {
            assertThatThrownBy(() -> JetStreamSettings.of(good, stream, 1)).hasMessageContaining("a stream's name");
        }
        for (int replicas : new int[] {0, 2, 4, 7}) {
            assertThatThrownBy(() -> JetStreamSettings.of(good, "hark", replicas)).hasMessageContaining("1, 3 or 5 replicas");
        }
        assertThatThrownBy(() -> JetStreamSettings.of(List.of(), "hark", 1)).hasMessageContaining("no server");
    }
}
