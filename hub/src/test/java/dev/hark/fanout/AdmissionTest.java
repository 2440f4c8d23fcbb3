package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.event.TopicFilter;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final List<TopicFilter> FILTERS = List.of(new TopicFilter("t"));

    @Test
    void takesAnAgeThatReachesBackFurtherThanTime() {
        Fanout fanout = fanout(Clock.systemUTC());

        for (Duration age : List.of(
                Duration.ofSeconds(Long.MAX_VALUE), Duration.ofMillis(Long.MAX_VALUE), Duration.ofHours(9_999_999_999_999L))) {
            assertThat(fanout.admit(new Subscription(FILTERS, new Start.Back(age)))).isInstanceOf(Admission.Admitted.class);
        }
    }

    @Test
    void holdsNoPlaceForASubscriberThatCouldNotBeMade() {
        InstantSource broken = () -> {
            throw new IllegalStateException("no clock");
        };
        Fanout fanout = fanout(broken);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> fanout.admit(new Subscription(FILTERS, new Start.Back(Duration.ZERO))))
                    .isInstanceOf(IllegalStateException.class);
        }

        assertThat(fanout.admit(new Subscription(FILTERS, new Start.Latest()))).isInstanceOf(Admission.Admitted.class);
    }

    /** Of three streams at most. */
    private static Fanout fanout(InstantSource clock) {
        var log = new MemoryLog(
                "7k3q9x2m",
                new Retention(10, Duration.ofDays(1), 1 << 20),
                new HotLimits(10, 1 << 20),
                new IdempotencyLimits(10, Duration.ofDays(1)),
                Clock.systemUTC());
        var settings = new DeliverySettings(1, Duration.ofDays(1), "", Duration.ofSeconds(2), Duration.ofDays(1));
        return new Fanout(log, settings, List.of(new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(10, 100))),
                3, clock, System::nanoTime);
    }
}
