package dev.hark.log.jetstream;

import static dev.hark.log.jetstream.TestServers.PATIENCE;
import static dev.hark.log.jetstream.TestServers.bytes;
import static dev.hark.log.jetstream.TestServers.open;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.log.replicated.Journal;
import dev.hark.log.replicated.Journal.Appended;
import dev.hark.log.replicated.Snapshot;
import dev.hark.nats.NatsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code docs/deploy/nats.conf} permits is all that a node needs. */
@Timeout(120)
class JetStreamRightsTest {
    private static final Path FILE = Path.of("..", "docs", "deploy", "nats.conf");
    private static final String PASSWORD = "s3cret-word";

    private static final Duration ROLL = Duration.ofSeconds(2);

    /** So large that a server sends it in turns, which the client asks for. */
    private static final int LARGE = 6_000_000;

    @TempDir
    Path folder;

    static List<Path> versions() {
        return NatsServer.versions();
    }

    private static String authorization() throws IOException {
        Matcher found = Pattern.compile("(?ms)^authorization \\{.*?^}").matcher(Files.readString(FILE));
        assertThat(found.find()).as("%s says who may do what", FILE).isTrue();
        return found.group().replace("$NATS_PASSWORD", PASSWORD);
    }

    private NatsServer server(Path program, String authorization) throws IOException, InterruptedException {
        return NatsServer.start(program, folder.resolve("server"), 1, List.of(authorization));
    }

    /** The stream of the configuration beside that file. */
    private static JetStreamSettings settings(NatsServer server) {
        return JetStreamSettings.of(server.urls(), "hark", 1).withAccess(new Access.User("hark", PASSWORD));
    }

    private Path largeFile() throws IOException {
        byte[] content = new byte[LARGE];
        new Random(1).nextBytes(content);
        return Files.write(folder.resolve("large"), content);
    }

    private static Snapshot snapshot() {
        return new Snapshot("name", 1, "id-1", "epoch", 1, 5, LARGE, 7, "digest", "1.2");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void theyAreEnoughForAllThatANodeDoes(Path program) throws Exception {
        Path file = largeFile();
        try (var server = server(program, authorization()); var journal = open(settings(server));
                var other = open(settings(server))) {
            journal.answerRollCall(() -> bytes("here"));
            other.answerRollCall(() -> bytes("there"));
            var followed = new Followed();
            journal.follow(0, null, followed);
            assertThat(journal.append("id-1", bytes("1"), PATIENCE)).isEqualTo(new Appended.At(1));
            assertThat(journal.appendAfter(1, "id-2", bytes("2"), PATIENCE)).isEqualTo(new Appended.At(2));
            followed.awaitSize(2);
            await().atMost(PATIENCE).untilAsserted(
                    () -> assertThat(journal.callRoll(ROLL)).containsExactlyInAnyOrder(bytes("here"), bytes("there")));

            var snapshots = journal.snapshots().orElseThrow();
            snapshots.keep(snapshot(), file);
            assertThat(snapshots.list()).containsExactly(snapshot());
            var read = new ByteArrayOutputStream();
            snapshots.fetch(snapshot(), read);
            assertThat(read.toByteArray()).isEqualTo(Files.readAllBytes(file));
            snapshots.remove(snapshot());
            assertThat(snapshots.list()).isEmpty();
            journal.trim(2);
            assertThat(journal.extent()).isEqualTo(new Journal.Extent(2, 2));
            assertThat(journal.trouble()).isEmpty();
            assertThat(Files.readString(folder.resolve("server").resolve("n0.log"), UTF_8)).doesNotContain("Violation");
        }
    }

    /** As any other that is refused on the way. */
    @Test
    void aRightThatIsMissingIsNamed() throws Exception {
        Path file = largeFile();
        String without = authorization().replace("\"$JS.FC.>\", ", "");
        try (var server = server(NatsServer.newest(), without); var journal = open(settings(server))) {
            var snapshots = journal.snapshots().orElseThrow();
            snapshots.keep(snapshot(), file);
            assertThatThrownBy(() -> snapshots.fetch(snapshot(), new ByteArrayOutputStream())).isInstanceOf(IOException.class)
                    .hasMessageContaining("Permissions Violation for Publish to \"$JS.FC.");
            assertThat(snapshots.list()).as("it is as good as before").containsExactly(snapshot());
        }
    }
}
