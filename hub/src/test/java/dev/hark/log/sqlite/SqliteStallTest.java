package dev.hark.log.sqlite;

import static dev.hark.log.sqlite.Logs.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Filters;
import dev.hark.event.TopicFilter;
import dev.hark.log.Append;
import dev.hark.log.FakeClock;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.Keep;
import dev.hark.log.LogConfig;
import dev.hark.log.TopicClasses;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log whose writer is held up, while the upkeep comes by only when it has been so for longer than {@code health.stall}. */
@Timeout(60)
class SqliteStallTest {
    private static final Duration STALL = Duration.ofMillis(100);

    @TempDir
    Path folder;

    private final FakeClock clock = new FakeClock();
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private volatile boolean holding;

    @Test
    void answersThoseWhoWaitThoughItTakesNoUpkeep() throws Exception {
        var config = new LogConfig(Logs.KEEPS_ALL, new HotLimits(4, 1 << 20), new IdempotencyLimits(1_000, Duration.ofHours(1)), STALL);
        var settings = new SqliteSettings(folder.resolve("hark.db"), SqliteSettings.Durability.FSYNC, config);
        try (SqliteLog log = SqliteLog.open(settings, new Holding(), new Random(1), new VitalThreads());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            holding = true;
            Future<Append> underWay = threads.submit(() -> log.append(List.of(draft("a", "one", "one"))));
            held.await();
            Future<Append> behind = threads.submit(() -> log.append(List.of(draft("a", "two", "two"))));
            await().until(() -> Logs.trouble(log).isPresent());
            log.maintain();
            assertThat(underWay.get(10, TimeUnit.SECONDS)).isInstanceOf(Append.Unknown.class);
            assertThat(behind.get(10, TimeUnit.SECONDS)).isInstanceOf(Append.Unavailable.class);
            assertThat(log.append(List.of(draft("a", "one", "one")))).isEqualTo(new Append.KeyInFlight(0));
            holding = false;
            release.countDown();
            await().untilAsserted(() -> assertThat(log.append(List.of(draft("a", "one", "one"))))
                    .isEqualTo(Logs.stored(log, 1, true)));
            assertThat(log.append(List.of(draft("a", "two", "two")))).isEqualTo(Logs.stored(log, 2, false));
        } finally {
            release.countDown();
        }
    }

    /** What is never stored waits for no disk: it is acknowledged, and hot, while a transaction hangs. */
    @Test
    void passesWhatIsNotStoredByATransactionThatHangs() throws Exception {
        int passed = 100;
        var classes = TopicClasses.of(List.of(new TopicClasses.Rule(new TopicFilter("cursors/**"), Keep.NOTHING)), Logs.KEEPS_ALL);
        var keys = new IdempotencyLimits(1_000, Duration.ofHours(1));
        var config = new LogConfig(classes, new HotLimits(2 * passed, 1 << 20), keys, Duration.ofMinutes(10));
        var settings = new SqliteSettings(folder.resolve("hark.db"), SqliteSettings.Durability.FSYNC, config);
        try (SqliteLog log = SqliteLog.open(settings, new Holding("oldestToKeep"), new Random(1), new VitalThreads());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(log.append(List.of(draft("a", "one")))).isInstanceOf(Append.Stored.class);
            holding = true;
            Future<?> upkeep = threads.submit(log::maintain);
            held.await();
            Future<Append> stored = threads.submit(() -> log.append(List.of(draft("a", "two"))));
            for (int i = 0; i < passed; i++) {
                Future<Append> cursor = threads.submit(() -> log.append(List.of(draft("cursors/x", "here"))));
                assertThat(cursor.get(10, TimeUnit.SECONDS)).isInstanceOf(Append.Stored.class);
            }
            Filters cursors = Filters.of("cursors/x");
            assertThat(log.tail().era().hot().read(log.tail().epoch(), 0, cursors, 2 * passed).events()).hasSize(passed);
            assertThat(stored.isDone()).isFalse();
            holding = false;
            release.countDown();
            assertThat(stored.get(10, TimeUnit.SECONDS)).isInstanceOf(Append.Stored.class);
            upkeep.get(10, TimeUnit.SECONDS);
        } finally {
            release.countDown();
        }
    }

    /** Time that the writer has to wait for. */
    private final class Holding implements InstantSource {
        private final String method;

        Holding() {
            this("");
        }

        /** @param method in which it waits; empty in any */
        Holding(String method) {
            this.method = method;
        }

        private boolean isThere() {
            return method.isEmpty() || StackWalker.getInstance()
                    .walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals(method)));
        }

        @Override
        public Instant instant() {
            if (holding && Thread.currentThread().getName().equals("hark-log-writer") && isThere()) {
                held.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return clock.instant();
        }
    }
}
