package dev.hark.load.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hark.load.capacity.Evidence.Reach;
import dev.hark.load.capacity.NodePlan.Goal;
import dev.hark.load.capacity.NodePlan.Node;
import org.junit.jupiter.api.Test;

class NodePlanTest {
    private static final CostModel MODEL = new CostModel(
            Cost.UNKNOWN, exactly(1e-6), exactly(100e-6), exactly(8e-6), exactly(200e6), exactly(16_384));
    private static final Reach REACH = new Reach(50_000, 100, 200_000, 200, 10_000, 5);
    private static final Node NODE = new Node(2, 8e9, 1e9, 200_000, 100_000, 0.3);

    private static Cost exactly(double value) {
        return new Cost(value, 0);
    }

    private static Goal goal(int topics) {
        return new Goal(300_000, 2, topics, 2 * topics, 200, 30);
    }

    @Test
    void dividesTheTopicsAmongHubs() {
        NodePlan plan = NodePlan.of(MODEL, REACH, goal(30), NODE, true);
        assertThat(plan.limits().getFirst().name()).isEqualTo("processors");
        double perHub = plan.limits().getFirst().subscribersPerHub();
        assertThat(perHub).isCloseTo(2 * 0.7 / (1e-6 + 16e-6 + 100e-6 * 60 / 300_000), within(1.0));
        // 82,256 subscribers are 8 whole topics of 10,000, and 30 topics are 4 times 8, the fullest of which has 8.
        assertThat(plan.hubs()).isEqualTo(4);
        assertThat(plan.load().topics()).isEqualTo(8);
        assertThat(plan.load().subscribers()).isEqualTo(80_000);
        assertThat(plan.load().publishesPerSecond()).isEqualTo(16);
        assertThat(plan.load().deliveriesPerSecond()).isEqualTo(160_000);
        assertThat(plan.restartSeconds()).isEqualTo(8);
        assertThat(plan.stretches()).isEmpty();
        assertThat(plan.load().subscribers()).isLessThanOrEqualTo(perHub);
    }

    @Test
    void refusesATopicThatNoHubHolds() {
        assertThatThrownBy(() -> NodePlan.of(MODEL, REACH, goal(1), NODE, true))
                .hasMessageContaining("the one topic has 300,000").hasMessageContaining("processors binds");
        assertThatThrownBy(() -> NodePlan.of(MODEL, REACH, goal(3), NODE, true)).hasMessageContaining("each of the 3 topics has 100,000");
        assertThat(NodePlan.of(MODEL, REACH, goal(4), NODE, true).hubs()).isEqualTo(4);
    }

    @Test
    void namesWhatBinds() {
        assertThat(binding(new Node(200, 1e9, 1e12, 1e6, 1e6, 0.3), REACH)).isEqualTo("memory");
        assertThat(binding(new Node(200, 1e13, 1e8, 1e6, 1e6, 0.3), REACH)).isEqualTo("network");
        assertThat(binding(new Node(200, 1e13, 1e12, 1200, 1e6, 0.3), REACH)).isEqualTo("descriptors");
        assertThat(binding(new Node(200, 1e13, 1e12, 1e6, 1e5, 0.3), REACH)).isEqualTo("limits.subscribers");
        assertThat(binding(new Node(200, 1e13, 1e12, 1e6, 1e6, 0.3), new Reach(50_000, 100, 200_000, 200, 100, 5)))
                .isEqualTo("reconnects after a restart");
    }

    private static String binding(Node node, Reach reach) {
        return NodePlan.of(MODEL, reach, new Goal(300_000, 2, 30_000, 60_000, 200, 30), node, true).limits().getFirst().name();
    }

