package dev.hark.load.cli;

import dev.hark.load.drive.ChurnPlan;
import dev.hark.load.drive.ChurnResult;
import dev.hark.load.drive.ChurnRun;
import dev.hark.load.drive.Failure;
import dev.hark.load.measure.Unit;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;

/** A churn that is run, printed and judged: every cycle has to be completed, and the server may keep nothing. */
final class ChurnOutcome {
    private ChurnOutcome() {}

    /** The exit code. */
    static int of(ChurnPlan plan, PrintWriter out) throws IOException {
        ChurnResult result = new ChurnRun(plan).run();
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
        if (Failure.anyOurs(result.failures().keySet())) {
            return ExitCode.INVALID;
        }
        return result.completed() == 0 ? ExitCode.UNREACHABLE : ExitCode.MISSED;
    }
}
