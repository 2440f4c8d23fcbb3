package dev.hark.load.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hark.load.capacity.CapacitySearch.Attempt;
import dev.hark.load.capacity.CapacitySearch.Bound;
import dev.hark.load.capacity.CapacitySearch.Result;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CapacitySearchTest {
    @Property
    void findsAKnownCapacityToFivePercent(@ForAll @IntRange(min = 1000, max = 18_000) int capacity) {
        Result result = search(1000, 19_000, level -> level <= capacity ? Attempt.PASSED : Attempt.FAILED);
        assertThat(result.bound()).isEqualTo(Bound.SERVER);
        assertThat(result.capacity()).isBetween((int) (capacity / 1.051) - 1, capacity);
    }

    /** Near its capacity a hub passes and fails by chance; clearly above it, it fails. */
    @Property
    void neverClaimsMoreThanANoisyHubHolds(@ForAll @IntRange(min = 1500, max = 15_000) int capacity, @ForAll long seed) {
        var random = new Random(seed);
        Result result = search(1000, 19_000, level -> {
            double measured = level * (1 + 0.04 * random.nextGaussian());
            return measured <= capacity && level <= 1.05 * capacity ? Attempt.PASSED : Attempt.FAILED;
        });
        assertThat(result.capacity()).isLessThanOrEqualTo((int) (1.05 * capacity));
    }

    @Property
    void saysThatTheGeneratorWasTheLimit(@ForAll @IntRange(min = 2000, max = 18_000) int generator) {
        Result result = search(1000, 19_000, level -> level <= generator ? Attempt.PASSED : Attempt.GENERATOR_BOUND);
        assertThat(result.bound()).isEqualTo(Bound.GENERATOR);
        assertThat(result.capacity()).isLessThanOrEqualTo(generator);
    }

    /** A neighbour who is busy for a moment costs no capacity. */
    @Test
    void triesAgainWhereTheGeneratorWasTheLimit() {
        for (int times : new int[] {1, 2, 3}) {
            var bad = new AtomicInteger(times);
            Result result = search(1000, 4000,
                    level -> level == 2000 && bad.getAndDecrement() > 0 ? Attempt.GENERATOR_BOUND : Attempt.PASSED);
            assertThat(result.bound()).isEqualTo(times < CapacitySearch.TRIES ? Bound.RANGE : Bound.GENERATOR);
            assertThat(result.capacity()).matches(capacity -> times < CapacitySearch.TRIES ? capacity == 4000 : capacity < 2000);
        }
    }

    @Test
    void saysThatTheRangeWasTooSmallOrTooHigh() {
        assertThat(search(1000, 19_000, level -> Attempt.PASSED)).isEqualTo(new Result(19_000, Bound.RANGE));
        assertThat(search(1000, 19_000, level -> Attempt.FAILED)).isEqualTo(new Result(0, Bound.NOTHING));
        assertThat(search(1000, 19_000, level -> Attempt.GENERATOR_BOUND)).isEqualTo(new Result(0, Bound.GENERATOR));
    }

    @Test
    void wantsThreePassesOfTheWinner() {
        int[] tries = new int[20_001];
        Result result = search(1000, 16_000, level -> {
            boolean secondTimeAtTheTop = level == 16_000 && ++tries[level] == 2;
            return secondTimeAtTheTop ? Attempt.FAILED : Attempt.PASSED;
        });
        assertThat(result.capacity()).isBetween(15_000, 15_999);
    }

    @Test
    void endsWhateverComes() {
        var random = new Random(5);
        assertThat(search(1, 1_000_000, level -> random.nextInt(3) == 0 ? Attempt.FAILED : Attempt.PASSED)).isNotNull();
    }

    @Test
    void refusesARangeThatIsNone() {
        assertThatThrownBy(() -> new CapacitySearch(0, 5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CapacitySearch(6, 5)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("6 to 5");
    }

    private static Result search(int from, int to, IntFunction<Attempt> server) {
        var search = new CapacitySearch(from, to);
        int attempts = 0;
        for (OptionalInt next = search.next(); next.isPresent(); next = search.next()) {
            assertThat(next.getAsInt()).isBetween(from, to);
            assertThat(++attempts).isLessThanOrEqualTo(CapacitySearch.MAX_ATTEMPTS);
            search.report(next.getAsInt(), server.apply(next.getAsInt()));
        }
        return search.result();
    }
}
