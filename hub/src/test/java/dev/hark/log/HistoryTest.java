package dev.hark.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.log.memory.MemoryLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final Filters ALL = Filters.ALL;
    private static final int HOT_EVENTS = 10;

    private final SlowLog log = new SlowLog(10_000);
    private final AtomicLong nanos = new AtomicLong();
    private final History history = new History(log, nanos::get);
    private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void end() {
        readers.shutdownNow();
    }

    @Test
    void readsWhatIsHotFromMemory() throws Exception {
        log.publish(1_000);

        assertThat(read(1_000 - HOT_EVENTS, ALL).events()).hasSize(HOT_EVENTS);
        assertThat(log.reads).hasValue(0);
    }

    @Test
    void readsOnceForAllWhoAskForTheSame() throws Exception {
        log.publish(1_000);
        List<Future<Page>> pages = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            pages.add(readers.submit(() -> read(7, ALL)));
        }
        await().until(() -> log.turns.getQueueLength() == 1);
        log.turns.release();

        for (Future<Page> page : pages) {
            assertThat(page.get().events()).hasSize(EventLog.MAX_PAGE_EVENTS);
        }
        assertThat(log.reads).hasValue(1);
    }

    @Test
    void keepsFullPagesForThoseWhoFollow() throws Exception {
        log.publish(6_000);
        log.turns.release();
        Page page = read(7, ALL);

        assertThat(read(7, ALL)).isEqualTo(page);
        assertThat(read(page.through(), Filters.of("*")).events()).hasSize(EventLog.MAX_PAGE_EVENTS);
        assertThat(log.reads).hasValue(1);
    }

    /** A copy from before that is applied again has its old name for a while, and not yet all of its events, or others. */
    @Test
    void sharesNothingWithAnotherHistoryOfTheSameName() throws Exception {
        log.publish(100);
        log.turns.release(2);
        Filters one = Filters.of("topic");
        Page page = read(7, one);
        assertThat(read(7, one)).isEqualTo(page);
        assertThat(log.reads).hasValue(1);
        log.tail().reset(log.tail().epoch(), new Bounds(0, 50));
        read(7, one);
        assertThat(log.reads).hasValue(2);
    }

    /** Those who come within a moment share a snapshot, but for those who come to another history. */
    @Test
    void beginsSnapshotsAtOnePositionForAMoment() {
        log.publish(10);
        Era era = log.tail().era();
        for (int i = 0; i < 4; i++) {
            assertThat(history.snapshotPosition(era)).as("a few are each given the newest").isEqualTo(10 + i);
            log.publish(1);
        }
        assertThat(history.snapshotPosition(era)).as("a crowd shares that of the fourth").isEqualTo(13);
        assertThat(history.snapshotPosition(era)).isEqualTo(13);
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(250));
        assertThat(history.snapshotPosition(era)).as("a moment later").isEqualTo(14);
        log.tail().reset("00000001", new Bounds(0, 7));
        Era next = log.tail().era();
        assertThat(history.snapshotPosition(next)).isEqualTo(7);
        log.tail().reset("00000002", new Bounds(0, 5));
        assertThat(history.snapshotPosition(log.tail().era())).as("the position before is not in this one").isEqualTo(5);
        log.tail().reset("00000003", new Bounds(0, 20));
        assertThat(history.snapshotPosition(log.tail().era())).isEqualTo(20);
    }

    @Test
    void tellsFiltersApart() throws Exception {
        log.publish(1_000);
        log.turns.release(2);

        assertThat(read(7, ALL).events()).hasSize(EventLog.MAX_PAGE_EVENTS);
        assertThat(read(7, Filters.of("other")).events()).isEmpty();
    }

    /** A page that ended where the log ended is right as far as it goes: thousands who come back to about the end of the log share it. */
    @Test
    void goesOnWhereAPageEndedThatEndedWithTheLog() throws Exception {
        log.publish(100);
        log.turns.release(2);
        Page before = read(7, Filters.of("topic"));
        log.publish(100);

        assertThat(read(7, Filters.of("topic"))).isEqualTo(before);
        assertThat(read(before.through(), Filters.of("topic")).events()).hasSize(100);
        assertThat(log.reads).hasValue(2);
    }

    @Test
    void keepsNothingThatRetentionHasRemoved() throws Exception {
        log.publish(1_000);
        log.turns.release(2);
        read(7, ALL);
        log.publish(9_500);

        Page page = read(7, ALL);

        assertThat(page.from()).isEqualTo(500);
        assertThat(page.events().getFirst().sequence()).isEqualTo(501);
    }

    @Test
    void readsOnWhereAnotherFailed() throws Exception {
        log.publish(1_000);
        log.failures.set(1);
        Future<Page> first = readers.submit(() -> read(7, ALL));
        await().until(() -> log.turns.getQueueLength() == 1);
        Future<Page> second = readers.submit(() -> read(7, ALL));
        log.turns.release(2);

        assertThatThrownBy(first::get).hasRootCauseMessage("as asked");
        assertThat(second.get().events()).hasSize(EventLog.MAX_PAGE_EVENTS);
    }

    /** Who reads for others gives up while it waits for its turn: then each of them tries for itself. */
    @Test
    void readsOnWhereAnotherGaveUp() throws Exception {
        log.publish(1_000);
        List<Future<Page>> busy = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int after = i;
            busy.add(readers.submit(() -> read(after, ALL)));
        }
        await().until(() -> log.turns.getQueueLength() == 4);
        var client = new Client();
        Future<Page> first = readers.submit(() -> read(7, ALL, client));
        await().until(() -> history.waiting() == 1);
        Future<Page> second = readers.submit(() -> read(7, ALL, Patiences.ENDLESS));
        client.left = true;

        assertThatThrownBy(first::get).hasRootCauseMessage("the client has gone");
        // It asks in its turn now.
        await().until(() -> history.waiting() == 1);
        log.turns.release(5);
        assertThat(second.get().events()).hasSize(EventLog.MAX_PAGE_EVENTS);
        for (Future<Page> each : busy) {
            assertThat(each.get().events()).isNotEmpty();
        }
    }

    /** Who waits for another's page gives signs of life meanwhile, and may leave: the other reads on. */
    @Test
    void leavesWhoReadsForItWhenItsClientGoes() throws Exception {
        log.publish(1_000);
        Future<Page> first = readers.submit(() -> read(7, ALL));
        await().until(() -> log.turns.getQueueLength() == 1);
        var client = new Client();
        Future<Page> second = readers.submit(() -> read(7, ALL, client));
        await().until(() -> client.looks.get() > 3);
        client.left = true;

        assertThatThrownBy(second::get).hasRootCauseMessage("the client has gone");
        assertThat(first).isNotDone();
        log.turns.release();
        assertThat(first.get().events()).hasSize(EventLog.MAX_PAGE_EVENTS);
        assertThat(log.reads).hasValue(1);
    }

    /** Who waits for its own read gives signs of life meanwhile, and may leave: the read goes on for those who came to share it. */
    @Test
    void goesOnReadingForOthersWhenWhoAskedLeaves() throws Exception {
        log.publish(1_000);
        var client = new Client();
        Future<Page> first = readers.submit(() -> read(7, ALL, client));
        await().until(() -> log.turns.getQueueLength() == 1 && client.looks.get() > 3);
        Future<Page> second = readers.submit(() -> read(7, ALL));
        client.left = true;

        assertThatThrownBy(first::get).hasRootCauseMessage("the client has gone");
        assertThat(second).isNotDone();
        log.turns.release();
        assertThat(second.get().events()).hasSize(EventLog.MAX_PAGE_EVENTS);
        assertThat(read(7, ALL).events()).as("kept").hasSize(EventLog.MAX_PAGE_EVENTS);
        assertThat(log.reads).hasValue(1);
    }

    /** Otherwise clients that ask and leave would have the engine read as many pages at once as they like. */
    @Test
    void keepsTheTurnOfAReadThatNobodyWaitsFor() throws Exception {
        log.publish(1_000);
        var client = new Client();
        List<Future<Page>> left = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int after = i;
            left.add(readers.submit(() -> read(after, ALL, client)));
        }
        await().until(() -> log.turns.getQueueLength() == 4);
        client.left = true;
        for (Future<Page> each : left) {
            assertThatThrownBy(each::get).hasRootCauseMessage("the client has gone");
        }
        Future<Page> other = readers.submit(() -> read(7, ALL));
        await().until(() -> history.waiting() == 1);
        assertThat(log.turns.getQueueLength()).isEqualTo(4);
        log.turns.release(5);
        assertThat(other.get().events()).isNotEmpty();
        assertThat(log.most).hasValue(4);
    }

    @Test
    void givesNoTurnAwayWithThoseWhoLeave() throws Exception {
        log.publish(1_000);
        for (int round = 0; round < 10; round++) {
            var client = new Client();
            client.left = true;
            int after = round;
            assertThatThrownBy(() -> read(after, ALL, client)).hasMessage("the client has gone");
        }
        requireFourAtATime();
    }

    /** A client that looks again and again whether it is still there. */
    private static final class Client implements Patience {
        private final AtomicInteger looks = new AtomicInteger();
        private volatile boolean left;

        @Override
        public long nanos() {
            return left ? 0 : 1_000_000;
        }

        @Override
        public void ranOut(long position) throws IOException {
            assertThat(position).isLessThan(1_000);
            looks.incrementAndGet();
            if (left) {
                throw new IOException("the client has gone");
            }
        }
    }

    @Test
    void readsAFewPagesAtATime() throws Exception {
        log.publish(1_000);
        requireFourAtATime();
    }

    private void requireFourAtATime() throws Exception {
        List<Future<Page>> pages = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int after = i;
            pages.add(readers.submit(() -> read(after, ALL)));
        }
        await().until(() -> log.turns.getQueueLength() == 4);
        log.turns.release(100);
        for (Future<Page> page : pages) {
            page.get();
        }
        assertThat(log.most).hasValue(4);
    }

    private Page read(long after, Filters filters) throws Exception {
        return read(after, filters, Patiences.ENDLESS);
    }

    private Page read(long after, Filters filters, Patience patience) throws Exception {
        try (HeldPage held = history.read(log.tail().epoch(), after, filters, patience)) {
            return held.page();
        }
    }

    /** A log in memory whose reads of pages need a permit each. */
    private static final class SlowLog implements EventLog {
        private final MemoryLog log;
        private final Semaphore turns = new Semaphore(0);
        private final AtomicInteger reads = new AtomicInteger();
        private final AtomicInteger current = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();
        private final AtomicInteger failures = new AtomicInteger();

        SlowLog(int retained) {
            this.log = new MemoryLog(
                    "7k3q9x2m",
                    new LogConfig(
                            new Retention(retained, Duration.ofDays(1), 1 << 30),
                            new HotLimits(HOT_EVENTS, 1 << 30),
                            new IdempotencyLimits(10, Duration.ofDays(1))),
                    Clock.systemUTC());
        }

        void publish(int count) {
            for (int i = 0; i < count; i++) {
                log.append(List.of(new Draft(new Topic("topic"), "message", null, "data".getBytes(StandardCharsets.UTF_8), null)));
            }
        }

        @Override
        public Page read(long after, Filters filters, int limit) {
            most.accumulateAndGet(current.incrementAndGet(), Math::max);
            turns.acquireUninterruptibly();
            current.decrementAndGet();
            if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IllegalStateException("as asked");
            }
            reads.incrementAndGet();
            return log.read(after, filters, limit);
        }

        @Override
        public Tail tail() {
            return log.tail();
        }

        @Override
        public Capabilities capabilities() {
            return Capabilities.of("memory", Capability.TOPIC_INDEX);
        }

        @Override
        public Page follow(long after) {
            return log.follow(after);
        }

        @Override
        public Append append(List<Draft> batch) {
            return log.append(batch);
        }

        @Override
        public Since since(long timeMillis) {
            return log.since(timeMillis);
        }

        @Override
        public Back back(Back search, Filters filters) {
            return log.back(search, filters);
        }

        @Override
        public Page latest(long after, long through, Filters filters, int limit) {
            throw new UnsupportedOperationException();
        }

    @Override
    public List<ClassUse> kept() {
        return log.kept();
    }

        @Override
        public void maintain() {
            log.maintain();
        }

        @Override
        public void close() {
            log.close();
        }
    }
}
