package dev.hark.app.hook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(new Random(17));

    private static Duration most(int failed) {
        Duration doubled = Duration.ofMillis(500).multipliedBy(1L << Math.min(failed - 1, 20));
        return doubled.compareTo(Backoff.LONGEST) < 0 ? doubled : Backoff.LONGEST;
    }

    @Test
    void doublesUpToItsLongestLessUpToHalf() {
        for (int failed = 1; failed <= 40; failed++) {
            Duration pause = backoff.pause(failed, Optional.empty());
            assertThat(pause).as("after %d", failed).isBetween(most(failed).dividedBy(2), most(failed));
        }
        assertThat(backoff.pause(Integer.MAX_VALUE, Optional.empty())).isBetween(Backoff.LONGEST.dividedBy(2), Backoff.LONGEST);
    }

    @Test
    void isNotTheSameForAll() {
        assertThat(IntStream.range(0, 20).mapToObj(i -> backoff.pause(5, Optional.empty())).distinct()).hasSizeGreaterThan(10);
    }

    @Test
    void waitsForAsLongAsItIsAskedButNeverShorterNorForEver() {
        assertThat(backoff.pause(1, Optional.of(Duration.ofMinutes(7)))).isEqualTo(Duration.ofMinutes(7));
        assertThat(backoff.pause(10, Optional.of(Duration.ofSeconds(1)))).isGreaterThan(Duration.ofMinutes(1));
        assertThat(backoff.pause(1, Optional.of(Duration.ofDays(400)))).isEqualTo(Backoff.LONGEST_ASKED);
    }

    /** As docs/webhooks.md says. */
    @Test
    void givesUpAfterAboutThreeQuartersOfAnHour() {
        Duration all = IntStream.rangeClosed(1, 19).mapToObj(BackoffTest::most).reduce(Duration.ZERO, Duration::plus);

        assertThat(all.multipliedBy(3).dividedBy(4)).isBetween(Duration.ofMinutes(38), Duration.ofMinutes(46));
    }
}
