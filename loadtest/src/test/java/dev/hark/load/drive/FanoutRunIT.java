package dev.hark.load.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hark.load.drive.Tally.Count;
import dev.hark.load.ledger.DueSecond;
import dev.hark.load.ledger.Spread;
import dev.hark.load.measure.Laggard;
import dev.hark.load.measure.Mark;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Second;
import dev.hark.load.measure.ServerWatch;
import dev.hark.load.measure.Slo;
import dev.hark.load.measure.Timing;
import dev.hark.load.measure.Verdict;
import dev.hark.load.nullhub.Delivery;
import dev.hark.load.nullhub.NullHub;
import dev.hark.load.scenario.Scenario;
import dev.hark.load.scenario.Setting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class FanoutRunIT {
    @Test
    void findsAnEventThatWentToAnotherUser() throws IOException {
        var leak = new Delivery() {
            private final Map<Integer, Out> outs = new HashMap<>();

            @Override
            public void deliver(int stream, long sequence, ByteBuffer frame, Out out) {
                out.send(frame);
                outs.put(stream, out);
                if (sequence == 50) {
                    Objects.requireNonNull(outs.get((stream + 1) % 10)).send(frame);
                }
            }
        };
        FanoutResult result = SmallRun.against(leak, 10, 10, 200, 100, 2);
        assertThat(result.measurements().orZero(Metric.WRONG_RECIPIENT)).isEqualTo(1);
        assertThat(result.measurements().orZero(Metric.SILENT_LOSS)).isZero();
    }

    /**
     * The server stops for two and a half seconds in the middle of four. Most events are due meanwhile, and the percentiles show it; a
     * closed loop, which waits for each answer before it sends again, meets one slow event and has a splendid p99.
     */
    @Test
    void showsAStallInThePercentilesOfAllThatWasDueMeanwhile() throws IOException, InterruptedException, ExecutionException {
        try (ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Histogram> closedLoop = beside.submit(FanoutRunIT::closedLoop);

            FanoutResult result = SmallRun.against(new StallsOnce(100), 5, 1, 200, 800, 4);
            assertThat(result.measurements().orZero(Metric.SILENT_LOSS)).isZero();
            Histogram delivery = result.measurements().get(Timing.DELIVERY);
            assertThat(delivery.getTotalCount()).isEqualTo(4000);
            assertThat(delivery.getValueAtPercentile(99)).isGreaterThan(2_400_000_000L);
            assertThat(delivery.getValueAtPercentile(75)).isGreaterThan(1_150_000_000L);
            assertThat(delivery.getTotalCount() - delivery.getCountBetweenValues(0, 500_000_000)).isGreaterThan(5 * 390);

            assertThat(closedLoop.get().getMaxValue()).isGreaterThan(2_400_000_000L);
            assertThat(closedLoop.get().getValueAtPercentile(99)).as("the closed loop's p99, which hides the stall")
                    .isLessThan(1_150_000_000L);
        }
    }

    private static Histogram closedLoop() throws IOException, InterruptedException {
        var times = new Histogram(3);
        try (NullHub hub = NullHub.start(new StallsOnce(300), 0);
                HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest publish = HttpRequest.newBuilder(URI.create(hub.url() + "/topics/t"))
                    .POST(HttpRequest.BodyPublishers.ofString("x")).build();
            for (int i = 0; i < 1000; i++) {
                long sent = System.nanoTime();
                client.send(publish, HttpResponse.BodyHandlers.discarding());
                times.recordValue(System.nanoTime() - sent);
            }
        }
        return times;
    }

    /** A server that stops for two and a half seconds before one event. */
    private record StallsOnce(long atSequence) implements Delivery {
        private static final long STALL_NANOS = 2_500_000_000L;

        @Override
        public void beforeEvent(long sequence) {
            long until = System.nanoTime() + STALL_NANOS;
            while (sequence == atSequence && System.nanoTime() - until < 0) {
                LockSupport.parkNanos(until - System.nanoTime());
            }
        }
    }

    @Test
    void endsEarlyWhenItIsInterrupted() throws IOException, InterruptedException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            var run = new FanoutRun(SmallRun.plan(hub.url(), 10, 1, 10, 100_000, 1));
            Thread stopper = Thread.startVirtualThread(() -> {
                while (run.progress(Tally.Count.DELIVERED) < 30) {
                    LockSupport.parkNanos(1_000_000);
                }
                run.interrupt();
            });
            FanoutResult result = run.run();
            assertThat(stopper.join(Duration.ofSeconds(10))).isTrue();
            assertThat(result.ending()).isEqualTo(FanoutResult.Ending.INTERRUPTED);
            assertThat(result.measurements().orZero(Metric.DELIVERED)).isGreaterThanOrEqualTo(30);
            assertThat(result.measurements().orZero(Metric.SILENT_LOSS)).isZero();
        }
    }

    /** Batches do not end where the warm-up does: an event is measured where its delivery is, or neither. */
    @Test
    void measuresWholeBatches() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            FanoutPlan plan = Scenario.named("x").url(hub.url()).streams(3).rate("1000/s").batch(100).warmup("470ms").measure("700ms")
                    .with(Setting.SETTLE, "50ms").plan(ServerWatch.NONE);
            Measurements measured = new FanoutRun(plan).run().measurements();
            assertThat(measured.orZero(Metric.DELIVERED)).isEqualTo(3 * 1170);
            assertThat(measured.get(Timing.PUBLISH).getTotalCount()).isBetween(700L, 1170L);
            assertThat(measured.get(Timing.DELIVERY).getTotalCount()).isEqualTo(3 * measured.get(Timing.PUBLISH).getTotalCount());
            assertThat(measured.get(Timing.SLOWEST).getTotalCount()).isEqualTo(3);
            assertThat(measured.get(Timing.SLOWEST).getMaxValue()).isEqualTo(measured.get(Timing.DELIVERY).getMaxValue());
        }
    }

    /** Who looks at the losses of a storm has to see when it was, and who was hit. */
    @Test
    void marksTheFaultsThatItMakes() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            FanoutPlan plan = Scenario.named("x")
                    .url(hub.url()).streams(20).stalled(2).late(5).dropAll().rate("50/s").warmup("0s").measure("2s")
                    .with(Setting.SETTLE, "50ms").plan(ServerWatch.NONE);
            FanoutResult result = new FanoutRun(plan).run();
            List<Mark> marks = result.timeline().marks();
            assertThat(marks).extracting(Mark::text).containsExactly(
                    "late streams have left", "measuring", "all streams cut", "all are back", "late streams come back", "draining");
            assertThat(marks).extracting(Mark::at).isSorted();
            assertThat(result.timeline().due()).hasSize(2).extracting(DueSecond::events).containsExactly(50L, 50L);
            assertThat(result.timeline().due().getFirst().at()).isBetween(1.0, marks.get(1).at() + 1.5);
            assertThat(result.timeline().seconds().getLast().counts().dropped()).isEqualTo(13 + 5);
            assertThat(result.laggards())
                    .hasSize(Laggard.SHOWN).isSortedAccordingTo((a, b) -> Long.compare(b.slowestNanos(), a.slowestNanos()));
            assertThat(result.laggards().getFirst().slowestNanos())
                    .isCloseTo(result.measurements().get(Timing.SLOWEST).getMaxValue(), within(10_000_000L));
            assertThat(result.measurements().orZero(Metric.STALLED_HIDDEN)).as("at some 15 kB a second").isBetween(1e9, 1e14);
        }
    }

    /** Nobody times what a server does not do, so it would be fast. */
    @Test
    void doesNotLetAServerThatDiedLookFast() throws IOException, InterruptedException {
        NullHub hub = NullHub.start(Delivery.FAITHFUL, 0);
        try (hub) {
            var run = new FanoutRun(SmallRun.plan(hub.url(), 10, 1, 100, 100, 2));
            FanoutResult result = endedBy(run, hub);
            Measurements measured = result.measurements();
            assertThat(result.ending()).isEqualTo(FanoutResult.Ending.COMPLETE);
            assertThat(measured.orZero(Metric.STREAMS_AWAY)).isEqualTo(10);
            assertThat(measured.orZero(Metric.PUBLISHERS_AWAY)).isEqualTo(2);
            assertThat(measured.orZero(Metric.SILENT_LOSS)).isZero();
            assertThat(measured.get(Timing.DELIVERY).getValueAtPercentile(99))
                    .isGreaterThanOrEqualTo(SmallRun.DRAIN.toNanos() * 999 / 1000);
            for (boolean checksValidity : new boolean[] {true, false}) {
                Verdict verdict = Verdict.of(measured, List.of(Slo.parse("silentLoss==0")), checksValidity);
                assertThat(verdict.unserved()).as("validity %s", checksValidity).hasSize(2);
                assertThat(verdict.invalid()).noneMatch(sentence -> sentence.contains("never left"));
            }
        }
    }

    /** Those who are away on purpose when it ends would have been given everything on their return. */
    @Test
    void blamesNobodyForStreamsThatItKeptAway() throws IOException, InterruptedException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            var run = new FanoutRun(Scenario.named("x").url(hub.url()).streams(10).late(4).rate("100/s").warmup("0s").measure("60s")
                    .with(Setting.SETTLE, "50ms").plan(ServerWatch.NONE));
            FanoutResult result = endedBy(run, run::interrupt);
            assertThat(result.ending()).isEqualTo(FanoutResult.Ending.INTERRUPTED);
            assertThat(result.measurements().orZero(Metric.SILENT_LOSS)).isZero();
            assertThat(result.measurements().orZero(Metric.AMBIGUOUS)).isGreaterThanOrEqualTo(4 * 5);
            assertThat(result.timeline().due()).as("nothing was due after it").hasSizeLessThan(30);
        }
    }

    @Test
    void doesNotCallItAReconnectWhereNobodyWasCut() throws IOException, InterruptedException {
        NullHub hub = NullHub.start(Delivery.FAITHFUL, 0);
        try (hub) {
            var run = new FanoutRun(Scenario.named("x").url(hub.url()).streams(10).dropAll().rate("100/s").warmup("0s").measure("2s")
                    .with(Setting.SETTLE, "50ms").with(Setting.DRAIN, "500ms").plan(ServerWatch.NONE));
            FanoutResult result = endedBy(run, hub);
            assertThat(result.measurements().get(Metric.RECONNECT_ALL)).isEmpty();
            assertThat(result.timeline().marks()).extracting(Mark::text).contains("10 streams ended").doesNotContain("all are back");
        }
    }

    /** Runs, and does something when a few events have been delivered. */
    private static FanoutResult endedBy(FanoutRun run, AutoCloseable end) throws InterruptedException {
        Thread ender = Thread.startVirtualThread(() -> {
            while (run.progress(Count.DELIVERED) < 50) {
                LockSupport.parkNanos(1_000_000);
            }
            try {
                end.close();
            } catch (Exception e) {
                throw new IllegalStateException("the end of the test", e);
            }
        });
        FanoutResult result = run.run();
        assertThat(ender.join(Duration.ofSeconds(10))).isTrue();
        return result;
    }

    @Test
    void findsALossWhereItWas() throws IOException {
        FanoutResult result = SmallRun.against(new Sabotage(EnumSet.of(Sabotage.Kind.DROP), 1, 12), 12, 1, 200, Sabotage.eventsNeeded(), 4);
        assertThat(result.timeline().due().stream().mapToLong(DueSecond::silent).sum()).isEqualTo(1);
        assertThat(result.timeline().seconds().getLast().counts().skipped()).isLessThanOrEqualTo(1);
    }

    @Test
    void saysWhichServerItCannotSee() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            Scenario scenario = Scenario.named("x").url(hub.url());
            for (ServerWatch watch : new ServerWatch[] {
                new ServerWatch(OptionalLong.of(Integer.MAX_VALUE), Optional.empty()),
                new ServerWatch(OptionalLong.empty(), Optional.of(URI.create(hub.url() + "/metrics")))
            }) {
                assertThatThrownBy(() -> new FanoutRun(scenario.plan(watch)))
                        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("cannot be seen");
            }
        }
    }

    @Test
    void sharesStreamsAmongReaderThreads() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            FanoutPlan one = SmallRun.plan(hub.url(), 10, 1, 100, 50, 2);
            var three = new FanoutPlan(
                    one.target(), new StreamPlan(10, 0, 4096, 64, one.streams().connectTimeout(), 3, 0, false, Spread.EVEN),
                    one.publish(), "t", 1, one.phases(), one.server());
            FanoutResult result = new FanoutRun(three).run();
            assertThat(result.measurements().orZero(Metric.DELIVERED)).isEqualTo(500);
            assertThat(result.measurements().get(Timing.COMPLETION).getTotalCount()).isEqualTo(50);
            assertThat(result.measurements().orZero(Metric.SILENT_LOSS)).isZero();
        }
    }

    /** Streams that come while events are published owe what is sent from then on, and nothing from before. */
    @Test
    void accountsForStreamsThatComeInStages() throws IOException {
        try (NullHub hub = NullHub.start(Delivery.FAITHFUL, 0)) {
            FanoutResult result = staged(hub);
            Measurements measured = result.measurements();
            assertThat(result.ending()).isEqualTo(FanoutResult.Ending.COMPLETE);
            assertThat(measured.orZero(Metric.STREAMS_CONFIRMED)).isEqualTo(60);
            // From 50/s to 150/s in a second, and one more at that.
            assertThat(measured.orZero(Metric.ACKNOWLEDGED)).isEqualTo(100 + 150);
            assertThat(measured.orZero(Metric.DELIVERED)).isGreaterThan(10 * 250).isLessThan(60 * 250);
            assertThat(measured.orZero(Metric.DELIVERED)).isGreaterThanOrEqualTo(measured.orZero(Metric.OWED));
            assertThat(measured.orZero(Metric.OWED)).isGreaterThan(10 * 250);
            assertThat(measured.orZero(Metric.SILENT_LOSS)).isZero();
            assertThat(measured.orZero(Metric.DUPLICATES) + measured.orZero(Metric.DISORDER)).isZero();
            assertThat(measured.get(Timing.COMPLETION).getTotalCount()).isEqualTo(250);
            assertThat(measured.get(Timing.COMPLETION).getMaxValue())
                    .as("no event waits for who was not there").isLessThan(20_000_000_000L);
            List<Second> seconds = result.timeline().seconds();
            assertThat(seconds.getLast().counts().skipped()).isZero();
        }
    }

    @Test
    void findsTheLossOfAStreamThatCameLate() throws IOException {
        var got = new AtomicInteger();
        var forgetful = new Delivery() {
            @Override
            public void deliver(int stream, long sequence, ByteBuffer frame, Out out) {
                if (stream != 50 || got.incrementAndGet() != 5) {
                    out.send(frame);
                }
            }
        };
        try (NullHub hub = NullHub.start(forgetful, 0)) {
            assertThat(staged(hub).measurements().orZero(Metric.SILENT_LOSS)).isEqualTo(1);
        }
    }

    private static FanoutResult staged(NullHub hub) throws IOException {
        FanoutPlan plan = Scenario.named("ramp").url(hub.url()).streams(10).stages("1s:60").rate("50/s").rateStages("1s:150/s,1s:150/s")
                .with(Setting.SETTLE, "0s").with(Setting.DRAIN, "30s").with(Setting.LOOPS, "3").warmup("0s").plan(ServerWatch.NONE);
        return new FanoutRun(plan).run();
    }
}
