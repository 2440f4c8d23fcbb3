package dev.hark.load.ledger;

import dev.hark.load.ledger.Publications.Fate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The comparison of what was acknowledged with what every subscriber got, made once, after all threads of a run have ended.
 *
 * <p>Confined to the thread that calls it.
 */
public final class Audit {
    /**
     * What is missing, over all subscribers.
     *
     * @param owed deliveries that were owed: acknowledged events, times the subscribers that were there
     * @param silent owed, never received, and never announced as lost
     * @param declared owed, never received, and announced by a gap notice
     * @param spoiled owed, and received in a state that could not be recognised
     * @param ambiguous not received, but acknowledged while the subscriber was coming, going or away, or on its
     *     way to one who never came back
     * @param unanswered received although the publisher was never told, or was refused; not an error by itself
     * @param wrongIds deliveries under another id than the publisher was told
     * @param example one silent loss in words, or null
     */
    public record Losses(long owed, long silent, long declared, long spoiled, long ambiguous, long unanswered,
            long wrongIds, @Nullable String example) {}

    private final Traffic traffic;
    private final Schedule schedule;
    private final Publications publications;
    private final List<Receipts> receipts;
    private final Attendance attendance;
    private final LongFunction<@Nullable Histogram> besides;
    private final DueSeconds seconds;

    private long owed;
    private long silent;
    private long declared;
    private long spoiled;
    private long ambiguous;
    private long absent;
    private long unanswered;
    private long wrongIds;
    private @Nullable String example;

    public Audit(Traffic traffic, Schedule schedule, Publications publications, List<Receipts> receipts, Attendance attendance) {
        this(traffic, schedule, publications, receipts, attendance, due -> null);
    }

    /**
     * The same, where some deliveries are counted a second time.
     *
     * @param besides for the time when an event was due, where its lost deliveries are counted beside all others; null where nowhere
     */
    public Audit(Traffic traffic, Schedule schedule, Publications publications, List<Receipts> receipts, Attendance attendance,
            LongFunction<@Nullable Histogram> besides) {
        this.besides = besides;
        this.traffic = traffic;
        this.schedule = schedule;
        this.publications = publications;
        this.receipts = receipts;
        this.attendance = attendance;
        seconds = new DueSeconds(schedule);
    }

    /** Counts what is missing; each lost delivery of a measured event enters the histogram as one of {@code lostNanos}. */
    public Losses losses(Histogram delivery, long lostNanos) {
        for (Receipts each : receipts) {
            for (int s = each.firstSubscriber(); s < each.firstSubscriber() + each.subscribers(); s++) {
                if (!attendance.isExcused(s)) {
                    auditSubscriber(each, s, delivery, lostNanos);
                }
            }
        }
        auditEvents();
        return new Losses(owed, silent, declared, spoiled, ambiguous, unanswered, wrongIds, example);
    }

    private void auditSubscriber(Receipts own, int subscriber, Histogram delivery, long lostNanos) {
        var excuses = new Excuses(own.announced(subscriber), own.corrupt(subscriber));
        var all = new ArrayList<Range>();
        for (int index = 0; index < traffic.flowsPerSubscriber(); index++) {
            int flow = traffic.flowOfSubscriber(subscriber, index);
            MissingPositions missing = own.missing(subscriber, index);
            for (int range = 0; missing != null && range < missing.ranges(); range++) {
                all.add(new Range(flow, missing.from(range), missing.to(range), missing.gaps(range), false));
            }
            // What was overtaken is lost; what only had not come yet might still have.
            all.add(new Range(flow, own.next(subscriber, index), traffic.length(flow), own.gapsAtEnd(subscriber, index),
                    attendance.isAway(subscriber)));
        }
        // Which notice was about which event nobody says. In this order as many are excused as can be.
        all.sort(Comparator.comparingInt(range -> range.gaps().last()));
        for (Range range : all) {
            for (int position = range.from(); position < range.to(); position++) {
                onMissing(subscriber, traffic.eventAt(range.flow(), position), range, excuses, delivery, lostNanos);
            }
        }
    }

