package dev.hark.fanout;

import dev.hark.event.Event;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One wake-up of a stream: events are offered, taken into a batch, and nothing is left. Allocates nothing (`-prof gc`). */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MailboxBenchmark {
    @Param({"1", "16"})
    int events;

    private final Mailbox mailbox = new Mailbox(new MailboxLimits(256, 256 << 10), OverflowPolicy.REPLAY, Events.ERA);
    private final Batch batch = new Batch();
    private final Event event = Events.sized(1, 160);

    @Setup
    public void park() {
        mailbox.join(Events.ERA, 0);
        mailbox.drain(batch, 0);
    }

    /** The event's position is never said to be the client's, so it is new each time. */
    @Benchmark
    public Object offerAndDrain() {
        for (int i = 0; i < events; i++) {
            mailbox.offer(event);
        }
        mailbox.drain(batch, 0);
        batch.clear();
        return mailbox.drain(batch, 0);
    }
}
