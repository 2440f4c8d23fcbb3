package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.drive.Sabotage.Kind;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Timing;
import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The tool catches every sabotage and blames nothing else; a faithful hub is never blamed. */
class SabotageIT {
    private static final int STREAMS = 12;
    private static final int SEEDS = 20;

    @ParameterizedTest
    @EnumSource(Kind.class)
    void isCaughtAlone(Kind kind) throws IOException {
        check(EnumSet.of(kind), 1, 4);
    }

    @Test
    void isCaughtAllTogether() throws IOException {
        check(EnumSet.allOf(Kind.class), 1, 4);
        check(EnumSet.allOf(Kind.class), 2, 1);
    }

    @Test
    void isNotSeenInAFaithfulHub() throws IOException {
        check(EnumSet.noneOf(Kind.class), 1, 4);
    }

    @Tag("long")
    @Test
    void isCaughtOverManySeeds() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            check(EnumSet.allOf(Kind.class), seed, 1 + seed % 4);
            for (Kind kind : Kind.values()) {
                check(EnumSet.of(kind), seed, 1 + seed % 4);
            }
        }
    }

    @Tag("long")
    @Test
    void isNeverSeenInAFaithfulHub() throws IOException {
        for (int run = 0; run < SEEDS; run++) {
            check(EnumSet.noneOf(Kind.class), run, 4);
        }
    }

    private static void check(Set<Kind> kinds, long seed, int connections) throws IOException {
        Measurements measured = SmallRun.measured(new Sabotage(kinds, seed, STREAMS), STREAMS, Sabotage.eventsNeeded(), connections);
        var expected = new EnumMap<Metric, Double>(Metric.class);
        expected.put(Metric.SILENT_LOSS, count(kinds, Kind.DROP));
        expected.put(Metric.DECLARED_LOSS, count(kinds, Kind.DECLARED_DROP));
        expected.put(Metric.GAPS, count(kinds, Kind.DECLARED_DROP));
        expected.put(Metric.DUPLICATES, count(kinds, Kind.DUPLICATE) + count(kinds, Kind.DUPLICATE_ON_RESUME));
        expected.put(Metric.DISORDER, count(kinds, Kind.SWAP));
        expected.put(Metric.CORRUPT, count(kinds, Kind.CORRUPT));
        expected.put(Metric.WRONG_ID, count(kinds, Kind.WRONG_ID));
        expected.put(Metric.WRONG_RECIPIENT, 0.0);
        expected.put(Metric.FOREIGN, 0.0);
        expected.put(Metric.AMBIGUOUS, 0.0);
        expected.put(Metric.STREAMS_ENDED, count(kinds, Kind.DUPLICATE_ON_RESUME));
        expected.put(Metric.STREAMS_RESUMED, count(kinds, Kind.DUPLICATE_ON_RESUME));
        var actual = new EnumMap<Metric, Double>(Metric.class);
        for (Map.Entry<Metric, Double> each : expected.entrySet()) {
            actual.put(each.getKey(), measured.orZero(each.getKey()));
        }
        assertThat(actual).as("%s with seed %d over %d connections", kinds, seed, connections).isEqualTo(expected);
        if (kinds.contains(Kind.STALL)) {
            assertThat(measured.get(Timing.DELIVERY).getMaxValue()).isGreaterThan(Sabotage.STALL_MILLIS * 1_000_000);
        }
        if (kinds.contains(Kind.DROP)) {
            assertThat(measured.get(Timing.DELIVERY).getMaxValue()).isGreaterThanOrEqualTo(SmallRun.DRAIN.toNanos() * 999 / 1000);
        }
    }

    private static double count(Set<Kind> kinds, Kind kind) {
        return kinds.contains(kind) ? 1 : 0;
    }
}
