package dev.hark.load.drive;

import dev.hark.load.drive.Tally.Count;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.ProcessProbe;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a run costs: the server's process, if it is known, and this one, looked at before the streams, after they have settled, and at both
 * ends of measuring.
 *
 * <p>Confined to the run's thread.
 */
final class CostWatch {
    /** Processor time comes in steps of 10 ms: a shorter look at an idle server says nothing. */
    private static final double MIN_QUIET_NANOS = 500e6;

    private final Optional<ProcessProbe> server;
    private final ProcessProbe self = new ProcessProbe(ProcessHandle.current().pid());
    private final ReaderThreads readers;
    private final List<GarbageCollectorMXBean> collectors;

    private Optional<ProcessProbe.Sample> empty = Optional.empty();
    private Optional<ProcessProbe.Sample> connected = Optional.empty();
    private long connectedNanos;
    private Look begin = Look.NONE;

    /** All that is read at one moment. */
    private record Look(
            long nanos,
            Optional<ProcessProbe.Sample> server,
            Optional<ProcessProbe.Sample> self,
            long gcNanos,
            long delivered,
            long acknowledged,
            List<Long> busyNanos) {
        private static final Look NONE = new Look(0, Optional.empty(), Optional.empty(), 0, 0, 0, List.of());
    }

    CostWatch(OptionalLong serverPid, ReaderThreads readers) {
        server = serverPid.isPresent() ? Optional.of(new ProcessProbe(serverPid.getAsLong())) : Optional.empty();
        this.readers = readers;
        collectors = ManagementFactory.getGarbageCollectorMXBeans();
    }

    void onEmpty() {
        empty = server.flatMap(ProcessProbe::sample);
    }

    void onConnected() {
        connected = server.flatMap(ProcessProbe::sample);
        connectedNanos = System.nanoTime();
    }

    void onSettled(long streams, Measurements into) {
        Optional<ProcessProbe.Sample> settled = server.flatMap(ProcessProbe::sample);
        double quiet = System.nanoTime() - connectedNanos;
        if (connected.isPresent() && settled.isPresent() && quiet > MIN_QUIET_NANOS) {
            into.put(Metric.SERVER_IDLE, (settled.get().cpuNanos() - connected.get().cpuNanos()) / quiet);
        }
        if (empty.isPresent() && settled.isPresent()) {
            into.put(Metric.SERVER_MEMORY_EMPTY, empty.get().memoryBytes());
            if (streams > 0) {
                into.put(Metric.SERVER_MEMORY_PER_STREAM, (double) (settled.get().memoryBytes() - empty.get().memoryBytes()) / streams);
            }
        }
    }

    void onMeasureBegin(Tally publisher) {
        begin = look(publisher);
    }

    void onMeasureEnd(Tally publisher, Measurements into) {
        Look end = look(publisher);
        double wall = end.nanos - begin.nanos;
        long deliveries = end.delivered - begin.delivered;
        long publishes = end.acknowledged - begin.acknowledged;
        into.put(Metric.MEASURED, wall);
        into.put(Metric.DELIVERY_RATE, deliveries * 1e9 / wall);
        into.put(Metric.PUBLISH_RATE, publishes * 1e9 / wall);
        into.put(Metric.GENERATOR_GC, end.gcNanos - begin.gcNanos);
        into.put(Metric.LONGEST_ROUND, readers.longestRoundNanos());
        double busiest = 0;
        for (int i = 0; i < end.busyNanos.size(); i++) {
            busiest = Math.max(busiest, (end.busyNanos.get(i) - begin.busyNanos.get(i)) / wall);
        }
        into.put(Metric.READER_BUSY, busiest);
        if (begin.self.isPresent() && end.self.isPresent()) {
            into.put(Metric.GENERATOR_CPU, (end.self.get().cpuNanos() - begin.self.get().cpuNanos()) / wall);
        }
        if (begin.server.isPresent() && end.server.isPresent()) {
            putServer(begin.server.get(), end.server.get(), wall, deliveries, publishes, into);
        }
    }

    private static void putServer(
            ProcessProbe.Sample from, ProcessProbe.Sample to, double wall, long deliveries, long publishes, Measurements into) {
        double cpu = to.cpuNanos() - from.cpuNanos();
        into.put(Metric.SERVER_CPU, cpu / wall);
        if (deliveries > 0) {
            into.put(Metric.SERVER_CPU_PER_DELIVERY, cpu / deliveries);
        }
        if (publishes > 0) {
            into.put(Metric.SERVER_CPU_PER_PUBLISH, cpu / publishes);
        }
        into.put(Metric.SERVER_MEMORY, to.memoryBytes());
        into.put(Metric.SERVER_THREADS, to.threads());
        into.put(Metric.SERVER_DESCRIPTORS, to.descriptors());
    }

    private Look look(Tally publisher) {
        long gcMillis = 0;
        for (GarbageCollectorMXBean collector : collectors) {
            gcMillis += Math.max(0, collector.getCollectionTime());
        }
        return new Look(
                System.nanoTime(),
                server.flatMap(ProcessProbe::sample),
                self.sample(),
                gcMillis * 1_000_000,
                readers.sum(Count.DELIVERED),
                publisher.get(Count.ACKNOWLEDGED),
                readers.busyNanos());
    }
}
