package dev.hark.app.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hark cluster}: the commands for nodes that share a log. On its own it lists them. */
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Looks at nodes that share a log (log.kind: jetstream).",
        footer = {"", "Example: hark cluster status"})
final class ClusterCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    private final Shell shell;

    private ClusterCommand(Shell shell) {
        this.shell = shell;
    }

    static CommandLine in(Shell shell) {
        return new CommandLine(new ClusterCommand(shell)).addSubcommand(new ClusterStatusCommand(shell));
    }

    @Override
    public void run() {
        spec.commandLine().usage(shell.out());
    }
}