    /** What one flow is missing in a row. */
    private record Range(int flow, int from, int to, MissingPositions.Gaps gaps, boolean mightCome) {}

    /** How many of one subscriber's missing events are explained: by each gap notice, negative where it does not say how many. */
    private static final class Excuses {
        private final long[] announced;
        private long corrupt;

        Excuses(long[] announced, long corrupt) {
            this.announced = announced;
            this.corrupt = corrupt;
        }

        /** Whether one of these notices still explains an event more. */
        boolean take(MissingPositions.Gaps gaps) {
            // What explains everything is not used up.
            if (Arrays.stream(announced, gaps.first(), gaps.last() + 1).anyMatch(count -> count < 0)) {
                return true;
            }
            for (int gap = gaps.first(); gap <= gaps.last(); gap++) {
                if (announced[gap] > 0) {
                    announced[gap]--;
                    return true;
                }
            }
            return false;
        }
    }

    private void onMissing(
            int subscriber, int event, Range range, Excuses excuses, Histogram delivery, long lostNanos) {
        if (publications.fate(event) != Fate.ACKNOWLEDGED) {
            return;
        }
        boolean own = traffic.isOwn(event);
        boolean owes = own
                ? attendance.owes(subscriber, publications.sentNanos(event), publications.answeredNanos(event))
                : attendance.owesOthers(subscriber);
        if (!owes) {
            if (attendance.isNotThereYet(subscriber, own ? publications.sentNanos(event) : Long.MIN_VALUE)) {
                absent++;
            } else {
                ambiguous++;
            }
            return;
        }
        if (own && attendance.isTimed(subscriber) && schedule.isMeasured(traffic.dueWith(event))) {
            recordLost(delivery, event, lostNanos, 1);
        }
        if (excuses.take(range.gaps())) {
            declared++;
            seconds.onLost(event, true);
        } else if (excuses.corrupt > 0) {
            excuses.corrupt--;
            spoiled++;
        } else if (range.mightCome()) {
            ambiguous++;
        } else {
            seconds.onLost(event, false);
            if (silent++ == 0) {
                example = exampleOf(subscriber, event);
            }
        }
    }

    private void recordLost(Histogram delivery, int event, long lostNanos, long count) {
        delivery.recordValueWithCount(lostNanos, count);
        Histogram beside = besides.apply(schedule.dueNanos(traffic.dueWith(event)));
        if (beside != null) {
            beside.recordValueWithCount(lostNanos, count);
        }
    }

    private String exampleOf(int subscriber, int event) {
        String when = traffic.isOwn(event)
                ? "acknowledged %.3f s after the start".formatted((publications.answeredNanos(event) - schedule.startNanos()) / 1e9)
                : "which another generator published";
        return "subscriber %d never got event %d (flow %d, position %d), %s".formatted(
                subscriber, event, traffic.flowOf(event), traffic.positionOf(event), when);
    }

    private void auditEvents() {
        long[] readers = attendingReaders();
        for (int event = 0; event < traffic.events(); event++) {
            boolean acknowledged = publications.fate(event) == Fate.ACKNOWLEDGED;
            if (acknowledged) {
                owed += readers[traffic.topicOf(event)];
            }
            for (Receipts each : receipts) {
                if (each.receivers(event) == 0) {
                    continue;
                }
                if (!acknowledged) {
                    unanswered += each.receivers(event);
                }
                wrongIds += each.wrongIds(event, acknowledged ? publications.idHash(event) : 0);
            }
        }
        owed -= ambiguous + absent;
    }

    /** Per topic, how many subscribers were meant to read it. */
    private long[] attendingReaders() {
        return readers(s -> !attendance.isExcused(s));
    }

    private long[] readers(IntPredicate counts) {
        long[] readers = new long[traffic.topics()];
        for (int s = 0; s < attendance.subscribers(); s++) {
            if (counts.test(s)) {
                readers[traffic.topicOfSubscriber(s)]++;
            }
        }
        return readers;
    }

    /**
     * Where the times of the measured events go that were published here, all counted from due: {@code slip} until sent, {@code publish}
     * until answered, {@code completion} until the last subscriber had it; {@code spread} from the first subscriber to the last; and
     * {@code delivery}, which holds what was delivered already.
     */
    public record Times(Histogram slip, Histogram publish, Histogram completion, Histogram spread, Histogram delivery) {}

