package dev.hark.log;

import dev.hark.event.Event;
import dev.hark.event.Filters;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The tail under Lincheck's model checker, which tries the interleavings of an engine and of who reads one after the other.
 *
 * <p>To Lincheck a wait may end at any time, so it sees who is told too early, and not who is never told: that is left to {@link TailTest}.
 */
@Isolated("it instruments the classes that others use")
class TailLincheckTest {
    private static final int INVOCATIONS = 300;
    private static final HotLimits HOT = new HotLimits(2, 1 << 20);
    private static final List<Event> FIRST = TailTest.events(1, 1);
    private static final List<Event> SECOND = TailTest.events(2, 3);

    @Test
    void showsNoEventThatItsBoundsDoNotKnow() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            var tail = new Tail("7k3q9x2m", new Bounds(0, 0), HOT);
            var engine = new Thread(() -> {
                tail.commit(FIRST, 0, () -> requireCommitted(tail, 1));
                tail.commit(SECOND, 1, () -> requireCommitted(tail, 3));
            });
            engine.start();
            long before = 0;
            for (int i = 0; i < 3; i++) {
                Era era = tail.era();
                Event event = era.hot().get(era.hot().endOrdinal() - 1);
                long seen = event == null ? 0 : event.sequence();
                long known = tail.bounds().newest();
                require(seen <= known, "an event at " + seen + " where " + known + " is the newest");
                require(known >= before, "went back to " + known + " from " + before);
                before = known;
            }
            join(engine);
        });
    }

    @Test
    void mixesNoHistories() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            var tail = new Tail("7k3q9x2m", new Bounds(0, 0), HOT);
            var told = new AtomicReference<String>("");
            tail.follow(() -> told.set(tail.epoch()));
            var engine = new Thread(() -> {
                tail.commit(FIRST, 0, () -> {});
                tail.reset("00000001", new Bounds(7, 8));
                requireTold(told, "00000001");
            });
            engine.start();
            for (int i = 0; i < 3; i++) {
                Era era = tail.era();
                boolean old = era.epoch().equals("7k3q9x2m");
                Bounds bounds = era.bounds();
                require(old ? bounds.newest() <= 1 : bounds.equals(new Bounds(7, 8)), era.epoch() + " is " + bounds);
                Page page = era.hot().read(era.epoch(), 0, Filters.ALL, 10);
                require(old || page.events().isEmpty(), "an event of before among the hot ones of " + era.epoch());
            }
            join(engine);
        });
    }

    @Test
    void neverSaysTooEarlyThatAPositionIsReached() {
        Lincheck.runConcurrentTest(INVOCATIONS, () -> {
            var tail = new Tail("7k3q9x2m", new Bounds(0, 0), HOT);
            var engine = new Thread(() -> {
                tail.commit(FIRST, 0, () -> {});
                tail.commit(SECOND, 0, () -> {});
            });
            engine.start();
            try {
                if (tail.awaitPosition(2, Duration.ofHours(1))) {
                    requireCommitted(tail, 2);
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            join(engine);
        });
    }

    private static void requireTold(AtomicReference<String> told, String epoch) {
        require(epoch.equals(told.get()), "told of '" + told.get() + "' when the reset had returned");
    }

    private static void requireCommitted(Tail tail, long sequence) {
        require(tail.bounds().newest() >= sequence, "bounds " + tail.bounds() + " without " + sequence);
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
