package dev.hark.app.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How late a source says that it is, and what an operator hears of it. */
class ProgressTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final AtomicLong seconds = new AtomicLong();
    private final Progress progress =
            new Progress(SourceStatus.State.STANDBY, () -> Duration.ofSeconds(seconds.get()).toNanos());

    private SourceStatus status() {
        return progress.status("orders", new NumberedUpstream(1, () -> false));
    }

    private long late() {
        return status().behind().toSeconds();
    }

    private List<String> alarms() {
        return RunningSources.alarms(List.of(status()), PATIENCE);
    }

    /** Reads a portion and stores it, which takes a second; {@code waiting} items are behind it. */
    private void portion(long waiting) {
        progress.looks();
        progress.isBehind(waiting + 1);
        seconds.incrementAndGet();
        progress.isBehind(waiting);
        if (waiting == 0) {
            progress.hasAll();
        }
    }

    private void finds(boolean nothing) {
        progress.looks();
        if (nothing) {
            progress.hasAll();
            progress.isAtEnd();
        }
    }

    @Test
    void aDayOfSteadyLoadIsNotLate() {
        for (int i = 0; i < 86_400; i++) {
            portion(0);
            assertThat(late()).isLessThanOrEqualTo(1);
        }
        progress.isInTrouble("the database was started anew");

        assertThat(late()).isEqualTo(1);
        assertThat(alarms()).isEmpty();
        seconds.addAndGet(PATIENCE.toSeconds());
        assertThat(alarms()).containsExactly("the source 'orders' does not get on, and may be late by 11 s: the database was started anew");
    }

    @Test
    void oneThatFallsBehindIsLateAndAnAlarmWithoutAnyTrouble() {
        finds(true);
        for (int i = 1; i <= 20; i++) {
            portion(i);
        }

        assertThat(late()).isEqualTo(20);
        assertThat(status().state()).isEqualTo(SourceStatus.State.RUNNING);
        assertThat(alarms()).containsExactly("the source 'orders' is late by up to 20 s: it publishes, and more waits (20 known)");
    }

    /** What came while a window was read page after page may not be in it. */
    @Test
    void behindAWindowItIsAsLateAsTheWindowTook() {
        for (int waiting = 19; waiting >= 0; waiting--) {
            portion(waiting);
        }
        assertThat(late()).isEqualTo(20);
        portion(0);
        assertThat(late()).isEqualTo(1);
        finds(true);
        assertThat(late()).isZero();
        assertThat(alarms()).isEmpty();
    }

    @Test
    void troubleAtTheEndBeginsThere() {
        finds(true);
        seconds.addAndGet(1_000);
        progress.isInTrouble("gone");
        assertThat(late()).isZero();
        seconds.addAndGet(30);
        assertThat(late()).isEqualTo(30);

        progress.standsBy();
        assertThat(late()).isZero();
        assertThat(alarms()).isEmpty();
    }
}
