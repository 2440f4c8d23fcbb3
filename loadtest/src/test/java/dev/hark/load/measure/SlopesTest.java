package dev.hark.load.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SlopesTest {
    /** A server that takes so much for itself, so much for each stream and so much for each delivery: the slopes leave out the first. */
    @Property
    void findTheCostOfOneMore(@ForAll @DoubleRange(min = 0, max = 1) double idleCores, @ForAll @IntRange(min = 1, max = 100) int micros) {
        double perDelivery = micros / 1e6;
        var seconds = new ArrayList<Second>();
        var growth = new ArrayList<Slopes.Growth>();
        for (long live = 0; live <= 5000; live += 500) {
            growth.add(new Slopes.Growth(live, 80_000_000 + 16_000 * live));
        }
        long delivered = 0;
        for (int s = 1; s <= 20; s++) {
            String phase = s <= 5 ? "connecting" : s <= 8 ? "settling" : s <= 10 ? "warming up" : "measuring";
            long live = Math.min(s, 5) * 1000L;
            long rate = s <= 8 ? 0 : 10_000;
            // Opening streams and compiling cost more, and must not count.
            double extra = s <= 5 || (s > 8 && s <= 10) ? 0.7 : 0;
            delivered += rate;
            seconds.add(SecondsOf.second(s, phase, live, 0, delivered, idleCores + extra + rate * perDelivery, 80_000_000));
        }
        var measured = new Measurements();
        Slopes.into(measured, seconds, growth);
        assertThat(measured.orZero(Metric.SERVER_CPU_SLOPE)).isCloseTo(perDelivery * 1e9, within(1.0));
        assertThat(measured.orZero(Metric.SERVER_MEMORY_SLOPE)).isCloseTo(16_000, within(1.0));
    }

    /** With a settle time of less than two seconds there may be none without events. */
    @Test
    void areNotThoseOfNoise() {
        var seconds = new ArrayList<Second>();
        for (int s = 1; s <= 20; s++) {
            seconds.add(SecondsOf.second(s, "measuring", 10, 0, s * 10_000L + s % 3, 0.1 + s % 3 * 0.01, 1));
        }
        var measured = new Measurements();
        Slopes.into(measured, seconds, List.of(new Slopes.Growth(10, 1), new Slopes.Growth(10, 3), new Slopes.Growth(10, 2)));
        assertThat(measured.metrics()).isEmpty();
    }

    @Test
    void sayNothingThatWasNotSeen() {
        var measured = new Measurements();
        Slopes.into(measured, List.of(), List.of());
        Slopes.into(measured, List.of(
                SecondsOf.second(1, "settling", 5, 0, 0, -1, -1), SecondsOf.second(2, "measuring", 5, 0, 10, -1, -1),
                SecondsOf.second(3, "measuring", 5, 0, 20, -1, -1), SecondsOf.second(4, "measuring", 5, 0, 90, -1, -1)), List.of());
        assertThat(measured.metrics()).isEmpty();
    }
}
