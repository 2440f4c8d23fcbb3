package dev.hark.load.cli;

import dev.hark.load.measure.Slo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is expected of a run, and where its report goes. */
final class OutputOptions {
    @Option(names = "--expect", paramLabel = "OBJECTIVE",
            description = "such as 'delivery.p99<250ms' or 'silentLoss==0'; may be given several times")
    List<String> expect = new ArrayList<>();

    @Option(names = "--out", paramLabel = "DIR",
            description = "writes the report there: report.html, report.json, summary.md, seconds.csv, latency.hlog, junit.xml")
    @Nullable Path out;

    @Option(names = "--correctness-only",
            description = "the generator's own limits do not count: for saturating runs and for gates without timing")
    boolean correctnessOnly;

    @Option(names = "--json-lines", description = "progress as one JSON object a second, for other programs")
    boolean jsonLines;

    List<Slo> objectives() {
        return expect.stream().map(Slo::parse).toList();
    }
}
