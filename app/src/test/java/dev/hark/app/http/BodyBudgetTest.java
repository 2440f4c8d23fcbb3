package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.http.BodyBudget.Body;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    private static final int SMALL = BodyBudget.SMALL_BYTES;

    /** Three quarters for large bodies, which 48 small ones would fill, and a quarter for 16 small ones. */
    private final BodyBudget budget = new BodyBudget(64L * SMALL);

    @Test
    void hasRoomUntilItHasArrived() {
        Body first = budget.expect("a");
        Body second = budget.expect("b");
        assertThat(first.grow(24L * SMALL)).isTrue();
        assertThat(second.grow(24L * SMALL)).isTrue();
        assertThat(second.grow(1)).isFalse();
        assertThat(budget.expect("c").fits(SMALL + 1L)).isFalse();

        first.close();
        assertThat(second.grow(1)).isTrue();
        assertThat(budget.taken()).isEqualTo(24L * SMALL + 1);
    }

    @Test
    void countsNothingForWhatIsOnlyExpected() {
        for (int i = 0; i < 256; i++) {
            Body body = budget.expect("a" + i);
            assertThat(body.fits(20L * SMALL)).isTrue();
            assertThat(body.grow(1)).isTrue();
        }
        assertThat(budget.taken()).isEqualTo(256);
    }

    @Test
    void countsNothingForWhatItRefused() {
        Body first = budget.expect("a");
        assertThat(first.grow(40L * SMALL)).isTrue();
        for (int i = 0; i < 10; i++) {
            try (Body refused = budget.expect("b")) {
                assertThat(refused.grow(10L * SMALL)).isFalse();
            }
        }
        assertThat(budget.taken()).isEqualTo(40L * SMALL);
    }

    @Test
    void hasRoomForOneHoweverLarge() {
        try (Body alone = budget.expect("a")) {
            assertThat(alone.grow(1_000L * SMALL)).isTrue();
            assertThat(alone.grow(SMALL)).isTrue();
            assertThat(budget.expect("b").grow(SMALL + 4_096L)).isFalse();
        }
        assertThat(budget.taken()).isZero();
    }

    @Test
    void leavesHalfToOtherAddresses() {
        Body first = budget.expect("a");
        assertThat(first.grow(20L * SMALL)).isTrue();
        assertThat(budget.expect("a").grow(5L * SMALL)).as("more than half of it for one address").isFalse();
        assertThat(budget.expect("a").grow(4L * SMALL)).isTrue();
        assertThat(budget.expect("b").grow(20L * SMALL)).isTrue();
        assertThat(first.grow(4L * SMALL)).as("it is not alone any more").isFalse();
    }

    @Test
    void letsOneBodyOfAnAddressHaveWhatIsFree() {
        assertThat(budget.expect("a").grow(2L * SMALL)).isTrue();
        assertThat(budget.expect("b").grow(46L * SMALL)).isTrue();
    }

    @Test
    void keepsRoomForSmallOnesWhateverLargeOnesTake() {
        assertThat(budget.expect("a").grow(1_000L * SMALL)).isTrue();
        // Half of the reserve for one address, and the large ones' room is taken.
        List<Body> small = IntStream.range(0, 8).mapToObj(i -> budget.expect("a")).toList();
        assertThat(small).allMatch(body -> body.fits(SMALL) && body.grow(SMALL));
        assertThat(budget.expect("a").grow(SMALL)).isFalse();
        assertThat(budget.expect("b").grow(SMALL)).isTrue();
        small.getFirst().close();
        assertThat(budget.expect("a").grow(SMALL)).isTrue();
    }

    @Test
    void movesABodyThatIsNotSmallAnyMore() {
        Body body = budget.expect("a");
        for (int i = 0; i < 4; i++) {
            assertThat(body.grow(SMALL)).isTrue();
        }
        // All of the reserve is free again.
        assertThat(IntStream.range(0, 16).mapToObj(i -> budget.expect("b" + i))).allMatch(small -> small.grow(SMALL));
        body.close();
        assertThat(budget.taken()).isEqualTo(16L * SMALL);
    }
}
