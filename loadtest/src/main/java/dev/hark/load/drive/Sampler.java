package dev.hark.load.drive;

import dev.hark.load.drive.Tally.Count;
import dev.hark.load.measure.ProcessProbe;
import dev.hark.load.measure.ServerProbe;
import dev.hark.load.measure.Slopes;
import dev.hark.load.measure.Second;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * A thread that looks at a run once a second, keeps what it saw and shows it to an observer.
 *
 * <p>{@link #close} ends it with a last look; {@link #seconds}, {@link #intervals} and {@link #growth} are to be read after that.
 */
final class Sampler implements AutoCloseable {
    /** A day; later seconds are still shown to the observer, but not kept. */
    private static final int MAX_SECONDS = 86_400;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Streams are opened by the thousand a second: one look in that time says nothing about what each takes. */
    private static final long OPENING_NANOS = SECOND_NANOS / 10;

    private static final int MAX_GROWTH = 10_000;

    private final ReaderThreads readers;
    private final Tally publisher;
    private final Supplier<FanoutRun.Phase> phase;
    private final Consumer<Second> observer;
    private final Optional<ServerProbe> server;
    private final ProcessProbe self = new ProcessProbe(ProcessHandle.current().pid());
    private final List<Second> seconds = new ArrayList<>();
    private final List<Histogram> intervals = new ArrayList<>();
    private final List<Slopes.Growth> growth = new ArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final long startedNanos = System.nanoTime();
    private final Thread thread;

    private long lastNanos = startedNanos;
    private Optional<ServerProbe.Sample> lastServer;
    private Optional<ServerProbe.Sample> lastSelf;
    private List<Long> lastBusy;

    Sampler(ReaderThreads readers, Tally publisher, Supplier<FanoutRun.Phase> phase,
            Optional<ServerProbe> server, Consumer<Second> observer) {
        this.readers = readers;
        this.publisher = publisher;
        this.phase = phase;
        this.observer = observer;
        this.server = server;
        lastServer = server.flatMap(ServerProbe::sample);
        lastSelf = self.sample();
        lastBusy = readers.busyNanos();
        thread = Thread.ofPlatform().name("sampler").start(this::run);
    }

    List<Second> seconds() {
        return seconds;
    }

    /** The deliveries of each second. */
    List<Histogram> intervals() {
        return intervals;
    }

    private void run() {
        try {
            long next = startedNanos + SECOND_NANOS;
            long wake = startedNanos;
            while (!closed.await(wake - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                if (isOpening()) {
                    lookAtMemory();
                }
                if (System.nanoTime() - next >= 0) {
                    look();
                    next += SECOND_NANOS;
                }
                wake = isOpening() ? Math.min(next, System.nanoTime() + OPENING_NANOS) : next;
            }
            look();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isOpening() {
        return server.isPresent() && growth.size() < MAX_GROWTH && switch (phase.get()) {
            case CONNECTING, SETTLING -> true;
            case WARMING_UP, MEASURING, DRAINING, OVER -> false;
        };
    }

    private void lookAtMemory() {
        long live = counts().live();
        server.flatMap(ServerProbe::sample).ifPresent(now -> growth.add(new Slopes.Growth(live, now.memoryBytes())));
    }

    /** How the server's memory grew while streams were opened. */
    List<Slopes.Growth> growth() {
        return growth;
    }

    private void look() {
        long now = System.nanoTime();
        double wall = Math.max(1, now - lastNanos);
        lastNanos = now;
        Histogram recent = new Histogram(Deliveries.MAX_NANOS, 3);
        for (Deliveries each : readers.deliveries()) {
            recent.add(each.recent().getIntervalHistogram());
        }
        recent.setStartTimeStamp(System.currentTimeMillis() - (long) (wall / 1e6));
        recent.setEndTimeStamp(System.currentTimeMillis());
        var second = new Second(
                (now - startedNanos) / 1e9, phase.get().name().toLowerCase(Locale.ROOT).replace('_', ' '), counts(),
                Second.Latency.of(recent), load(wall));
        if (seconds.size() < MAX_SECONDS) {
            seconds.add(second);
            intervals.add(recent);
        }
        observer.accept(second);
    }

    private Second.Counts counts() {
        long ended = readers.sum(Count.ENDED);
        long resumed = readers.sum(Count.RESUMED);
        long errors = readers.sum(Count.DUPLICATE)
                + readers.sum(Count.DISORDER)
                + readers.sum(Count.CORRUPT)
                + readers.sum(Count.WRONG_RECIPIENT)
                + readers.sum(Count.WRONG_ID);
        return new Second.Counts(
                readers.sum(Count.CONFIRMED) + resumed - ended - readers.sum(Count.DROPPED),
                readers.sum(Count.FAILED),
                ended,
                readers.sum(Count.DROPPED),
                resumed,
                publisher.get(Count.SENT),
                publisher.get(Count.ACKNOWLEDGED),
                publisher.get(Count.REFUSED),
                readers.sum(Count.DELIVERED),
                errors,
                readers.sum(Count.GAPS),
                readers.sum(Count.SKIPPED));
    }

    private Second.Load load(double wall) {
        Optional<ServerProbe.Sample> serverNow = server.flatMap(ServerProbe::sample);
        Optional<ServerProbe.Sample> selfNow = self.sample();
        List<Long> busyNow = readers.busyNanos();
        double busiest = 0;
        for (int i = 0; i < busyNow.size(); i++) {
            busiest = Math.max(busiest, (busyNow.get(i) - lastBusy.get(i)) / wall);
        }
        var load = new Second.Load(
                cores(lastServer, serverNow, wall), serverNow.map(ServerProbe.Sample::memoryBytes).orElse(-1L),
                cores(lastSelf, selfNow, wall), busiest, publisher.get(Count.LATEST_NANOS));
        lastServer = serverNow;
        lastSelf = selfNow;
        lastBusy = busyNow;
        return load;
    }

    private static double cores(Optional<ServerProbe.Sample> from, Optional<ServerProbe.Sample> to, double wall) {
        // Negative, and so not known, where it was started anew behind the same page.
        return from.isPresent() && to.isPresent() ? Math.max(-1, (to.get().cpuNanos() - from.get().cpuNanos()) / wall) : -1;
    }

    @Override
    public void close() {
        closed.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
