package dev.hark.load.drive;

import dev.hark.load.drive.Tally.Count;
import dev.hark.load.measure.KernelBuffers;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.ProcessProbe;
import dev.hark.load.measure.ServerProbe;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a run costs: the server, if it can be seen, and this process, looked at before the streams, after they have settled, and at both
 * ends of measuring.
 *
 * <p>Confined to the run's thread.
 */
final class CostWatch {
    /** Processor time comes in steps of 10 ms: a shorter look at an idle server says nothing. */
    private static final double MIN_QUIET_NANOS = 500e6;

    private final Optional<ServerProbe> server;
    /** The same by nodes, where there are several. */
    private final List<ServerProbe> nodes;
    private final List<OptionalDouble> nodeCores = new ArrayList<>();
    private final List<OptionalLong> nodeBytes = new ArrayList<>();
    private final StreamPlan streams;
    private final ProcessProbe self = new ProcessProbe(ProcessHandle.current().pid());
    private final ReaderThreads readers;
    private final List<GarbageCollectorMXBean> collectors;

    private Optional<ServerProbe.Sample> empty = Optional.empty();
    private Optional<ServerProbe.Sample> connected = Optional.empty();
    private long connectedNanos;
    private Look begin = Look.NONE;

    /** All that is read at one moment. */
    private record Look(
            long nanos,
            Optional<ServerProbe.Sample> server,
            List<Optional<ServerProbe.Sample>> nodes,
            Optional<ServerProbe.Sample> self,
            long gcNanos,
            long delivered,
            long acknowledged,
            long bytes,
            long reads,
            long fullReads,
            List<Long> busyNanos) {
        private static final Look NONE = new Look(0, Optional.empty(), List.of(), Optional.empty(), 0, 0, 0, 0, 0, 0, List.of());
    }

    CostWatch(Optional<ServerProbe> server, List<ServerProbe> nodes, StreamPlan streams, ReaderThreads readers) {
        this.server = server;
        this.nodes = nodes;
        this.streams = streams;
        this.readers = readers;
        collectors = ManagementFactory.getGarbageCollectorMXBeans();
    }

    void onEmpty() {
        empty = server.flatMap(ServerProbe::sample);
    }

    void onConnected() {
        connected = server.flatMap(ServerProbe::sample);
        connectedNanos = System.nanoTime();
    }

