package dev.hark.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.event.CloseReason;
import dev.hark.event.Event;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A lane and a subscriber on real threads. The subscriber parks without a time limit, so a lost wake-up is a test that
 * does not end: a watchdog says so.
 */
@Timeout(60)
@Isolated("its threads spin: they leave others hardly anything of two processors, and what it waits for would wait for theirs")
class MailboxSimulationTest {
    private static final long SEED = Long.getLong("hark.seed", 20261121L);
    private static final long WATCHDOG_SECONDS = 15;

    static Stream<ThreadFactory> threads() {
        return Stream.of(Thread.ofVirtual().factory(), Thread.ofPlatform().factory());
    }

    /** Each offer races with the subscriber's way from an empty mailbox to its park. */
    @ParameterizedTest
    @MethodSource("threads")
    void losesNoWakeUpWhereEachEventIsWaitedFor(ThreadFactory threads) throws InterruptedException {
        offerOneByOne(threads, 40_000);
    }

    @Tag("long")
    @Timeout(600)
    @ParameterizedTest
    @MethodSource("threads")
    void losesNoWakeUpInMillions(ThreadFactory threads) throws InterruptedException {
        offerOneByOne(threads, 2_000_000);
    }

    private static void offerOneByOne(ThreadFactory threads, int events) throws InterruptedException {
        var random = new SplittableRandom(SEED);
        List<Event> offered = LongStream.rangeClosed(1, events).mapToObj(Events::event).toList();
        var reading = new Reading(threads, OverflowPolicy.REPLAY, new MailboxLimits(16, 1 << 20));
        reading.mailbox().join(Events.ERA, 0);
        Mailbox mailbox = reading.mailbox();
        for (Event event : offered) {
            mailbox.offer(event);
            reading.awaitPosition(event.sequence());
            for (int i = random.nextInt(60); i > 0; i--) {
                Thread.onSpinWait();
            }
        }
        MailboxReader reader = reading.end();
        assertThat(reader.position()).isEqualTo(events);
        assertThat(reader.parks()).as("parks").isGreaterThan(events / 100);
    }

    @ParameterizedTest
    @EnumSource
    void losesNoWakeUpAndCountsExactly(OverflowPolicy policy) throws InterruptedException {
        var random = new SplittableRandom(SEED);
        for (int round = 0; round < 40; round++) {
            int events = random.nextInt(1, 3_000);
            var limits = new MailboxLimits(random.nextInt(1, 40), random.nextInt(100, 4_000));
            int spin = random.nextInt(1, 2_000);
            var reading = new Reading(Thread.ofVirtual().factory(), policy, limits);
            reading.mailbox().join(Events.ERA, 0);
            for (long sequence = 1; sequence <= events; sequence++) {
                reading.mailbox().offer(Events.event(sequence));
                if (random.nextInt(8) == 0) {
                    reading.mailbox().heartbeat();
                }
                if (random.nextInt(16) == 0) {
                    reading.mailbox().shrink();
                }
                for (int i = random.nextInt(spin); i > 0; i--) {
                    Thread.onSpinWait();
                }
            }
            if (policy != OverflowPolicy.DISCONNECT) {
                reading.awaitPosition(events);
            }
            MailboxReader reader = reading.end();
            reader.check();
            if (policy == OverflowPolicy.REPLAY || policy == OverflowPolicy.DISCONNECT) {
                assertThat(reader.dropped()).as("round %s of seed %s", round, SEED).isZero();
            }
        }
    }

    /** A subscriber on a thread of its own, and what becomes of it. */
    private static final class Reading {
        private final AtomicReference<@Nullable Mailbox> mailbox = new AtomicReference<>();
        private final AtomicReference<@Nullable MailboxReader> reader = new AtomicReference<>();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final Thread thread;

        Reading(ThreadFactory threads, OverflowPolicy policy, MailboxLimits limits) {
            thread = threads.newThread(() -> {
                var own = new Mailbox(limits, policy, Events.ERA);
                var loop = new MailboxReader(own);
                reader.set(loop);
                mailbox.set(own);
                try {
                    loop.readToTheEnd();
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            thread.start();
        }

        Mailbox mailbox() {
            while (true) {
                Mailbox there = mailbox.get();
                if (there != null) {
                    return there;
                }
                Thread.onSpinWait();
            }
        }

        private MailboxReader reader() {
            MailboxReader there = reader.get();
            if (there == null) {
                throw new IllegalStateException("not started");
            }
            return there;
        }

        void awaitPosition(long position) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WATCHDOG_SECONDS);
            for (int spins = 0; reader().position() < position; spins++) {
                if (failure.get() != null || System.nanoTime() > deadline) {
                    throw new AssertionError("asleep at position %d of %d with %d events waiting (seed %d)".formatted(reader().position(),
                            position, mailbox().size(), SEED), failure.get());
                }
                if (spins > 1_000) {
                    LockSupport.parkNanos(1_000);
                } else {
                    Thread.onSpinWait();
                }
            }
        }

        MailboxReader end() throws InterruptedException {
            mailbox().close(CloseReason.DRAINING);
            thread.join(TimeUnit.SECONDS.toMillis(WATCHDOG_SECONDS));
            assertThat(thread.isAlive()).as("still parked after it was closed (seed %s)", SEED).isFalse();
            assertThat(failure.get()).isNull();
            return reader();
        }
    }
}
