package dev.hark.load.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is expected of a run, and what is shown and kept of it. */
final class OutputOptions {
    @Mixin
    ReportOptions report = new ReportOptions();

    @Option(names = "--correctness-only",
            description = "the generator's own limits do not count: for saturating runs and for gates without timing")
    boolean correctnessOnly;

    @Option(names = "--json-lines", description = "progress as one JSON object a second, for other programs")
    boolean jsonLines;
}
