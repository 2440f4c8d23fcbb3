package dev.hark.load.report;

import dev.hark.load.drive.Failure;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.measure.Verdict;
import java.io.IOException;
import java.nio.file.Path;

/**
 * All that a report tells.
 *
 * @param title what was run
 * @param plan with which parameters
 * @param result what came of it
 * @param verdict what that amounts to
 * @param environment where, when and how
 */
public record RunReport(String title, FanoutPlan plan, FanoutResult result, Verdict verdict, Environment environment) {
    /** One word for people: {@code holds}, {@code missed}, {@code invalid}, {@code incorrect}, {@code interrupted}, {@code not started}. */
    public String conclusion() {
        return switch (result.ending()) {
            case INTERRUPTED -> "interrupted";
            case NOT_STARTED -> "not started";
            case COMPLETE -> switch (verdict.decision()) {
                case HOLDS -> "holds";
                case MISSED -> "missed";
                case INVALID -> "invalid";
                case INCORRECT -> "incorrect";
            };
        };
    }

    /** Whether every objective holds, and nothing else was wrong. */
    public boolean holds() {
        return exitCode() == ExitCode.HOLDS;
    }

    /** What a program that made this run ends with. */
    public int exitCode() {
        return exitCodeOf(result, verdict);
    }

    /** The same of a run that is not reported. */
    public static int exitCodeOf(FanoutResult result, Verdict verdict) {
        return switch (result.ending()) {
            case INTERRUPTED -> ExitCode.INTERRUPTED;
            case NOT_STARTED -> Failure.anyOurs(result.failures().keySet()) ? ExitCode.INVALID : ExitCode.UNREACHABLE;
            case COMPLETE -> switch (verdict.decision()) {
                case HOLDS -> ExitCode.HOLDS;
                case MISSED -> ExitCode.MISSED;
                case INVALID -> ExitCode.INVALID;
                case INCORRECT -> ExitCode.INCORRECT;
            };
        };
    }

    /** Writes {@code report.html} and the files that go with it into a folder, which is made if need be. */
    public void write(Path folder) throws IOException {
        ReportFolder.write(folder, this);
    }

    /** The verdict first, and what a person asks next, in a few lines. */
    @Override
    public String toString() {
        return TextReport.of(this);
    }
}
