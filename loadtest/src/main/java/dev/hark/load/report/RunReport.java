package dev.hark.load.report;

import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.measure.Verdict;

/**
 * All that a report tells.
 *
 * @param title what was run
 * @param plan with which parameters
 * @param result what came of it
 * @param verdict what that amounts to
 * @param exitCode the program's
 * @param environment where, when and how
 */
public record RunReport(String title, FanoutPlan plan, FanoutResult result, Verdict verdict, int exitCode, Environment environment) {
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
}
