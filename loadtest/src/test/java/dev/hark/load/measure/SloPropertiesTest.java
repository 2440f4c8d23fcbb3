package dev.hark.load.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.measure.Slo.Comparison;
import dev.hark.load.measure.Slo.Quantity;
import java.math.BigDecimal;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class SloPropertiesTest {
    /** A unit as it may be written, and how many of the smallest it is. */
    record Suffix(String text, double factor) {}

    /** An objective in its parts. */
    record Written(String name, Quantity quantity, String sign, BigDecimal number, Suffix suffix, String space) {
        String text() {
            return space + name + space + sign + space + number.toPlainString() + space + suffix.text() + space;
        }

        double limit() {
            return number.doubleValue() * suffix.factor();
        }

        Comparison comparison() {
            return switch (sign) {
                case "<" -> Comparison.BELOW;
                case "<=" -> Comparison.AT_MOST;
                case "==" -> Comparison.EQUAL;
                case ">=" -> Comparison.AT_LEAST;
                default -> Comparison.ABOVE;
            };
        }

        /** By the plain arithmetic of its sign. */
        boolean holds(double value) {
            return switch (sign) {
                case "<" -> value < limit();
                case "<=" -> value <= limit();
                case "==" -> value == limit();
                case ">=" -> value >= limit();
                default -> value > limit();
            };
        }
    }

    @Property
    void readsWhatWasWrittenAndItsOwnTextAlike(@ForAll("objectives") Written written) {
        Slo slo = Slo.parse(written.text());
        assertThat(slo).isEqualTo(new Slo(written.text().strip(), written.quantity(), written.comparison(), written.limit()));
        assertThat(Slo.parse(slo.text())).isEqualTo(slo);
    }

    @Property
    void comparesAsPlainArithmeticDoes(@ForAll("singles") Written written, @ForAll @IntRange(min = -1, max = 1) int side) {
        Metric metric = ((Quantity.Single) written.quantity()).metric();
        // The value next to the limit on either side, and the limit itself.
        double value = side < 0 ? Math.nextDown(written.limit()) : side > 0 ? Math.nextUp(written.limit()) : written.limit();
        var measured = new Measurements();
        assertThat(Slo.parse(written.text()).judge(measured).holds()).as("nothing measured").isFalse();
        measured.put(metric, value);
        Slo.Outcome outcome = Slo.parse(written.text()).judge(measured);
        assertThat(outcome.value()).hasValue(value);
        assertThat(outcome.holds()).isEqualTo(written.holds(value));
    }

    @Provide
    Arbitrary<Written> objectives() {
        return Arbitraries.oneOf(singles(), timings());
    }

    @Provide
    Arbitrary<Written> singles() {
        return Arbitraries.of(Metric.values())
                .flatMap(metric -> written(metric.key(), new Quantity.Single(metric), suffixes(metric.unit())));
    }

    private static Arbitrary<Written> timings() {
        List<Suffix> suffixes = suffixes(Unit.NANOS);
        return Arbitraries.of(Timing.values()).flatMap(timing -> Arbitraries.oneOf(
                written(timing.key() + ".mean", new Quantity.Mean(timing), suffixes),
                written(timing.key() + ".min", new Quantity.Percentile(timing, 0), suffixes),
                written(timing.key() + ".max", new Quantity.Percentile(timing, 100), suffixes),
                Arbitraries.integers().between(0, 9_999).map(hundredths -> BigDecimal.valueOf(hundredths, 2)).flatMap(percentile -> written(
                        timing.key() + ".p" + percentile.toPlainString(),
                        new Quantity.Percentile(timing, percentile.doubleValue()), suffixes))));
    }

    private static Arbitrary<Written> written(String name, Quantity quantity, List<Suffix> suffixes) {
        return Combinators.combine(
                        Arbitraries.of("<", "<=", "==", ">=", ">"),
                        Arbitraries.bigDecimals().between(BigDecimal.ZERO, BigDecimal.valueOf(1_000_000)).ofScale(3),
                        Arbitraries.of(suffixes),
                        Arbitraries.of("", " "))
                .as((sign, number, suffix, space) -> new Written(name, quantity, sign, number, suffix, space));
    }

    private static List<Suffix> suffixes(Unit unit) {
        return switch (unit) {
            case NANOS -> List.of(
                    new Suffix("ns", 1), new Suffix("us", 1e3), new Suffix("µs", 1e3), new Suffix("ms", 1e6), new Suffix("s", 1e9));
            case BYTES -> List.of(
                    new Suffix("", 1), new Suffix("B", 1), new Suffix("KB", 1024), new Suffix("KiB", 1024), new Suffix("MB", 1 << 20),
                    new Suffix("MiB", 1 << 20), new Suffix("GB", 1 << 30), new Suffix("GiB", 1 << 30));
            case RATIO -> List.of(new Suffix("", 1), new Suffix("%", 0.01));
            case PER_SECOND -> List.of(new Suffix("", 1), new Suffix("/s", 1));
            case COUNT, CORES -> List.of(new Suffix("", 1));
        };
    }
}
