package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.event.Filters;
import dev.hark.event.CloseReason;
import dev.hark.event.InvalidEventException;
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

        for (Duration age : List.of(
                Duration.ofSeconds(Long.MAX_VALUE), Duration.ofMillis(Long.MAX_VALUE), Duration.ofHours(9_999_999_999_999L))) {
            assertThat(fanout.admit(new Subscription(FILTERS, new Start.Back(age)))).isInstanceOf(Admission.Admitted.class);
        }
    }

    @Test
    void takesOfTheIndexUpToItsLastByte() {
        long cost = IndexBudget.cost(FILTERS);
        Fanout enough = fanout(new IndexLimits((int) cost, 2 * cost));
        Fanout scarce = fanout(new IndexLimits((int) cost, 2 * cost - 1));
        var subscription = new Subscription(FILTERS, new Start.Latest());
        for (Fanout fanout : List.of(enough, scarce)) {
            assertThat(fanout.admit(subscription)).isInstanceOf(Admission.Admitted.class);
        }

        assertThat(enough.admit(subscription)).isInstanceOf(Admission.Admitted.class);
        assertThat(enough.indexBytes()).isEqualTo(2 * cost);
        assertThat(scarce.admit(subscription)).isInstanceOfSatisfying(Admission.Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(CloseReason.OVERLOADED);
            assertThat(refused.detail()).contains("limits.index-bytes");
        });
        assertThat(scarce.indexBytes()).isEqualTo(cost);
        assertThat(scarce.indexRefusals()).isEqualTo(1);
    }

    @Test
    void refusesForGoodWhatIsTooLargeAlone() {
        long cost = IndexBudget.cost(FILTERS);
        Fanout fanout = fanout(new IndexLimits((int) cost, cost));
        var larger = new Subscription(Filters.of("tt"), new Start.Latest());

        assertThatThrownBy(() -> fanout.admit(larger)).isInstanceOf(InvalidEventException.class).hasMessageContaining(String.valueOf(cost));
        assertThat(fanout.indexBytes()).isZero();
        assertThat(fanout.subscriptionsTooLarge()).isEqualTo(1);
        assertThat(fanout.admit(new Subscription(FILTERS, new Start.Latest()))).isInstanceOf(Admission.Admitted.class);
    }

    /** Of three streams at most. */
    private static Fanout fanout() {
        return fanout(IndexLimits.DEFAULT);
    }

    private static Fanout fanout(IndexLimits limits) {
        var config = new LogConfig(
                new Retention(10, Duration.ofDays(1), 1 << 20), new HotLimits(10, 1 << 20), new IdempotencyLimits(10, Duration.ofDays(1)));
        var log = new MemoryLog("7k3q9x2m", config, Clock.systemUTC());
        var settings = new DeliverySettings(1, Duration.ofDays(1), "", Duration.ofSeconds(2), Duration.ofDays(1));
        var rule = new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(10, 100));
        return new Fanout(log, settings, List.of(rule), 3, limits, Clock.systemUTC(), System::nanoTime, new VitalThreads(),
                StreamWatch.NOBODY);
    }
}
