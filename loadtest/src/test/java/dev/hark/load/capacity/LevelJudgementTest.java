package dev.hark.load.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.capacity.CapacitySearch.Attempt;
import dev.hark.load.drive.FanoutResult;
import dev.hark.load.drive.Timeline;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Timing;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class LevelJudgementTest {
    @Test
    void passesWhatIsAsItShouldBe() {
        assertThat(judge(Metric.DECLARED_LOSS, 0, "delivery.p99<250ms")).isEqualTo(new LevelJudgement(Attempt.PASSED, List.of()));
        assertThat(judge(Metric.DECLARED_LOSS, 0, "delivery.p99<1ms").attempt()).isEqualTo(Attempt.FAILED);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"SILENT_LOSS", "DECLARED_LOSS", "DUPLICATES", "STREAMS_FAILED", "STREAMS_ENDED", "UNSENT", "UNANSWERED", "REFUSED"},
            mode = Mode.INCLUDE)
    void failsForOneOf(Metric metric) {
        // One of ten thousand is below every percentile that an objective speaks of.
        LevelJudgement judgement = judge(metric, 1, "delivery.p99<250ms");
        assertThat(judgement.attempt()).isEqualTo(Attempt.FAILED);
        assertThat(judgement.reasons()).singleElement().asString().startsWith(metric.key() + " is 1; the limit is 0");
    }

    @Test
    void leavesDeclaredLossesToAnObjectiveThatSpeaksOfThem() {
        assertThat(judge(Metric.DECLARED_LOSS, 5, "declaredLoss<=5").attempt()).isEqualTo(Attempt.PASSED);
        assertThat(judge(Metric.DECLARED_LOSS, 6, "declaredLoss<=5").reasons()).singleElement()
                .asString().startsWith("declaredLoss<=5 is missed");
        assertThat(judge(Metric.SILENT_LOSS, 1, "silentLoss<=5", "declaredLoss<=5").attempt()).isEqualTo(Attempt.FAILED);
    }

    @Test
    void sparesTheServerWhereTheGeneratorWasTheLimit() {
        LevelJudgement judgement = judge(Metric.READER_BUSY, 0.95);
        assertThat(judgement.attempt()).isEqualTo(Attempt.GENERATOR_BOUND);
        assertThat(judgement.reasons()).singleElement().asString().contains("readerBusy");
    }

    private static LevelJudgement judge(Metric metric, double value, String... objectives) {
        var measured = new Measurements();
        var delivery = new Histogram(3);
        delivery.recordValueWithCount(10_000_000, 10_000);
        measured.put(Timing.DELIVERY, delivery);
        measured.put(Metric.DECLARED_LOSS, 0.0);
        measured.put(metric, value);
        var result = new FanoutResult(
                FanoutResult.Ending.COMPLETE, measured, Map.of(), null,
                new Timeline(List.of(), List.of(), List.of(), List.of()), List.of(), List.of(), List.of());
        return LevelJudgement.of(result, Stream.of(objectives).map(Slo::parse).toList());
    }
}
