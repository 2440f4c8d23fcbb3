package dev.hark.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A node that somebody stops who does not wait for its streams. */
class HastyStopIT {
    private static final int PATIENCE_SECONDS = 60;

    @Test
    void whoInterruptsAStopHasAllStoppedAndHoldsNobodyUp() throws Exception {
        RunningHub hub = RunningHub.start("drain.window=PT5M");
        URI uri = hub.uri();
        try (Wire first = hub.open("/topics/a");
                Wire second = hub.open("/topics/a");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            hub.awaitStreams(2);
            var stopping = new AtomicReference<Thread>();
            Future<Boolean> stopped = threads.submit(() -> {
                stopping.set(Thread.currentThread());
                hub.drain();
                return Thread.interrupted();
            });
            hub.awaitStreams(1);
            stopping.get().interrupt();
            assertThat(stopped.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("still interrupted").isTrue();
            assertThatThrownBy(() -> Wire.connect(uri)).as("it listens no more").isInstanceOf(UncheckedIOException.class);
            threads.submit(hub::close).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(first.rest() + second.rest()).contains("draining");
        }
    }
}
