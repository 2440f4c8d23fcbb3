package dev.hark.load.cli;

import dev.hark.load.agent.AgentException;
import dev.hark.load.drive.Failure;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.measure.Verdict;
import picocli.CommandLine.Model.CommandSpec;

/** From what a run brought to the program's exit code. */
final class Codes {
    private Codes() {}

    /** Says that an agent was not there, or was lost. */
    static int of(CommandSpec spec, AgentException e) {
        spec.commandLine().getErr().println("hark-load: " + e.getMessage());
        return switch (e.kind()) {
            case UNREACHABLE -> ExitCode.UNREACHABLE;
            case LOST -> ExitCode.INVALID;
        };
    }

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
