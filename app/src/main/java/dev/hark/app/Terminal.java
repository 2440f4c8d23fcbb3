package dev.hark.app;

import java.io.FileInputStream;
import java.io.IOException;

/**
 * The terminal that a process was started in, or none. Immutable.
 *
 * @param isThere whether there was one
 */
record Terminal(boolean isThere) {
    /** Opens only in a process that has one. */
    private static final String DEVICE = "/dev/tty";

    static Terminal ofThisProcess() {
        return new Terminal(opens());
    }

    /** Whether it has been closed since: that sends SIGHUP too, to those who are no daemons and are to end with it. */
    boolean isGone() {
        return isThere && !opens();
    }

    private static boolean opens() {
        try (var terminal = new FileInputStream(DEVICE)) {
            return terminal.getFD().valid();
        } catch (IOException e) {
            return false;
        }
    }
}
