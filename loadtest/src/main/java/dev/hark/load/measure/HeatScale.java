package dev.hark.load.measure;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** The latency classes of the heat map: 1, 2 and 5 of each power of ten, from 10 µs to 10 s, and what is beyond. */
public final class HeatScale {
    /** The upper ends of all classes but the last, in nanoseconds. */
    public static final List<Long> ENDS = ends();

    private HeatScale() {}

    private static List<Long> ends() {
        var ends = new ArrayList<Long>();
        for (long decade = 10_000; decade < 10_000_000_000L; decade *= 10) {
            ends.addAll(List.of(decade, 2 * decade, 5 * decade));
        }
        ends.add(10_000_000_000L);
        return List.copyOf(ends);
    }

    /** How many values of a histogram are in each class; one more class than there are ends. */
    public static List<Long> classes(Histogram histogram) {
        var counts = new ArrayList<Long>(ENDS.size() + 1);
        if (histogram.getTotalCount() == 0) {
            return List.of();
        }
        long from = 0;
        for (long end : ENDS) {
            counts.add(histogram.getCountBetweenValues(from, end - 1));
            from = end;
        }
        long below = counts.stream().mapToLong(Long::longValue).sum();
        counts.add(Math.max(0, histogram.getTotalCount() - below));
        return counts;
    }
}
