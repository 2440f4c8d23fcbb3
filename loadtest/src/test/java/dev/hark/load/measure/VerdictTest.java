package dev.hark.load.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.measure.Verdict.Decision;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {
    /** The worst that applies decides, whatever else there is. */
    @Property
    void isTheWorst(@ForAll boolean incorrect, @ForAll boolean invalid, @ForAll boolean unserved,
            @ForAll boolean missed, @ForAll boolean checksValidity) {
        var measured = new Measurements();
        measured.put(Metric.DUPLICATES, incorrect ? 1 : 0);
        measured.put(Metric.READER_BUSY, invalid ? 1.0 : 0.1);
        measured.put(Metric.STREAMS_AWAY, unserved ? 1 : 0);
        measured.put(Metric.DELIVERED, missed ? 9 : 10);
        Decision expected = incorrect
                ? Decision.INCORRECT
                : invalid && checksValidity ? Decision.INVALID : unserved || missed ? Decision.MISSED : Decision.HOLDS;
        assertThat(Verdict.of(measured, List.of(Slo.parse("delivered>=10")), checksValidity).decision()).isEqualTo(expected);
    }

    /** Where the server takes no connections any more, the generator is not to blame for what it could not send. */
    @Test
    void blamesTheServerThatIsGone() {
        var measured = new Measurements();
        measured.put(Metric.UNSENT, 40);
        assertThat(Verdict.of(measured, List.of(), true).decision()).isEqualTo(Decision.INVALID);
        measured.put(Metric.PUBLISHERS_AWAY, 4);
        for (boolean checksValidity : new boolean[] {true, false}) {
            Verdict verdict = Verdict.of(measured, List.of(), checksValidity);
            assertThat(verdict.decision()).isEqualTo(Decision.MISSED);
            assertThat(verdict.unserved()).singleElement().asString().contains("4 publishing connections").contains("40 events");
        }
    }

    /** Without its streams a run is not the one that was asked for, unless it says how many may be missing. */
    @Test
    void missesStreamsThatDidNotStartWhereOnlyCorrectnessCounts() {
        var measured = new Measurements();
        measured.put(Metric.STREAMS_ASKED, 10_000);
        measured.put(Metric.STREAMS_FAILED, 9_999);
        Verdict verdict = Verdict.of(measured, List.of(), false);
        assertThat(verdict.decision()).isEqualTo(Decision.MISSED);
        assertThat(verdict.unserved()).singleElement().asString().contains("9,999 of 10,000 streams did not start");
        assertThat(Verdict.of(measured, List.of(), true).decision()).isEqualTo(Decision.INVALID);
        assertThat(Verdict.of(measured, List.of(Slo.parse("streams.failed<=9999")), false).decision()).isEqualTo(Decision.HOLDS);
        assertThat(Verdict.of(measured, List.of(Slo.parse("streams.failed<9999")), false).decision()).isEqualTo(Decision.MISSED);
    }

    /** A run that means to saturate is refused some events, and does not get all answers. */
    @ParameterizedTest
    @CsvSource({"REFUSED", "UNANSWERED"})
    void mindsBackpressureUnlessOnlyCorrectnessCounts(Metric metric) {
        var measured = new Measurements();
        measured.put(metric, 1);
        assertThat(Verdict.of(measured, List.of(), true).decision()).isEqualTo(Decision.MISSED);
        assertThat(Verdict.of(measured, List.of(), false).decision()).isEqualTo(Decision.HOLDS);
    }
}
