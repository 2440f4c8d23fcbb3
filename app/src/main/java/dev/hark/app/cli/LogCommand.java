package dev.hark.app.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hark log}: the commands for the log on disk. On its own it lists them. */
@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = "Looks at the event log on disk, checks it, copies events out of it and into it, makes a backup and"
                + " puts one in its place.",
        footer = {
            "",
            "The log is the one at log.path of the configuration;",
            "for a backup: --set log.path=FILE.",
            "info, verify, export and backup change nothing and work while a hub has the log open.",
            "",
            "Example: hark log info"
        })
final class LogCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    private final Shell shell;

    private LogCommand(Shell shell) {
        this.shell = shell;
    }

    static CommandLine in(Shell shell) {
        return new CommandLine(new LogCommand(shell))
                .addSubcommand(new LogInfoCommand(shell))
                .addSubcommand(new LogVerifyCommand(shell))
                .addSubcommand(new LogExportCommand(shell))
                .addSubcommand(new LogImportCommand(shell))
                .addSubcommand(new LogBackupCommand(shell))
                .addSubcommand(new LogRestoreCommand(shell));
    }

    @Override
    public void run() {
        spec.commandLine().usage(shell.out());
    }
}
