package dev.hark.fanout;

import dev.hark.event.EventId;
import dev.hark.event.GapReason;
import dev.hark.log.Bounds;
import dev.hark.log.EventLog;
import dev.hark.log.Since;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Start} as a position of the log, and what the client must be told before anything else.
 *
 * @param position what the stream gives comes after it
 * @param gap      why the client misses something already, or null
 * @param after    the last id that the client had in this log's words, or null
 */
record Opening(long position, @Nullable GapReason gap, @Nullable EventId after) {
    static Opening of(Subscription subscription, EventLog log, InstantSource clock) {
        return switch (subscription.start()) {
            case Start.Latest() -> at(log.bounds().newest());
            case Start.Earliest() -> at(log.bounds().floor());
            case Start.After(String id) -> after(EventId.parse(id), log);
            case Start.Back(var age) -> since(log.since(millisBefore(clock.millis(), age)));
            case Start.Last(int count) -> at(log.beforeLast(subscription.filters(), count));
        };
    }

    /** A client may ask for more time than there has been: then for all of it. */
    private static long millisBefore(long nowMillis, Duration age) {
        try {
            return Math.subtractExact(nowMillis, age.toMillis());
        } catch (ArithmeticException e) {
            return Long.MIN_VALUE;
        }
    }

    private static Opening at(long position) {
        return new Opening(position, null, null);
    }

    private static Opening since(Since since) {
        return new Opening(since.position(), since.incomplete() ? GapReason.RETENTION : null, null);
    }

    private static Opening after(Optional<EventId> known, EventLog log) {
        Bounds bounds = log.bounds();
        if (known.isEmpty()) {
            return new Opening(bounds.newest(), GapReason.UNKNOWN_ID, null);
        }
        EventId id = known.get();
        if (!id.epoch().equals(log.epoch())) {
            // Another log: the client has seen nothing of this one.
            return new Opening(bounds.floor(), GapReason.RESET, id);
        }
        if (id.sequence() > bounds.newest()) {
            return new Opening(bounds.newest(), GapReason.UNKNOWN_ID, id);
        }
        if (id.sequence() < bounds.floor()) {
            return new Opening(bounds.floor(), GapReason.RETENTION, id);
        }
        return at(id.sequence());
    }
}
