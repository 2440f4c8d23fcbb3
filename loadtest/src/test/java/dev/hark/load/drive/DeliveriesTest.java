package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.ledger.Receipts;
import dev.hark.load.ledger.Schedule;
import dev.hark.load.ledger.Traffic;
import dev.hark.load.wire.HttpListener;
import dev.hark.load.wire.Stamp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DeliveriesTest {
    private static final int RUN = 3;
    private static final int EVENTS = 10;

    @Test
    void bookEventsWithoutIdsWhereIdsAreNotCompared() throws IOException {
        var deliveries = new Deliveries(new Receipts(new Traffic(1, 1, EVENTS), RUN, 0, 1), false);
        deliveries.expect(new Schedule(System.nanoTime(), 1e6, 0, EVENTS));
        var stream = new Stream(0, 0);
        stream.state = Stream.State.LIVE;
        try (StreamLoop loop = DeliveriesAllocationTest.loop(deliveries)) {
            HttpListener listener = deliveries.of(stream, System.nanoTime(), loop);
            feed(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", new DeliveriesAllocationTest.Silent());
            for (int event = 0; event < EVENTS; event++) {
                byte[] data = new byte[100];
                Stamp.write(data, 0, data.length, RUN, 0, event, System.nanoTime());
                feed(stream, "data: " + new String(data, StandardCharsets.US_ASCII) + "\n\n", listener);
            }
        }
        assertThat(deliveries.tally().get(Tally.Count.DELIVERED)).isEqualTo(EVENTS);
        assertThat(deliveries.tally().get(Tally.Count.DISORDER)).isZero();
    }

    @Test
    void passOverWhatTheHubSaysOnItsOwnBehalf() throws IOException {
        var deliveries = new Deliveries(new Receipts(new Traffic(1, 1, EVENTS), RUN, 0, 1), true);
        deliveries.expect(new Schedule(System.nanoTime(), 1e6, 0, EVENTS));
        var stream = new Stream(0, 0);
        stream.state = Stream.State.LIVE;
        try (StreamLoop loop = DeliveriesAllocationTest.loop(deliveries)) {
            HttpListener listener = deliveries.of(stream, System.nanoTime(), loop);
            feed(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", new DeliveriesAllocationTest.Silent());
            feed(stream, "event: hark.position\nid: e-7\ndata: {}\n\n:\nevent: hark.news\nid: e-8\ndata: {}\n\n", listener);
            assertThat(stream.lastEventId()).as("but for its ids").isEqualTo("e-8");
            feed(stream, "event: hark.close\nid: e-8\ndata: {\"reason\":\"draining\"}\n\n", listener);
        }
        assertThat(deliveries.tally().get(Tally.Count.CORRUPT)).isZero();
        assertThat(deliveries.tally().get(Tally.Count.FOREIGN)).isZero();
        assertThat(deliveries.tally().get(Tally.Count.CLOSE_NOTICES)).isEqualTo(1);
    }

    @Test
    void findEventsThatAServerWrapsInJson() throws IOException {
        var deliveries = new Deliveries(new Receipts(new Traffic(1, 1, EVENTS), RUN, 0, 1), false);
        deliveries.expect(new Schedule(System.nanoTime(), 1e6, 0, EVENTS));
        var stream = new Stream(0, 0);
        stream.state = Stream.State.LIVE;
        try (StreamLoop loop = DeliveriesAllocationTest.loop(deliveries)) {
            HttpListener listener = deliveries.of(stream, System.nanoTime(), loop);
            feed(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", new DeliveriesAllocationTest.Silent());
            feed(stream, "data: {\"connect\":{\"client\":\"c\",\"subs\":{\"a\":{}}}}\n\ndata: {}\n\n", listener);
            for (int event = 0; event < EVENTS; event++) {
                byte[] data = new byte[100];
                Stamp.write(data, 0, data.length, RUN, 0, event, System.nanoTime());
                String text = new String(data, StandardCharsets.US_ASCII);
                feed(stream, "data: {\"channel\":\"a\",\"pub\":{\"data\":\"" + text + "\",\"offset\":" + event + "}}\n\n", listener);
            }
            feed(stream, "data: {\"channel\":\"a\",\"pub\":{\"data\":\"hl 00000003 cut\"}}\n\n", listener);
        }
        assertThat(deliveries.tally().get(Tally.Count.DELIVERED)).isEqualTo(EVENTS);
        assertThat(deliveries.tally().get(Tally.Count.CORRUPT)).as("the one that was cut").isEqualTo(1);
    }

    private static void feed(Stream stream, String text, HttpListener listener) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        stream.decoder.feed(bytes, 0, bytes.length, listener);
    }
}
