package dev.hark.load.cli;

import dev.hark.load.drive.ChurnPlan;
import dev.hark.load.drive.ChurnResult;
import dev.hark.load.drive.ChurnRun;
import dev.hark.load.measure.Unit;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
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

    @Option(names = "--cycles", paramLabel = "N", defaultValue = "10000", description = "streams opened and left (default: ${DEFAULT-VALUE})")
    int cycles;

    @Option(names = "--at-once", paramLabel = "N", defaultValue = "64", description = "streams open at the same time (default: ${DEFAULT-VALUE})")
    int atOnce;

    @Option(names = "--topic", paramLabel = "TOPIC", defaultValue = "hark-load", description = "(default: ${DEFAULT-VALUE})")
    String topic = "";

    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "120s", description = "for all cycles together (default: ${DEFAULT-VALUE})")
    Duration timeout = Duration.ZERO;

    @Option(names = "--settle", paramLabel = "TIME", defaultValue = "5s",
            description = "how long the server may take to let go of the last ones (default: ${DEFAULT-VALUE})")
    Duration settle = Duration.ZERO;

    @Override
    public Integer call() throws IOException {
        ChurnPlan plan;
        try {
            plan = new ChurnPlan(targetOptions.target(), topic, cycles, atOnce, timeout, settle, targetOptions.pid());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        ChurnResult result = new ChurnRun(plan).run();
        PrintWriter out = spec.commandLine().getOut();
        out.printf(Locale.ROOT, "%n%,d of %,d cycles in %s, connect p50 %s, p99 %s%n", result.completed(), plan.cycles(),
                Unit.NANOS.format(result.tookNanos()),
                Unit.NANOS.format(result.connect().getValueAtPercentile(50)), Unit.NANOS.format(result.connect().getValueAtPercentile(99)));
        result.kept().ifPresent(kept -> out.printf(Locale.ROOT, "the server kept %+d threads, %+d descriptors, %s%n",
                kept.threads(), kept.descriptors(), Unit.BYTES.format(kept.memoryBytes())));
        result.failures().forEach((failure, entry) -> out.printf(Locale.ROOT, "%,d x %s (%s): %s%n",
                entry.count(), failure.name().toLowerCase(Locale.ROOT).replace('_', ' '), entry.example(), failure.advice()));
        if (result.completed() == plan.cycles()) {
            boolean clean = result.kept().map(kept -> kept.descriptors() <= 0).orElse(true);
            return clean ? ExitCode.HOLDS : ExitCode.MISSED;
        }
        return result.completed() == 0 ? ExitCode.UNREACHABLE : ExitCode.MISSED;
    }
}
