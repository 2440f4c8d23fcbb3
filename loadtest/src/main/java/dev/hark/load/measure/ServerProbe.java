package dev.hark.load.measure;

import java.util.Optional;

/** Something that shows what a server uses. */
public interface ServerProbe {
    /**
     * What a server used.
     *
     * @param cpuNanos processor time since its start
     * @param memoryBytes resident memory; of several processes their proportional shares, so that shared pages count once
     * @param threads threads in all, or -1 where that is not told
     * @param descriptors open descriptors in all, or -1 where they may not be listed
     */
    record Sample(long cpuNanos, long memoryBytes, int threads, int descriptors) {}

    /** What it uses now, or nothing if it cannot be seen. */
    Optional<Sample> sample();

    /** What the server says it is, such as {@code hark 0.1.0}; nothing where it does not. */
    Optional<String> version();
}
