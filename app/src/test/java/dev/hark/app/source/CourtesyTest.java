package dev.hark.app.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CourtesyTest {
    private final AtomicLong published = new AtomicLong(7);
    private final AtomicLong nanos = new AtomicLong(-1_000_000);
    private final Courtesy courtesy = new Courtesy(published::get, nanos::get);

    private Duration rest(long own, long others, Duration took) {
        courtesy.begin();
        published.addAndGet(own + others);
        nanos.addAndGet(took.toNanos());
        return courtesy.rest(own);
    }

    @Test
    void doesNotRestWhereNobodyElsePublishes() {
        assertThat(rest(500, 0, Duration.ofMillis(20))).isZero();
        assertThat(rest(0, 0, Duration.ofMillis(20))).isZero();
    }

    @Test
    void restsForAsLongAsAPortionTookWhereSomebodyDid() {
        assertThat(rest(500, 1, Duration.ofMillis(20))).isEqualTo(Duration.ofMillis(20));
        assertThat(rest(0, 3, Duration.ofMillis(5))).isEqualTo(Duration.ofMillis(5));
        assertThat(rest(500, 0, Duration.ofMillis(20))).as("what came before does not count").isZero();
    }

    @Test
    void doesNotRestForLongWhereThePortionTookLong() {
        assertThat(rest(500, 1, Duration.ofSeconds(30))).isEqualTo(Duration.ofMillis(200));
    }
}
