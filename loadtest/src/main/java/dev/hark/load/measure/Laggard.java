package dev.hark.load.measure;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * One of the streams that lagged behind the others.
 *
 * @param subscriber its number among those of all generators
 * @param topic what it reads
 * @param slowestNanos its slowest measured delivery
 */
public record Laggard(long subscriber, String topic, long slowestNanos) {
    /** As many as a person looks at. */
    public static final int SHOWN = 10;

    /** The slowest of all, the slowest first. */
    public static List<Laggard> slowestOf(Stream<Laggard> all) {
        return all.sorted(Comparator.comparingLong(Laggard::slowestNanos).reversed().thenComparingLong(Laggard::subscriber))
                .limit(SHOWN).toList();
    }
}
