package dev.hark.app;

import dev.hark.app.cli.HarkCommand;
import dev.hark.app.cli.Shell;

/** The {@code hark} program. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Shell shell = Shell.ofThisProcess();
        System.exit(HarkCommand.execute(shell, new Foreground(shell)::run, args));
    }
}
