package dev.hark.app.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hark completion}: what a shell needs to complete commands and options. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Prints a script that teaches a shell to complete commands and options of hark.",
        footer = {
            "",
            "Examples: source <(hark completion bash)                  in ~/.bashrc",
            "          source <(hark completion zsh)                   in ~/.zshrc"
        })
final class CompletionCommand implements Callable<Integer> {
    /** One script does for both: to zsh it loads what lets it read those of bash. */
    enum Dialect {
        bash,
        zsh
    }

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private Dialect dialect;

    @Spec
    private CommandSpec spec;

    private final Shell shell;

    CompletionCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        shell.out().println("# Completion of hark for " + dialect + ".");
        shell.out().print(AutoComplete.bash("hark", spec.root().commandLine()));
        return ExitCode.OK;
    }
}
