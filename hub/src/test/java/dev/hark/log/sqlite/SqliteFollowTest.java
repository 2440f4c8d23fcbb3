package dev.hark.log.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.log.Page;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A lane that needs what is no longer hot, of a log whose readers are all taken, and for which replays wait. */
@Timeout(60)
class SqliteFollowTest {
    private static final int READERS = 2;
    private static final int EVENTS = 20;
    private static final int REPLAYS = 50;
    private static final long PATIENCE_SECONDS = 20;

    @TempDir(factory = FastFolder.class)
    Path folder;

    private final CountDownLatch now = new CountDownLatch(1);
    private final CountDownLatch later = new CountDownLatch(1);
    private final AtomicInteger held = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private SqliteLog log;

    @BeforeEach
    void open() {
        log = Logs.open(folder.resolve("hark.db"));
        Logs.fill(log, EVENTS);
    }

    @AfterEach
    void close() {
        now.countDown();
        later.countDown();
        threads.shutdown();
        log.close();
    }

    @Test
    void isAnsweredBeforeReplaysThatWait() throws Exception {
        hold(now);
        await().until(() -> held.get() == READERS);
        hold(later);
        awaitWaiting(READERS);
        List<Future<Page>> replays = new ArrayList<>();
        IntStream.range(0, REPLAYS).forEach(i -> replays.add(threads.submit(() -> log.read(i % EVENTS, Logs.ALL, 10))));
        awaitWaiting(READERS + REPLAYS);
        Future<Page> lane = threads.submit(() -> log.follow(0));
        awaitWaiting(READERS + REPLAYS + 1);

        now.countDown();
        assertThat(lane.get(PATIENCE_SECONDS, TimeUnit.SECONDS).events()).hasSize(EVENTS);
        assertThat(replays).as("those wait on").noneMatch(Future::isDone);
        later.countDown();
        for (Future<Page> replay : replays) {
            assertThat(replay.get(PATIENCE_SECONDS, TimeUnit.SECONDS).events()).isNotEmpty();
        }
    }

    /** Gives each reader a question that takes until {@code released}. */
    private void hold(CountDownLatch released) {
        for (int i = 0; i < READERS; i++) {
            Thread.startVirtualThread(() -> log.readers().ask(reader -> {
                held.incrementAndGet();
                try {
                    released.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return true;
            }));
        }
    }

    private void awaitWaiting(int count) {
        await().until(() -> log.readers().waiting() == count);
    }
}
