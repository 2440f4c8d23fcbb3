package dev.hark.load.drive;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What takes a node away halfway through measuring: nothing, or one of two things that the user named.
 *
 * @param pid a process on this machine that is killed
 * @param command a line for {@code sh -c}, wherever the node is
 */
public record Outage(OptionalLong pid, Optional<String> command) {
    /** All nodes stay. */
    public static final Outage NONE = new Outage(OptionalLong.empty(), Optional.empty());

    public Outage {
        if (pid.isPresent() && command.isPresent()) {
            throw new IllegalArgumentException("--kill-pid and --at-failure both say how a node is taken away: leave one out");
        }
        // 1 is the system's, and kill(2) takes 0 and below for groups of processes.
        if (pid.isPresent() && pid.getAsLong() <= 1) {
            throw new IllegalArgumentException("--kill-pid " + pid.getAsLong() + " is no process of a server");
        }
        if (pid.isPresent() && pid.getAsLong() == ProcessHandle.current().pid()) {
            throw new IllegalArgumentException("--kill-pid " + pid.getAsLong() + " is this process");
        }
        if (command.isPresent() && command.get().isBlank()) {
            throw new IllegalArgumentException("--at-failure says no command");
        }
    }

    public boolean isNone() {
        return pid.isEmpty() && command.isEmpty();
    }

    /** What is done, for reports: {@code process 4711 is killed}. */
    public String inWords() {
        return pid.isPresent() ? "process " + pid.getAsLong() + " is killed" : command.map(line -> "'" + line + "' is run").orElse("");
    }
}
