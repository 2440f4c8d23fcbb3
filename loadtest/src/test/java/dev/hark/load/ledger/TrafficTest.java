package dev.hark.load.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.Assertions;
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

    /** As a connection would do it: it takes its events in order, so many at a time, and what is left at the end. */
    @Property
    void makesABatchDueWithItsLastEvent(
            @ForAll @IntRange(min = 1, max = 12) int topics,
            @ForAll @IntRange(min = 1, max = 5) int connections,
            @ForAll @IntRange(min = 1, max = 7) int batch,
            @ForAll @IntRange(max = 300) int events) {
        var traffic = new Traffic(topics, Spread.EVEN, connections, events, Share.WHOLE, batch);
        for (int connection = 0; connection < connections; connection++) {
            int own = connection;
            int[] taken = IntStream.range(0, events).filter(event -> traffic.connectionOf(event) == own).toArray();
            for (int i = 0; i < taken.length; i++) {
                int last = (i / batch + 1) * batch - 1;
                assertThat(traffic.beginsBatch(taken[i])).isEqualTo(i % batch == 0);
                assertThat(traffic.dueWith(taken[i])).isEqualTo(last < taken.length ? taken[last] : events - 1);
            }
        }
    }

    @Test
    void knowsWhoReadsWhat() {
        var traffic = new Traffic(3, 4, 10);
        assertThat(traffic.indexOfFlow(1, 0)).isEqualTo(-1);
        assertThat(traffic.indexOfFlow(4, 1)).isZero();
    }

    @Test
    void spreadsReadersByZipfsLaw() {
        var traffic = new Traffic(100, Spread.ZIPF, 1, 0, Share.WHOLE, 1);
        int[] readers = new int[100];
        for (int s = 0; s < 100_000; s++) {
            readers[traffic.topicOfSubscriber(s)]++;
        }
        for (int k = 1; k <= 100; k++) {
            double expected = 100_000 * Math.log((k + 1.0) / k) / Math.log(101);
            assertThat((double) readers[k - 1]).as("topic " + k).isCloseTo(expected, Assertions.within(expected * 0.02 + 3));
        }
    }

    @Property
    void findsATopicForEveryReader(
            @ForAll @IntRange(min = 1, max = 1_000_000) int topics, @ForAll @IntRange(max = 1_000_000) int subscriber) {
        assertThat(new Traffic(topics, Spread.ZIPF, 1, 0, Share.WHOLE, 1).topicOfSubscriber(subscriber)).isBetween(0, topics - 1);
    }

    @Test
    void boundsTheLedger() {
        assertThat(new Traffic(1, 1, Traffic.MAX_EVENTS).events()).isEqualTo(Traffic.MAX_EVENTS);
        assertThatThrownBy(() -> new Traffic(1, 1, Traffic.MAX_EVENTS + 1))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("limit");
    }

    /** Together the generators do what one would: every event is published once, every subscriber is somebody's, and hears the same. */
    @Property
    void isSharedWithoutRestOrOverlap(
            @ForAll @IntRange(min = 1, max = 5) int generators,
            @ForAll @IntRange(min = 1, max = 12) int topics,
            @ForAll @IntRange(min = 1, max = 4) int connectionsEach,
            @ForAll @IntRange(max = 60) int subscribers) {
        int events = 200;
        int[] publishers = new int[events];
        int[] readers = new int[topics];
        int streams = 0;
        var whole = new Traffic(topics, connectionsEach * generators, events);
        for (int index = 0; index < generators; index++) {
            var share = new Share(index, generators);
            var traffic = new Traffic(topics, connectionsEach * generators, events, share);
            for (int event = 0; event < events; event++) {
                assertThat(traffic.topicOf(event)).isEqualTo(whole.topicOf(event));
                assertThat(traffic.flowOf(event)).isEqualTo(whole.flowOf(event));
                if (traffic.isOwn(event)) {
                    publishers[event]++;
                    assertThat(traffic.connectionOf(event) % generators).isEqualTo(index);
                }
            }
            streams += share.sizeOf(subscribers);
            for (int s = 0; s < share.sizeOf(subscribers); s++) {
                readers[traffic.topicOfSubscriber(s)]++;
            }
        }
        assertThat(publishers).containsOnly(1);
        assertThat(streams).isEqualTo(subscribers);
        int[] expected = new int[topics];
        for (int s = 0; s < subscribers; s++) {
            expected[whole.topicOfSubscriber(s)]++;
        }
        assertThat(readers).isEqualTo(expected);
    }

    @Test
    void refusesSharesThatAreNone() {
        assertThatThrownBy(() -> new Share(2, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Share(0, 65)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("64");
        assertThatThrownBy(() -> new Traffic(1, 3, 5, new Share(0, 2)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("evenly");
    }
}
