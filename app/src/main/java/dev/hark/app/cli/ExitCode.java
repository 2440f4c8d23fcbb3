package dev.hark.app.cli;

/** The exit codes of {@code hark}, beside 0 and the 130 of Ctrl-C. */
final class ExitCode {
    static final int OK = 0;

    /** The command line or the configuration is wrong. */
    static final int USAGE = 1;

    /** The hub said no, there is no log that could be opened, or there is no room for the results. */
    static final int REFUSED = 2;

    /** The log is not what was stored. */
    static final int DAMAGED = 3;

    /** No hub was there. */
    static final int UNREACHABLE = 4;

    /** A defect of ours (sysexits: EX_SOFTWARE). */
    static final int DEFECT = 70;

    private ExitCode() {}
}
