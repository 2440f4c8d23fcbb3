package dev.hark.log.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log in a process whose disk fails to flush for a while: what the kernel said once is believed for good. */
@Timeout(60)
class SqliteFsyncTest {
    @TempDir
    Path folder;

    private Process program;
    private BufferedReader answers;
    private PrintStream commands;
    private String pid;

    @BeforeEach
    void start() throws Exception {
        Tools.require("strace", "what a failing fsync does to the log");
        start(FailingFsync.class);
    }

    private void start(Class<?> main) throws Exception {
        program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED", "-cp",
                        System.getProperty("java.class.path"), main.getName(), database().toString())
                .redirectError(folder.resolve("errors").toFile())
                .start();
        answers = program.inputReader(StandardCharsets.UTF_8);
        commands = new PrintStream(program.getOutputStream(), true, StandardCharsets.UTF_8);
        pid = answer().substring("pid ".length());
    }

    @AfterEach
    void stop() throws Exception {
        if (program != null) {
            program.destroyForcibly().waitFor();
        }
    }

    @Test
    void isBelievedForGood() throws Exception {
        assertThat(ask("publish")).isEqualTo("stored 1");
        Process strace = failFsync();
        String unknown = ask("publish");
        assertThat(unknown).startsWith("unknown the log " + database() + " could not be flushed").contains("restarted");
        // SIGTERM has strace let go: the disk is well again.
        strace.destroy();
        strace.waitFor();
        for (int i = 0; i < 3; i++) {
            assertThat(ask("publish")).as("never retried over").isEqualTo(unknown.replaceFirst("unknown", "refused"));
            assertThat(ask("maintain")).isEqualTo("maintained");
            assertThat("unknown " + ask("ready")).isEqualTo(unknown);
        }
        assertThat(ask("read")).as("what was acknowledged").isEqualTo("read 1");
        commands.close();
        assertThat(program.waitFor()).isZero();
        assertThat(Files.readString(folder.resolve("errors"))).containsOnlyOnce("could not be flushed");
        try (SqliteLog log = Logs.open(database())) {
            assertThat(Logs.trouble(log)).isEmpty();
            assertThat(Logs.append(log, Logs.draft("a", "x")).getFirst()).as("never used").isGreaterThan(2);
        }
    }

    /** The retry stores nothing, and says nothing of what it repeats: only the next start knows what the disk holds. */
    @Test
    void leavesAKeyedPublishToTheNextStart() throws Exception {
        // The first one has the mark flushed, before it is stored.
        assertThat(ask("publish")).isEqualTo("stored 1");
        Process strace = failFsync();
        assertThat(ask("publish keyed")).startsWith("unknown");
        strace.destroy();
        strace.waitFor();
        for (int i = 0; i < 3; i++) {
            assertThat(ask("publish keyed")).as("a retry").startsWith("refused").contains("nothing is stored until").contains("restarted");
        }
        commands.close();
        assertThat(program.waitFor()).isZero();
        try (SqliteLog log = Logs.open(database())) {
            long sequence = Logs.append(log, Logs.draft("a", "x", "key")).getFirst();
            assertThat(Logs.append(log, Logs.draft("a", "x", "key"))).containsExactly(sequence);
            assertThat(Logs.readAll(log, 0, Logs.ALL)).as("once, whether the disk had it or not").hasSize(2);
        }
    }

    @Test
    void isBelievedOfTheMarkToo() throws Exception {
        assertThat(ask("publish")).isEqualTo("stored 1");
        Process strace = failFsync();
        // The mark is all that upkeep writes.
        assertThat(ask("maintain")).isEqualTo("maintained");
        strace.destroy();
        strace.waitFor();
        assertThat(ask("ready")).contains(database().toString()).contains("flush").contains("restarted");
        assertThat(ask("publish")).startsWith("refused");
        assertThat(ask("read")).isEqualTo("read 1");
    }

    /** There the journal has it all: the node makes it anew, and hands nothing on of what may be missing. */
    @Test
    void isBelievedOfAReplica() throws Exception {
        stop();
        start(FailingReplicaFsync.class);
        assertThat(ask("apply")).isEqualTo("applied 1");
        Process strace = failFsync();
        String refused = ask("apply");
        assertThat(refused).startsWith("refused the replica " + database() + " could not be flushed").contains("restarted");
        strace.destroy();
        strace.waitFor();
        for (int i = 0; i < 3; i++) {
            assertThat(ask("apply")).as("never retried over").isEqualTo(refused);
            assertThat(ask("copy")).as("nor handed on").isEqualTo(refused);
        }
        assertThat(ask("read")).as("what was applied").isEqualTo("read 1");
        requireMadeAnew();
    }

    @Test
    void isBelievedOfAReplicaThatTakesASnapshot() throws Exception {
        stop();
        start(FailingReplicaFsync.class);
        assertThat(ask("apply")).isEqualTo("applied 1");
        assertThat(ask("copy")).isEqualTo("copied 1");
        assertThat(ask("apply")).isEqualTo("applied 2");
        Process strace = failFsync();
        String refused = ask("restore");
        assertThat(refused).startsWith("refused the replica " + database() + " could not be flushed").contains("restarted");
        strace.destroy();
        strace.waitFor();
        assertThat(ask("apply")).as("never retried over").isEqualTo(refused);
        requireMadeAnew();
    }

    private void requireMadeAnew() throws Exception {
        commands.close();
        assertThat(program.waitFor()).isZero();
        try (SqliteReplica anew = FailingReplicaFsync.open(database())) {
            assertThat(anew.applied().position()).isZero();
        }
    }

    private Path database() {
        return folder.resolve("hark.db");
    }

    private Process failFsync() throws IOException {
        Path log = folder.resolve("strace");
        Process strace = new ProcessBuilder(
                "strace", "-f", "-p", pid, "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        await().until(() -> Files.readString(log).contains("attached") || !strace.isAlive());
        assertThat(strace.isAlive()).as("strace: %s", Files.readString(log)).isTrue();
        return strace;
    }

    private String ask(String command) throws IOException {
        commands.println(command);
        return answer();
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        assertThat(line).as("the program ended: %s", Files.readString(folder.resolve("errors"))).isNotNull();
        return line;
    }
}
