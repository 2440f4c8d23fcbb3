package dev.hark.load.ledger;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * When events are due, counted from the first moment on: at a steady rate, or at one that goes from one to the next in straight lines.
 *
 * @param legs one after another, of which the last goes on at its final rate
 */
public record Pace(List<Leg> legs) {
    private static final double NANOS_PER_SECOND = 1e9;

    /**
     * A time in which the rate goes from one to another, in a straight line.
     *
     * @param startSeconds when it begins
     * @param startEvents how many events are due before it
     * @param seconds how long it lasts
     * @param from events a second at its beginning
     * @param to events a second at its end
     */
    public record Leg(double startSeconds, double startEvents, double seconds, double from, double to) {
        double events() {
            return seconds * (from + to) / 2;
        }

        /** When so many of its events are due; it has so many. */
        private double secondsUntil(double events) {
            if (events <= 0) {
                return 0;
            }
            // The root of from·t + (to - from)/(2·seconds)·t² = events, in the form that loses nothing where the slope is small.
            double slope = (to - from) / seconds;
            return 2 * events / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * events)));
        }
    }

    public Pace {
        legs = List.copyOf(legs);
    }

    /** The same rate all the time; 0 where there are no events. */
    public static Pace steady(double perSecond) {
        if (!(perSecond >= 0) || perSecond > NANOS_PER_SECOND) {
            throw new IllegalArgumentException(
                    "a rate of " + perSecond + "/s; it must be above 0 (or 0 where there are no events) and at most 1000000000/s");
        }
        return new Pace(List.of(new Leg(0, 0, Double.MAX_VALUE, perSecond, perSecond)));
    }

    /** Goes on from a rate: for so long to another one, in a straight line; at once where that takes no time. */
    public Pace then(Duration time, double perSecond) {
        steady(perSecond);
        var more = new ArrayList<>(legs);
        Leg last = more.removeLast();
        // A steady pace has no end, and begins here.
        Leg ended = last.seconds() == Double.MAX_VALUE ? new Leg(last.startSeconds(), last.startEvents(), 0, last.from(), last.to()) : last;
        if (ended.seconds() > 0) {
            more.add(ended);
        }
        double seconds = time.toNanos() / NANOS_PER_SECOND;
        double from = seconds == 0 ? perSecond : ended.to();
        more.add(new Leg(ended.startSeconds() + ended.seconds(), ended.startEvents() + ended.events(), seconds, from, perSecond));
        return new Pace(more);
    }

    /** When an event is due, in nanoseconds after the start. */
    public long dueNanos(int event) {
        Leg first = legs.getFirst();
        if (legs.size() == 1 && first.from() == first.to()) {
            return first.from() == 0 ? 0 : (long) (event * (NANOS_PER_SECOND / first.from()));
        }
        for (Leg leg : legs) {
            if (event < leg.startEvents() + leg.events()) {
                return (long) (NANOS_PER_SECOND * (leg.startSeconds() + leg.secondsUntil(event - leg.startEvents())));
            }
        }
        Leg last = legs.getLast();
        double over = event - last.startEvents() - last.events();
        return (long) (NANOS_PER_SECOND * (last.startSeconds() + last.seconds() + (last.to() == 0 ? 0 : over / last.to())));
    }

    /** How many events are due before so long after the start. */
    public double events(Duration time) {
        double seconds = time.toNanos() / NANOS_PER_SECOND;
        Leg last = legs.getLast();
        for (Leg leg : legs) {
            double inLeg = seconds - leg.startSeconds();
            if (inLeg <= leg.seconds()) {
                double slope = leg.seconds() == 0 || leg.seconds() == Double.MAX_VALUE ? 0 : (leg.to() - leg.from()) / leg.seconds();
                return leg.startEvents() + inLeg * leg.from() + slope * inLeg * inLeg / 2;
            }
        }
        return last.startEvents() + last.events() + (seconds - last.startSeconds() - last.seconds()) * last.to();
    }

    /** The highest rate. */
    public double most() {
        return legs.stream().mapToDouble(leg -> Math.max(leg.from(), leg.to())).max().orElse(0);
    }
}