    @Test
    void saysHowFarBeyondTheMeasuredItGoes() {
        var near = new Reach(80_000 / 3.0, 100, 160_000 / 3.0, 200 / 3.0, 10_000, 5);
        assertThat(NodePlan.of(MODEL, near, goal(30), NODE, true).stretches()).isEmpty();
        assertThat(NodePlan.of(MODEL, new Reach(20_000, 5, 40_000, 60, 10_000, 5), goal(30), NODE, true).stretches())
                .containsExactly(
                        "80,000 streams on a hub, where at most 20,000 were measured: 4 times as many",
                        "16 publishes a second on a hub, where at most 5 were measured: 3 times as many",
                        "160,000 deliveries a second on a hub, where at most 40,000 were measured: 4 times as many",
                        "200 bytes of data an event on a hub, where at most 60 were measured: 3 times as many");
        assertThatThrownBy(() -> NodePlan.of(MODEL, new Reach(20_000, 5, 200_000, 200, 10_000, 5), goal(30), NODE, false))
                .hasMessageContaining("beyond three times what was measured: 80,000 streams").hasMessageContaining("--extrapolate");
    }

    @Test
    void countsAtMostWhereThatIsLittle() {
        var vague = new CostModel(Cost.UNKNOWN, exactly(1e-6), new Cost(0, 1e-3), exactly(8e-6), exactly(2e8), exactly(16_384));
        NodePlan plan = NodePlan.of(vague, new Reach(50_000, 5, 200_000, 200, 10_000, 5), goal(30), NODE, true);
        assertThat(plan.limits().getFirst().subscribersPerHub()).isCloseTo(1.4 / (17e-6 + 1e-3 * 60 / 300_000), within(1.0));
        assertThat(plan.assumptions()).anyMatch(each -> each.contains("a publish counts as 1.0 ms, the most that it may be"));
    }

    @Test
    void countsNothingThatIsNotKnown() {
        var vague = new CostModel(Cost.UNKNOWN, new Cost(1e-6, 2e-6), exactly(100e-6), exactly(8e-6), Cost.UNKNOWN, exactly(16_384));
        NodePlan plan = NodePlan.of(vague, REACH, goal(30), NODE, true);
        assertThat(plan.limits().getFirst().subscribersPerHub()).isCloseTo(1.4 / (16e-6 + 20e-9), within(1.0));
        assertThat(plan.assumptions())
                .anyMatch(each -> each.contains("an idle stream takes") && each.contains("between 0 ns and 3.0 µs"))
                .anyMatch(each -> each.contains("the memory of a hub without streams is not counted"));
    }

    @Test
    void refusesWhatIsNotKnown() {
        var noPublish = new CostModel(Cost.UNKNOWN, exactly(1e-6), new Cost(1e-3, 2e-3), exactly(8e-6), exactly(2e8), exactly(16_384));
        assertThat(NodePlan.of(noPublish, REACH, goal(30), NODE, true).hubs()).isEqualTo(4);
        assertThatThrownBy(() -> NodePlan.of(noPublish, REACH, new Goal(300_000, 0.01, 300_000, 3000, 200, 30), NODE, true))
                .hasMessageContaining("what a publish costs (it is between 0 ns and 3.0 ms)").hasMessageContaining("publish-throughput");
        var noDelivery = new CostModel(exactly(1), exactly(1e-6), Cost.UNKNOWN, Cost.UNKNOWN, exactly(2e8), exactly(16_384));
        assertThatThrownBy(() -> NodePlan.of(noDelivery, REACH, goal(30), NODE, true)).hasMessageContaining("what a delivery costs");
        assertThat(NodePlan.of(noDelivery, REACH, new Goal(100, 0, 1, 0, 200, 30), NODE, true).hubs()).isEqualTo(1);
        var noMemory = new CostModel(exactly(1), exactly(1e-6), exactly(1e-6), exactly(1e-6), exactly(2e8), new Cost(750, 800));
        assertThatThrownBy(() -> NodePlan.of(noMemory, REACH, goal(30), NODE, true)).hasMessageContaining("what a stream takes of memory");
    }

    @Test
    void refusesGoalsAndNodesThatAreNone() {
        assertThatThrownBy(() -> new Goal(0, 1, 1, 1, 1, 30)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Goal(10, 1, 11, 1, 1, 30)).hasMessageContaining("topics is 11");
        assertThatThrownBy(() -> new Goal(1, 1, 1, 1, 1, 0)).hasMessageContaining("back within 0.0 s");
        assertThatThrownBy(() -> new Node(1, 1, 1, 1, 1, 1)).hasMessageContaining("headroom");
        assertThatThrownBy(() -> new Node(1, 0, 1, 1, 1, 0.3)).hasMessageContaining("without");
    }
}
