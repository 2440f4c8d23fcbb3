package dev.hark.load.cli;

import dev.hark.load.agent.AgentException;
import dev.hark.load.report.ExitCode;
import picocli.CommandLine.Model.CommandSpec;

/** Exit codes of what is no run. */
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
}
