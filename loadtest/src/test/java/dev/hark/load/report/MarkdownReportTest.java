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
import org.junit.jupiter.api.Test;

class MarkdownReportTest {
    @Test
    void beginsWithTheVerdictAndHasTables() {
        var measured = new Measurements();
        measured.put(Metric.OWED, 10);
        measured.put(Timing.DELIVERY, Reports.times(5_000_000, 10));
        String text = MarkdownReport.of(Reports.of(Ending.COMPLETE, measured, Map.of(), "delivery.p99<1ms", "silentLoss==0"));
        List<String> lines = text.lines().toList();
        assertThat(lines.getFirst()).isEqualTo("## fanout: missed");
        assertThat(text).doesNotContain("```").contains(
                "10 deliveries owed, none lost silently.", "\n\n| objective | measured |", "\n|---|---:|---|\n",
                "| `delivery.p99<1ms` | 5.0", "| **missed** |", "\n\n| time | p50 | p90 |", "| delivery | 5.0",
                "`hark-load fanout -n 2000`");
        // Every row of a table has as many cells as its head.
        for (int i = 1; i < lines.size(); i++) {
            if (lines.get(i).startsWith("|") && lines.get(i - 1).startsWith("|")) {
                assertThat(cells(lines.get(i))).as(lines.get(i)).isEqualTo(cells(lines.get(i - 1)));
            }
        }
    }

    private static int cells(String line) {
        return line.replace("\\|", "").split("\\|", -1).length;
    }

    @Test
    void saysWhyNothingBegan() {
        var entry = new Failures.Entry(3, "subscriber 0: <refused> | gone");
        String text = MarkdownReport.of(Reports.of(Ending.NOT_STARTED, new Measurements(), Map.of(Failure.UNREACHABLE, entry)));
        assertThat(text).startsWith("## fanout: not started").contains("- 3 x unreachable (subscriber 0: &lt;refused> \\| gone)");
        assertThat(text).doesNotContain("| time |");
    }
}
