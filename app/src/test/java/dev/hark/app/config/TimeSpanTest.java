package dev.hark.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeSpanTest {
    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S", "15s, PT15S", "10m, PT10M", "1h30m, PT1H30M", "1d, PT24H", "2w, PT336H", "1w2d3h4m5s6ms, PT219H4M5.006S",
        "0s, PT0S", "1.5h, PT1H30M", "90m, PT1H30M",
        "PT15S, PT15S", "PT0.5S, PT0.5S", "P1D, PT24H", "P1DT12H, PT36H", "P1W, PT168H", "P1W1D, PT192H", "PT1.5H, PT1H30M",
        "P0.5D, PT12H", "P0.5W, PT84H", "pt10m, PT10M", "PT0.000000001S, PT0.000000001S"
    })
    void readsWhatPeopleWrite(String text, Duration time) {
        assertThat(TimeSpan.parse(text)).contains(time);
    }

    @Test
    void takesTheCommaOfISO8601AsWell() {
        assertThat(TimeSpan.parse("PT1,5H")).contains(Duration.ofMinutes(90));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "10", "P", "PT", "P1DT", "P1M", "P1Y", "-PT1S", "PT-1S", "-1s", "+1s", "1x", "1 s", "1m1h", "1s1s", "1.s", ".5s", "1e3s",
        "10M", "m",
        "9999999999999999999s", "999999999999999999w", "PT1H "
    })
    void refusesWhatIsNoTimeOrMoreThanOneCouldMean(String text) {
        assertThat(TimeSpan.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"PT0S, 0s", "PT0.01S, 10ms", "PT90M, 1h30m", "P1D, 1d", "P36500D, 36500d", "PT75S, 1m15s"})
    void printsTheShortForm(Duration time, String text) {
        assertThat(TimeSpan.print(time)).isEqualTo(text);
        assertThat(TimeSpan.parse(text)).contains(time);
    }
}
