package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BatchPoolTest {
    @Test
    void givesEmptyBatches() {
        var pool = new BatchPool();
        Batch batch = pool.borrow();
        batch.add(Events.event(1));
        batch.dropBefore(3, 4);
        batch.dropAfter(5, 6);
        pool.giveBack(batch);
        assertThat(pool.borrow()).isSameAs(batch).satisfies(again -> assertThat(again.isEmpty()).isTrue());
        assertThat(pool.borrow()).isNotSameAs(batch);
    }

    /** More are out than it keeps, and some come back while others are taken. */
    @Test
    void takesBackMoreThanItKeeps() throws Exception {
        var pool = new BatchPool();
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            var running = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 4; i++) {
                Callable<Integer> task = () -> {
                    var own = new ArrayList<Batch>();
                    for (int round = 0; round < 200; round++) {
                        while (own.size() < 80) {
                            own.add(pool.borrow());
                        }
                        own.forEach(pool::giveBack);
                        own.clear();
                    }
                    return own.size();
                };
                running.add(threads.submit(task));
            }
            for (Future<Integer> each : running) {
                assertThat(each.get(30, TimeUnit.SECONDS)).isZero();
            }
        }
    }
}
