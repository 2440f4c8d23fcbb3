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

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "delivery.p99<250 | a time needs a unit, such as 250ms, 250us or 250s",
        "serverMemory<5x | a size is written as 5KiB or 5MiB",
        "readerBusy<5ms | a share is written as 5%",
        "silentLoss==0ms | a number has no unit: 0",
        "delivery<250ms | 'delivery' is many times; did you mean 'delivery.p99'",
        "silentLoss.p99==0 | 'silentLoss' is one number; did you mean 'silentLoss'?",
        "delivry.p99<1ms | did you mean 'delivery.p99'?",
        "silentlos==0 | did you mean 'silentLoss'?",
        "confirmed==5 | did you mean 'streams.confirmed'?",
        "somethingElse==5 | known are, with .p50 to .p99.99, .mean and .max, delivery, slowest,"
    })
    void saysWhatWasProbablyMeant(String text, String expected) {
        assertThatThrownBy(() -> Slo.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(expected);
    }

    @Test
    void takesLongTimes() {
        assertThat(Slo.parse("reconnectAll<2m").limit()).isEqualTo(120e9);
        assertThat(Slo.parse("delivery.max<1h").limit()).isEqualTo(3600e9);
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
