package dev.hark.load.cli;

import dev.hark.load.measure.Slo;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is expected, where the report goes, and how much of it is printed. */
final class ReportOptions {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH-mm-ss");

    @Option(names = "--expect", paramLabel = "OBJECTIVE",
            description = "such as 'delivery.p99<250ms' or 'silentLoss==0'; may be given several times")
    List<String> expect = new ArrayList<>();

    @Option(names = "--out", paramLabel = "DIR",
            description = "the folder for the report (default: one of its own in --runs, with the time and what was run in its name)")
    @Nullable Path out;

    @Option(names = "--runs", paramLabel = "DIR", defaultValue = "runs",
            description = "where runs without --out have their folders (default: ${DEFAULT-VALUE})")
    Path runs = Path.of("");

    @Option(names = "--no-report", description = "writes no report")
    boolean noReport;

    @Option(names = {"-v", "--verbose"}, description = "prints everything that was measured")
    boolean verbose;

    List<Slo> objectives() {
        return expect.stream().map(Slo::parse).toList();
    }

    /**
     * Tries whether a report can be written, before a run.
     *
     * @throws IllegalArgumentException if it cannot
     */
    void prepare() {
        if (noReport) {
            return;
        }
        if (out == null) {
            OutputFolder.probe("--runs", runs);
        } else {
            OutputFolder.prepare("--out", out);
        }
    }

    /**
     * Where the report of a run goes; null where none is written.
     *
     * @param hasResult whether there is anything to tell; a run that did not begin gets a folder only where one was named
     */
    @Nullable Path folder(String title, LocalDateTime time, boolean hasResult) throws IOException {
        if (noReport || out != null || !hasResult) {
            return noReport ? null : out;
        }
        String name = TIME.format(time) + "-" + title.replaceAll("[^A-Za-z0-9._-]+", "-");
        Files.createDirectories(runs);
        for (int again = 1; ; again++) {
            try {
                // Made here or not at all: two runs of one second do not write into one folder.
                return Files.createDirectory(runs.resolve(again == 1 ? name : name + "-" + again));
            } catch (FileAlreadyExistsException e) {
                // The next number.
            }
        }
    }
}
