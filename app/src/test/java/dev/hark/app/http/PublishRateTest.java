package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.app.access.Caller;
import dev.hark.app.access.Grant;
import dev.hark.app.config.Rights;
import dev.hark.app.listen.ListenCounters;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PublishRateTest {
    private static final int SLOW = 1;
    private static final Grant ANONYMOUS = new Grant(new Caller.Anonymous(), Rights.ALL, Instant.MAX, 0);

    private static void assertUsedUp(PublishRate rate, Grant grant, String address, int usual) {
        assertThatThrownBy(() -> {
            for (int i = 0; i < 100_000; i++) {
                rate.take(grant, address, 1, usual);
            }
        }).isInstanceOf(ProblemException.class).hasMessageContaining("publishes more than");
    }

    private static boolean isTaken(PublishRate rate, Grant grant, String address, int events, int usual) {
        try {
            rate.take(grant, address, events, usual);
            return true;
        } catch (ProblemException e) {
            return false;
        }
    }

    @Test
    void isChangedWhileItIsUsed() {
        var rate = new PublishRate(new ListenCounters());
        for (int i = 0; i < 1_000; i++) {
            rate.take(ANONYMOUS, "a", 1_000_000, 0);
        }
        assertUsedUp(rate, ANONYMOUS, "a", SLOW);
        await("as many as the new one allows").atMost(Duration.ofSeconds(10))
                .until(() -> isTaken(rate, ANONYMOUS, "a", 500_000, 1_000_000));
        assertUsedUp(rate, ANONYMOUS, "a", SLOW);
        rate.take(ANONYMOUS, "a", 1_000_000, 0);
    }

    @Test
    void isOfAGrantWhereThatHasOne() {
        var rate = new PublishRate(new ListenCounters());
        var service = new Grant(new Caller.Service("shop"), Rights.ALL, Instant.MAX, 1_000_000);
        rate.take(service, "a", 900_000, SLOW);
        assertUsedUp(rate, ANONYMOUS, "a", SLOW);
        await("refilled").atMost(Duration.ofSeconds(10)).until(() -> isTaken(rate, service, "a", 900_000, SLOW));
    }
}
