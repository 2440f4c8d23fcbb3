package dev.hark.load.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.drive.Failure;
import dev.hark.load.drive.Failures;
import dev.hark.load.drive.FanoutResult.Ending;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Timing;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextReportTest {
    @Test
    void beginsWithTheVerdict() {
        var measured = new Measurements();
        measured.put(Metric.OWED, 450_000);
        measured.put(Timing.DELIVERY, Reports.times(5_000_000, 450_000));
        List<String> lines = TextReport.of(Reports.of(Ending.COMPLETE, measured, Map.of(), "delivery.p99<250ms")).lines().toList();
        assertThat(lines.get(0)).isEqualTo("holds: 450,000 deliveries owed, none lost silently");
        assertThat(lines.get(1)).isEqualTo("  127.0.0.1:8080: 2,000 streams on 1 topic, 5/s, 200 B");
        assertThat(lines.get(2)).startsWith("  holds      delivery.p99<250ms (5.0");
        assertThat(lines).anyMatch(line -> line.startsWith("  delivery ")).anyMatch(line -> line.contains("0 silent, 0 announced"));
        assertThat(lines).noneMatch(line -> line.contains("server"));
    }

    /** With everything wrong that can be, it still fits. */
    @Test
    void fitsIntoAFewLines() {
        String[] objectives = IntStream.range(1, 20).mapToObj(i -> "delivery.p99<" + i + "us").toArray(String[]::new);
        RunReport report = Reports.of(
                Ending.COMPLETE, Reports.everything(), Map.of(Failure.RESET, new Failures.Entry(5, "subscriber 1: it is gone")),
                objectives);
        List<String> lines = TextReport.of(report).lines().toList();
        assertThat(lines).hasSizeLessThanOrEqualTo(TextReport.MAX_LINES);
        assertThat(lines.getFirst()).startsWith("incorrect: ");
        assertThat(lines.get(2)).contains("INCORRECT  silentLoss");
        assertThat(lines).anyMatch(line -> line.matches("  \\.\\.\\. and \\d+ more: -v shows them"));
        String full = TextReport.full(report);
        assertThat(full.lines().findFirst().orElseThrow()).isEqualTo(lines.getFirst());
        assertThat(full).contains("subscriber 3 never got event 5", "delivery.p99<19us", "it is gone");
        for (Metric metric : Metric.values()) {
            assertThat(full).contains("  " + metric.key() + " ");
        }
        for (Timing timing : Timing.values()) {
            assertThat(full).contains("  " + timing.key() + " ");
        }
    }

    @Test
    void isShortWhereNothingAnswers() {
        var measured = new Measurements();
        measured.put(Metric.STREAMS_ASKED, 10);
        measured.put(Metric.STREAMS_FAILED, 10);
        var refused = new Failures.Entry(10, "subscriber 0: Connection refused");
        List<String> lines = TextReport.of(
                Reports.of(Ending.NOT_STARTED, measured, Map.of(Failure.UNREACHABLE, refused), "silentLoss==0")).lines().toList();
        assertThat(lines).hasSizeLessThanOrEqualTo(4);
        assertThat(lines.getFirst()).isEqualTo("not started");
        assertThat(lines).anyMatch(line -> line.contains("10 x unreachable") && line.contains("is the server up, and is the URL right?"));
    }

    @Test
    void saysWhereTheTimeWent() {
        var measured = new Measurements();
        measured.put(Timing.DELIVERY, Reports.times(900_000_000, 10));
        measured.put(Timing.PUBLISH, Reports.times(870_000_000, 10));
        assertThat(TextReport.of(Reports.of(Ending.COMPLETE, measured, Map.of()))).contains("goes into the acknowledgement");
        measured.put(Timing.PUBLISH, Reports.times(1_000_000, 10));
        assertThat(Conclusions.whereTheTimeWent(measured)).isEmpty();
        measured.put(Timing.SPREAD, Reports.times(800_000_000, 10));
        assertThat(Conclusions.whereTheTimeWent(measured).orElseThrow()).contains("from the first subscriber to the last");
        measured.put(Timing.DELIVERY, Reports.times(1_000_000, 10));
        assertThat(Conclusions.whereTheTimeWent(measured)).as("nobody asks").isEmpty();
    }

    @Test
    void tellsTheMemoryOfAStreamOnlyOfAColdServer() {
        Measurements measured = Reports.everything();
        assertThat(Conclusions.server(measured).orElseThrow()).contains("per delivery", "per stream");
        measured.put(Metric.SERVER_CPU_BEFORE, 54e9);
        assertThat(Conclusions.server(measured).orElseThrow()).contains("per delivery").doesNotContain("per stream");
    }
}
