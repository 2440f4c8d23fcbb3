package dev.hark.app.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hark token}: tokens of the issuers that the configuration names. On its own it lists its commands. */
@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Makes tokens to try a hub with, and says why one is refused.",
        footer = {
            "",
            "Examples: export HARK_TOKEN=$(hark token new --subject alice)",
            "          hark token explain --subscribe 'users/alice/**'"
        })
final class TokenCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    private final Shell shell;

    private TokenCommand(Shell shell) {
        this.shell = shell;
    }

    static CommandLine in(Shell shell) {
        return new CommandLine(new TokenCommand(shell))
                .addSubcommand(new TokenNewCommand(shell))
                .addSubcommand(new TokenExplainCommand(shell));
    }

    @Override
    public void run() {
        spec.commandLine().usage(shell.out());
    }
}
