package dev.hark.load.cli;

import dev.hark.load.drive.Target;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.ServerWatch;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Unit;
import dev.hark.load.measure.Verdict.Decision;
import dev.hark.load.nullhub.NullHubProcess;
import dev.hark.load.report.ExitCode;
import dev.hark.load.report.RunReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hark-load calibrate}: what the generator measures when the server does next to nothing. */
@Command(
        name = "calibrate",
        description = {
            "Runs against a server of its own that only writes, in a process beside this one.",
            "What it measures is the least that this machine and this generator can measure."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  hark-load calibrate -n 10000 --rate 20/s --warmup 5s --measure 20s"})
final class CalibrateCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Mixin
    LoadOptions loadOptions = new LoadOptions();

    @Mixin
    OutputOptions outputOptions = new OutputOptions();

    @Override
    public Integer call() throws IOException {
        try (NullHubProcess hub = NullHubProcess.start()) {
            Target target = Target.hark(hub.url());
            var watch = new ServerWatch(OptionalLong.of(hub.pid()), Optional.empty());
            var execution = Execution.prepare(spec, outputOptions, new AgentOptions(), () -> loadOptions.plan(target, watch));
            RunReport report = execution.report("calibrate");
            if (report.exitCode() != ExitCode.INTERRUPTED) {
                explain(report);
            }
            return report.exitCode();
        }
    }

    private void explain(RunReport report) {
        PrintWriter out = spec.commandLine().getOut();
        Histogram delivery = report.result().measurements().get(Timing.DELIVERY);
        boolean believable = report.verdict().decision() == Decision.HOLDS || report.verdict().decision() == Decision.MISSED;
        out.printf("%nAt this load the generator and this machine alone cause delivery times of p50 %s and p99 %s;%n",
                Unit.NANOS.format(delivery.getValueAtPercentile(50)), Unit.NANOS.format(delivery.getValueAtPercentile(99)));
        out.printf("a server under test is measured on top of that. The reader thread was at work %s of the time.%n",
                Unit.RATIO.format(report.result().measurements().orZero(Metric.READER_BUSY)));
        out.println(believable
                ? "The generator can be trusted with this load."
                : "The generator cannot be trusted with this load here: ask for less, give --loops 2, or use another machine.");
    }
}
