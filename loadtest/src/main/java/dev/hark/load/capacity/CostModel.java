package dev.hark.load.capacity;

import dev.hark.load.measure.Line;
import java.util.Arrays;
import java.util.List;

/**
 * What a server costs: {@code cores = a·streams + b·publishes/s + c·deliveries/s} and {@code memory = m0 + m1·streams}.
 *
 * <p>{@code a} comes from the quiet time before the first event of each level. Of the rest, {@code c} is the slope over deliveries, by
 * least squares, and {@code b} what is left at none: with a steady rate it cannot be told from a fixed cost, so it is an upper bound.
 * {@code m1} is a slope, too; where all levels have as many streams, as a single one has, {@code m0} is what the server took before the
 * first stream, and what it grew by is put on the streams. No coefficient is below 0.
 *
 * @param coresPerStream a
 * @param coreSecondsPerPublish b
 * @param coreSecondsPerDelivery c
 * @param baseBytes m0
 * @param bytesPerStream m1
 * @param levels how many levels it was fitted to
 */
public record CostModel(
        double coresPerStream,
        double coreSecondsPerPublish,
        double coreSecondsPerDelivery,
        double baseBytes,
        double bytesPerStream,
        int levels) {
    /** Fits the model. */
    public static CostModel fit(List<Level> levels) {
        if (levels.isEmpty()) {
            throw new IllegalArgumentException("a cost model of no levels; it needs 1 or more, with the server's process known");
        }
        double idle = levels.stream().mapToDouble(level -> level.streams() > 0 ? level.idleCores() / level.streams() : 0).min().orElse(0);
        Line work = Line.ofCost(
                levels.stream().mapToDouble(Level::deliveriesPerSecond).toArray(),
                levels.stream().mapToDouble(level -> Math.max(0, level.cores() - idle * level.streams())).toArray());
        double publishes = levels.stream().mapToDouble(Level::publishesPerSecond).average().orElse(0);
        Line memory = memory(levels);
        return new CostModel(
                idle, publishes > 0 ? work.intercept() / publishes : 0, work.slope(), memory.intercept(), memory.slope(), levels.size());
    }

    private static Line memory(List<Level> levels) {
        double[] streams = levels.stream().mapToDouble(Level::streams).toArray();
        if (Arrays.stream(streams).distinct().count() > 1) {
            return Line.ofCost(streams, levels.stream().mapToDouble(Level::memoryBytes).toArray());
        }
        double empty = levels.stream().mapToDouble(Level::emptyBytes).average().orElse(0);
        Line growth = Line.ofCost(streams, levels.stream().mapToDouble(level -> Math.max(0, level.memoryBytes() - empty)).toArray());
        return new Line(growth.slope(), empty);
    }

    /** The processors that a load takes. */
    public double cores(double streams, double publishesPerSecond, double deliveriesPerSecond) {
        return coresPerStream * streams + coreSecondsPerPublish * publishesPerSecond + coreSecondsPerDelivery * deliveriesPerSecond;
    }

    /** The memory that so many streams take. */
    public double bytes(double streams) {
        return baseBytes + bytesPerStream * streams;
    }
}
