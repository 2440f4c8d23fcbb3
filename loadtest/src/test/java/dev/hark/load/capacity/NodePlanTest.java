package dev.hark.load.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hark.load.capacity.NodePlan.Goal;
import dev.hark.load.capacity.NodePlan.Node;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NodePlanTest {
    private static final CostModel MODEL = new CostModel(1e-6, 100e-6, 8e-6, 200e6, 16_384, 4);
    private static final Node NODE = new Node(2, 8e9, 1e9, 200_000, 10_000, 0.3);

    @Test
    void findsTheModelThatMadeTheNumbers() {
        List<Level> levels = IntStream.of(1000, 2000, 4000, 8000)
                .mapToObj(n -> new Level(n, 5, 5.0 * n, MODEL.cores(n, 5, 5.0 * n), 1e-6 * n, MODEL.bytes(n), 9000))
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
        CostModel one = CostModel.fit(List.of(new Level(1000, 5, 5000, 0.1, 0, 1e8, 9000)));
        assertThat(one.coreSecondsPerDelivery()).isCloseTo(2e-5, within(1e-9));
        assertThat(one.bytesPerStream()).isCloseTo(1e5, within(1e-3));
        CostModel falling = CostModel.fit(List.of(new Level(1000, 5, 5000, 0.2, 0, 2e8, 1), new Level(2000, 5, 10_000, 0.1, 0, 1e8, 1)));
        assertThat(falling.coreSecondsPerDelivery()).isNotNegative();
        assertThat(falling.bytesPerStream()).isNotNegative();
        assertThatThrownBy(() -> CostModel.fit(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namesWhatBindsAndKeepsOneNodeSpare() {
        NodePlan plan = NodePlan.of(MODEL, new Goal(300_000, 2, 2, 200), NODE);
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
    }

    @Test
    void refusesWhatNoNodeCanDo() {
        assertThatThrownBy(() -> NodePlan.of(MODEL, new Goal(10, 1, 1e9, 200), NODE)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("processors");
        assertThatThrownBy(() -> new Goal(0, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Node(1, 1, 1, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("headroom");
    }

    private static String binding(Node node) {
        return NodePlan.of(MODEL, new Goal(300_000, 2, 2, 200), node).limits().getFirst().name();
    }
}
