package dev.hark.load.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S", "10s, PT10S", "10, PT10S", "1.5s, PT1.5S", "10m, PT10M", "2min, PT2M", "1h, PT1H", "1d, P1D", "250us, PT0.00025S",
        "0s, PT0S", "PT10S, PT10S", "P1D, P1D", "pt90s, PT90S", "' 5 s ', PT5S"
    })
    void readsDurations(String text, Duration expected) {
        assertThat(Quantities.duration(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "-1s", "10 years", "10M", "1e3s", "PT", "P1Y", "5/s"})
    void refusesWhatIsNoDuration(String text) {
        assertThatThrownBy(() -> Quantities.duration(text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "' is not a duration such as 500ms, 10s, 5m, 1h, 1d or PT10S");
    }

    @ParameterizedTest
    @CsvSource({
        "200B, 200", "200, 200", "200b, 200", "64k, 65536", "64K, 65536", "4KB, 4096", "4KiB, 4096", "4kib, 4096", "1m, 1048576",
        "1MB, 1048576", "1MiB, 1048576", "1.5k, 1536"
    })
    void readsSizes(String text, int expected) {
        assertThat(Quantities.bytes(text)).isEqualTo(expected);
    }

    @Test
    void boundsWhatHasToFitIntoAnArray() {
        assertThat(Quantities.largeBytes("8GiB")).isEqualTo(8.0 * (1 << 30));
        assertThatThrownBy(() -> Quantities.bytes("2g")).hasMessageContaining("beyond 2147483647 bytes");
        assertThatThrownBy(() -> Quantities.bytes("4 bits")).hasMessageContaining("'4 bits' is not a size such as 200B");
    }

    @ParameterizedTest
    @CsvSource({"5/s, 5", "5, 5", "300/m, 5", "300/min, 5", "2k/s, 2000", "36/h, 0.01", "864/d, 0.01"})
    void readsRates(String text, double expected) {
        assertThat(Quantities.perSecond(text)).isEqualTo(expected);
    }

    @Test
    void readsCountsAndShares() {
        assertThat(Quantities.count("10k")).isEqualTo(10_000);
        assertThat(Quantities.count("1.5M")).isEqualTo(1_500_000);
        assertThat(Quantities.whole("3k")).isEqualTo(3000);
        assertThat(Quantities.share("10%")).isEqualTo(Quantities.share("0.1")).isEqualTo(0.1);
        assertThatThrownBy(() -> Quantities.whole("1.5")).hasMessage("'1.5' is not a whole number");
        assertThatThrownBy(() -> Quantities.whole("5G")).hasMessage("'5G' is not a whole number");
        assertThatThrownBy(() -> Quantities.count("5m")).as("is it a thousandth or a million?").hasMessageContaining("not a count");
        assertThatThrownBy(() -> Quantities.perSecond("5/year")).hasMessageContaining("not a rate");
    }

    @Test
    void knowsWhatWasProbablyMeant() {
        var known = java.util.List.of("target.url", "streams.count", "publish.rate");
        assertThat(Nearest.of(known, "streams.cuont")).contains("streams.count");
        assertThat(Nearest.of(known, "rate")).contains("publish.rate");
        assertThat(Nearest.of(known, "URL")).contains("target.url");
        assertThat(Nearest.of(known, "xy")).isEmpty();
        assertThat(Nearest.question(known, "nothing")).isEmpty();
    }
}
