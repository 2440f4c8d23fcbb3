package dev.hark.load.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class FitTest {
    @Test
    void findsBothCosts() {
        Fit fit = Fit.of(new double[] {1, 1, 1, 1}, new double[] {1, 2, 4, 8}, new double[] {5, 7, 11, 19});
        assertThat(fit.first().value()).isCloseTo(3, within(1e-9));
        assertThat(fit.second().value()).isCloseTo(2, within(1e-9));
        assertThat(fit.first().isKnown()).isTrue();
        assertThat(fit.second().isKnown()).isTrue();
    }

    @Test
    void leavesOutWhatCannotBeToldFromZero() {
        Fit fit = Fit.of(new double[] {1, 1, 1, 1, 1}, new double[] {1, 2, 4, 8, 8}, new double[] {2.2, 3.8, 8.3, 15.6, 16.4});
        assertThat(fit.first().isKnown()).isFalse();
        assertThat(fit.first().margin()).as("its interval is told").isFinite();
        assertThat(fit.second().value()).isCloseTo(2, within(0.02));
        assertThat(fit.second().isKnown()).isTrue();
    }

    @Test
    void givesAllToTheSecondWhereBothComeTogether() {
        Fit fit = Fit.of(new double[] {1, 2, 4}, new double[] {1000, 2000, 4000}, new double[] {1, 2.01, 4});
        assertThat(fit.first()).isEqualTo(Cost.UNKNOWN);
        assertThat(fit.second().value()).isCloseTo(1e-3, within(1e-5));
    }

    @Test
    void knowsNothingFromOneObservation() {
        assertThat(Fit.single(new double[] {5}, new double[] {10}).isKnown()).isFalse();
        assertThat(Fit.single(new double[0], new double[0])).isEqualTo(Cost.UNKNOWN);
        assertThat(Fit.of(new double[] {1, 1}, new double[] {1, 2}, new double[] {3, 4}).second().isKnown()).isFalse();
        Fit nothing = Fit.of(new double[0], new double[0], new double[0]);
        assertThat(nothing.first().isKnown() || nothing.second().isKnown()).isFalse();
    }

    @Test
    void knowsNoNegativeCost() {
        assertThat(Fit.single(new double[] {1, 2, 3}, new double[] {-1, -2, -3}).isKnown()).isFalse();
        assertThat(new Cost(-5, 1).most()).isZero();
    }

    /** What a 95 % interval is: the truth is outside of it once in twenty times. */
    @Property(tries = 20)
    void holdsTheTruthInItsInterval(@ForAll long seed) {
        var random = new Random(seed);
        long held = IntStream.range(0, 400).filter(i -> {
            double[] cause = random.doubles(8, 1, 10).toArray();
            double[] total = Arrays.stream(cause).map(x -> 3 * x + random.nextGaussian()).toArray();
            Cost cost = Fit.single(cause, total);
            return Math.abs(cost.value() - 3) <= cost.margin();
        }).count();
        assertThat(held).isBetween(350L, 400L);
    }
}
