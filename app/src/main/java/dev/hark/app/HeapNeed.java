package dev.hark.app;

import dev.hark.app.config.HarkConfig;
import dev.hark.app.config.LogSettings;
import dev.hark.log.LogConfig;
import java.util.Objects;
import java.util.Optional;

/**
 * How large a heap has to be for all that the configuration allows at once: streams, hot events, a memory log, and the shares of filters
 * and bodies. What slow subscribers and long heads keep alive is not in it, see {@code docs/operating.md}. Reckoned, not measured: more
 * than is needed.
 *
 * @param bytes   that are needed
 * @param largest that the heap may have
 */
record HeapNeed(long bytes, long largest) {
    private static final long MIB = 1 << 20;

    /** A stream that delivers, with its two stacks, its mailbox and its part of the young generation. */
    static final long STREAM_BYTES = 12 << 10;

    /** An event beside its frame: the objects, its topic, its place. */
    static final long EVENT_BYTES = 256;

    /** An idempotency key of a memory log. */
    static final long KEY_BYTES = 200;

    /** A topic and key whose newest event a memory log keeps beyond its bounds: the event, with a short frame, and where it is found. */
    static final long LATEST_BYTES = 512;

    /** What a hub takes that has neither streams nor events, what is being committed, and the young generation. */
    static final long BASE_BYTES = 96 * MIB;

    /** Bodies may take an eighth of the heap, and filters another where nothing else is configured. */
    private static final int SHARES = 8;

    /** Of this process, which may hold {@code connections} connections. */
    static HeapNeed of(HarkConfig config, int connections) {
        return of(config, connections, Runtime.getRuntime().maxMemory());
    }

    static HeapNeed of(HarkConfig config, int connections, long largest) {
        long streams = Math.min(config.hub().maxSubscribers(), connections);
        LogConfig log = config.log().config();
        long hot = log.hot().bytes() + log.hot().events() * EVENT_BYTES;
        // In a memory log what is hot is retained, but for what is nowhere else.
        long events = config.log().kind() == LogSettings.Kind.MEMORY
                ? retained(log) + log.idempotency().keys() * KEY_BYTES + latest(log) + (log.classes().unstored() == 0 ? 0 : hot)
                : hot;
        long live = BASE_BYTES + streams * STREAM_BYTES + events;
        long index = config.hub().index().bytes();
        return index > largest / SHARES
                ? new HeapNeed((live + index) / (SHARES - 1) * SHARES, largest)
                : new HeapNeed(live / (SHARES - 2) * SHARES, largest);
    }

    private static long retained(LogConfig log) {
        return log.classes().all().stream()
                .map(each -> each.keep().retention())
                .filter(Objects::nonNull)
                .mapToLong(each -> each.bytes() + each.events() * EVENT_BYTES)
                .sum();
    }

    private static long latest(LogConfig log) {
        return log.classes().latest() == 0 ? 0 : log.latestKeys() * LATEST_BYTES;
    }

    /** For who starts a hub: one line. */
    String inWords() {
        return "a heap of up to " + mib(largest) + " MiB, of which what is configured may need " + mib(bytes);
    }

    /** What is wrong; empty where the heap is large enough. */
    Optional<String> shortage() {
        return bytes <= largest
                ? Optional.empty()
                : Optional.of("the heap may grow to " + mib(largest) + " MiB, and what is configured may need " + mib(bytes)
                        + " MiB: give more with HARK_JAVA_OPTS=-Xmx" + mib(bytes) + "m, or lower limits.subscribers or the log's bounds");
    }

    private static long mib(long bytes) {
        return Math.ceilDiv(bytes, MIB);
    }
}
