package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    private final BodyBudget budget = new BodyBudget(100);

    @Test
    void hasRoomUntilItIsTaken() {
        budget.take(60);
        budget.take(40);
        ProblemException refusal = catchThrowableOfType(ProblemException.class, () -> budget.take(1));
        assertThat(refusal.type()).isEqualTo(ProblemType.BUSY);
        assertThat(refusal.headers()).containsEntry("Retry-After", "1");

        budget.giveBack(60);
        budget.take(60);
    }

    @Test
    void countsNothingForWhatItRefused() {
        budget.take(60);
        for (int i = 0; i < 10; i++) {
            assertThat(catchThrowableOfType(ProblemException.class, () -> budget.take(50))).isNotNull();
        }
        budget.take(40);
    }

    @Test
    void hasRoomForOneHoweverLarge() {
        budget.take(1_000);
        assertThat(catchThrowableOfType(ProblemException.class, () -> budget.take(1))).isNotNull();
        budget.giveBack(1_000);
        budget.take(1);
    }
}
