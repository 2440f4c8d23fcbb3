package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LargeFrameTest {
    private static final int EVENT_BYTES = 1 << 20;

    /**
     * The sweeper cuts a write that takes too long as a whole. Written at once, an event that is too large for a slow link would
     * be cut at every attempt.
     */
    @Test
    void isWrittenInPartsOfWhichEachHasTheWriteTimeout() {
        var log = new MemoryLog(
                "7k3q9x2m",
                new LogConfig(
                        new Retention(10, Duration.ofDays(1), 1 << 30),
                        new HotLimits(10, 1 << 30),
                        new IdempotencyLimits(10, Duration.ofDays(1))),
                Clock.systemUTC());
        var settings = new DeliverySettings(1, Duration.ofDays(1), "", Duration.ofSeconds(2), Duration.ofDays(1));
        var rule = new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(10, 1 << 20));
        var written = new AtomicInteger();
        var largest = new AtomicInteger();
        try (var fanout = new Fanout(log, settings, List.of(rule), 10, Clock.systemUTC(), System::nanoTime, new VitalThreads())) {
            fanout.start();
            log.append(List.of(new Draft(new Topic("t"), "message", null, new byte[EVENT_BYTES], null)));
            Thread.ofVirtual().start(() -> {
                var everything = new Subscription(Filters.ALL, new Start.Earliest());
                if (fanout.admit(everything) instanceof Admission.Admitted(Subscriber subscriber)) {
                    fanout.serve(subscriber, (bytes, offset, length) -> {
                        largest.accumulateAndGet(length, Math::max);
                        written.addAndGet(length);
                    });
                }
            });

            await().untilAsserted(() -> assertThat(written).hasValueGreaterThan(EVENT_BYTES));
            assertThat(largest).hasValueLessThanOrEqualTo(Batch.WRITE_BYTES);
        }
    }
}
