package dev.hark.load.cli;

import dev.hark.load.agent.AgentException;
import dev.hark.load.capacity.CapacitySearch.Attempt;
import dev.hark.load.capacity.CapacitySearch;
import dev.hark.load.capacity.LevelJudgement;
import dev.hark.load.drive.FanoutPlan;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Quantities;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Unit;
import dev.hark.load.measure.Verdict;
import dev.hark.load.report.CapacityReport;
import dev.hark.load.report.Environment;
import dev.hark.load.report.ExitCode;
import dev.hark.load.report.RunReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hark-load find-capacity}: the highest level that holds. */
@Command(
        name = "find-capacity",
        description = {
            "Doubles the load until a level fails, then halves the distance to 5 %%; the winner must pass three times.",
            "A level passes if the objectives hold, nothing is lost or wrong, the planned load is reached, no backlog grows",
            "and the generator had time to spare. What the server declares as lost is lost, unless an --expect speaks of",
            "declaredLoss. Every level settles, warms up and measures as the options say."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:",
            "  hark-load find-capacity --by subscribers --rate 5/s --expect 'delivery.p99<250ms' --from 1000 --to 19000 \\",
            "      --settle 3s --warmup 5s --measure 20s --server-pid 4711 --out runs/capacity"
        })
final class FindCapacityCommand implements Callable<Integer> {
    /** Lower-case names on the command line. */
    enum By {
        subscribers,
        rate
    }

    @Spec
    CommandSpec spec;

    @Mixin
    TargetOptions targetOptions = new TargetOptions();

    @Mixin
    LoadOptions loadOptions = new LoadOptions();

    @Option(names = "--by", paramLabel = "WHAT", defaultValue = "subscribers",
            description = "subscribers or rate (default: ${DEFAULT-VALUE})")
    By by = By.subscribers;

    @Option(names = "--from", paramLabel = "N", defaultValue = "1000", description = "the lowest level (default: ${DEFAULT-VALUE})")
    String from = "";

    @Option(names = "--to", paramLabel = "N", defaultValue = "19000", description = "the highest level (default: ${DEFAULT-VALUE})")
    String to = "";

    @Mixin
    ReportOptions reportOptions = new ReportOptions();

    @Mixin
    AgentOptions agentOptions = new AgentOptions();

    @Override
    public Integer call() throws IOException {
        CapacitySearch search;
        List<Slo> objectives;
        FanoutPlan base;
        try {
            search = new CapacitySearch((int) Quantities.count(from), (int) Quantities.count(to));
            objectives = reportOptions.objectives();
            base = plan((int) Quantities.count(to));
            agentOptions.requireToken();
            reportOptions.prepare();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        LocalDateTime began = LocalDateTime.now(ZoneId.systemDefault());
        var levels = new ArrayList<CapacityReport.Tried>();
        var current = new AtomicReference<@Nullable Generator>();
        var interrupted = new AtomicBoolean();
        try (var interrupt = new Interrupt(() -> {
            interrupted.set(true);
            Generator run = current.get();
            if (run != null) {
                run.interrupt();
            }
        })) {
            int code = search(search, objectives, levels, current, interrupted);
            if (levels.isEmpty()) {
                return code;
            }
            Environment here = Environment.here(spec.root().commandLine().getParseResult().originalArgs(), base.server());
            var report = new CapacityReport(base, by.name(), search.result(), reportOptions.expect, levels, here);
            PrintWriter out = spec.commandLine().getOut();
            out.print(reportOptions.verbose ? report.full() : report.text());
            out.flush();
            Path folder = reportOptions.folder("find-capacity", began, true);
            if (folder != null) {
                report.write(folder);
                out.println("report: " + folder.resolve("report.html"));
            }
            interrupt.onReported();
            return code;
        } catch (AgentException e) {
            return Codes.of(spec, e);
        }
    }

    private int search(
            CapacitySearch search, List<Slo> objectives, List<CapacityReport.Tried> levels, AtomicReference<@Nullable Generator> current,
            AtomicBoolean interrupted)
            throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        for (OptionalInt next = search.next(); next.isPresent(); next = search.next()) {
            int level = next.getAsInt();
            FanoutResult result;
            try (Generator run = Generator.of(plan(level), agentOptions)) {
                current.set(run);
                if (interrupted.get()) {
                    // Between two levels there was no run to tell.
                    return ExitCode.INTERRUPTED;
                }
                result = run.run(second -> {});
            }
            if (result.ending() == FanoutResult.Ending.INTERRUPTED) {
                return ExitCode.INTERRUPTED;
            }
            if (result.ending() == FanoutResult.Ending.NOT_STARTED && levels.isEmpty()) {
                err.println("not started");
                result.failures().forEach((failure, entry) -> err.println("  " + entry.example() + ": " + failure.advice()));
                return RunReport.exitCodeOf(result, Verdict.of(result.measurements(), objectives, true));
            }
            LevelJudgement judgement = LevelJudgement.of(result, objectives);
            levels.add(new CapacityReport.Tried(level, judgement, result.measurements()));
            search.report(level, judgement.attempt());
            err.println(line(level, judgement, result.measurements()));
        }
        return switch (search.result().bound()) {
            case SERVER, RANGE -> ExitCode.HOLDS;
            case GENERATOR -> ExitCode.INVALID;
            case NOTHING -> ExitCode.MISSED;
        };
    }

    private String line(int level, LevelJudgement judgement, Measurements measured) {
        String outcome = judgement.attempt().name().toLowerCase(Locale.ROOT).replace('_', '-');
        String reasons = judgement.attempt() == Attempt.PASSED ? "" : "  " + String.join("; ", judgement.reasons());
        return String.format(Locale.ROOT, "  %,8d %s  %-15s delivery p50 %s, p99 %s%s", level, by.name(), outcome,
                Unit.NANOS.format(measured.get(Timing.DELIVERY).getValueAtPercentile(50)),
                Unit.NANOS.format(measured.get(Timing.DELIVERY).getValueAtPercentile(99)), reasons);
    }

    private FanoutPlan plan(int level) {
        if (!loadOptions.stages.isEmpty() || !loadOptions.rateStages.isEmpty()) {
            throw new IllegalArgumentException("a search has stages of its own: leave out --stages and --rate-stages");
        }
        String text = Integer.toString(level);
        switch (by) {
            case subscribers -> loadOptions.subscribers = text;
            case rate -> loadOptions.rate = text;
        }
        return loadOptions.plan(targetOptions.target(), targetOptions.watch.watch());
    }
}
