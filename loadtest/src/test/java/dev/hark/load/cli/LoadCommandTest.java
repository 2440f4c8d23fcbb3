package dev.hark.load.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.report.ExitCode;
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
        assertThat(refused.printed()).contains("there is no command 'fanuot'; did you mean 'fanout'?", "hark-load --help");
    }

    @Test
    void saysWhichOptionWasProbablyMeant() {
        assertThat(CommandLineRun.of("fanout", "--subscriber", "5").printed())
                .contains("there is no option '--subscriber'; did you mean '--subscribers'?", "hark-load help fanout");
        assertThat(CommandLineRun.of("fanout", "--mesure=5s").printed()).contains("did you mean '--measure'?");
        assertThat(CommandLineRun.of("fanout", "--xyzzy").printed()).contains("there is no option '--xyzzy'").doesNotContain("mean");
        assertThat(CommandLineRun.of("fanout", "fast").printed()).contains("'fast' belongs to no option");
        assertThat(CommandLineRun.of("fanout", "--topics", "many").printed()).contains("'many' is not a count such as");
    }

    @Test
    void takesWhatComesLast() {
        CommandLineRun run = CommandLineRun.of("plan", "--rate", "1/s", "--rate", "fast", "--from", "none", "--subscribers", "5");
        assertThat(run.printed()).doesNotContain("only once");
        assertThat(CommandLineRun.of("fanout", "--rate", "fast", "--rate", "slow").printed()).contains("'slow' is not a rate");
    }
}
