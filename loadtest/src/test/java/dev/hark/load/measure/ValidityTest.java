package dev.hark.load.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidityTest {
    @ParameterizedTest
    @CsvSource({
        "READER_BUSY, 0.9, 0.91, readerBusy",
        "LONGEST_ROUND, 1e9, 1.1e9, longestRound",
        "FULL_READ_SHARE, 0.5, 0.51, fullReadShare",
        "GENERATOR_GC, 2e8, 2.1e8, garbage collection",
        "STREAMS_FAILED, 0, 1, did not start",
        "UNSENT, 0, 1, never left"
    })
    void doubtsWhatIsPastItsLimit(Metric metric, double limit, double beyond, String word) {
        assertThat(doubts(metric, limit)).isEmpty();
        assertThat(doubts(metric, beyond)).singleElement().asString().contains(word);
    }

    @Test
    void doubtsALatePublisher() {
        var measured = new Measurements();
        var lateness = new Histogram(3);
        lateness.recordValueWithCount(11_000_000, 2);
        lateness.recordValueWithCount(1000, 98);
        measured.put(Timing.LATENESS, lateness);
        assertThat(Validity.doubts(measured)).singleElement().asString().contains("lateness.p99");
    }

    private static List<String> doubts(Metric metric, double value) {
        var measured = new Measurements();
        measured.put(Metric.MEASURED, 10e9);
        measured.put(metric, value);
        return Validity.doubts(measured);
    }
}
