package dev.hark.app.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.thread.VitalThreads;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.jspecify.annotations.Nullable;

/** The thread that looks after connections, which fails or hangs where it looks at the time. */
@Timeout(30)
class ListenersTest {
    private static final String THREAD = "hark-listeners";
    private static final ListenSettings SETTINGS = new ListenSettings(4, false, Duration.ofSeconds(10));
    private static final Duration STALL = Duration.ofSeconds(10);

    private final AtomicLong nanos = new AtomicLong(1);
    private final CountDownLatch stuck = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private volatile @Nullable Throwable defect;
    private volatile boolean hanging;

    private final VitalThreads vital = new VitalThreads(this::time);
    private final Listeners listeners = Listeners.start(SETTINGS, SETTINGS, vital);

    @AfterEach
    void end() {
        release.countDown();
        listeners.close();
    }

    static Stream<Throwable> defects() {
        return Stream.of(new IllegalStateException("planted"), new AssertionError("planted"));
    }

    @ParameterizedTest
    @MethodSource("defects")
    void endTheNodeByADefect(Throwable planted) throws Exception {
        var ended = new CountDownLatch(1);
        vital.onDeath(ended::countDown);
        assertThat(vital.death()).isEmpty();
        defect = planted;
        ended.await();
        assertThat(vital.death()).contains("the thread " + THREAD + " died of a defect: " + planted);
    }

    @Test
    void areInTroubleWhenTheirThreadDoesNotComeBy() throws Exception {
        assertThat(listeners.trouble(STALL)).isEmpty();
        hanging = true;
        stuck.await();
        nanos.addAndGet(STALL.plus(Listeners.LONGEST).toNanos());
        assertThat(listeners.trouble(STALL)).isEmpty();
        nanos.incrementAndGet();
        assertThat(listeners.trouble(STALL)).contains("the thread that looks after connections has not come by for 10 s");

        release.countDown();
        await().untilAsserted(() -> assertThat(listeners.trouble(STALL)).isEmpty());
        assertThat(vital.death()).isEmpty();
    }

    private long time() {
        if (Thread.currentThread().getName().equals(THREAD)) {
            switch (defect) {
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> hang();
            }
        }
        return nanos.get();
    }

    private void hang() {
        if (hanging) {
            stuck.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
