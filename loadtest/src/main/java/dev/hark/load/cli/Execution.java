package dev.hark.load.cli;

import dev.hark.load.agent.AgentException;
import dev.hark.load.agent.AgentsRun;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.drive.FanoutRun;
import dev.hark.load.measure.Second;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Verdict;
import dev.hark.load.report.Environment;
import dev.hark.load.report.ReportFolder;
import dev.hark.load.report.RunReport;
import dev.hark.load.report.TextReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
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
    /** Reads plan and objectives, and tries the folder for the report; a mistake in them is one of usage. */
    static Execution prepare(CommandSpec spec, OutputOptions output, AgentOptions agents, Supplier<FanoutPlan> plan) {
        return reading(spec, () -> {
            if (!agents.addresses().isEmpty()) {
                agents.token();
            }
            var execution = new Execution(spec, output, agents, plan.get(), output.objectives());
            OutputFolder.prepare(output.out);
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
        return new Execution(spec, output, agents, plan, Stream.concat(more.stream(), objectives.stream()).toList());
    }

    /** Runs, prints, writes the report, and returns the exit code. */
    int run(String title) throws IOException {
        try {
            return report(title).exitCode();
        } catch (AgentException e) {
            spec.commandLine().getErr().println("hark-load: " + e.getMessage());
            return switch (e.kind()) {
                case UNREACHABLE -> ExitCode.UNREACHABLE;
                case LOST -> ExitCode.INVALID;
            };
        }
    }

    RunReport report(String title) throws IOException {
        List<InetSocketAddress> addresses = agents.addresses();
        if (addresses.isEmpty()) {
            var run = new FanoutRun(plan);
            return report(title, run::interrupt, run::run);
        }
        try (var run = new AgentsRun(plan, addresses, agents.token())) {
            return report(title, run::interrupt, run::run);
        }
    }

    /** A run, whoever makes it. */
    private interface Run {
        FanoutResult run(Consumer<Second> observer) throws IOException;
    }

    private RunReport report(String title, Runnable onInterrupt, Run run) throws IOException {
        try (var interrupt = new Interrupt(onInterrupt)) {
            FanoutResult result = watched(run);
            Verdict verdict = Verdict.of(result.measurements(), objectives, !output.correctnessOnly, result.doubts());
            Environment here = Environment.here(spec.root().commandLine().getParseResult().originalArgs(), plan.server());
            var report = new RunReport(title, plan, result, verdict, Codes.of(result, verdict), here);
            write(report);
            interrupt.onReported();
            return report;
        }
    }

    private FanoutResult watched(Run run) throws IOException {
        PrintWriter out = spec.commandLine().getErr();
        try (Console console = output.jsonLines ? Console.jsonLines(out) : Console.on(out, plan)) {
            return run.run(console::show);
        }
    }

    private void write(RunReport report) throws IOException {
        PrintWriter writer = spec.commandLine().getOut();
        writer.print(TextReport.of(report));
        writer.flush();
        Path folder = output.out;
        if (folder != null) {
            ReportFolder.write(folder, report);
            writer.println("report in " + folder.resolve("report.html"));
        }
    }
}
