package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Timing;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class FanoutRunIT {
    @Test
    void findsAnEventThatWentToAnotherUser() throws IOException {
        var leak = new Delivery() {
            private final Map<Integer, Out> outs = new HashMap<>();

            @Override
            public void deliver(int stream, long sequence, ByteBuffer frame, Out out) {
                out.send(frame);
                outs.put(stream, out);
                if (sequence == 50) {
                    Objects.requireNonNull(outs.get((stream + 1) % 10)).send(frame);
                }
            }
        };
        FanoutResult result = SmallRun.against(leak, 10, 10, 200, 100, 2);
        assertThat(result.measurements().orZero(Metric.WRONG_RECIPIENT)).isEqualTo(1);
        assertThat(result.measurements().orZero(Metric.SILENT_LOSS)).isZero();
    }

    /** A closed loop would have sent nothing during the stall and seen one slow event; an open schedule sees every one that was due. */
    @Test
    void showsAStallInThePercentilesOfAllThatWasDueMeanwhile() throws IOException {
        var stall = new Delivery() {
            @Override
            public void beforeEvent(long sequence) {
                long until = System.nanoTime() + 1_000_000_000L;
                while (sequence == 50 && System.nanoTime() - until < 0) {
                    LockSupport.parkNanos(until - System.nanoTime());
                }
            }
        };
        FanoutResult result = SmallRun.against(stall, 10, 1, 100, 200, 4);
        assertThat(result.measurements().get(Timing.DELIVERY).getValueAtPercentile(75)).isGreaterThan(400_000_000);
        assertThat(result.measurements().get(Timing.DELIVERY).getValueAtPercentile(99)).isGreaterThan(900_000_000);
        assertThat(result.measurements().orZero(Metric.SILENT_LOSS)).isZero();
    }

    @Test
    void endsEarlyWhenItIsInterrupted() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            var run = new FanoutRun(SmallRun.plan(hub.url(), 10, 1, 10, 100_000, 1));
            Thread stopper = Thread.startVirtualThread(() -> {
                while (run.progress(Tally.Count.DELIVERED) < 30) {
                    LockSupport.parkNanos(1_000_000);
                }
                run.interrupt();
            });
            FanoutResult result = run.run();
            assertThat(stopper.isAlive()).isFalse();
            assertThat(result.ending()).isEqualTo(FanoutResult.Ending.INTERRUPTED);
            assertThat(result.measurements().orZero(Metric.DELIVERED)).isGreaterThanOrEqualTo(30);
            assertThat(result.measurements().orZero(Metric.SILENT_LOSS)).isZero();
        }
    }

    @Test
    void sharesStreamsAmongReaderThreads() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            FanoutPlan one = SmallRun.plan(hub.url(), 10, 1, 100, 50, 2);
            var three = new FanoutPlan(
                    one.target(), new StreamPlan(10, 0, 4096, 64, one.streams().connectTimeout(), 3, false), one.publish(), "t", 1, one.phases(), one.serverPid());
            FanoutResult result = new FanoutRun(three).run();
            assertThat(result.measurements().orZero(Metric.DELIVERED)).isEqualTo(500);
            assertThat(result.measurements().get(Timing.COMPLETION).getTotalCount()).isEqualTo(50);
            assertThat(result.measurements().orZero(Metric.SILENT_LOSS)).isZero();
        }
    }
}
