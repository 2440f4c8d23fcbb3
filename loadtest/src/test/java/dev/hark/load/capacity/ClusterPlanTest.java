package dev.hark.load.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hark.load.capacity.ClusterPlan.Shape;
import dev.hark.load.capacity.Evidence.Reach;
import dev.hark.load.capacity.NodePlan.Goal;
import dev.hark.load.capacity.NodePlan.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ClusterPlanTest {
    private static final CostModel MODEL = new CostModel(
            exactly(0.1), exactly(1e-6), exactly(100e-6), exactly(8e-6), exactly(200e6), exactly(16_384));
    private static final Reach REACH = new Reach(50_000, 10_000, 400_000, 200, 10_000, 5);
    private static final Node NODE = new Node(4, 16e9, 10e9, 200_000, 100_000, 0.25);
    private static final Shape SHAPE = new Shape(10_000, 1);

    private static Cost exactly(double value) {
        return new Cost(value, 0);
    }

    private static Goal goal(double subscribers, double perSecond, int topics, double published) {
        return new Goal(subscribers, perSecond, topics, published, 200, 30);
    }

    /** One topic is on all nodes: what no number of hubs that are alone can do. */
    @Test
    void dividesStreamsOfOneTopicAmongNodes() {
        ClusterPlan plan = ClusterPlan.of(MODEL, REACH, goal(1_000_000, 5, 1, 5), NODE, SHAPE, false);
        double perNode = (3 - 0.1 - 5 * 100e-6) / (1e-6 + 40e-6);
        assertThat(plan.limits().getFirst().name()).isEqualTo("processors");
        assertThat(plan.limits().getFirst().subscribersPerHub()).isCloseTo(perNode, within(1.0));
        // 70,719 on each: 15 carry all, and one is spare.
        assertThat(plan.logs()).isEqualTo(1);
        assertThat(plan.nodes()).isEqualTo(16);
        assertThat(plan.usual().streams()).isEqualTo(62_500);
        assertThat(plan.worst().streams()).isCloseTo(1_000_000 / 15.0, within(0.1)).isLessThanOrEqualTo(perNode);
        assertThat(plan.usual().eventsPerSecond()).as("each applies all").isEqualTo(5);
        assertThat(plan.worst().deliveriesPerSecond()).isCloseTo(5_000_000 / 15.0, within(1.0));
        assertThat(plan.returnSeconds()).isCloseTo(62_500.0 / 15 / 10_000, within(1e-9));
    }

    @Test
    void everyNodeAppliesEveryEvent() {
        ClusterPlan few = ClusterPlan.of(MODEL, REACH, goal(1_000_000, 5, 1, 5), NODE, SHAPE, false);
        ClusterPlan many = ClusterPlan.of(MODEL, REACH, goal(1_000_000, 5, 1000, 10_000), NODE, SHAPE, false);
        assertThat(many.logs()).isEqualTo(1);
        assertThat(few.limits().getFirst().subscribersPerHub() - many.limits().getFirst().subscribersPerHub())
                .as("a processor of three").isCloseTo((1 - 5 * 100e-6) / 41e-6, within(1.0));
        assertThat(many.nodes()).isGreaterThan(few.nodes());
    }

    @Test
    void takesMoreLogsWhereOneIsNotEnough() {
        ClusterPlan bound = ClusterPlan.of(MODEL, REACH, goal(1_000_000, 0.5, 1000, 10_000), NODE, SHAPE, false);
        ClusterPlan beyond = ClusterPlan.of(MODEL, REACH, goal(1_000_000, 0.5, 1000, 10_001), NODE, SHAPE, false);
        assertThat(bound.logs()).isEqualTo(1);
        assertThat(beyond.logs()).isEqualTo(2);
        assertThat(beyond.usual().eventsPerSecond()).isEqualTo(5000.5);
        assertThat(beyond.usual().streams() * beyond.nodes() * 2).isCloseTo(1_000_000, within(0.1));
        assertThatThrownBy(() -> ClusterPlan.of(MODEL, REACH, goal(1_000_000, 5, 1, 10_001), NODE, SHAPE, true))
                .hasMessageContaining("2 logs").hasMessageContaining("there is one topic");
    }

    /** A topic is in one log: where topics do not divide evenly, some logs have one more, and that is what they have to hold. */
    @Test
    void cutsNoTopic() {
        ClusterPlan five = ClusterPlan.of(MODEL, REACH, goal(1_000_000, 0.5, 5, 40_000), NODE, SHAPE, true);
        assertThat(five.logs()).as("four would have two of the five topics in one").isEqualTo(5);
        assertThat(five.usual().eventsPerSecond()).isEqualTo(8000);
        ClusterPlan three = ClusterPlan.of(MODEL, REACH, goal(900_000, 0.5, 3, 12_000), NODE, SHAPE, true);
        assertThat(three.logs()).isEqualTo(2);
        assertThat(three.usual().eventsPerSecond()).as("of the log with two of the three topics").isCloseTo(8000, within(1e-6));
        assertThat(three.usual().streams() * three.nodes()).isCloseTo(600_000, within(0.1));
        assertThat(three.assumptions()).anyMatch(each -> each.contains("at most 2 of the topics"));
    }

    /** As many logs as topics are enough, though in fractions of a second it may look as if a bit were missing. */
    @Test
    @Timeout(30)
    void endsAtOneLogForEachTopic() {
        double perMinute = 60;
        ClusterPlan plan = ClusterPlan.of(
                MODEL, REACH, goal(1_000_000, 0.5, 5, 950_000 / perMinute), NODE, new Shape(190_000 / perMinute, 0), true);
        assertThat(plan.logs()).isEqualTo(5);
    }

    @Test
    void keepsNothingSpareWhereNothingIsAsked() {
        ClusterPlan plan = ClusterPlan.of(MODEL, REACH, goal(1_000_000, 5, 1, 5), NODE, new Shape(10_000, 0), false);
        assertThat(plan.nodes()).isEqualTo(15);
        assertThat(plan.worst()).isEqualTo(plan.usual());
        ClusterPlan two = ClusterPlan.of(MODEL, REACH, goal(1_000_000, 5, 1, 5), NODE, new Shape(10_000, 2), false);
        assertThat(two.nodes()).isEqualTo(17);
    }

    /** Two nodes carry all of it, and a lost one's streams would take a while to come back. */
    @Test
    void addsNodesUntilStreamsAreBackInTime() {
        var slow = new Reach(50_000, 10_000, 400_000, 200, 500, 5);
        Goal goal = goal(60_000, 5, 1, 5);
        ClusterPlan plan = ClusterPlan.of(MODEL, slow, goal, NODE, SHAPE, false);
        assertThat(ClusterPlan.of(MODEL, REACH, goal, NODE, SHAPE, false).nodes()).isEqualTo(2);
        assertThat(plan.nodes()).isEqualTo(3);
        assertThat(plan.returnSeconds()).isCloseTo(20.0, within(1e-9)).isLessThanOrEqualTo(30);
    }

    @Test
    void refusesWhatCannotBe() {
        Node small = new Node(1, 16e9, 10e9, 200_000, 100_000, 0.25);
        assertThatThrownBy(() -> ClusterPlan.of(MODEL, REACH, goal(1000, 5, 1000, 9_000), small, SHAPE, true))
                .hasMessageContaining("no room for streams beside the 9,000 events a second").hasMessageContaining("--log-rate");
        assertThatThrownBy(() -> ClusterPlan.of(MODEL, new Reach(10_000, 5, 400_000, 200, 10_000, 5), goal(1_000_000, 5, 1, 5), NODE, SHAPE,
                false)).hasMessageContaining("beyond three times what was measured").hasMessageContaining("--extrapolate");
        assertThat(ClusterPlan.of(MODEL, new Reach(10_000, 5, 400_000, 200, 10_000, 5), goal(1_000_000, 5, 1, 5), NODE, SHAPE, true)
                .stretches()).hasSize(1);
        var unknown = new CostModel(exactly(0.1), exactly(1e-6), Cost.UNKNOWN, exactly(8e-6), exactly(200e6), exactly(16_384));
        assertThatThrownBy(() -> ClusterPlan.of(unknown, new Reach(50_000, 5, 400_000, 200, 10_000, 5), goal(1000, 5, 100, 900),
                NODE, SHAPE, true)).hasMessageContaining("do not tell what a publish costs");
        assertThatThrownBy(() -> new Shape(0, 1)).hasMessageContaining("above 0");
        assertThatThrownBy(() -> new Shape(5, -1)).hasMessageContaining("0 to 100");
    }
}
