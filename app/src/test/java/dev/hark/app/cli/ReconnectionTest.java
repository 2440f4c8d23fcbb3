package dev.hark.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReconnectionTest {
    private final Reconnection reconnection = new Reconnection(new Random(7));

    @Test
    void waitsAtLeastAsLongAsAskedAndAtMostHalfAsMuchMore() {
        reconnection.retry(Duration.ofSeconds(4));

        for (int i = 0; i < 1000; i++) {
            assertThat(reconnection.delay()).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(6));
        }
        assertThat(reconnection.delay()).isNotEqualTo(reconnection.delay());
    }

    @Test
    void neverSpins() {
        reconnection.retry(Duration.ZERO);

        assertThat(reconnection.delay()).isGreaterThanOrEqualTo(Duration.ofMillis(50));
    }

    @Test
    void backsOffWithEachFailureUpToABoundAndForgetsThemAfterASuccess() {
        reconnection.retry(Duration.ofSeconds(1));
        reconnection.failed();
        assertThat(reconnection.delay()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(1500));
        reconnection.failed();
        assertThat(reconnection.delay()).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(3));
        for (int i = 0; i < 100; i++) {
            reconnection.failed();
        }
        assertThat(reconnection.delay()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(45));
        reconnection.succeeded();
        assertThat(reconnection.delay()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(1500));
    }

    @Test
    void honoursARetryLongerThanTheLongestBackoff() {
        reconnection.retry(Duration.ofMinutes(5));
        reconnection.failed();

        assertThat(reconnection.delay()).isGreaterThanOrEqualTo(Duration.ofMinutes(5));
    }
}
