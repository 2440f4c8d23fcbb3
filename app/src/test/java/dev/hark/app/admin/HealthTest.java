package dev.hark.app.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hark.Hub;
import dev.hark.app.config.ConfigSource;
import dev.hark.app.config.HarkConfig;
import dev.hark.app.listen.ListenSettings;
import dev.hark.app.listen.Listeners;
import dev.hark.log.SteadyClock;
import dev.hark.log.memory.MemoryLog;
import dev.hark.thread.VitalThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of health when a thread of the application's own, in contrast to the hub's, fails. */
@Timeout(30)
class HealthTest {
    private static final Duration STALL = Duration.ofSeconds(10);
    private static final ListenSettings PLACES = new ListenSettings(4, false, STALL);

    private volatile boolean armed;
    private final VitalThreads vital = new VitalThreads(this::time);
    private final SteadyClock clock = SteadyClock.ofSystem();
    private final Hub hub = hub();
    private final Listeners listeners = Listeners.start(PLACES, PLACES, vital);
    private final Health health = new Health(hub, clock, listeners, STALL);

    @AfterEach
    void end() {
        listeners.close();
        hub.close();
    }

    @Test
    void isGoodWhereNothingIsWrong() {
        assertThat(health.notLive()).isEmpty();
        assertThat(health.notReady()).isEmpty();
        assertThat(health.alarms()).isEmpty();
    }

    @Test
    void isNeitherLiveNorReadyWhenNobodyLooksAfterConnections() {
        armed = true;
        await().untilAsserted(() -> assertThat(health.notLive()).isPresent());
        assertThat(health.notLive()).hasValueSatisfying(why -> assertThat(why).contains("hark-listeners died of a defect"));
        assertThat(health.notReady()).isEqualTo(health.notLive());
    }

    @Test
    void isNotReadyWhenConnectionsWaitForAThreadThatDoesNotComeBy() {
        var nanos = new AtomicLong(1);
        Listeners left = Listeners.start(PLACES, PLACES, new VitalThreads(nanos::get));
        var theirs = new Health(hub, clock, left, STALL);
        left.close();
        // Its last look, whenever that was, is longer ago than it may be.
        await().untilAsserted(() -> {
            nanos.addAndGet(STALL.multipliedBy(2).toNanos());
            assertThat(theirs.notReady()).hasValueSatisfying(why -> assertThat(why).contains("looks after connections has not come by"));
        });
        assertThat(theirs.notLive()).isEmpty();
    }

    @Test
    void isNotReadyWhenTheListenerCannotBeAsked() {
        ListenerProbe probe = ListenerProbe.start("127.0.0.1:8080", () -> {
            throw new IllegalStateException("planted");
        }, Duration.ofMillis(1), System::nanoTime);
        try {
            health.watch(probe);
            await().untilAsserted(() -> assertThat(health.notReady()).isPresent());
            assertThat(health.notReady()).hasValueSatisfying(why -> assertThat(why).contains("cannot be asked").contains("planted"));
            assertThat(health.notLive()).isEmpty();
        } finally {
            probe.close();
        }
    }

    private Hub hub() {
        HarkConfig config = new ConfigSource(Path.of("..", "application.yaml"), List.of(), Map.of()).load();
        return Hub.start(config.hub(), new MemoryLog("7k3q9x2m", config.log().config(), clock), clock, vital);
    }

    private long time() {
        if (armed && Thread.currentThread().getName().equals("hark-listeners")) {
            throw new IllegalStateException("planted");
        }
        return System.nanoTime();
    }
}
