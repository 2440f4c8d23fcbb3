package dev.hark.app.cli;

import dev.hark.log.sqlite.tools.LogFile;
import dev.hark.log.sqlite.tools.Verification;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hark log verify}: whether the log is what was stored. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        versionProvider = HarkCommand.Version.class,
        description = {
            "Reads the whole event log and checks it: each event's checksum and predecessor, the counts, the index by topic, the table"
                    + " of newest events (keep.latest), and the mark"
                    + " that says what was acknowledged. Prints what is damaged or missing, by position.",
            "Changes nothing. Works while a hub has the log open, and on a copy."
        },
        footer = {
            "",
            "Example: hark log verify --set log.path=/backup/hark.db",
            "",
            "Exit code: 0 intact, 1 wrong usage or configuration, 2 there is no log, or it cannot be opened,"
                    + " or standard output cannot be written (it says which and why), 3 damaged."
        })
final class LogVerifyCommand implements Callable<Integer> {
    @Mixin
    private final LogOptions options;

    private final Shell shell;

    LogVerifyCommand(Shell shell) {
        this.shell = shell;
        this.options = new LogOptions(shell);
    }

    @Override
    public Integer call() {
        Path path = options.path(options.load());
        Verification found;
        try (LogFile file = LogFile.open(path)) {
            found = file.verify(finding -> {
                shell.out().println(Shell.harmless(finding));
                shell.out().flush();
            });
        }
        found.notes().forEach(shell::note);
        String read = String.format(
                Locale.ROOT, "%,d %s after %d up to %d", found.events(), found.events() == 1 ? "event" : "events",
                found.from(), found.through());
        if (found.isIntact()) {
            shell.out().println("The log " + path + " is intact: " + read + '.');
            return ExitCode.OK;
        }
        shell.out().println(String.format(
                Locale.ROOT, "The log %s is DAMAGED, in %,d %s; what was read intact: %s.", path, found.findings(),
                found.findings() == 1 ? "place" : "places", read));
        return ExitCode.DAMAGED;
    }
}
