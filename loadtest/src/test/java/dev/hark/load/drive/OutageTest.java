package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.load.measure.ServerWatch;
import dev.hark.load.scenario.Scenario;
import dev.hark.load.scenario.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutageTest {
    @TempDir
    Path folder;

    private static Outage killing(long pid) {
        return new Outage(OptionalLong.of(pid), Optional.empty());
    }

    private static Outage running(String command) {
        return new Outage(OptionalLong.empty(), Optional.of(command));
    }

    @Test
    void killsTheProcessThatWasNamedAndNoOther() throws Exception {
        Process named = new ProcessBuilder("sleep", "600").start();
        Process other = new ProcessBuilder("sleep", "600").start();
        try {
            var taking = new Taking(killing(named.pid()));
            assertThat(named.isAlive()).as("before its time").isTrue();
            taking.begin();
            assertThat(named.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(named.exitValue()).as("by SIGKILL").isEqualTo(128 + 9);
            assertThat(other.isAlive()).isTrue();
            assertThat(taking.problem()).isEmpty();
        } finally {
            named.destroyForcibly();
            other.destroyForcibly();
        }
    }

    @Test
    void saysThatItCouldNotKill() throws Exception {
        Process gone = new ProcessBuilder("sleep", "600").start();
        var taking = new Taking(killing(gone.pid()));
        gone.destroyForcibly();
        assertThat(gone.waitFor(30, TimeUnit.SECONDS)).isTrue();
        taking.begin();
        assertThat(taking.problem()).hasValueSatisfying(problem -> assertThat(problem).contains("could not be killed"));
    }

    @Test
    void runsTheCommand() throws IOException {
        Path mark = folder.resolve("mark");
        var taking = new Taking(running("echo taken > '" + mark + "'"));
        assertThat(mark).doesNotExist();
        taking.begin();
        assertThat(taking.problem()).isEmpty();
        assertThat(Files.readString(mark)).isEqualTo("taken\n");
    }

    @Test
    void saysThatTheCommandFailed() {
        var taking = new Taking(running("exit 7"));
        taking.begin();
        assertThat(taking.problem()).contains("the command that takes a node away ended with 7: exit 7");
    }

    @Test
    void refusesWhatItMustNotEnd() {
        for (long pid : new long[] {-1, 0, 1}) {
            assertThatThrownBy(() -> killing(pid)).hasMessageContaining("no process of a server");
        }
        assertThatThrownBy(() -> killing(ProcessHandle.current().pid())).hasMessageContaining("this process");
        assertThatThrownBy(() -> new Taking(killing(Integer.MAX_VALUE))).hasMessageContaining("there is no such process");
        assertThatThrownBy(() -> new Outage(OptionalLong.of(5), Optional.of("x"))).hasMessageContaining("leave one out");
        assertThatThrownBy(() -> running(" ")).hasMessageContaining("no command");
    }

    @Test
    void isForStreamsThatStay() {
        Scenario scenario = Scenario.named("x").atFailure("true");
        assertThat(scenario.plan(ServerWatch.NONE).outage().inWords()).isEqualTo("'true' is run");
        for (Scenario each : new Scenario[] {scenario.dropAll(), scenario.late(1), scenario.stalled(1), scenario.stages("1s:2000")}) {
            assertThatThrownBy(() -> each.plan(ServerWatch.NONE)).hasMessageContaining("all streams stay");
        }
        assertThatThrownBy(() -> Scenario.named("x").generic("/s", "/p").atFailure("true").plan(ServerWatch.NONE))
                .hasMessageContaining("'hark' only");
        assertThatThrownBy(() -> Scenario.named("x").generic("/s", "/p").retry().plan(ServerWatch.NONE))
                .hasMessageContaining("'hark' only");
        assertThatThrownBy(() -> Scenario.named("x").with(Setting.RETRY, "true").plan(ServerWatch.NONE))
                .hasMessageContaining("pipeline is 16; with retries it must be 1");
    }
}
