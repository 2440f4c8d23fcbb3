package dev.hark.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnsTest {
    private static final long SEED = Long.getLong("hark.seed", 20261128L);

    private final Turns turns = new Turns(2);

    @Test
    void givesAsManyAsThereAreInTheOrderAskedFor() throws InterruptedException {
        List<Turns.Turn> asked = ask(5);
        assertThat(turns.waiting()).isEqualTo(3);
        assertThat(granted(asked)).containsExactly(true, true, false, false, false);
        asked.get(1).close();
        assertThat(granted(asked)).containsExactly(true, true, true, false, false);
        asked.get(0).close();
        assertThat(granted(asked)).containsExactly(true, true, true, true, false);
        assertThat(turns.waiting()).isEqualTo(1);
        asked.get(2).close();
        asked.get(3).close();
        asked.get(4).close();
        assertThat(granted(ask(3))).as("none was lost, none was made").containsExactly(true, true, false);
    }

    /** Who gives up in the queue takes nobody's turn with it, and those behind move up. */
    @Test
    void letsThoseBehindMoveUpWhereOneGivesUp() throws InterruptedException {
        List<Turns.Turn> asked = ask(5);
        asked.get(2).close();
        assertThat(granted(asked)).containsExactly(true, true, false, false, false);
        assertThat(turns.waiting()).isEqualTo(2);
        asked.get(0).close();
        assertThat(granted(asked)).containsExactly(true, true, false, true, false);
        assertThat(turns.waiting()).isEqualTo(1);
    }

    /** Its turn may come in the moment in which it gives up. */
    @Test
    void passesOnATurnThatNobodyWaitedFor() throws InterruptedException {
        List<Turns.Turn> asked = ask(4);
        asked.get(0).close();
        asked.get(2).close();
        assertThat(granted(asked)).containsExactly(true, true, true, true);
    }

    @Test
    void losesNoTurnHoweverManyGiveUp() throws Exception {
        var at = new AtomicInteger();
        var most = new AtomicInteger();
        var had = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            for (int i = 0; i < 200; i++) {
                var random = new SplittableRandom(SEED + i);
                running.add(threads.submit(() -> {
                    for (int n = 0; n < 100; n++) {
                        try (Turns.Turn turn = turns.ask()) {
                            if (turn.await(random.nextInt(200_000))) {
                                most.accumulateAndGet(at.incrementAndGet(), Math::max);
                                LockSupport.parkNanos(1_000);
                                at.decrementAndGet();
                                had.incrementAndGet();
                            }
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
        assertThat(had).as("turns that were taken").hasPositiveValue();
        assertThat(most.get()).as("seed %s", SEED).isLessThanOrEqualTo(2);
        assertThat(turns.waiting()).isZero();
        assertThat(granted(ask(3))).as("seed %s", SEED).containsExactly(true, true, false);
    }

    private List<Turns.Turn> ask(int count) {
        var asked = new ArrayList<Turns.Turn>();
        for (int i = 0; i < count; i++) {
            asked.add(turns.ask());
        }
        return asked;
    }

    private static List<Boolean> granted(List<Turns.Turn> asked) throws InterruptedException {
        var granted = new ArrayList<Boolean>();
        for (Turns.Turn turn : asked) {
            granted.add(turn.await(0));
        }
        return granted;
    }
}
