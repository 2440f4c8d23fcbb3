package dev.hark.load.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SloTest {
    private final Measurements measured = new Measurements();

    SloTest() {
        Histogram delivery = new Histogram(3_600_000_000_000L, 5);
        for (int i = 1; i <= 1000; i++) {
            delivery.recordValue(i * 1_000_000L);
        }
        measured.put(Timing.DELIVERY, delivery);
        measured.put(Metric.SILENT_LOSS, 0.0);
        measured.put(Metric.SERVER_MEMORY_PER_STREAM, 24 * 1024.0);
        measured.put(Metric.READER_BUSY, 0.5);
    }

    @ParameterizedTest
    @CsvSource({
        "delivery.p99<991ms, true", "delivery.p99<990ms, false", "delivery.p99.9<=1s, true",
        "delivery.max<=1001ms, true", "delivery.max<1s, false", "delivery.min>=1ms, true", "delivery.mean<0.6s, true",
        "silentLoss==0, true", "SilentLoss > 0, false", "' delivery.p50 < 501000us ', true",
        "serverMemoryPerStream<=24KiB, true", "serverMemoryPerStream<24KB, false", "readerBusy<51%, true", "readerBusy<=50%, true"
    })
    void comparesWhatWasMeasured(String text, boolean holds) {
        assertThat(Slo.parse(text).judge(measured).holds()).isEqualTo(holds);
    }

    @Test
    void isMissedWhereNothingWasMeasured() {
        assertThat(Slo.parse("publish.p99<1h".replace("1h", "3600s")).judge(measured).holds()).isFalse();
        assertThat(Slo.parse("serverCpuPerDelivery<10us").judge(measured).value()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "delivery.p99<250", "delivery<250ms", "delivery.p99=250ms", "latency.p99<1ms", "silentLoss==0ms",
            "silentLoss.p99==0", "readerBusy<5ms"})
    void refusesWhatItCannotCompare(String text) {
        assertThatThrownBy(() -> Slo.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'" + text + "'");
    }

    @Test
    void ranksCorrectnessAboveValidityAboveObjectives() {
        var objective = java.util.List.of(Slo.parse("delivery.p99<1ms"));
        assertThat(Verdict.of(measured, java.util.List.of(), true).decision()).isEqualTo(Verdict.Decision.HOLDS);
        assertThat(Verdict.of(measured, objective, true).decision()).isEqualTo(Verdict.Decision.MISSED);
        measured.put(Metric.READER_BUSY, 0.95);
        assertThat(Verdict.of(measured, objective, true).decision()).isEqualTo(Verdict.Decision.INVALID);
        assertThat(Verdict.of(measured, objective, false).decision()).isEqualTo(Verdict.Decision.MISSED);
        measured.put(Metric.SILENT_LOSS, 1.0);
        assertThat(Verdict.of(measured, objective, true).decision()).isEqualTo(Verdict.Decision.INCORRECT);
    }
}
