package dev.hark.load.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PaceTest {
    @Test
    void isSteadyWhereNothingChanges() {
        Pace pace = Pace.steady(5);
        assertThat(pace.dueNanos(0)).isZero();
        assertThat(pace.dueNanos(7)).isEqualTo(1_400_000_000L);
        assertThat(pace.events(Duration.ofSeconds(3))).isEqualTo(15);
        assertThat(Pace.steady(0).events(Duration.ofDays(1))).isZero();
    }

    @Test
    void goesFromOneRateToTheNextInAStraightLine() {
        // Ten seconds at 10/s, then up to 30/s within ten seconds, and on at 30/s.
        Pace pace = Pace.steady(10).then(Duration.ofSeconds(10), 10).then(Duration.ofSeconds(10), 30);
        assertThat(pace.events(Duration.ofSeconds(10))).isCloseTo(100, within(1e-9));
        assertThat(pace.events(Duration.ofSeconds(15))).isCloseTo(100 + 5 * 15, within(1e-9));
        assertThat(pace.events(Duration.ofSeconds(20))).isCloseTo(300, within(1e-9));
        assertThat(pace.events(Duration.ofSeconds(21))).isCloseTo(330, within(1e-9));
        assertThat(pace.dueNanos(100)).isEqualTo(10_000_000_000L);
        assertThat(pace.dueNanos(175) / 1e9).isCloseTo(15, within(1e-6));
        assertThat(pace.dueNanos(330) / 1e9).isCloseTo(21, within(1e-6));
        assertThat(pace.most()).isEqualTo(30);
    }

    @Test
    void stepsWhereAStageTakesNoTime() {
        Pace pace = Pace.steady(10).then(Duration.ofSeconds(1), 10).then(Duration.ZERO, 100).then(Duration.ofSeconds(1), 100);
        assertThat(pace.events(Duration.ofSeconds(1))).isCloseTo(10, within(1e-9));
        assertThat(pace.events(Duration.ofSeconds(2))).isCloseTo(110, within(1e-9));
        assertThat(pace.dueNanos(60) / 1e9).isCloseTo(1.5, within(1e-6));
    }

    @Test
    void comesToRest() {
        Pace pace = Pace.steady(0).then(Duration.ofSeconds(2), 10).then(Duration.ofSeconds(2), 0);
        assertThat(pace.events(Duration.ofSeconds(4))).isCloseTo(20, within(1e-9));
        assertThat(pace.dueNanos(20)).isEqualTo(4_000_000_000L);
        assertThat(pace.events(Duration.ofSeconds(9))).isCloseTo(20, within(1e-9));
        assertThatThrownBy(() -> pace.then(Duration.ofSeconds(1), -1)).hasMessageContaining("-1.0/s");
    }

    /** The i-th event is due when i events are due. */
    @Property(tries = 200)
    void isDueWhenAsManyAreDue(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(max = 500) Integer> rates, @ForAll @IntRange(max = 100) int from) {
        Pace pace = Pace.steady(from);
        for (int rate : rates) {
            pace = pace.then(Duration.ofSeconds(rate % 4), rate);
        }
        int events = (int) pace.events(Duration.ofSeconds(20));
        long before = -1;
        for (int event = 0; event < events; event++) {
            long due = pace.dueNanos(event);
            assertThat(due).isGreaterThanOrEqualTo(before);
            assertThat(pace.events(Duration.ofNanos(due))).isCloseTo(event, within(1e-3));
            before = due;
        }
    }
}
