package dev.hark.app;

import dev.hark.app.cli.HarkCommand;
import dev.hark.app.cli.Shell;

/** The {@code hark} program. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(HarkCommand.execute(Shell.ofThisProcess(), Server::run, args));
    }
}
