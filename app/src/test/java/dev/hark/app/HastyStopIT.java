package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A node that somebody stops who does not wait for its streams. */
class HastyStopIT {
    @Test
    void whoStopsItOnceMoreIsNotHeldUp() throws Exception {
        RunningHub hub = RunningHub.start("drain.window=PT5M");
        try (Wire first = hub.open("/topics/a"); Wire second = hub.open("/topics/a")) {
            hub.awaitStreams(2);
            Thread stopping = Thread.ofVirtual().start(hub::drain);
            hub.awaitStreams(1);
            stopping.interrupt();
            assertThat(stopping.join(Duration.ofSeconds(60))).isTrue();
            CompletableFuture.runAsync(hub::close, task -> Thread.ofVirtual().start(task)).get(60, TimeUnit.SECONDS);
        }
    }
}
