package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.Filters;
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
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final Filters FILTERS = Filters.of("t");

    @Test
    void takesAnAgeThatReachesBackFurtherThanTime() {
        Fanout fanout = fanout();

        for (Duration age : List.of(Duration.ofSeconds(Long.MAX_VALUE), Duration.ofMillis(Long.MAX_VALUE), Duration.ofHours(9_999_999_999_999L))) {
            assertThat(fanout.admit(new Subscription(FILTERS, new Start.Back(age)))).isInstanceOf(Admission.Admitted.class);
        }
    }

    /** Of three streams at most. */
    private static Fanout fanout() {
        var log = new MemoryLog("7k3q9x2m", new LogConfig(new Retention(10, Duration.ofDays(1), 1 << 20), new HotLimits(10, 1 << 20), new IdempotencyLimits(10, Duration.ofDays(1))), Clock.systemUTC());
        var settings = new DeliverySettings(1, Duration.ofDays(1), "", Duration.ofSeconds(2), Duration.ofDays(1));
        return new Fanout(log, settings, List.of(new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(10, 100))), 3, Clock.systemUTC(), System::nanoTime, new VitalThreads());
    }
}
