package dev.hark.load.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Several nodes as one server. What a node had used when it was last seen stays in the sum, so processor time only grows; the memory, the
 * threads and the descriptors of one that is gone do not.
 *
 * <p>Thread-safe.
 */
final class SumProbe implements ServerProbe {
    private final List<ServerProbe> parts;
    private final long[] lastCpuNanos;

    SumProbe(List<ServerProbe> parts) {
        this.parts = List.copyOf(parts);
        lastCpuNanos = new long[parts.size()];
    }

    @Override
    public synchronized Optional<Sample> sample() {
        var seen = new ArrayList<Sample>();
        long cpu = 0;
        for (int i = 0; i < parts.size(); i++) {
            Optional<Sample> sample = parts.get(i).sample();
            if (sample.isPresent()) {
                seen.add(sample.get());
                // One that was started anew behind the same page begins at 0.
                lastCpuNanos[i] = Math.max(lastCpuNanos[i], sample.get().cpuNanos());
            }
            cpu += lastCpuNanos[i];
        }
        if (seen.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Sample(
                cpu,
                seen.stream().mapToLong(Sample::memoryBytes).sum(),
                seen.stream().anyMatch(each -> each.threads() < 0) ? -1 : seen.stream().mapToInt(Sample::threads).sum(),
                seen.stream().anyMatch(each -> each.descriptors() < 0) ? -1 : seen.stream().mapToInt(Sample::descriptors).sum()));
    }

    /** That of the first that says it. */
    @Override
    public Optional<String> version() {
        return parts.stream().map(ServerProbe::version).flatMap(Optional::stream).findFirst();
    }
}
