package dev.hark.load.ledger;

/**
 * An open schedule: event i is due at {@code start + i/rate}, whatever became of the events before it.
 *
 * @param startNanos when event 0 is due, on the clock of {@link System#nanoTime}
 * @param perSecond events per second
 * @param warmupEvents how many events come before the measured ones
 * @param events how many there are in all
 */
public record Schedule(long startNanos, double perSecond, int warmupEvents, int events) {
    private static final double NANOS_PER_SECOND = 1e9;

    public Schedule {
        if (!(perSecond >= 0) || perSecond > NANOS_PER_SECOND || (perSecond == 0 && events > 0)) {
            throw new IllegalArgumentException(
                    "a rate of " + perSecond + "/s; it must be above 0 (or 0 where there are no events) and at most 1000000000/s");
        }
        if (warmupEvents < 0 || warmupEvents > events) {
            throw new IllegalArgumentException(warmupEvents + " events of warm-up in a run of " + events);
        }
    }

    public long dueNanos(int event) {
        return perSecond == 0 ? startNanos : startNanos + (long) (event * (NANOS_PER_SECOND / perSecond));
    }

    public boolean isMeasured(int event) {
        return event >= warmupEvents;
    }

    /** When the first measured event is due. */
    public long measureFromNanos() {
        return dueNanos(warmupEvents);
    }

    /** When the event after the last would be due. */
    public long endNanos() {
        return dueNanos(events);
    }
}
