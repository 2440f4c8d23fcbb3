package dev.hark.load.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.hark.load.capacity.Evidence.Footprint;
import dev.hark.load.capacity.Evidence.Idle;
import dev.hark.load.capacity.Evidence.Reach;
import dev.hark.load.capacity.Evidence.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** A fleet whose cost is known: what is planned from noisy measurements of one hub has to be what the fleet holds. */
class FleetTest {
    /** What measurements of the same load differ by, as a share. */
    private static final double NOISE = 0.03;

    @Property(tries = 300)
    void isPlannedWithin15Percent(
            @ForAll @IntRange(min = 2_000, max = 40_000) int deliveryNanos,
            @ForAll @IntRange(min = 50_000, max = 2_000_000) int publishNanos,
            @ForAll @IntRange(min = 200, max = 5_000) int idleNanos,
            @ForAll @IntRange(min = 8_000, max = 40_000) int streamBytes,
            @ForAll @IntRange(min = 1, max = 10) int rate,
            @ForAll long seed) {
        double delivery = deliveryNanos / 1e9;
        double publish = publishNanos / 1e9;
        double idleStream = idleNanos / 1e9;
        var random = new Random(seed);
        var idle = new ArrayList<Idle>();
        var work = new ArrayList<Work>();
        var memory = new ArrayList<Footprint>(List.of(new Footprint(0, 95e6)));
        // A search by subscribers at 5/s, with the highest level three times, and one by rate that tells what a publish costs.
        for (double streams : new double[] {1000, 2000, 4000, 8000, 16_000, 16_000, 16_000}) {
            idle.add(new Idle(streams, noisy(random, 0.01 + idleStream * streams)));
            work.add(new Work(5, 5 * streams, noisy(random, publish * 5 + delivery * 5 * streams)));
            memory.add(new Footprint(streams, noisy(random, 95e6 + (double) streamBytes * streams)));
        }
        for (double perSecond : new double[] {50, 100, 200, 400, 400, 400}) {
            work.add(new Work(perSecond, 100 * perSecond, noisy(random, publish * perSecond + delivery * 100 * perSecond)));
        }
        var evidence = new Evidence(idle, work, memory, new Reach(16_000, 400, 80_000, 200, 5000, 13));
        var node = new NodePlan.Node(4, 16e9, 1e10, 1e6, 1e6, 0.3);
        var goal = new NodePlan.Goal(1e6, rate, 10_000, 200, 200, 1e6);
        NodePlan plan = NodePlan.of(CostModel.fit(evidence), evidence.reach(), goal, node, true);
        double byProcessors = (4 * 0.7 - 0.01) / (idleStream + delivery * rate + publish * 200 / 1e6);
        double byMemory = (16e9 * 0.7 - 95e6) / streamBytes;
        assertThat(limit(plan, "processors")).isCloseTo(byProcessors, withinPercentage(15.0));
        assertThat(limit(plan, "memory")).isCloseTo(byMemory, withinPercentage(15.0));
        double truth = Math.min(Math.min(byProcessors, byMemory), Math.min(1e10 * 0.7 / (8 * 318 * rate), 1e6 - 200));
        assertThat(plan.limits().getFirst().subscribersPerHub()).isCloseTo(truth, withinPercentage(15.0));
    }

    private static double limit(NodePlan plan, String name) {
        return plan.limits().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow().subscribersPerHub();
    }

    private static double noisy(Random random, double value) {
        return value * (1 + NOISE * random.nextGaussian());
    }
}
