package dev.hark.app.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ListenMeterTest {
    private static final Path PAGE = Path.of("..", "docs", "operating.md");

    @ParameterizedTest
    @EnumSource
    void isExplainedToOperators(ListenMeter meter) throws Exception {
        assertThat(Files.readString(PAGE)).contains(HubMeter.PREFIX + meter.metricName() + (meter.isGauge() ? "" : "_total"));
    }

    @Test
    void sentencesEndInAFullStop() {
        assertThat(ListenMeter.values()).allSatisfy(meter -> assertThat(meter.sentence()).endsWith("."));
    }
}
