package dev.hark.log.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.log.UnusableLogException;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The threads that read a log, of which a test holds some. */
@Timeout(60)
class ReaderPoolTest {
    private static final Duration STALL = Duration.ofSeconds(10);
    private static final int READERS = 2;

    @TempDir(factory = FastFolder.class)
    Path folder;

    private final AtomicLong nanos = new AtomicLong(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger held = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private ReaderPool pool;

    @BeforeEach
    void start() throws Exception {
        Path database = folder.resolve("hark.db");
        Logs.open(database).close();
        pool = ReaderPool.start(
                Role.LOG, database, "7k3q9x2m", false, new TopicChains(), new Damage(Role.LOG, database), STALL,
                new VitalThreads(nanos::get));
    }

    @AfterEach
    void end() {
        release.countDown();
        threads.shutdown();
        pool.close();
    }

    @Test
    void letsLanesPassAllOthers() throws Exception {
        // One reader answers all: of two, one may be quicker with what it took later.
        var last = new CountDownLatch(1);
        Future<Integer> busy = hold(last);
        Future<Integer> answering = hold(release);
        var order = new CopyOnWriteArrayList<String>();
        var others = new ArrayList<Future<Boolean>>();
        for (int i = 0; i < 20; i++) {
            String name = "replay " + i;
            others.add(threads.submit(() -> pool.ask(reader -> order.add(name))));
        }
        await().until(() -> pool.waiting() == 20);
        Future<Boolean> lane = threads.submit(() -> pool.askFirst(reader -> order.add("lane")));
        await().until(() -> pool.waiting() == 21);
        release.countDown();
        for (Future<Boolean> other : others) {
            other.get();
        }
        lane.get();
        answering.get();
        last.countDown();
        busy.get();
        assertThat(order).first().isEqualTo("lane");
    }

    @Test
    void answersThoseWhoseReadHangs() throws Exception {
        List<Future<Integer>> hanging = holdAll();
        Future<Integer> waiting = threads.submit(() -> pool.ask(reader -> 1));
        await().until(() -> pool.waiting() == 1);
        pool.relieve();
        assertThat(pool.trouble()).as("not yet").isEmpty();
        nanos.addAndGet(STALL.plusMillis(1).toNanos());
        assertThat(pool.trouble()).hasValueSatisfying(why -> assertThat(why).contains("cannot be read").contains("10 s"));
        pool.relieve();
        for (Future<Integer> each : hanging) {
            assertThatThrownBy(each::get).hasCauseInstanceOf(UnusableLogException.class).hasMessageContaining("took more than 10 s");
        }
        assertThatThrownBy(waiting::get).hasCauseInstanceOf(UnusableLogException.class).hasMessageContaining("cannot be read");
        assertThatThrownBy(() -> pool.ask(reader -> 1)).as("at once").isInstanceOf(UnusableLogException.class);
        release.countDown();
        await().ignoreExceptions().until(this::reads);
        assertThat(pool.trouble()).as("a disk that has just hung").isPresent();
        nanos.addAndGet(Trouble.CALM.toNanos());
        assertThat(reads()).isTrue();
        assertThat(pool.trouble()).isEmpty();
    }

    /** As on a disk with one bad sector, which is not always asked for. */
    @Test
    void isInTroubleUntilNothingHasFailedForAWhile() {
        for (int round = 0; round < 3; round++) {
            fail();
            assertThat(pool.trouble()).hasValueSatisfying(why -> assertThat(why).contains("for now"));
            assertThat(reads()).as("what can be read is read").isTrue();
            assertThat(pool.trouble()).isPresent();
            nanos.addAndGet(Trouble.CALM.toNanos() - 1);
            assertThat(reads()).isTrue();
            assertThat(pool.trouble()).as("not yet").isPresent();
        }
        nanos.addAndGet(1);
        assertThat(pool.trouble()).as("nothing proves that it is over").isPresent();
        pool.recheck();
        await().untilAsserted(() -> assertThat(pool.trouble()).isEmpty());
        fail();
        assertThat(pool.trouble()).isPresent();
    }

    /** What began before it failed says nothing about it. */
    @Test
    void isNotWellForWhatBeganBefore() throws Exception {
        Future<Integer> before = hold();
        fail();
        nanos.addAndGet(Trouble.CALM.toNanos());
        release.countDown();
        before.get();
        assertThat(pool.trouble()).isPresent();
        assertThat(reads()).isTrue();
        assertThat(pool.trouble()).isEmpty();
    }

    private void fail() {
        assertThatThrownBy(() -> pool.ask(reader -> {
            throw new SQLException("for now");
        })).isInstanceOf(UnusableLogException.class).hasMessageContaining("for now");
    }

    private boolean reads() {
        return pool.<Integer>ask(reader -> 1) == 1;
    }

    @Test
    void looksAgainWithoutWaiting() throws Exception {
        fail();
        assertThat(pool.trouble()).isPresent();
        nanos.addAndGet(Trouble.CALM.toNanos());
        holdAll();
        pool.recheck();
        pool.recheck();
        assertThat(pool.waiting()).as("once").isEqualTo(1);
        assertThat(pool.trouble()).isPresent();
        release.countDown();
        await().untilAsserted(() -> assertThat(pool.trouble()).isEmpty());
    }

    /** Questions that every reader is at, until they are released. */
    private List<Future<Integer>> holdAll() {
        var holding = new ArrayList<Future<Integer>>();
        for (int i = 0; i < READERS; i++) {
            holding.add(hold());
        }
        return holding;
    }

    /** A question that one reader is at. */
    private Future<Integer> hold() {
        return hold(release);
    }

    private Future<Integer> hold(CountDownLatch until) {
        int before = held.get();
        Future<Integer> holding = threads.submit(() -> pool.ask(reader -> {
            int number = held.incrementAndGet();
            pass(until);
            return number;
        }));
        await().until(() -> held.get() > before);
        return holding;
    }

    private static void pass(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
