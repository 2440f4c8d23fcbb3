package dev.hark.app.listen;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the log is told of a listener's connections: a line a minute at most, however many misbehave. Noted by any thread, said by one.
 */
final class Notices {
    private static final System.Logger LOGGER = System.getLogger(Notices.class.getName());
    private static final long SILENCE_NANOS = Duration.ofMinutes(1).toNanos();

    private final String listener;
    private final Map<Kind, AtomicInteger> counts = new EnumMap<>(Kind.class);
    private volatile @Nullable SocketAddress latest;
    private volatile int fullPlaces;

    // The sweeper's.
    private final Silence misbehaving = new Silence();
    private final Silence full = new Silence();

    /** What there is to tell. */
    enum Kind {
        EVICTED("idle connections were closed because no place was left"),
        SLOW_HANDSHAKE("TLS handshakes took too long"),
        SLOW_HEAD("heads of requests took too long"),
        SLOW_BODY("bodies were too slow");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    Notices(String listener) {
        this.listener = listener;
        Arrays.stream(Kind.values()).forEach(kind -> counts.put(kind, new AtomicInteger()));
    }

    void note(Kind kind, SocketAddress address) {
        AtomicInteger count = counts.get(kind);
        if (count != null) {
            count.incrementAndGet();
        }
        latest = address;
    }

    /** Nobody gives way, so nobody more is accepted. */
    void full(int places) {
        fullPlaces = places;
    }

    /** Says what there is to say, where the last time is long enough ago. */
    void say(long nowNanos) {
        if (fullPlaces > 0 && full.isOver(nowNanos)) {
            LOGGER.log(System.Logger.Level.WARNING, "all {0} places of the {1} listener are taken, and none by somebody idle;"
                    + " whoever comes now waits until one of them ends", String.valueOf(fullPlaces), listener);
            full.begin(nowNanos);
            fullPlaces = 0;
        }
        if (counts.values().stream().anyMatch(count -> count.get() > 0) && misbehaving.isOver(nowNanos)) {
            String all = counts.entrySet().stream()
                    .map(entry -> Map.entry(entry.getKey(), entry.getValue().getAndSet(0)))
                    .filter(entry -> entry.getValue() > 0)
                    .map(entry -> entry.getValue() + " " + entry.getKey().words)
                    .collect(Collectors.joining(", "));
            LOGGER.log(System.Logger.Level.INFO, "{0} listener, since it was last said: {1}; the latest is {2}", listener, all, latest);
            misbehaving.begin(nowNanos);
        }
    }

    /** Nothing more of a kind is said for a while. */
    private static final class Silence {
        private boolean any;
        private long sinceNanos;

        boolean isOver(long nowNanos) {
            return !any || nowNanos - sinceNanos >= SILENCE_NANOS;
        }

        void begin(long nowNanos) {
            any = true;
            sinceNanos = nowNanos;
        }
    }
}
