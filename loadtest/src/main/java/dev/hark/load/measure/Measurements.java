package dev.hark.load.measure;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/**
 * All that a run measured. A metric that could not be had, such as the server's memory without its process id, is absent.
 *
 * <p>Confined to one thread until it is handed on, and unchanged from then on.
 */
public final class Measurements {
    /** The processor time up to which a server counts as one that has not served yet. */
    public static final double COLD_CPU_NANOS = 6e9;

    private final Map<Timing, Histogram> timings = new EnumMap<>(Timing.class);
    private final Map<Metric, Double> metrics = new EnumMap<>(Metric.class);

    public void put(Timing timing, Histogram histogram) {
        timings.put(timing, histogram);
    }

    public void put(Metric metric, double value) {
        metrics.put(metric, value);
    }

    /** A count, or a whole number of nanoseconds or bytes. */
    public void put(Metric metric, long value) {
        put(metric, (double) value);
    }

    public OptionalDouble get(Metric metric) {
        Double value = metrics.get(metric);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    public double orZero(Metric metric) {
        return get(metric).orElse(0);
    }

    /**
     * Whether the server had only just been started. It takes about 3 s of a processor until it listens; one that has taken far more has
     * served before, and its memory has grown by that, so what it grew by in a run says nothing about streams.
     */
    public boolean isOfColdServer() {
        OptionalDouble before = get(Metric.SERVER_CPU_BEFORE);
        return before.isPresent() && before.getAsDouble() <= COLD_CPU_NANOS;
    }

    /** The histogram in nanoseconds; empty where nothing was measured. */
    public Histogram get(Timing timing) {
        Histogram histogram = timings.get(timing);
        return histogram == null ? new Histogram(3) : histogram;
    }

    public Map<Metric, Double> metrics() {
        return Collections.unmodifiableMap(metrics);
    }
}
