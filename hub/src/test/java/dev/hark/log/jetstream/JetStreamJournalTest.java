package dev.hark.log.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.log.replicated.Journal.Appended;
import dev.hark.log.replicated.Journal.Extent;
import dev.hark.nats.NatsServer;
import dev.hark.thread.VitalThreads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a journal promises, on one server of each version that there is. */
class JetStreamJournalTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final AtomicInteger STREAMS = new AtomicInteger();
    private static final Map<Path, NatsServer> RUNNING = new HashMap<>();

    @TempDir
    static Path folder;

    static List<Path> versions() {
        return NatsServer.versions();
    }

    @AfterAll
    static void end() {
        RUNNING.values().forEach(NatsServer::close);
    }

    private static NatsServer server(Path program) throws IOException, InterruptedException {
        NatsServer running = RUNNING.get(program);
        if (running == null) {
            running = NatsServer.start(program, folder.resolve("v" + RUNNING.size()), 1, List.of());
            RUNNING.put(program, running);
        }
        return running;
    }

    private static JetStreamSettings settings(Path program) throws IOException, InterruptedException {
        return JetStreamSettings.of(server(program).urls(), "s" + STREAMS.incrementAndGet(), 1);
    }

    private static JetStreamJournal open(JetStreamSettings settings) throws IOException, InterruptedException {
        return JetStreamJournal.open(settings, new VitalThreads(), PATIENCE);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void givesWhatWasAppendedInOrder(Path program) throws Exception {
        try (var journal = open(settings(program))) {
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
            assertThat(journal.entry(301)).isEmpty();
            assertThat(journal.trouble()).isEmpty();
        }
    }
}
