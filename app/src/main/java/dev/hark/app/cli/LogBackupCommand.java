package dev.hark.app.cli;

import dev.hark.log.sqlite.tools.Backup;
import dev.hark.log.sqlite.tools.LogFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code hark log backup}: a copy of the log. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = {
            "Writes a copy of the whole log to FILE, which must not exist; 'hark log restore' puts it back. FILE is there when it is"
                    + " complete and on disk, and not before.",
            "Changes nothing. Works while a hub has the log open: what is stored meanwhile is not in it."
        },
        footer = {
            "",
            "Example: hark log backup /backup/hark-$(date +%F).db",
            "",
            "Exit code: 0, 1 wrong usage or configuration, 2 there is no log, or it cannot",
            "be read, or FILE exists or cannot be written (it says which and why)."
        })
final class LogBackupCommand implements Callable<Integer> {
    @Mixin
    private final LogOptions options;

    @Parameters(arity = "1", paramLabel = "FILE", description = "A new file.")
    private String target;

    private final Shell shell;

    LogBackupCommand(Shell shell) {
        this.shell = shell;
        this.options = new LogOptions(shell);
    }

    @Override
    public Integer call() {
        Path path = options.path(options.load());
        try (LogFile file = LogFile.open(path)) {
            Backup made = file.backup(shell.directory().resolve(target));
            shell.out().println(String.format(Locale.ROOT, "copied %,d %s up to %s-%d to %s (%,d bytes)",
                    made.events(), made.events() == 1 ? "event" : "events", made.epoch(), made.newest(), target, made.bytes()));
            return ExitCode.OK;
        } catch (FileAlreadyExistsException e) {
            shell.warn("the file " + target + " exists, and is left as it is; name a new one");
        } catch (IOException e) {
            shell.warn("cannot write " + target + ": " + e.getClass().getSimpleName() + ' ' + e.getMessage());
        }
        return ExitCode.REFUSED;
    }
}