    void onSettled(long streams, Measurements into) {
        Optional<ServerProbe.Sample> settled = server.flatMap(ServerProbe::sample);
        double quiet = System.nanoTime() - connectedNanos;
        if (connected.isPresent() && settled.isPresent() && quiet > MIN_QUIET_NANOS && !isAnother(connected.get(), settled.get())) {
            into.put(Metric.SERVER_IDLE, (settled.get().cpuNanos() - connected.get().cpuNanos()) / quiet);
        }
        if (empty.isPresent() && settled.isPresent()) {
            into.put(Metric.SERVER_MEMORY_EMPTY, empty.get().memoryBytes());
            into.put(Metric.SERVER_CPU_BEFORE, empty.get().cpuNanos());
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
        lookAtNodes(end, wall);
        into.put(Metric.MEASURED, wall);
        into.put(Metric.DELIVERY_RATE, deliveries * 1e9 / wall);
        into.put(Metric.PUBLISH_RATE, publishes * 1e9 / wall);
        into.put(Metric.GENERATOR_GC, end.gcNanos - begin.gcNanos);
        into.put(Metric.LONGEST_ROUND, readers.longestRoundNanos());
        if (end.reads > begin.reads) {
            into.put(Metric.FULL_READ_SHARE, (double) (end.fullReads - begin.fullReads) / (end.reads - begin.reads));
        }
        putStalled(end.bytes - begin.bytes, wall, into);
        double busiest = 0;
        for (int i = 0; i < end.busyNanos.size(); i++) {
            busiest = Math.max(busiest, (end.busyNanos.get(i) - begin.busyNanos.get(i)) / wall);
        }
        into.put(Metric.READER_BUSY, busiest);
        if (begin.self.isPresent() && end.self.isPresent()) {
            into.put(Metric.GENERATOR_CPU, (end.self.get().cpuNanos() - begin.self.get().cpuNanos()) / wall);
        }
        if (begin.server.isPresent() && end.server.isPresent() && !isAnother(begin.server.get(), end.server.get())) {
            putServer(begin.server.get(), end.server.get(), wall, deliveries, publishes, into);
        }
    }

    private void lookAtNodes(Look end, double wall) {
        for (int i = 0; i < nodes.size(); i++) {
            Optional<ServerProbe.Sample> from = begin.nodes.get(i);
            Optional<ServerProbe.Sample> to = end.nodes.get(i);
            boolean isSame = from.isPresent() && to.isPresent() && !isAnother(from.get(), to.get());
            nodeCores.add(isSame ? OptionalDouble.of((to.get().cpuNanos() - from.get().cpuNanos()) / wall) : OptionalDouble.empty());
            nodeBytes.add(to.map(sample -> OptionalLong.of(sample.memoryBytes())).orElse(OptionalLong.empty()));
        }
    }

    /** Processors that a node had in use while measuring; empty where nobody looked, or it was gone at the end. */
    OptionalDouble nodeCores(int node) {
        return node < nodeCores.size() ? nodeCores.get(node) : OptionalDouble.empty();
    }

    /** A node's resident memory at the end of measuring; empty likewise. */
    OptionalLong nodeBytes(int node) {
        return node < nodeBytes.size() ? nodeBytes.get(node) : OptionalLong.empty();
    }

    /** The server's kernel is taken to be like this one: where it runs here, it is this one. */
    private void putStalled(long bytes, double wall, Measurements into) {
        long reading = readers.sum(Count.CONFIRMED) - streams.stalled();
        long maxSend = KernelBuffers.of(Path.of("/proc")).maxSend();
        if (streams.stalled() > 0 && reading > 0 && bytes > 0 && maxSend > 0) {
            // Linux keeps twice the receive buffer that was asked for.
            into.put(Metric.STALLED_HIDDEN, (maxSend + 2.0 * streams.stalledBufferBytes()) * wall * reading / bytes);
        }
    }

    /** Processor time only grows: where it fell, the server was started anew behind the same page. */
    private static boolean isAnother(ServerProbe.Sample before, ServerProbe.Sample after) {
        return after.cpuNanos() < before.cpuNanos();
    }

    private static void putServer(
            ServerProbe.Sample from, ServerProbe.Sample to, double wall, long deliveries, long publishes, Measurements into) {
        double cpu = to.cpuNanos() - from.cpuNanos();
        into.put(Metric.SERVER_CPU, cpu / wall);
        if (deliveries > 0) {
            into.put(Metric.SERVER_CPU_PER_DELIVERY, cpu / deliveries);
        }
        if (publishes > 0) {
            into.put(Metric.SERVER_CPU_PER_PUBLISH, cpu / publishes);
        }
        into.put(Metric.SERVER_MEMORY, to.memoryBytes());
        if (to.threads() >= 0) {
            into.put(Metric.SERVER_THREADS, to.threads());
        }
        if (to.descriptors() >= 0) {
            into.put(Metric.SERVER_DESCRIPTORS, to.descriptors());
        }
    }

    private Look look(Tally publisher) {
        long gcMillis = 0;
        for (GarbageCollectorMXBean collector : collectors) {
            gcMillis += Math.max(0, collector.getCollectionTime());
        }
        return new Look(
                System.nanoTime(),
                server.flatMap(ServerProbe::sample),
                nodes.stream().map(ServerProbe::sample).toList(),
                self.sample(),
                gcMillis * 1_000_000,
                readers.sum(Count.DELIVERED),
                publisher.get(Count.ACKNOWLEDGED),
                readers.sum(Count.BYTES),
                readers.sum(Count.READS),
                readers.sum(Count.FULL_READS),
                readers.busyNanos());
    }
}
