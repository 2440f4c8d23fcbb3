package dev.hark.load.cli;

import dev.hark.load.drive.CatchUpPlan;
import dev.hark.load.drive.CatchUpResult;
import dev.hark.load.drive.CatchUpRun;
import dev.hark.load.drive.Failure;
import dev.hark.load.measure.Quantities;
import dev.hark.load.measure.Unit;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hark-load catch-up}: a reconnect storm with an old id. */
@Command(
        name = "catch-up",
        description = "Publishes events, then brings N streams back at once with the id before them:"
                + " how long until each has been given every one?",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  hark-load catch-up -n 9000 --behind 100 --rounds 3"})
final class CatchUpCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    TargetOptions targetOptions = new TargetOptions();

    @Option(names = {"-n", "--subscribers"}, paramLabel = "N", defaultValue = "1000",
            description = "streams that come back (default: ${DEFAULT-VALUE})")
    int streams;

    @Option(names = "--behind", paramLabel = "N", defaultValue = "100",
            description = "events that each has missed (default: ${DEFAULT-VALUE})")
    int behind;

    @Option(names = "--payload", paramLabel = "SIZE", defaultValue = "100B", description = "data of each event (default: ${DEFAULT-VALUE})")
    String payload = "";

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "1",
            description = "so many storms one after another, each on a new topic: the first finds a server that has just started"
                    + " (default: ${DEFAULT-VALUE})")
    int rounds;

    @Option(names = "--topic", paramLabel = "TOPIC", defaultValue = "hark-load/catch-up",
            description = "a name of its own for each round is put behind it (default: ${DEFAULT-VALUE})")
    String topic = "";

    @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "120s",
            description = "for all streams of a round (default: ${DEFAULT-VALUE})")
    Duration timeout = Duration.ZERO;

    @Override
    public Integer call() {
        int code = ExitCode.HOLDS;
        for (int round = 0; round < rounds; round++) {
            CatchUpPlan plan;
            try {
                plan = new CatchUpPlan(
                        targetOptions.target(), streams, behind, Quantities.bytes(payload), topic + '/' + UUID.randomUUID(), timeout);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            }
            try {
                code = Math.max(code, report(plan, new CatchUpRun(plan).run()));
            } catch (IOException e) {
                spec.commandLine().getErr()
                        .println("hark-load: " + String.join(", ", targetOptions.urls) + ": "
                                + (e.getMessage() == null ? e.toString() : e.getMessage()));
                return ExitCode.UNREACHABLE;
            }
        }
        return code;
    }

    private int report(CatchUpPlan plan, CatchUpResult result) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(Locale.ROOT,
                "%,d of %,d streams caught up on %,d events each in %s (p50 %s, p99 %s); %,d delivered, %,d unexpected, %,d gaps%n",
                result.caughtUp(), plan.streams(), plan.behind(), Unit.NANOS.format(result.tookNanos()),
                Unit.NANOS.format(result.each().getValueAtPercentile(50)), Unit.NANOS.format(result.each().getValueAtPercentile(99)),
                result.delivered(), result.unexpected(), result.gaps());
        result.failures().forEach((failure, entry) -> out.printf(Locale.ROOT, "%,d x %s (%s): %s%n",
                entry.count(), failure.name().toLowerCase(Locale.ROOT).replace('_', ' '), entry.example(), failure.advice()));
        if (result.unexpected() > 0 || result.gaps() > 0) {
            return ExitCode.INCORRECT;
        }
        if (result.caughtUp() == plan.streams()) {
            return ExitCode.HOLDS;
        }
        return Failure.anyOurs(result.failures().keySet()) ? ExitCode.INVALID : ExitCode.MISSED;
    }
}
