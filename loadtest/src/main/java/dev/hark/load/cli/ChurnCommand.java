package dev.hark.load.cli;

import dev.hark.load.drive.ChurnPlan;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hark-load churn}: connect and leave, many times. */
@Command(
        name = "churn",
        description = "Opens a stream, waits for its start, leaves; so many times. With --server-pid it says what the server kept.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  hark-load churn --cycles 10000 --server-pid 4711"})
final class ChurnCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    TargetOptions targetOptions = new TargetOptions();

    @Option(names = "--cycles", paramLabel = "N", defaultValue = "10000",
            description = "streams opened and left (default: ${DEFAULT-VALUE})")
    int cycles;

    @Option(names = "--at-once", paramLabel = "N", defaultValue = "64",
            description = "streams open at the same time (default: ${DEFAULT-VALUE})")
    int atOnce;

    @Option(names = "--topic", paramLabel = "TOPIC", defaultValue = "hark-load", description = "(default: ${DEFAULT-VALUE})")
    String topic = "";

    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "120s",
            description = "for all cycles together (default: ${DEFAULT-VALUE})")
    Duration timeout = Duration.ZERO;

    @Option(names = "--settle", paramLabel = "TIME", defaultValue = "5s",
            description = "how long the server may take to let go of the last ones (default: ${DEFAULT-VALUE})")
    Duration settle = Duration.ZERO;

    @Override
    public Integer call() throws IOException {
        ChurnPlan plan;
        try {
            plan = new ChurnPlan(targetOptions.target(), topic, cycles, atOnce, timeout, settle, targetOptions.watch.pids());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        return ChurnOutcome.of(plan, spec.commandLine().getOut());
    }
}
