package dev.hark.app.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.HubMeter;
import dev.hark.app.RunningHub;
import dev.hark.app.RunningHub.Engine;
import dev.hark.app.SseBlock;
import dev.hark.app.Wire;
import dev.hark.event.Draft;
import dev.hark.event.Topic;
import dev.hark.log.Append;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * From replay to live without a seam: streams that open while events are published, wherever they start, are given every event after their
 * first block's id, once and in order.
 */
@ParameterizedClass
@EnumSource
class SeamIT {
    private final Engine engine;

    SeamIT(Engine engine) {
        this.engine = engine;
    }

    /* Nobody else publishes, so what a stream must be given follows from its first block alone: every sequence number after it, or, for the
       topic `rare`, every one that RARE_EVERY divides. Each client lets as many events be published as it waits for, so that the log moves
       under all of them for as long as the test lasts, and no faster. */

    private static final int RARE_EVERY = 20;
    private static final int EVENTS_PER_CLIENT = 30;
    private static final int AT_ONCE = 100;
    private static final int RESUMED_BACK = 3000;
    private static final Topic RARE = new Topic("seam/rare");
    private static final Topic OFTEN = new Topic("seam/often");

    @Test
    void twoThousandStreamsMissNothing() throws Exception {
        run(2000);
    }

    @Test
    @Tag("long")
    void tenThousandStreamsMissNothing() throws Exception {
        run(10_000);
    }

    private void run(int clients) throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var allowance = new Semaphore(EVENTS_PER_CLIENT);
        var atOnce = new Semaphore(AT_ONCE);
        try (RunningHub hub = RunningHub.start(engine, "topics.1.mailbox.events=32", "log.hot-events=2000");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> publisher = threads.submit(() -> publish(hub, allowance));
            List<Future<?>> streams = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                assertThat(atOnce.tryAcquire(Wire.PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("somebody makes headway").isTrue();
                int back = random.nextInt(RESUMED_BACK);
                int kind = i % 3;
                streams.add(threads.submit(() -> {
                    try {
                        stream(hub, kind, back, allowance);
                    } finally {
                        atOnce.release();
                    }
                }));
            }
            for (Future<?> stream : streams) {
                try {
                    stream.get();
                } catch (ExecutionException e) {
                    throw new AssertionError("seed " + seed, e);
                }
            }
            publisher.cancel(true);
            hub.awaitStreams(0);
            assertThat(hub.read(HubMeter.GAPS_OVERFLOW) + hub.read(HubMeter.GAPS_RETENTION) + hub.read(HubMeter.GAPS_UNKNOWN_ID)).isZero();
            assertThat(hub.read(HubMeter.STREAMS_OPENED)).isEqualTo(clients);
        }
    }

    private static void publish(RunningHub hub, Semaphore allowance) {
        byte[] data = "x".getBytes(StandardCharsets.UTF_8);
        try {
            for (long sequence = 1; ; sequence++) {
                allowance.acquire();
                Topic topic = sequence % RARE_EVERY == 0 ? RARE : OFTEN;
                Append append = hub.hub().publish(List.of(new Draft(topic, Draft.DEFAULT_TYPE, null, data, null)));
                assertThat(append).isEqualTo(new Append.Stored(List.of(new Append.Entry(hub.hub().id(sequence).epoch(), sequence, false))));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stream(RunningHub hub, int kind, int back, Semaphore allowance) {
        Wire wire = switch (kind) {
            case 0 -> {
                long position = Math.max(0, hub.read(HubMeter.LOG_NEWEST) - back);
                yield Wire.subscribe(hub.uri(), "/topics/seam/**", "Last-Event-ID: " + hub.hub().id(position));
            }
            case 1 -> Wire.subscribe(hub.uri(), "/topics/seam/rare?since=earliest");
            default -> Wire.subscribe(hub.uri(), "/topics/seam/**");
        };
        try (wire) {
            SseBlock first = wire.block();
            assertThat(first.names()).containsExactly("retry", "event", "id", "data");
            int step = kind == 1 ? RARE_EVERY : 1;
            long target = hub.read(HubMeter.LOG_NEWEST) + 1;
            allowance.release(EVENTS_PER_CLIENT);
            long expected = (first.sequence() / step + 1) * step;
            for (long given = 0; given < target; expected += step) {
                given = wire.block().sequence();
                assertThat(given).as("after %s, start %d", first.id(), kind).isEqualTo(expected);
            }
        }
    }
}
