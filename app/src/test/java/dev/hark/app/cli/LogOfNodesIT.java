package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.cluster.NatsServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** {@code hark log} where {@code log.kind} is {@code jetstream}: on the replica of a node that has ended. */
@ResourceLock(SilentLog.LOG)
class LogOfNodesIT {
    @TempDir
    private Path folder;

    @BeforeEach
    void configure() throws Exception {
        Files.writeString(folder.resolve("application.yaml"), Files.readString(Path.of("..", "application.yaml")));
    }

    private TestShell log(int expected, String server, String... command) {
        var shell = TestShell.in(folder);
        Stream<String> args = Stream.of(Stream.of("log"), Stream.of(command), Stream.of("--set", "log.kind=jetstream", "--set",
                "log.servers.0=" + server, "--set", "log.path=nats/one.db")).flatMap(each -> each);
        assertThat(shell.run(args.toArray(String[]::new))).as(shell.out() + shell.err()).isEqualTo(expected);
        return shell;
    }

    @Test
    void readsAReplicaAndWritesNone() throws Exception {
        try (NatsServer nats = NatsServer.start(folder.resolve("nats"))) {
            String url = nats.url();
            List<String> ids = new ArrayList<>();
            try (RunningHub hub = nats.node("one")) {
                ids.add(hub.publish("a", "first"));
                ids.add(hub.publish("b", "second"));
            }
            // Nobody is asked.
            nats.kill();

            JsonNode info = new ObjectMapper().readTree(log(ExitCode.OK, url, "info", "--json").out());
            assertThat(info.path("events").asLong()).isEqualTo(2);
            assertThat(ids).allMatch(id -> id.startsWith(info.path("epoch").asText() + "-"));
            assertThat(log(ExitCode.OK, url, "verify").out()).contains("is intact: 2 events");
            assertThat(log(ExitCode.OK, url, "export").out().lines()).hasSize(2)
                    .satisfiesExactly(line -> assertThat(line).contains(ids.getFirst(), "first"),
                            line -> assertThat(line).contains(ids.getLast(), "second"));

            Files.writeString(folder.resolve("one.ndjson"), "{\"topic\":\"t\",\"data\":\"x\"}\n");
            assertThat(log(ExitCode.USAGE, url, "import", "one.ndjson").err())
                    .contains("log.kind is 'jetstream'", "From one node to several").hasLineCount(1);
            log(ExitCode.OK, url, "backup", "copy.db");
            assertThat(log(ExitCode.USAGE, url, "restore", "--replace", "copy.db").err())
                    .contains("log.kind is 'jetstream'", "remove the file").hasLineCount(1);
            assertThat(log(ExitCode.OK, url, "export").out().lines()).as("as it was").hasSize(2);

            var single = TestShell.in(folder);
            assertThat(single.run("log", "restore", "copy.db", "--set", "log.path=single.db")).isEqualTo(ExitCode.REFUSED);
            assertThat(single.err()).contains("is that of a replica", "hark log export").hasLineCount(1);
            assertThat(folder.resolve("single.db")).doesNotExist();
        }
    }
}
