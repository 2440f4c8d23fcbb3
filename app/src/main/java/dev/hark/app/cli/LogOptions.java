package dev.hark.app.cli;

import dev.hark.app.config.ConfigException;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.LogSettings.Kind;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;

/** The options that say which log a command is about. */
final class LogOptions {
    @Mixin
    private final ConfigOptions config;

    private final Shell shell;

    LogOptions(Shell shell) {
        this.shell = shell;
        this.config = new ConfigOptions(shell);
    }

    /** @throws ConfigException if it is wrong, or says that there is no log on disk */
    HarkConfig load() {
        HarkConfig loaded = config.source().load();
        if (loaded.log().kind() == Kind.MEMORY) {
            throw new ConfigException("log.kind is 'memory' by " + config.sourceInWords()
                    + ": such a log lives in the hub's process alone, and there is no file to work on");
        }
        return loaded;
    }

    /** Where the log of {@code config} lies, seen from the shell's working directory. */
    Path path(HarkConfig loaded) {
        return shell.directory().resolve(loaded.log().path());
    }
}
