package dev.hark.load.measure;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * An objective such as {@code delivery.p99<250ms} or {@code silentLoss==0}.
 *
 * @param text as it was given
 * @param quantity what is compared
 * @param comparison how
 * @param limit with what: nanoseconds, bytes, or a plain number
 */
public record Slo(String text, Quantity quantity, Comparison comparison, double limit) {
    private static final Pattern SHAPE = Pattern.compile(
            "\\s*([A-Za-z][A-Za-z.]*?)(?:\\.(p\\d{1,2}(?:\\.\\d+)?|p100|min|mean|max))?"
                    + "\\s*(<=|>=|==|<|>)\\s*(\\d+(?:\\.\\d+)?)\\s*([A-Za-zµ%/]*)\\s*");

    /** What an objective speaks of. */
    public sealed interface Quantity {
        /** A percentile (from 0 to 100) of a timing; 0 is the least, 100 the most. */
        record Percentile(Timing timing, double percentile) implements Quantity {}

        /** The mean of a timing. */
        record Mean(Timing timing) implements Quantity {}

        /** A number. */
        record Single(Metric metric) implements Quantity {}

        default Unit unit() {
            return switch (this) {
                case Percentile p -> Unit.NANOS;
                case Mean m -> Unit.NANOS;
                case Single s -> s.metric().unit();
            };
        }

        /** The measured value, or nothing if it was not measured. */
        default OptionalDouble in(Measurements measured) {
            return switch (this) {
                case Percentile p -> of(measured.get(p.timing()), (double) measured.get(p.timing()).getValueAtPercentile(p.percentile()));
                case Mean m -> of(measured.get(m.timing()), measured.get(m.timing()).getMean());
                case Single s -> measured.get(s.metric());
            };
        }

        private static OptionalDouble of(Histogram histogram, double value) {
            return histogram.getTotalCount() == 0 ? OptionalDouble.empty() : OptionalDouble.of(value);
        }
    }

    /** How a value is compared with the limit. */
    public enum Comparison {
        BELOW("<"),
        AT_MOST("<="),
        EQUAL("=="),
        AT_LEAST(">="),
        ABOVE(">");

        private final String sign;

        Comparison(String sign) {
            this.sign = sign;
        }

        boolean holds(double value, double limit) {
            return switch (this) {
                case BELOW -> value < limit;
                case AT_MOST -> value <= limit;
                case EQUAL -> value == limit;
                case AT_LEAST -> value >= limit;
                case ABOVE -> value > limit;
            };
        }

        private static Comparison of(String sign) {
            return Arrays.stream(values()).filter(each -> each.sign.equals(sign)).findFirst().orElseThrow();
        }
    }

    /** What became of an objective: the value is empty, and the objective not met, where nothing was measured. */
    public record Outcome(Slo objective, OptionalDouble value, boolean holds) {}

    /**
     * Reads an objective.
     *
     * @throws IllegalArgumentException if it has no such shape, or speaks of something that is not measured
     */
    public static Slo parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("objective '" + text + "' is not of the form 'delivery.p99<250ms' or 'silentLoss==0'");
        }
        Quantity quantity = quantity(text, matcher.group(1), matcher.group(2));
        double limit = Double.parseDouble(matcher.group(4)) * factor(text, quantity.unit(), matcher.group(4), matcher.group(5));
        return new Slo(text.strip(), quantity, Comparison.of(matcher.group(3)), limit);
    }

    /** Compares with what was measured. */
    public Outcome judge(Measurements measured) {
        OptionalDouble value = quantity.in(measured);
        return new Outcome(this, value, value.isPresent() && comparison.holds(value.getAsDouble(), limit));
    }

    private static Quantity quantity(String text, String name, @Nullable String statistic) {
        Optional<Metric> metric = Arrays.stream(Metric.values()).filter(each -> each.key().equalsIgnoreCase(name)).findFirst();
        Optional<Timing> timing = Arrays.stream(Timing.values()).filter(each -> each.key().equalsIgnoreCase(name)).findFirst();
        if (metric.isPresent() && statistic == null) {
            return new Quantity.Single(metric.get());
        }
        if (timing.isPresent() && statistic != null) {
            return switch (statistic) {
                case "min" -> new Quantity.Percentile(timing.get(), 0);
                case "max" -> new Quantity.Percentile(timing.get(), 100);
                case "mean" -> new Quantity.Mean(timing.get());
                default -> new Quantity.Percentile(timing.get(), Double.parseDouble(statistic.substring(1)));
            };
        }
        if (timing.isPresent()) {
            throw new IllegalArgumentException(
                    "objective '%s': '%s' is many times; did you mean '%s.p99', or .p50, .mean or .max?".formatted(text, name, name));
        }
        if (metric.isPresent()) {
            throw new IllegalArgumentException("objective '%s': '%s' is one number; did you mean '%s'?".formatted(text, name, name));
        }
        throw unknown(text, name);
    }

    private static IllegalArgumentException unknown(String text, String name) {
        List<String> timings = Arrays.stream(Timing.values()).map(Timing::key).toList();
        List<String> known = Stream.concat(timings.stream(), Arrays.stream(Metric.values()).map(Metric::key)).toList();
        String meant = Nearest.of(known, name)
                .map(near -> "; did you mean '" + (timings.contains(near) ? near + ".p99" : near) + "'?")
                .orElseGet(() -> "; known are, with .p50 to .p99.99, .mean and .max, " + String.join(", ", timings)
                        + ", and " + Arrays.stream(Metric.values()).map(Metric::key).collect(Collectors.joining(", ")));
        return new IllegalArgumentException("objective '" + text + "': '" + name + "' is not measured" + meant);
    }

    private static double factor(String text, Unit unit, String number, String suffix) {
        double factor = switch (unit) {
            case NANOS -> Quantities.nanosOf(suffix);
            case BYTES -> Quantities.bytesOf(suffix);
            case RATIO -> suffix.equals("%") ? 0.01 : suffix.isEmpty() ? 1 : -1;
            case PER_SECOND -> suffix.isEmpty() || suffix.equals("/s") ? 1 : -1;
            case COUNT, CORES -> suffix.isEmpty() ? 1 : -1;
        };
        if (factor < 0) {
            String written = switch (unit) {
                case NANOS -> "a time needs a unit, such as %1$sms, %1$sus or %1$ss";
                case BYTES -> "a size is written as %1$sKiB or %1$sMiB";
                case RATIO -> "a share is written as %1$s%%";
                case PER_SECOND -> "a rate is written as %1$s/s";
                case COUNT, CORES -> "a number has no unit: %1$s";
            };
            throw new IllegalArgumentException("objective '" + text + "': " + written.formatted(number));
        }
        return factor;
    }
}
