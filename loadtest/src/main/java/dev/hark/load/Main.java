package dev.hark.load;

import dev.hark.load.cli.LoadCommand;

/** The program {@code hark-load}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(LoadCommand.execute(arguments));
    }
}
