package dev.hark.app.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.app.crash.History.Block;
import dev.hark.app.crash.History.Outcome;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HistoryCheckerTest {
    private static final int SEEDS = 300;

    @Test
    void blamesNothingInACleanHistory() {
        for (long seed = 0; seed < 2 * SEEDS; seed++) {
            assertThat(HistoryChecker.judge(SimulatedRun.of(seed).history())).as("seed " + seed).isEmpty();
        }
    }

    @Test
    void isShownHistoriesInWhichSomethingHappens() {
        var outcomes = new HashSet<Class<?>>();
        var blocks = new HashSet<Class<?>>();
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedRun run = SimulatedRun.of(seed);
            run.attempts.forEach(attempt -> outcomes.add(attempt.outcome().getClass()));
            run.followers.forEach(stream -> stream.blocks.forEach(block -> blocks.add(block.getClass())));
        }
        assertThat(outcomes).containsExactlyInAnyOrder(Outcome.class.getPermittedSubclasses());
        assertThat(blocks).containsExactlyInAnyOrder(Block.class.getPermittedSubclasses());
    }

    @ParameterizedTest
    @EnumSource
    void callsAFaultByItsNameAndNothingElse(Plant plant) {
        int planted = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedRun run = SimulatedRun.of(seed);
            if (plant.plant(run, new Random(seed))) {
                planted++;
                List<Verdict> verdicts = HistoryChecker.judge(run.history());
                assertThat(verdicts).as("seed " + seed).isNotEmpty().allMatch(plant.verdict::isInstance);
            }
        }
        assertThat(planted).as("histories with a place for it").isGreaterThan(SEEDS / 10);
    }
}
