package dev.hark.load.cli;

import dev.hark.load.compare.Comparison;
import dev.hark.load.compare.SavedReport;
import dev.hark.load.measure.Quantities;
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
        description = "Compares two reports; exits with 2 if anything became worse by more than the tolerance.",
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

    @Override
    public Integer call() throws IOException {
        Comparison comparison;
        try {
            comparison = Comparison.of(SavedReport.read(base), SavedReport.read(fresh), Quantities.share(tolerance));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        PrintWriter out = spec.commandLine().getOut();
        for (Comparison.Row row : comparison.rows()) {
            out.printf(Locale.ROOT, "  %-6s %-24s %14s %14s %9s%n",
                    switch (row.change()) {
                        case BETTER -> "better";
                        case SAME -> "";
                        case WORSE -> "WORSE";
                    },
                    row.name(), row.unit().format(row.base()), row.unit().format(row.fresh()),
                    Double.isInfinite(row.ratio()) ? "from 0" : String.format(Locale.ROOT, "%+.1f %%", 100 * row.ratio()));
        }
        comparison.differences().forEach(difference -> out.println("  note: " + difference));
        out.println(comparison.isWorse() ? "worse" : "not worse");
        return comparison.isWorse() ? ExitCode.MISSED : ExitCode.HOLDS;
    }
}
