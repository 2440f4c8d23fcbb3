package dev.hark.load.cli;

import dev.hark.load.agent.AgentException;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.drive.FanoutResult.Ending;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Verdict;
import dev.hark.load.report.Environment;
import dev.hark.load.report.ReportFolder;
import dev.hark.load.report.RunReport;
import dev.hark.load.report.TextReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * A run as the command line makes it: watched on the console, ended early by Ctrl-C, judged and reported.
 *
 * @param spec the command
 * @param output what is expected, and where the report goes
 * @param agents which processes make the run, where it is not this one
 * @param plan what is run
 * @param objectives read from the output options
 */
record Execution(CommandSpec spec, OutputOptions output, AgentOptions agents, FanoutPlan plan, List<Slo> objectives) {
    private static final Set<Timing> OF_AN_OUTAGE = Set.of(Timing.DELIVERY_DURING, Timing.DELIVERY_AFTER);

    /** Reads plan and objectives, and tries the folder for the report; a mistake in them is one of usage. */
    static Execution prepare(CommandSpec spec, OutputOptions output, AgentOptions agents, Supplier<FanoutPlan> plan) {
        return reading(spec, () -> {
            agents.requireToken();
            var execution = new Execution(spec, output, agents, plan.get(), output.report.objectives()).checked();
            output.report.prepare();
            return execution;
        });
    }

    /** A mistake in what is read is one of usage. */
    static <T> T reading(CommandSpec spec, Supplier<T> reader) {
        try {
            return reader.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** The same with more objectives. */
    Execution expecting(List<Slo> more) {
        var both = new Execution(spec, output, agents, plan, Stream.concat(more.stream(), objectives.stream()).toList());
        return reading(spec, both::checked);
    }

    /**
     * This, if what it expects can come of what it does.
     *
     * @throws IllegalArgumentException if not
     */
    private Execution checked() {
        if (!plan.outage().isNone() && !agents.agents.isEmpty()) {
            throw new IllegalArgumentException("--kill-pid and --at-failure are for a run without --agents: the time until all streams are"
                    + " live again is counted by one clock");
        }
        for (Slo objective : objectives) {
            if (plan.outage().isNone() && isOfAnOutage(objective.quantity())) {
                throw new IllegalArgumentException(
                        "'%s' is of a run in which a node is taken away: say how, by --kill-pid or --at-failure"
                        .formatted(objective.text()));
            }
        }
        return this;
    }

    private static boolean isOfAnOutage(Slo.Quantity quantity) {
        return switch (quantity) {
            case Slo.Quantity.Percentile of -> OF_AN_OUTAGE.contains(of.timing());
            case Slo.Quantity.Mean of -> OF_AN_OUTAGE.contains(of.timing());
            case Slo.Quantity.Single of -> of.metric() == Metric.FAILOVER_ALL || of.metric() == Metric.FAILOVER_STREAMS;
        };
    }

    /** Runs, prints, writes the report, and returns the exit code. */
    int run(String title) throws IOException {
        try {
            return report(title).exitCode();
        } catch (AgentException e) {
            return Codes.of(spec, e);
        }
    }

    RunReport report(String title) throws IOException {
        LocalDateTime began = LocalDateTime.now(ZoneId.systemDefault());
        try (Generator generator = Generator.of(plan, agents); var interrupt = new Interrupt(generator::interrupt)) {
            FanoutResult result = watched(generator);
            Verdict verdict = Verdict.of(result.measurements(), objectives, !output.correctnessOnly, result.doubts());
            Environment here = Environment.here(spec.root().commandLine().getParseResult().originalArgs(), plan.server());
            var report = new RunReport(title, plan, result, verdict, here);
            write(report, began);
            interrupt.onReported();
            return report;
        }
    }

    private FanoutResult watched(Generator generator) throws IOException {
        PrintWriter out = spec.commandLine().getErr();
        try (Console console = output.jsonLines ? Console.jsonLines(out) : Console.on(out, plan)) {
            return generator.run(console::show);
        }
    }

    private void write(RunReport report, LocalDateTime began) throws IOException {
        PrintWriter writer = spec.commandLine().getOut();
        writer.print(output.report.verbose ? TextReport.full(report) : TextReport.of(report));
        writer.flush();
        Path folder = output.report.folder(report.title(), began, report.result().ending() != Ending.NOT_STARTED);
        if (folder != null) {
            ReportFolder.write(folder, report);
            writer.println("report: " + folder.resolve("report.html"));
        }
    }
}
