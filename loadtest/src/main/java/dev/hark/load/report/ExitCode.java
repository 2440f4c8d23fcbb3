package dev.hark.load.report;

/** What the program's exit code says. */
public final class ExitCode {
    /** Every objective holds. */
    public static final int HOLDS = 0;

    /** The command line, or a scenario, is wrong. */
    public static final int USAGE = 1;

    /** An objective was missed, or the server stopped serving. */
    public static final int MISSED = 2;

    /** The generator, or the machine, was the limit: the numbers say nothing about the server. */
    public static final int INVALID = 3;

    /** The server is not there, or does not let us in. */
    public static final int UNREACHABLE = 4;

    /** Something was lost silently, came twice, out of order, changed, or to the wrong subscriber. */
    public static final int INCORRECT = 5;

    /** Stopped by Ctrl-C. */
    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
