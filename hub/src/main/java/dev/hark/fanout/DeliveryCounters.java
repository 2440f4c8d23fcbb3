package dev.hark.fanout;

import dev.hark.event.CloseReason;
import dev.hark.event.GapReason;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the subscribers of a hub count; their sentences stand in {@code HubMeter}. Thread-safe. */
public final class DeliveryCounters {
    final LongAdder deliveredEvents = new LongAdder();
    final LongAdder replayedEvents = new LongAdder();
    final LongAdder writtenBytes = new LongAdder();
    final LongAdder writes = new LongAdder();
    final LongAdder lingeredWrites = new LongAdder();
    final LongAdder lingeredEvents = new LongAdder();
    final LongAdder heartbeats = new LongAdder();
    final LongAdder spills = new LongAdder();
    final LongAdder opened = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder endedAnswers = new LongAdder();
    final LongAdder pages = new LongAdder();
    final LongAdder pageEvents = new LongAdder();
    final LongAdder snapshots = new LongAdder();
    final LongAdder snapshotEvents = new LongAdder();
    final Map<OverflowPolicy, LongAdder> dropped = each(OverflowPolicy.class);
    final Map<GapReason, LongAdder> gaps = each(GapReason.class);
    final Map<CloseReason, LongAdder> closed = each(CloseReason.class);
    final Map<StreamEnd, LongAdder> ended = each(StreamEnd.class);

    private static <E extends Enum<E>> Map<E, LongAdder> each(Class<E> type) {
        return Stream.of(type.getEnumConstants())
                .collect(Collectors.toMap(Function.identity(), constant -> new LongAdder(), (a, b) -> a, () -> new EnumMap<>(type)));
    }

    static <E> LongAdder counterFor(Map<E, LongAdder> counters, E constant) {
        LongAdder counter = counters.get(constant);
        if (counter == null) {
            throw new IllegalStateException("no counter for " + constant);
        }
        return counter;
    }

    public long deliveredEvents() {
        return deliveredEvents.sum();
    }

    public long replayedEvents() {
        return replayedEvents.sum();
    }

    public long writtenBytes() {
        return writtenBytes.sum();
    }

    public long writes() {
        return writes.sum();
    }

    public long lingeredWrites() {
        return lingeredWrites.sum();
    }

    public long lingeredEvents() {
        return lingeredEvents.sum();
    }

    public long heartbeats() {
        return heartbeats.sum();
    }

    public long spills() {
        return spills.sum();
    }

    public long snapshots() {
        return snapshots.sum();
    }

    public long snapshotEvents() {
        return snapshotEvents.sum();
    }

    public long opened() {
        return opened.sum();
    }

    public long refused() {
        return refused.sum();
    }

    public long endedAnswers() {
        return endedAnswers.sum();
    }

    public long pages() {
        return pages.sum();
    }

    public long pageEvents() {
        return pageEvents.sum();
    }

    public long dropped(OverflowPolicy policy) {
        return counterFor(dropped, policy).sum();
    }

    public long gaps(GapReason reason) {
        return counterFor(gaps, reason).sum();
    }

    public long closed(CloseReason reason) {
        return counterFor(closed, reason).sum();
    }

    public long ended(StreamEnd end) {
        return counterFor(ended, end).sum();
    }
}
