package dev.hark.load.ledger;

/**
 * An open schedule: an event is due when its pace says, whatever became of the events before it. At a steady pace event i is due at
 * {@code start + i/rate}.
 *
 * @param startNanos when event 0 is due, on the clock of {@link System#nanoTime}
 * @param pace how events follow each other
 * @param warmupEvents how many events come before the measured ones
 * @param events how many there are in all
 */
public record Schedule(long startNanos, Pace pace, int warmupEvents, int events) {
    public Schedule {
        if (pace.most() == 0 && events > 0) {
            throw new IllegalArgumentException("a rate of 0/s for " + events + " events");
        }
        if (warmupEvents < 0 || warmupEvents > events) {
            throw new IllegalArgumentException(warmupEvents + " events of warm-up in a run of " + events);
        }
    }

    /** At a steady rate. */
    public Schedule(long startNanos, double perSecond, int warmupEvents, int events) {
        this(startNanos, Pace.steady(perSecond), warmupEvents, events);
    }

    public long dueNanos(int event) {
        return startNanos + pace.dueNanos(event);
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
