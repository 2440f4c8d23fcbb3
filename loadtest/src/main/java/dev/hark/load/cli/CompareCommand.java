package dev.hark.load.cli;

import dev.hark.load.compare.Comparison;
import dev.hark.load.compare.SavedReport;
import dev.hark.load.measure.Quantities;
import dev.hark.load.report.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hark-load compare}: two reports side by side. */
@Command(
        name = "compare",
        description = {
            "Compares two reports of the same load; exits with 2 if anything became worse by more than the tolerance.",
            "Reports of different loads are refused with 1: their numbers say nothing about the server."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  hark-load compare runs/base/report.json runs/new/report.json --tolerance 10%%"})
final class CompareCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(index = "0", paramLabel = "BASE", description = "report.json of the earlier run, or its folder")
    Path base = Path.of("");

    @Parameters(index = "1", paramLabel = "NEW", description = "report.json of the later run, or its folder")
    Path fresh = Path.of("");

    @Option(names = "--tolerance", paramLabel = "PERCENT", defaultValue = "10%",
            description = "a smaller change is none (default: ${DEFAULT-VALUE})")
    String tolerance = "";

    @Option(names = "--unlike", description = "compares reports of different loads, too, such as of two servers")
    boolean unlike;

    @Override
    public Integer call() throws IOException {
        Comparison comparison;
        try {
            comparison = Comparison.of(SavedReport.read(base), SavedReport.read(fresh), Quantities.share(tolerance));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (comparison.rows().isEmpty() || (!unlike && !comparison.isOfLikes())) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("hark-load: " + (comparison.differences().isEmpty()
                    ? "there is nothing in both reports that could be compared"
                    : "the reports are of different loads:"));
            comparison.differences().forEach(difference -> err.println("  " + difference));
            if (!comparison.rows().isEmpty()) {
                err.println("Compare runs of the same load, or give --unlike.");
            }
            return ExitCode.USAGE;
        }
        out.printf("  %-6s %-24s %14s %14s %9s%n", "", "", "base", "new", "change");
        comparison.rows().forEach(row -> print(out, row));
        comparison.differences().forEach(difference -> out.println("  note: " + difference));
        long worse = comparison.rows().stream().filter(row -> row.change() == Comparison.Change.WORSE).count();
        long better = comparison.rows().stream().filter(row -> row.change() == Comparison.Change.BETTER).count();
        out.printf("%s: of %d numbers %d became worse and %d better by more than %s%n", comparison.isWorse() ? "worse" : "not worse",
                comparison.rows().size(), worse, better, tolerance);
        return comparison.isWorse() ? ExitCode.MISSED : ExitCode.HOLDS;
    }

    private static void print(PrintWriter out, Comparison.Row row) {
        String change = Double.isInfinite(row.ratio()) ? "from 0" : String.format(Locale.ROOT, "%+.1f %%", 100 * row.ratio());
        out.printf("  %-6s %-24s %14s %14s %9s%n",
                switch (row.change()) {
                    case BETTER -> "better";
                    case SAME -> "";
                    case WORSE -> "WORSE";
                },
                row.name(), row.unit().format(row.base()), row.unit().format(row.fresh()), change);
    }
}
