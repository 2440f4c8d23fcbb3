package dev.hark.app;

import dev.hark.app.cli.HarkCommand;
import dev.hark.app.cli.Shell;
import io.helidon.logging.common.LogConfig;

/** The {@code hark} program. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        // Before the first record: Helidon would do so with its first server, and the log is opened before that.
        LogConfig.configureRuntime();
        Shell shell = Shell.ofThisProcess();
        System.exit(HarkCommand.execute(shell, new Foreground(shell)::run, args));
    }
}