    /**
     * Fills histograms. An event that not every subscriber got completes after {@code lostNanos}. One that was due and could not be sent,
     * or was never answered, took that long in all respects: a server that is not there would look fast otherwise.
     *
     * @param countsUndone false where the run was ended before everything was due
     */
    public void timings(Times into, boolean countsUndone, long lostNanos) {
        long[] readers = readers(s -> attendance.isTimed(s) && !attendance.isJoining(s));
        long[][] joined = joined();
        for (int event = 0; event < traffic.events(); event++) {
            if (traffic.isOwn(event)) {
                Times times = schedule.isMeasured(traffic.dueWith(event)) ? into : null;
                long due = schedule.dueNanos(traffic.dueWith(event));
                int topic = traffic.topicOf(event);
                long expected = readers[topic] + joinedBefore(joined[topic], publications.sentNanos(event) - schedule.startNanos());
                time(event, due, expected, times, countsUndone, lostNanos);
            }
        }
    }

    /** Per topic, when those came who came while events were published, counted from the start; in order. */
    private long[][] joined() {
        return IntStream.range(0, traffic.topics())
                .mapToObj(topic -> IntStream.range(0, attendance.subscribers())
                        .filter(s -> attendance.isJoining(s) && attendance.isTimed(s) && traffic.topicOfSubscriber(s) == topic)
                        .mapToLong(s -> attendance.cameAfter(s, schedule.startNanos()))
                        .sorted()
                        .toArray())
                .toArray(long[][]::new);
    }

    private static int joinedBefore(long[] came, long sent) {
        int at = Arrays.binarySearch(came, sent);
        while (at >= 0 && at < came.length && came[at] == sent) {
            at++;
        }
        return at >= 0 ? at : -at - 1;
    }

    /** The times are null for what is checked, but not timed; the seconds show it all the same. */
    private void time(int event, long due, long expected, @Nullable Times into, boolean countsUndone, long lostNanos) {
        Fate fate = publications.fate(event);
        if (into != null && fate != Fate.UNSENT) {
            into.slip.recordValue(Math.max(0, publications.sentNanos(event) - due));
        }
        switch (fate) {
            case ACKNOWLEDGED -> {
                if (into != null) {
                    into.publish.recordValue(Math.max(0, publications.answeredNanos(event) - due));
                }
                timeReceivers(event, due, expected, into, lostNanos);
            }
            case UNSENT, SENT -> {
                if (into != null && countsUndone) {
                    into.publish.recordValue(lostNanos);
                    long missing = expected - receivers(event);
                    if (missing > 0) {
                        into.completion.recordValue(lostNanos);
                        recordLost(into.delivery, event, lostNanos, missing);
                    }
                }
            }
            case REFUSED -> {
                // The publisher knows, and nobody waits for it.
            }
        }
    }

    private long receivers(int event) {
        return receipts.stream().mapToLong(each -> each.timedReceivers(event)).sum();
    }

    private void timeReceivers(int event, long due, long expected, @Nullable Times into, long lostNanos) {
        if (expected == 0) {
            return;
        }
        long received = 0;
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (Receipts each : receipts) {
            if (each.timedReceivers(event) > 0) {
                received += each.timedReceivers(event);
                first = Math.min(first, each.firstNanos(event));
                last = Math.max(last, each.lastNanos(event));
            }
        }
        boolean isComplete = received >= expected;
        long completed = isComplete ? Math.max(0, last - due) : lostNanos;
        if (isComplete) {
            seconds.onCompleted(event, completed, last - first);
        } else {
            seconds.onIncomplete(event, lostNanos);
        }
        if (into != null) {
            into.completion.recordValue(completed);
            if (isComplete) {
                into.spread.recordValue(last - first);
            }
        }
    }

    /** What {@link #losses} and {@link #timings} found, second by second, warm-up included; to be called after both. */
    public List<DueSecond> seconds(long runStartedNanos) {
        return seconds.list(runStartedNanos);
    }
}
