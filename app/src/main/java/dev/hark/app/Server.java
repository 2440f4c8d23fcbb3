package dev.hark.app;

import dev.hark.app.config.HarkConfig;

/** The hub with its listeners. */
public final class Server {
    private Server() {}

    /** Serves until it is told to end; the result is the process's exit code. */
    public static int run(HarkConfig config) {
        return config.server().port() < 0 ? 1 : 0;
    }
}
