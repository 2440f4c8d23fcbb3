package dev.hark.load.ledger;

import dev.hark.load.ledger.DueSecond.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gathers what the audit finds by the second in which events were due.
 *
 * <p>Completed events are told in their order, so the times of no more than one second are kept at once. Confined to the auditing thread.
 */
final class DueSeconds {
    /** A day; what is due later counts in the totals only. */
    private static final int MAX_SECONDS = 86_400;

    private static final double NANOS_PER_SECOND = 1e9;

    private final Schedule schedule;
    private final long[] silent;
    private final long[] declared;
    private final long[] events;
    private final Span[] completions;
    private final Span[] spreads;
    private final Times completion = new Times();
    private final Times spread = new Times();
    private int current;

    DueSeconds(Schedule schedule) {
        this.schedule = schedule;
        int seconds = schedule.events() == 0 ? 0 : Math.min(MAX_SECONDS, secondOf(schedule.events() - 1) + 1);
        silent = new long[seconds];
        declared = new long[seconds];
        events = new long[seconds];
        completions = new Span[seconds];
        spreads = new Span[seconds];
        Arrays.fill(completions, Span.NONE);
        Arrays.fill(spreads, Span.NONE);
    }

    private int secondOf(int event) {
        return (int) Math.min(MAX_SECONDS, (schedule.dueNanos(event) - schedule.startNanos()) / NANOS_PER_SECOND);
    }

    /** A delivery that was owed and not made. */
    void onLost(int event, boolean isDeclared) {
        int second = secondOf(event);
        if (second < silent.length) {
            (isDeclared ? declared : silent)[second]++;
        }
    }

    /** An event that all had in the end: in the order of events. */
    void onCompleted(int event, long completionNanos, long spreadNanos) {
        if (begin(event)) {
            completion.add(completionNanos);
            spread.add(spreadNanos);
        }
    }

    /** An event that somebody never had: in the order of events. */
    void onIncomplete(int event, long lostNanos) {
        if (begin(event)) {
            completion.add(lostNanos);
        }
    }

    /** False where the event is beyond the last second that is kept. */
    private boolean begin(int event) {
        int second = secondOf(event);
        if (second >= events.length) {
            return false;
        }
        if (second != current) {
            endSecond();
            current = second;
        }
        events[second]++;
        return true;
    }

    private void endSecond() {
        if (current < events.length) {
            completions[current] = completion.end();
            spreads[current] = spread.end();
        }
    }

    /** All seconds from the first event's to the last one's of which something is known, timed from the beginning of the run. */
    List<DueSecond> list(long runStartedNanos) {
        endSecond();
        double firstAt = (schedule.startNanos() - runStartedNanos) / NANOS_PER_SECOND + 1;
        int length = events.length;
        while (length > 0 && events[length - 1] == 0 && silent[length - 1] == 0 && declared[length - 1] == 0) {
            length--;
        }
        var seconds = new ArrayList<DueSecond>(length);
        for (int i = 0; i < length; i++) {
            seconds.add(new DueSecond(firstAt + i, events[i], completions[i], spreads[i], silent[i], declared[i]));
        }
        return seconds;
    }

    /** The times of one second. */
    private static final class Times {
        private long[] values = new long[64];
        private int count;

        void add(long nanos) {
            if (count == values.length) {
                values = Arrays.copyOf(values, 2 * count);
            }
            values[count++] = nanos;
        }

        Span end() {
            Span span = Span.of(values, count);
            count = 0;
            return span;
        }
    }
}
