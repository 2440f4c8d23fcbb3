package dev.hark.load.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hark.load.capacity.NodePlan.Goal;
import dev.hark.load.capacity.NodePlan.Node;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class NodePlanTest {
    private static final CostModel MODEL = new CostModel(1e-6, 100e-6, 8e-6, 200e6, 16_384, 4);
    private static final Node NODE = new Node(2, 8e9, 1e9, 200_000, 10_000, 0.3);

    @Test
    void findsTheModelThatMadeTheNumbers() {
        List<Level> levels = IntStream.of(1000, 2000, 4000, 8000)
                .mapToObj(n -> new Level(n, 5, 5.0 * n, MODEL.cores(n, 5, 5.0 * n), 1e-6 * n, MODEL.bytes(n), 0, 9000))
                .toList();
        CostModel fitted = CostModel.fit(levels);
        assertThat(fitted.coresPerStream()).isCloseTo(1e-6, within(1e-9));
        assertThat(fitted.coreSecondsPerDelivery()).isCloseTo(8e-6, within(1e-9));
        assertThat(fitted.coreSecondsPerPublish()).isCloseTo(100e-6, within(1e-7));
        assertThat(fitted.bytesPerStream()).isCloseTo(16_384, within(1.0));
        assertThat(fitted.baseBytes()).isCloseTo(200e6, within(1e4));
    }

    @Test
    void fitsOneLevelAndNoNegativeCosts() {
        CostModel one = CostModel.fit(List.of(new Level(1000, 5, 5000, 0.1, 0, 1e8, 0, 9000)));
        assertThat(one.coreSecondsPerDelivery()).isCloseTo(2e-5, within(1e-9));
        assertThat(one.bytesPerStream()).isCloseTo(1e5, within(1e-3));
        CostModel falling = CostModel.fit(
                List.of(new Level(1000, 5, 5000, 0.2, 0, 2e8, 0, 1), new Level(2000, 5, 10_000, 0.1, 0, 1e8, 0, 1)));
        assertThat(falling.coreSecondsPerDelivery()).isNotNegative();
        assertThat(falling.bytesPerStream()).isNotNegative();
        assertThatThrownBy(() -> CostModel.fit(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    /** A server of 730 MB that grows by 62 MB for 1,000 streams does not take 792 KB for each. */
    @Test
    void putsOnTheStreamsOnlyWhatMemoryGrewBy() {
        var one = new Level(1000, 5, 5000, 0.1, 0, 792e6, 730e6, 9000);
        assertThat(CostModel.fit(List.of(one)).baseBytes()).isCloseTo(730e6, within(1.0));
        assertThat(CostModel.fit(List.of(one)).bytesPerStream()).isCloseTo(62e3, within(1e-3));
        var faster = new Level(1000, 50, 50_000, 0.8, 0, 794e6, 730e6, 9000);
        assertThat(CostModel.fit(List.of(one, faster)).bytesPerStream()).as("a search by rate").isCloseTo(63e3, within(1e-3));
        var shrunk = new Level(1000, 5, 5000, 0.1, 0, 700e6, 730e6, 9000);
        assertThat(CostModel.fit(List.of(shrunk)).bytesPerStream()).isZero();
        var twice = new Level(2000, 5, 10_000, 0.2, 0, 892e6, 792e6, 9000);
        assertThat(CostModel.fit(List.of(one, twice)).baseBytes()).as("a line through two levels").isCloseTo(692e6, within(1.0));
    }

    @Test
    void namesWhatBindsAndKeepsOneNodeSpare() {
        NodePlan plan = NodePlan.of(MODEL, new Goal(300_000, 2, 2, 200, 30), NODE);
        assertThat(plan.limits().getFirst().name()).isEqualTo("processors");
        double perNode = Math.floor(plan.limits().getFirst().subscribersPerNode());
        assertThat(perNode).isCloseTo((2 * 0.7 - 200e-6) / (1e-6 + 16e-6), within(1.0));
        assertThat((plan.nodes() - 1) * perNode).isGreaterThanOrEqualTo(300_000);
        assertThat((plan.nodes() - 2) * perNode).isLessThan(300_000);
        assertThat(plan.reconnectSeconds()).isPositive();
        assertThat(plan.assumptions()).isNotEmpty();

        assertThat(binding(new Node(200, 1e9, 1e12, 1e6, 1e4, 0.3))).isEqualTo("memory");
        assertThat(binding(new Node(200, 1e13, 1e8, 1e6, 1e4, 0.3))).isEqualTo("network");
        assertThat(binding(new Node(200, 1e13, 1e12, 1200, 1e4, 0.3))).isEqualTo("descriptors");
        assertThat(binding(new Node(200, 1e13, 1e12, 1e6, 10, 0.3))).isEqualTo("reconnects of a lost node");
    }

    @Test
    void takesMoreNodesWhereReconnectsBind() {
        // sqrt(300,000 * 30 * 10) is 9,486.8: 32 nodes with 9,486 each, and 9,486 streams over 32 nodes at 10 a second take 29.6 s.
        var slow = new Node(200, 1e13, 1e12, 1e6, 10, 0.3);
        NodePlan plan = NodePlan.of(MODEL, new Goal(300_000, 2, 2, 200, 30), slow);
        assertThat(plan.limits().getFirst().subscribersPerNode()).isCloseTo(9486.8, within(0.1));
        assertThat(plan.nodes()).isEqualTo(33);
        assertThat(plan.assumptions()).anyMatch(assumption -> assumption.contains("within 30.00 s; each takes 10 a second"));
        assertThat(NodePlan.of(MODEL, new Goal(300_000, 2, 2, 200, 3), slow).nodes()).isGreaterThan(90);
    }

    /** Not even when the node that is lost holds as many as a node may. */
    @Property
    void bringsTheStreamsOfALostNodeBackInTime(
            @ForAll @DoubleRange(min = 1, max = 1e7) double subscribers,
            @ForAll @DoubleRange(min = 0.01, max = 3600) double within,
            @ForAll @DoubleRange(min = 0.1, max = 1e5) double connectPerSecond,
            @ForAll @DoubleRange(min = 201, max = 1e7) double descriptors) {
        Assume.that(subscribers * within * connectPerSecond >= 1);
        NodePlan plan = NodePlan.of(
                MODEL, new Goal(subscribers, 0, 0, 200, within), new Node(1e6, 1e18, 1e18, descriptors, connectPerSecond, 0.3));
        double perNode = Math.floor(plan.limits().getFirst().subscribersPerNode());
        assertThat(plan.reconnectSeconds()).isLessThanOrEqualTo(within);
        assertThat(perNode / ((plan.nodes() - 1) * connectPerSecond)).isLessThanOrEqualTo(within * (1 + 1e-9));
        assertThat((plan.nodes() - 1) * perNode).isGreaterThanOrEqualTo(subscribers);
    }

    @Test
    void refusesWhatNoNodeCanDo() {
        assertThatThrownBy(() -> NodePlan.of(MODEL, new Goal(10, 1, 1e9, 200, 30), NODE))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("processors");
        assertThatThrownBy(() -> new Goal(0, 1, 1, 1, 30)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Goal(1, 1, 1, 1, 0))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("back within 0.0 s");
        var slow = new Node(200, 1e13, 1e12, 1e6, 0.01, 0.3);
        assertThatThrownBy(() -> NodePlan.of(MODEL, new Goal(1, 1, 1, 1, 30), slow))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("reconnects");
        assertThatThrownBy(() -> new Node(1, 1, 1, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("headroom");
    }

    private static String binding(Node node) {
        return NodePlan.of(MODEL, new Goal(300_000, 2, 2, 200, 30), node).limits().getFirst().name();
    }
}
