package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.app.RunningHub;
import dev.hark.app.SilentLog;
import dev.hark.app.cluster.NatsServer;
import dev.hark.log.UnusableLogException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What {@code hark check-config} says of servers of NATS. */
@ResourceLock(SilentLog.LOG)
class CheckConfigCommandIT {
    @TempDir
    private Path folder;

    @BeforeEach
    void configure() throws Exception {
        Files.writeString(folder.resolve("application.yaml"), Files.readString(Path.of("..", "application.yaml")));
    }

    private TestShell check(int expected, String server, String... more) {
        var shell = TestShell.in(folder);
        List<String> args = new ArrayList<>(List.of("check-config", "--set", "log.kind=jetstream", "--set", "log.servers.0=" + server));
        args.addAll(List.of(more));
        assertThat(shell.run(args.toArray(String[]::new))).as(shell.out() + shell.err()).isEqualTo(expected);
        return shell;
    }

    @Test
    void saysHowTheStreamIsAndMakesNothing() throws Exception {
        try (NatsServer nats = NatsServer.start(folder.resolve("nats"))) {
            for (int i = 0; i < 2; i++) {
                assertThat(check(ExitCode.OK, nats.url()).out()).contains("The configuration is fine", "NATS answers, n0 of version 2.",
                        "the stream hark is not there; the first node makes it, in files, kept by 1 server");
            }
            assertThat(check(ExitCode.OK, nats.url()).out())
                    .contains("Not looked at", "append to hark.groups, use hark.nodes", "in the bucket hark-snapshots",
                            "sync_interval: always");
            RunningHub hub = nats.node("one");
            hub.publish("a", "x");
            hub.close();
            assertThat(check(ExitCode.OK, nats.url()).out()).contains("the stream hark is there, as configured, with ", " groups, ");
            assertThat(check(ExitCode.OK, nats.url(), "--print").out()).contains("log.kind").doesNotContain("NATS answers");
            assertThat(check(ExitCode.USAGE, nats.url(), "--set", "log.replicas=3").err())
                    .contains("the stream hark is not as configured: it has 1 replicas, not 3");
        }
    }

    /** What is called fine has to start. */
    @Test
    void saysThatAServerWithoutAClusterCannotHaveReplicas() throws Exception {
        try (NatsServer nats = NatsServer.start(folder.resolve("nats"))) {
            TestShell shell = check(ExitCode.USAGE, nats.url(), "--set", "log.replicas=3");
            assertThat(shell.err()).contains("n0 is in no cluster", "kept by 3 servers (log.replicas)").hasLineCount(1);
            assertThat(shell.out()).doesNotContain("the first node makes it");
            assertThatThrownBy(() -> nats.node("one", "log.replicas=3")).isInstanceOf(UnusableLogException.class);
        }
    }

    @Test
    void saysThatNobodyAnswersUnlessNobodyIsToBeAsked() {
        assertThat(check(ExitCode.UNREACHABLE, "nats://127.0.0.1:1").err()).contains("not connected to NATS at nats://127.0.0.1:1");
        assertThat(check(ExitCode.OK, "nats://127.0.0.1:1", "--offline").out())
                .contains("The configuration is fine").doesNotContain("NATS");
    }

    @Test
    void saysThatAuthoritiesCannotBeRead() {
        assertThat(check(ExitCode.USAGE, "nats://127.0.0.1:1", "--set", "log.authorities=" + folder.resolve("none.pem")).err())
                .contains("log.authorities: ");
    }
}
