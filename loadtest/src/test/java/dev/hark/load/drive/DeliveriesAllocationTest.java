package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.hark.load.ledger.Receipts;
import dev.hark.load.ledger.Schedule;
import dev.hark.load.ledger.Spread;
import dev.hark.load.ledger.Traffic;
import dev.hark.load.wire.HttpListener;
import dev.hark.load.wire.Stamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** From the bytes of a read to the ledger and the histograms: nothing is allocated for an event. */
class DeliveriesAllocationTest {
    private static final int RUN = 3;
    private static final int EVENTS = 60_000;
    private static final int WARM = 20_000;

    /** What the JDK and the histograms may allocate now and then, over all measured events together. */
    private static final long SLACK_BYTES = 20_000;

    @Test
    void allocatesNothingForAnEventHoweverItIsSplit() throws IOException {
        for (int readBytes : new int[] {1 << 16, 1000, 61}) {
            for (boolean chunked : new boolean[] {false, true}) {
                assertThat(allocated(readBytes, chunked))
                        .as("bytes for %d events in reads of %d, chunked: %s", EVENTS - WARM, readBytes, chunked).isLessThan(SLACK_BYTES);
            }
        }
    }

    private static long allocated(int readBytes, boolean chunked) throws IOException {
        var traffic = new Traffic(1, 1, EVENTS);
        var deliveries = new Deliveries(new Receipts(traffic, RUN, 0, 1), true);
        deliveries.expect(new Schedule(System.nanoTime(), 1e6, 0, EVENTS));
        var stream = new Stream(0, 0);
        stream.state = Stream.State.LIVE;
        var loop = loop(deliveries);
        HttpListener listener = deliveries.of(stream, System.nanoTime(), loop);
        String coding = chunked ? "Transfer-Encoding: chunked\r\n" : "";
        byte[] head = ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + coding + "\r\n").getBytes(StandardCharsets.US_ASCII);
        stream.decoder.feed(head, 0, head.length, new Silent());

        int warmBytes = 0;
        var bytes = new ByteArrayOutputStream();
        for (int event = 0; event < EVENTS; event++) {
            byte[] data = new byte[200];
            Stamp.write(data, 0, data.length, RUN, 0, event, System.nanoTime());
            byte[] id = ("id: epoch-" + (1000 + event) + "\ndata: ").getBytes(StandardCharsets.US_ASCII);
            String size = chunked ? Integer.toHexString(id.length + data.length + 2) + "\r\n" : "";
            bytes.writeBytes(size.getBytes(StandardCharsets.US_ASCII));
            bytes.writeBytes(id);
            bytes.writeBytes(data);
            bytes.writeBytes((chunked ? "\n\n\r\n" : "\n\n").getBytes(StandardCharsets.US_ASCII));
            if (event == WARM) {
                warmBytes = bytes.size();
            }
        }
        byte[] all = bytes.toByteArray();
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = 0;
        boolean warm = false;
        for (int at = 0; at < all.length; at += readBytes) {
            if (!warm && at >= warmBytes) {
                warm = true;
                before = threads.getCurrentThreadAllocatedBytes();
            }
            stream.decoder.feed(all, at, Math.min(all.length, at + readBytes), listener);
        }
        long after = threads.getCurrentThreadAllocatedBytes();
        assertThat(deliveries.tally().get(Tally.Count.DELIVERED)).isEqualTo(EVENTS);
        loop.close();
        return after - before;
    }

    static StreamLoop loop(Deliveries deliveries) throws IOException {
        var target = Target.hark("http://127.0.0.1:1");
        var plan = new StreamPlan(0, 0, 4096, 1, java.time.Duration.ofSeconds(1), 1, 0, false, Spread.EVEN);
        var traffic = new Traffic(1, 1, 1);
        var subscribers = new Subscribers(0, 0, traffic, java.util.List.of("t"), new dev.hark.load.ledger.Attendance(1));
        return new StreamLoop(target, plan, subscribers, deliveries, new Failures());
    }

    /** Takes a head without judging it. */
    static final class Silent implements HttpListener {
        @Override
        public void onHead(dev.hark.load.wire.HttpResponseDecoder response) {
            assertThat(response.status()).isEqualTo(200);
        }

        @Override
        public void onBody(byte[] bytes, int from, int to) {
            throw new AssertionError("no body yet");
        }

        @Override
        public void onEnd() {
            throw new AssertionError("no end yet");
        }
    }
}
