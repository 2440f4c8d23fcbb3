package dev.hark.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
    private static final long START = 1_700_000_000_000L;

    private long wallMillis = START;
    private long passedMillis;
    private final InstantSource wall = () -> Instant.ofEpochMilli(wallMillis);
    private final SteadyClock clock = new SteadyClock(wall, () -> passedMillis * 1_000_000);

    private void pass(Duration time) {
        passedMillis += time.toMillis();
        wallMillis += time.toMillis();
    }

    private void jump(Duration by) {
        wallMillis += by.toMillis();
    }

    @Test
    void isTheWallClock() {
        assertThat(clock.millis()).isEqualTo(START);
        pass(Duration.ofDays(3));
        assertThat(clock.millis()).isEqualTo(wallMillis);
        assertThat(clock.doubt()).isEmpty();
    }

    @Test
    void followsSmallCorrectionsAtOnce() {
        for (Duration correction : new Duration[] {SteadyClock.TOLERATED, SteadyClock.TOLERATED.negated(), Duration.ofMillis(-1)}) {
            jump(correction);
            assertThat(clock.millis()).as("%s", correction).isEqualTo(wallMillis);
        }
        assertThat(clock.jumps()).isZero();
    }

    @Test
    void goesOnAsTimePassesWhereTheClockJumpsAndComesBack() {
        for (Duration jump : new Duration[] {Duration.ofDays(2), Duration.ofDays(-2), SteadyClock.TOLERATED.plusMillis(1)}) {
            long before = clock.millis();
            jump(jump);
            assertThat(clock.millis()).as("%s", jump).isEqualTo(before);
            assertThat(clock.doubt()).isPresent();
            pass(Duration.ofMinutes(59));
            assertThat(clock.millis()).isEqualTo(before + Duration.ofMinutes(59).toMillis());
            jump(jump.negated());
            assertThat(clock.millis()).isEqualTo(wallMillis).isEqualTo(before + Duration.ofMinutes(59).toMillis());
            assertThat(clock.doubt()).isEmpty();
        }
        assertThat(clock.jumps()).isEqualTo(3);
    }

    @Test
    void believesAClockThatStaysAsItIs() {
        jump(Duration.ofDays(2));
        clock.millis();
        pass(SteadyClock.DOUBT.minusMillis(1));
        assertThat(clock.millis()).isLessThan(wallMillis);
        pass(Duration.ofMillis(1));
        assertThat(clock.millis()).isEqualTo(wallMillis);
        assertThat(clock.doubt()).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(clock.millis()).isEqualTo(wallMillis);
    }

    @Test
    void doubtsEachJumpForItself() {
        jump(Duration.ofDays(2));
        clock.millis();
        pass(Duration.ofMinutes(50));
        jump(Duration.ofDays(5));
        long doubted = clock.millis();
        pass(Duration.ofMinutes(50));
        assertThat(clock.millis())
                .as("the second one is not believed with the first")
                .isEqualTo(doubted + Duration.ofMinutes(50).toMillis());
        assertThat(clock.jumps()).isEqualTo(2);
    }
}
