package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.event.CloseReason;
import dev.hark.event.Draft;
import dev.hark.event.Filters;
import dev.hark.event.Topic;
import dev.hark.event.TopicFilter;
import dev.hark.log.EventLog;
import dev.hark.log.FakeClock;
import dev.hark.log.History;
import dev.hark.log.HotLimits;
import dev.hark.log.IdempotencyLimits;
import dev.hark.log.LogConfig;
import dev.hark.log.Retention;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a stream holds while it is blocked, and what it gives back after a burst. */
@Timeout(60)
class HeldMemoryTest {
    private static final Duration LONG = Duration.ofDays(1);
    private static final DeliverySettings SETTINGS = new DeliverySettings(1, LONG, "", LONG, LONG);

    private final EventLog log = new MemoryLog(
            Events.EPOCH,
            new LogConfig(new Retention(9, LONG, 1 << 20), new HotLimits(1, 1), new IdempotencyLimits(1, LONG)),
            new FakeClock());
    private final BatchPool batches = new BatchPool();
    private final Batch batch = new Batch();
    private final CountDownLatch blocked = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    /** Of which the pool has one batch: whoever holds a batch holds this one. */
    private Subscriber subscriber(EventLog log, LongSupplier nanoTime) {
        batches.giveBack(batch);
        var shared = new Surroundings(
                log, new History(log), SETTINGS, new DeliveryCounters(), batches, new FakeClock(), nanoTime);
        var rule = new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(256, 1 << 20));
        var lane = new Lane("unused", log, new IndexBudget(IndexLimits.DEFAULT), Events.NO_LINGERS, new VitalThreads());
        var subscription = new Subscription(Filters.ALL, new Start.Latest());
        return new Subscriber(subscription, new Opening(0, null, null, 0), Events.ERA, rule, lane, shared);
    }

    @Test
    void holdsNoBatchWhileItIsBlockedInAWriteOfOneEvent() throws Exception {
        Subscriber subscriber = subscriber(log, System::nanoTime);
        subscriber.seat().join(Events.ERA, 0);
        subscriber.seat().offer(Events.event(1), null);
        Thread stream = serve(subscriber);

        assertThat(batches.borrow()).as("in the pool").isSameAs(batch);
        end(stream);
    }

    @Test
    void holdsABatchWhileItIsBlockedInAWriteOfSeveralEvents() throws Exception {
        Subscriber subscriber = subscriber(log, System::nanoTime);
        subscriber.seat().join(Events.ERA, 0);
        subscriber.seat().offer(Events.event(1), null);
        subscriber.seat().offer(Events.event(2), null);
        Thread stream = serve(subscriber);

        assertThat(batches.borrow()).as("not that of the stream").isNotSameAs(batch);
        end(stream);
        assertThat(batches.borrow()).as("given back at the end").isSameAs(batch);
    }

    @Test
    void holdsNoBatchWhileItWaitsForTheLog() throws Exception {
        InvocationHandler blocksInReads = (self, method, arguments) -> {
            if (method.getName().equals("read")) {
                block();
            }
            try {
                return method.invoke(log, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        var slow = (EventLog) Proxy.newProxyInstance(EventLog.class.getClassLoader(), new Class<?>[] {EventLog.class}, blocksInReads);
        Subscriber subscriber = subscriber(slow, System::nanoTime);
        // What is not hot any more.
        for (int i = 0; i < 5; i++) {
            log.append(List.of(new Draft(new Topic("t"), Draft.DEFAULT_TYPE, null, new byte[] {'x'}, null)));
        }
        subscriber.seat().join(Events.ERA, 5);
        Thread stream = Thread.ofVirtual().start(() -> subscriber.run((bytes, offset, length) -> {}));
        blocked.await();

        assertThat(batches.borrow()).as("in the pool").isSameAs(batch);
        end(stream);
    }

    @Test
    void givesBackAfterABurstWhatTheSweeperFindsUnused() throws Exception {
        var nanos = new AtomicLong(1);
        Subscriber subscriber = subscriber(log, nanos::get);
        subscriber.seat().join(Events.ERA, 0);
        LongStream.rangeClosed(1, 256).mapToObj(Events::event).forEach(event -> subscriber.seat().offer(event, null));
        Thread stream = Thread.ofVirtual().start(() -> subscriber.run((bytes, offset, length) -> {}));
        await().until(() -> subscriber.waiting() == 0);
        var sweeper = new Sweeper(SETTINGS, Set.of(subscriber), Set.of(), List.of(), nanos::get, new VitalThreads());
        sweeper.start();
        try {
            assertThat(subscriber.slots()).isEqualTo(256);
            await().pollInterval(10, TimeUnit.MILLISECONDS).until(() -> {
                nanos.addAndGet(Sweeper.SHRINK_PERIOD.toNanos());
                return subscriber.slots() == 4;
            });
        } finally {
            sweeper.stop();
        }
        end(stream);
    }

    /** However many streams are blocked in what they replay: beyond a bound each holds no more than one write takes. */
    @Test
    void holdsLittleWhereManyAreBlockedInWhatTheyReplay() throws Exception {
        int streams = 300;
        int events = 400;
        var large = new MemoryLog(
                Events.EPOCH,
                new LogConfig(new Retention(events, LONG, 1 << 30), new HotLimits(1, 1), new IdempotencyLimits(1, LONG)),
                new FakeClock());
        var draft = new Draft(new Topic("t"), Draft.DEFAULT_TYPE, null, new byte[1_000], null);
        for (int i = 0; i < events; i++) {
            large.append(List.of(draft));
        }
        var history = new History(large);
        var shared = new Surroundings(
                large, history, SETTINGS, new DeliveryCounters(), new BatchPool(), new FakeClock(), System::nanoTime);
        var rule = new TopicRule(TopicFilter.ALL, OverflowPolicy.REPLAY, new MailboxLimits(256, 1 << 20));
        var lane = new Lane("unused", large, new IndexBudget(IndexLimits.DEFAULT), Events.NO_LINGERS, new VitalThreads());
        var writing = new AtomicInteger();
        var ended = new AtomicInteger();
        var subscribers = new ArrayList<Subscriber>();
        for (int i = 0; i < streams; i++) {
            var subscription = new Subscription(Filters.ALL, new Start.Latest());
            var subscriber = new Subscriber(subscription, new Opening(0, null, null, 0), large.tail().era(), rule, lane, shared);
            subscriber.seat().join(large.tail().era(), events);
            subscribers.add(subscriber);
            Thread.ofVirtual().start(() -> {
                var given = new AtomicLong();
                subscriber.run((bytes, offset, length) -> {
                    if (given.getAndAdd(length) > 0 && given.get() - length < Batch.WRITE_BYTES) {
                        writing.incrementAndGet();
                        block();
                    }
                });
                ended.incrementAndGet();
            });
        }
        await().until(() -> writing.get() == streams);
        long full = history.held() / (128 << 10);
        assertThat(history.held()).as("all that is more than one write").isBetween(15L << 20, 16L << 20);
        assertThat(full).as("streams with a whole page").isLessThan(streams / 2);
        released.countDown();
        await("everything to everybody").until(() -> shared.counters().deliveredEvents.sum() == (long) streams * events);
        subscribers.forEach(subscriber -> subscriber.close(CloseReason.DRAINING));
        await().until(() -> ended.get() == streams);
        assertThat(history.held()).isZero();
    }

    /** Has the stream write its opening, and block in the write after that. */
    private Thread serve(Subscriber subscriber) throws InterruptedException {
        var opened = new CountDownLatch(1);
        Thread stream = Thread.ofVirtual().start(() -> subscriber.run((bytes, offset, length) -> {
            if (opened.getCount() == 0) {
                block();
            }
            opened.countDown();
        }));
        blocked.await();
        return stream;
    }

    private void block() {
        blocked.countDown();
        while (released.getCount() > 0) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void end(Thread stream) throws InterruptedException {
        released.countDown();
        stream.interrupt();
        assertThat(stream.join(Duration.ofSeconds(10))).as("the stream ended").isTrue();
    }
}
