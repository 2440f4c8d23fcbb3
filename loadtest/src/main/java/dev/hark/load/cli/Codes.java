package dev.hark.load.cli;

import dev.hark.load.drive.Failure;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.measure.Verdict;

/** From what a run brought to the program's exit code. */
final class Codes {
    private Codes() {}

    static int of(FanoutResult result, Verdict verdict) {
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
}
