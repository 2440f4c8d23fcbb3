package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoadCommandTest {
    @Test
    void explainsItselfAndItsCommands() {
        assertThat(CommandLineRun.of().printed()).contains("fanout", "find-capacity", "plan", "help COMMAND");
        assertThat(CommandLineRun.of("--help").printed()).contains("fanout", "Exit codes:");
        assertThat(CommandLineRun.of("help", "fanout").printed()).isEqualTo(CommandLineRun.of("fanout", "--help").printed());
    }

    @Test
    void printsItsVersion() {
        CommandLineRun version = CommandLineRun.of("--version");

        assertThat(version.code()).isZero();
        assertThat(version.printed()).startsWith("hark-load ").contains("(Java ");
    }

    @Test
    void refusesACommandThatIsNone() {
        CommandLineRun refused = CommandLineRun.of("fanuot");

        assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.printed()).contains("fanuot", "hark-load --help");
    }
}
