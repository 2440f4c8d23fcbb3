package dev.hark.load.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TrafficTest {
    @Property
    void numbersEveryEventOnce(
            @ForAll @IntRange(min = 1, max = 30) int topics,
            @ForAll @IntRange(min = 1, max = 9) int connections,
            @ForAll @IntRange(max = 300) int events) {
        var traffic = new Traffic(topics, connections, events);
        int total = 0;
        for (int flow = 0; flow < traffic.flows(); flow++) {
            total += traffic.length(flow);
            assertThat(traffic.eventAt(flow, traffic.length(flow))).isEqualTo(-1);
            assertThat(traffic.eventAt(flow, -1)).isEqualTo(-1);
        }
        assertThat(total).isEqualTo(events);
        for (int event = 0; event < events; event++) {
            int flow = traffic.flowOf(event);
            assertThat(traffic.eventAt(flow, traffic.positionOf(event))).isEqualTo(event);
            int reader = traffic.topicOf(event);
            assertThat(traffic.topicOfSubscriber(reader)).isEqualTo(traffic.topicOf(event));
            int index = traffic.indexOfFlow(reader, flow);
            assertThat(traffic.flowOfSubscriber(reader, index)).isEqualTo(flow);
        }
    }

    @Property
    void keepsAFlowOnOneConnection(@ForAll @IntRange(min = 1, max = 30) int topics, @ForAll @IntRange(min = 1, max = 9) int connections) {
        var traffic = new Traffic(topics, connections, 1000);
        int[] connectionOf = new int[traffic.flows()];
        java.util.Arrays.fill(connectionOf, -1);
        for (int event = 0; event < 1000; event++) {
            int flow = traffic.flowOf(event);
            assertThat(connectionOf[flow]).isIn(-1, traffic.connectionOf(event));
            connectionOf[flow] = traffic.connectionOf(event);
        }
    }

    @Test
    void knowsWhoReadsWhat() {
        var traffic = new Traffic(3, 4, 10);
        assertThat(traffic.indexOfFlow(1, 0)).isEqualTo(-1);
        assertThat(traffic.indexOfFlow(4, 1)).isZero();
        assertThat(traffic.readersOf(0, 7)).isEqualTo(3);
        assertThat(traffic.readersOf(2, 7)).isEqualTo(2);
        assertThat(traffic.readersOf(2, 2)).isZero();
    }

    @Test
    void boundsTheLedger() {
        assertThat(new Traffic(1, 1, Traffic.MAX_EVENTS).events()).isEqualTo(Traffic.MAX_EVENTS);
        assertThatThrownBy(() -> new Traffic(1, 1, Traffic.MAX_EVENTS + 1)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("limit");
    }
}
