package dev.hark.load.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * The files that a run leaves: {@code report.html} to look at, {@code report.json} for {@code compare} and {@code plan},
 * {@code summary.md}, {@code seconds.csv}, {@code latency.hlog} for HdrHistogram's tools, {@code junit.xml} for build servers.
 */
public final class ReportFolder {
    private ReportFolder() {}

    /** Writes all of them; the folder is made if need be, and what was there is replaced. */
    public static void write(Path folder, RunReport report) throws IOException {
        Files.createDirectories(folder);
        JsonReport.write(folder.resolve("report.json"), report);
        Files.writeString(folder.resolve("summary.md"), MarkdownReport.of(report));
        Files.writeString(folder.resolve("seconds.csv"), SecondsCsv.of(report.result().timeline().seconds()));
        Files.writeString(folder.resolve("junit.xml"), JunitReport.of(report));
        Files.writeString(folder.resolve("report.html"), HtmlReport.of(report));
        writeHistograms(folder.resolve("latency.hlog"), report.result().timeline().intervals());
    }

    private static void writeHistograms(Path file, List<Histogram> intervals) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            var log = new HistogramLogWriter(new java.io.PrintStream(out, false, StandardCharsets.UTF_8));
            log.outputComment("[deliveries from due, in nanoseconds, one histogram a second]");
            log.outputLogFormatVersion();
            if (!intervals.isEmpty()) {
                log.setBaseTime(intervals.getFirst().getStartTimeStamp());
                log.outputBaseTime(intervals.getFirst().getStartTimeStamp());
                log.outputStartTime(intervals.getFirst().getStartTimeStamp());
            }
            log.outputLegend();
            for (Histogram interval : intervals) {
                log.outputIntervalHistogram(interval);
            }
            log.close();
        }
    }
}
