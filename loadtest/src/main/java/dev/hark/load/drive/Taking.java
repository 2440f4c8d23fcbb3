package dev.hark.load.drive;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An {@link Outage} that is carried out: it ends the one process that was named, or runs the one command.
 *
 * <p>Confined to the run's thread.
 */
final class Taking {
    /** How long a command is waited for when the run is over. It is not ended: what it does is the user's. */
    private static final long COMMAND_SECONDS = 5;

    private final Outage outage;
    /** Held from the beginning: a number that another process has been given since is not killed. */
    private final @Nullable ProcessHandle victim;
    private @Nullable Process command;
    private @Nullable String problem;

    /** @throws IllegalArgumentException if there is no such process, or it is not ours to kill */
    Taking(Outage outage) {
        this.outage = outage;
        victim = outage.pid().isEmpty()
                ? null
                : ProcessHandle.of(outage.pid().getAsLong()).orElseThrow(() -> new IllegalArgumentException(
                        "--kill-pid " + outage.pid().getAsLong() + ": there is no such process on this machine"));
    }

    void begin() {
        try {
            if (victim != null && !victim.destroyForcibly()) {
                problem = "process %d could not be killed: it had ended, or belongs to somebody else".formatted(victim.pid());
            }
            if (outage.command().isPresent()) {
                command = new ProcessBuilder("sh", "-c", outage.command().get())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
            }
        } catch (IOException e) {
            problem = "the command that takes a node away could not be run: " + e.getMessage();
        }
    }

    /** Why the node may not have been taken away; to be asked when the run is over. */
    Optional<String> problem() {
        Process run = command;
        if (run != null && problem == null) {
            try {
                if (!run.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
                    problem = "the command that takes a node away was still running at the end: " + outage.command().orElse("");
                } else if (run.exitValue() != 0) {
                    problem = "the command that takes a node away ended with %d: %s"
                            .formatted(run.exitValue(), outage.command().orElse(""));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return Optional.ofNullable(problem);
    }
}
