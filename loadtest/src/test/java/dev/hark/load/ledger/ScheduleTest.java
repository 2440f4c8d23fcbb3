package dev.hark.load.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final int MOST = 100_000_000;

    /** 11 days: longer than any run, and short enough that a double tells its nanoseconds apart. */
    private static final double LONGEST_SECONDS = 1e6;

    @Property
    void isDueAtStartAndEventByRate(
            @ForAll @LongRange(min = -1_000_000_000_000_000L, max = 1_000_000_000_000_000L) long start,
            @ForAll @DoubleRange(min = 0.001, max = 1e9) @Scale(6) double perSecond,
            @ForAll @IntRange(max = MOST) int event) {
        Assume.that(event / perSecond <= LONGEST_SECONDS);
        long due = new Schedule(start, perSecond, 0, event).dueNanos(event);
        BigDecimal exact = BigDecimal.valueOf(start)
                .add(BigDecimal.valueOf(event).multiply(BigDecimal.valueOf(1_000_000_000L))
                        .divide(new BigDecimal(perSecond), 6, RoundingMode.HALF_EVEN));
        // One for the fraction that is cut off, and a half for what a double cannot hold.
        assertThat(BigDecimal.valueOf(due).subtract(exact).abs()).isLessThanOrEqualTo(new BigDecimal("1.5"));
    }

    @Property
    void neverFalls(
            @ForAll @DoubleRange(min = 0.001, max = 1e9) @Scale(6) double perSecond,
            @ForAll @IntRange(max = MOST) int event,
            @ForAll @IntRange(max = 1000) int later) {
        Assume.that(event / perSecond <= LONGEST_SECONDS);
        var schedule = new Schedule(7, perSecond, 0, MOST + 1000);
        assertThat(schedule.dueNanos(event + later)).isGreaterThanOrEqualTo(schedule.dueNanos(event));
        assertThat(schedule.dueNanos(0)).isEqualTo(7);
    }

    @Property
    void measuresFromTheEndOfWarmupToTheEnd(
            @ForAll @DoubleRange(min = 0.001, max = 1e6) @Scale(6) double perSecond,
            @ForAll @IntRange(max = MOST) int events,
            @ForAll @DoubleRange(max = 1) double warmupShare,
            @ForAll @DoubleRange(max = 1) double eventShare) {
        int warmup = (int) (events * warmupShare);
        int event = (int) (events * eventShare);
        Assume.that(event < events && events / perSecond <= LONGEST_SECONDS);
        var schedule = new Schedule(0, perSecond, warmup, events);
        assertThat(schedule.isMeasured(event)).isEqualTo(schedule.dueNanos(event) >= schedule.measureFromNanos());
        assertThat(schedule.dueNanos(event)).isLessThan(schedule.endNanos());
        assertThat(schedule.measureFromNanos()).isBetween(0L, schedule.endNanos());
    }

    @Test
    void hasNothingToMeasureWithoutEvents() {
        var idle = new Schedule(5, 0, 0, 0);
        assertThat(idle.measureFromNanos()).isEqualTo(5);
        assertThat(idle.endNanos()).isEqualTo(5);
        var warmupOnly = new Schedule(5, 10, 3, 3);
        assertThat(warmupOnly.isMeasured(2)).isFalse();
        assertThat(warmupOnly.measureFromNanos()).isEqualTo(warmupOnly.endNanos()).isEqualTo(300_000_005L);
    }

    @Test
    void refusesWhatIsNoSchedule() {
        assertThat(new Schedule(0, 1e9, 0, 1).endNanos()).isEqualTo(1);
        assertThatThrownBy(() -> new Schedule(0, 1.1e9, 0, 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("at most 1000000000/s");
        assertThatThrownBy(() -> new Schedule(0, 0, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Schedule(0, -1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Schedule(0, Double.NaN, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Schedule(0, 1, 2, 1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("warm-up");
        assertThatThrownBy(() -> new Schedule(0, 1, -1, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
