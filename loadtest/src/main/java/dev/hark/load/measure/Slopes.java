package dev.hark.load.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What one more stream and one more delivery cost a server, by regression over the seconds of a run. Unlike a division,
 * this leaves out the fixed cost.
 */
public final class Slopes {
    /** A shorter look at processor time, which comes in steps of 10 ms, says little. */
    private static final double MIN_SECONDS = 0.5;

    private static final String CONNECTING = "connecting";
    private static final Set<String> UNSTEADY = Set.of(CONNECTING, "warming up");

    /** How much resident memory the server had when so many streams were up. */
    public record Growth(long live, long bytes) {}

    private Slopes() {}

    /** Adds the slopes over the seconds of a run, and over memory until all had settled; nothing if the server was not seen. */
    public static void into(Measurements measured, List<Second> seconds, List<Growth> growth) {
        List<Double> streams = growth.stream().map(each -> (double) each.live()).toList();
        List<Double> bytes = growth.stream().map(each -> (double) each.bytes()).toList();
        var deliveries = new ArrayList<Double>();
        var cores = new ArrayList<Double>();
        for (int i = 0; i < seconds.size(); i++) {
            Second now = seconds.get(i);
            // What streams cost to open, or a server to compile, would be taken for the cost of deliveries.
            boolean isSteady = i > 0 && !UNSTEADY.contains(seconds.get(i - 1).phase()) && !UNSTEADY.contains(now.phase());
            if (isSteady && now.load().serverCores() >= 0 && now.at() - seconds.get(i - 1).at() >= MIN_SECONDS) {
                Second before = seconds.get(i - 1);
                deliveries.add((now.counts().delivered() - before.counts().delivered()) / (now.at() - before.at()));
                cores.add(now.load().serverCores());
            }
        }
        put(measured, Metric.SERVER_CPU_SLOPE, slope(deliveries, cores), 1e9);
        put(measured, Metric.SERVER_MEMORY_SLOPE, slope(streams, bytes), 1);
    }

    /** Where all seconds have about the same load, the slope through them is that of their noise. */
    private static OptionalDouble slope(List<Double> load, List<Double> cost) {
        double most = load.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        double least = load.stream().mapToDouble(Double::doubleValue).min().orElse(0);
        return least > most / 2 ? OptionalDouble.empty() : Line.slopeOf(array(load), array(cost));
    }

    /** A cost that falls with the load is noise, and is not told. */
    private static void put(Measurements measured, Metric metric, OptionalDouble slope, double factor) {
        if (slope.isPresent() && slope.getAsDouble() > 0) {
            measured.put(metric, slope.getAsDouble() * factor);
        }
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
