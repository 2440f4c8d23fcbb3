package dev.hark.app.cli;

import dev.hark.app.config.ConfigException;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.LogSettings.Kind;
import dev.hark.log.sqlite.tools.Restored;
import dev.hark.log.sqlite.tools.Restorer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hark log restore}: a backup in the place of the log. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = {
            "Puts a copy of BACKUP where log.path says, as the log of the next hub, with a new epoch: whoever resumes with an id from"
                    + " before is told 'reset' and gets all that is retained. BACKUP stays as it is.",
            "No hub may have the log open. If it is cut short, the log that was there is in its place, or the restored one is."
                    + " Run it as the user that runs the hub.",
            "Where nodes share a log there is nothing to restore: a node without its file makes it anew."
        },
        footer = {
            "",
            "Example: hark log restore --replace /backup/hark.db",
            "",
            "Exit code: 0, 1 wrong usage or configuration, 2 BACKUP is no log, or a replica, or there is a log already and --replace is"
                    + " missing, or a hub has it open, or it cannot be written (it says which and why)."
        })
final class LogRestoreCommand implements Callable<Integer> {
    @Mixin
    private final LogOptions options;

    @Option(names = "--replace",
            description = "Puts it in the place of a log that is there, and keeps that one beside it under a new name.")
    private boolean replace;

    @Parameters(arity = "1", paramLabel = "BACKUP", description = "A copy of a log, such as 'hark log backup' makes.")
    private String backup;

    private final Shell shell;

    LogRestoreCommand(Shell shell) {
        this.shell = shell;
        this.options = new LogOptions(shell);
    }

    @Override
    public Integer call() {
        HarkConfig config = options.load();
        if (config.log().kind() == Kind.JETSTREAM) {
            throw new ConfigException("log.kind is 'jetstream': the file at log.path is a replica, and a restored one would have an epoch"
                    + " that no other node knows. Stop the node, remove the file, and start it: it makes the file anew. How the log of"
                    + " all nodes is put back is in docs/cluster.md, \"Backup and restore\"");
        }
        Path target = options.path(config);
        Path source = shell.directory().resolve(backup);
        Restored restored = new Restorer(Clock.systemUTC(), new SecureRandom()).restore(source, target, replace);
        if (restored.kept() != null) {
            shell.note("the log that was there is kept as " + restored.kept());
        }
        shell.out().println(String.format(Locale.ROOT, "restored %,d %s up to %s-%d to %s; whoever resumes is told 'reset'",
                restored.events(), restored.events() == 1 ? "event" : "events", restored.epoch(), restored.newest(), restored.path()));
        return ExitCode.OK;
    }
}
