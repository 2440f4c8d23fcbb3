package dev.hark.load.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hark.load.wire.Stamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class AuditTest {
    private static final int RUN = 7;
    private static final long LOST_NANOS = 10_000_000_000L;

    private final Traffic traffic = new Traffic(1, 2, 20);
    private final Schedule schedule = new Schedule(0, 1000, 5, 20);
    private final Publications publications = new Publications(20);
    private final Attendance attendance = new Attendance(3);
    private final Receipts receipts = new Receipts(traffic, RUN, 0, 3);
    private final Histogram delivery = new Histogram(3);

    AuditTest() {
        for (int s = 0; s < 3; s++) {
            attendance.onConfirmed(s, -1);
        }
        for (int event = 0; event < 20; event++) {
            acknowledge(event);
        }
    }

    @Test
    void findsNothingWhereAllCame() {
        for (int s = 0; s < 3; s++) {
            deliverAllBut(s);
        }
        assertThat(losses()).isEqualTo(new Audit.Losses(60, 0, 0, 0, 0, 0, 0, null));
    }

    /** Whoever comes first: one wrong id is one, not one for each of the others. */
    @Test
    void countsAWrongIdOnceWhoeverWasGivenIt() {
        for (int wrong = 0; wrong < 3; wrong++) {
            int event = wrong;
            publications.onAcknowledged(event, schedule.dueNanos(event) + 1000, 77);
            for (int s = 0; s < 3; s++) {
                receipts.onDelivery(s, stamp(traffic, event), s == wrong ? 88 : 77, schedule.dueNanos(event) + 2000, true);
            }
            assertThat(losses().wrongIds()).as("after subscriber %d was given a wrong one", wrong).isEqualTo(wrong + 1);
        }
    }

    @Test
    void findsTheFirstTheMiddleAndTheLastThatIsMissing() {
        deliverAllBut(0, 0);
        deliverAllBut(1, 9);
        deliverAllBut(2, 19);
        Audit.Losses losses = losses();
        assertThat(losses.silent()).isEqualTo(3);
        assertThat(losses.example()).contains("subscriber 0").contains("event 0");
        assertThat(delivery.getTotalCount()).as("the lost ones that were measured").isEqualTo(2);
        assertThat(delivery.getMinValue()).isGreaterThan(LOST_NANOS * 99 / 100);
    }

    @Test
    void believesAGapNoticeUpToItsCount() {
        deliver(0, 0);
        deliver(0, 1);
        receipts.onGap(0, 3);
        for (int event = 8; event < 20; event++) {
            deliver(0, event);
        }
        deliverAllBut(1);
        deliverAllBut(2);
        Audit.Losses losses = losses();
        assertThat(losses.declared()).isEqualTo(3);
        assertThat(losses.silent()).isEqualTo(3);
    }

    @Test
    void believesAGapNoticeThatKnowsNoCount() {
        receipts.onGap(0, -1);
        deliver(0, 18);
        deliver(0, 19);
        deliverAllBut(1);
        deliverAllBut(2);
        assertThat(losses().declared()).isEqualTo(18);
        assertThat(losses().silent()).isZero();
    }

    /** A notice that does not know how many excuses what is missing there, and not what is dropped an hour later. */
    @Test
    void believesAGapNoticeUpToTheNextEventOnly() {
        receipts.onGap(0, -1);
        deliver(0, 0);
        deliver(0, 1);
        receipts.onGap(0, 1);
        for (int event = 8; event < 20; event++) {
            deliver(0, event);
        }
        deliverAllBut(1);
        deliverAllBut(2);
        assertThat(losses().declared()).isEqualTo(1);
        assertThat(losses().silent()).isEqualTo(5);
    }

    /** Nobody says of which flow a notice's events were, so as many are excused as can be, and no more. */
    @Test
    void sharesNoticesAmongFlowsSoThatAsManyAreExcusedAsCanBe() {
        deliverAllBut(1);
        deliverAllBut(2);
        // Flow 0 has the even events, flow 1 the odd ones.
        for (int event = 0; event < 4; event++) {
            deliver(0, event);
        }
        receipts.onGap(0, 2);
        deliver(0, 6);
        receipts.onGap(0, 1);
        deliver(0, 10);
        deliver(0, 9);
        for (int event = 11; event < 20; event++) {
            deliver(0, event);
        }
        Audit.Losses losses = losses();
        assertThat(losses.declared()).as("4 and 8, and one of 5 and 7").isEqualTo(3);
        assertThat(losses.silent()).isEqualTo(1);
    }

    /** Whatever is missing behind it is explained: what another notice counts is kept for the flow that has it alone. */
    @Test
    void usesNoCountUpWhereANoticeWithoutOneExplainsTheSame() {
        deliverAllBut(1);
        deliverAllBut(2);
        deliver(0, 0);
        deliver(0, 1);
        receipts.onGap(0, -1);
        deliver(0, 3);
        receipts.onGap(0, 1);
        for (int event = 6; event < 20; event++) {
            deliver(0, event);
        }
        Audit.Losses losses = losses();
        assertThat(losses.declared()).as("2, 4 and 5").isEqualTo(3);
        assertThat(losses.silent()).isZero();
    }

    @Test
    void owesNothingToThoseWhoWereNotThere() {
        attendance.onGone(0, publications.answeredNanos(10));
        deliverAllBut(1);
        attendance.excuse(2);
        Audit.Losses losses = losses();
        assertThat(losses.silent()).as("until it was gone").isEqualTo(10);
        assertThat(losses.ambiguous()).isEqualTo(10);
        assertThat(losses.owed()).isEqualTo(30);
    }

    /** Who came while events were published: what others published is not owed, and nobody knows by this clock when that was. */
    @Test
    void saysOnlyOfOnesOwnEventsThatTheyCameBeforeASubscriberDid() {
        for (long came : new long[] {-1, 0, 1, Long.MAX_VALUE}) {
            var joining = new Attendance(1);
            joining.joins(0);
            assertThat(joining.isNotThereYet(0, 5)).isTrue();
            joining.onConfirmed(0, came);
            assertThat(joining.isNotThereYet(0, Long.MIN_VALUE)).as("came at %d", came).isTrue();
        }
    }

    /** A server that dies with events on their way would have given them on the return; what it had passed over already it would not. */
    @Test
    void blamesNobodyForWhatWasOnItsWayToOneWhoNeverCameBack() {
        attendance.onNeverBack(0, publications.answeredNanos(19) + 1);
        for (int event = 0; event < 15; event++) {
            if (event != 4) {
                deliver(0, event);
            }
        }
        deliverAllBut(1);
        deliverAllBut(2, 19);
        Audit.Losses losses = losses();
        assertThat(losses.silent()).as("event 4, which was overtaken, and event 19 of one who was there").isEqualTo(2);
        assertThat(losses.ambiguous()).isEqualTo(5);
        assertThat(losses.owed()).isEqualTo(55);
        assertThat(delivery.getTotalCount()).as("all of the measured ones were waited for in vain").isEqualTo(6);
    }

    @Test
    void owesNothingThatWasRefusedOrNeverAnswered() {
        publications.onRefused(3, 1);
        publications.onSent(4, 1);
        deliverAllBut(0, 3, 4);
        deliverAllBut(1, 3, 4);
        deliverAllBut(2, 3);
        Audit.Losses losses = losses();
        assertThat(losses.silent()).isZero();
        assertThat(losses.owed()).isEqualTo(54);
        assertThat(losses.unanswered()).isEqualTo(1);
    }

    @Test
    void doesNotCallLostWhatCameCorrupt() {
        receipts.onCorrupt(0);
        deliverAllBut(0, 6);
        deliverAllBut(1);
        deliverAllBut(2);
        assertThat(losses().silent()).isZero();
        assertThat(losses().spoiled()).isEqualTo(1);
    }

    @Test
    void timesAnEventByItsLastSubscriber() {
        deliverAllBut(0, 19);
        deliverAllBut(1);
        deliverAllBut(2);
        Histogram slip = new Histogram(3);
        Histogram publish = new Histogram(3);
        Histogram completion = new Histogram(3);
        Histogram spread = new Histogram(3);
        audit().timings(new Audit.Times(slip, publish, completion, spread, delivery), true, LOST_NANOS);
        assertThat(completion.getTotalCount()).isEqualTo(15);
        assertThat(spread.getTotalCount()).isEqualTo(14);
        assertThat(completion.getMaxValue()).isGreaterThanOrEqualTo(LOST_NANOS);
        assertThat(publish.getMaxValue()).isLessThan(2_000);
    }

    /** Ten events a second, the first half second after the run began: the losses and times of each second, and no others. */
    @Test
    void findsEachLossInTheSecondInWhichItWasDue() {
        var slow = new Schedule(500_000_000, 10, 0, 20);
        for (int event = 0; event < 20; event++) {
            publications.onSent(event, slow.dueNanos(event));
            publications.onAcknowledged(event, slow.dueNanos(event) + 1000, 0);
        }
        for (int event = 0; event < 20; event++) {
            for (int s = 0; s < 3; s++) {
                boolean isLost = (s == 0 && (event == 3 || event == 12)) || (s == 1 && event == 12);
                if (!isLost) {
                    receipts.onDelivery(s, stamp(traffic, event), 0, slow.dueNanos(event) + 1_000_000L * (event + 1) * (s + 1), true);
                }
                if (s == 0 && event == 10) {
                    receipts.onGap(s, 1);
                }
            }
        }
        var audit = new Audit(traffic, slow, publications, List.of(receipts), attendance);
        Audit.Losses losses = audit.losses(delivery, LOST_NANOS);
        audit.timings(times(), true, LOST_NANOS);
        List<DueSecond> seconds = audit.seconds(0);
        assertThat(seconds).extracting(DueSecond::at).containsExactly(1.5, 2.5);
        assertThat(seconds).extracting(DueSecond::events).containsExactly(10L, 10L);
        assertThat(seconds).extracting(DueSecond::silent).containsExactly(1L, 1L);
        assertThat(seconds).extracting(DueSecond::declared).containsExactly(0L, 1L);
        assertThat(losses.silent()).isEqualTo(2);
        assertThat(losses.declared()).isEqualTo(1);
        assertThat(seconds.getFirst().completion()).isEqualTo(new DueSecond.Span(18_000_000, LOST_NANOS, LOST_NANOS));
        assertThat(seconds.getFirst().spread().max()).as("of the ten events that all had").isEqualTo(20_000_000);
        assertThat(seconds.getLast().spread().max()).isEqualTo(40_000_000);
    }

    /** What is lost while a node is away is as slow there as it is among all. */
    @Test
    void countsWhatIsLostWhereItWasDueToo() {
        var outage = new Histogram(3);
        var audit = new Audit(traffic, schedule, publications, List.of(receipts), attendance,
                due -> due >= schedule.dueNanos(10) ? outage : null);
        publications.onSent(19, schedule.dueNanos(19));
        deliverAllBut(0, 7, 12, 19);
        deliverAllBut(1, 15);
        deliverAllBut(2);
        audit.losses(delivery, LOST_NANOS);
        assertThat(outage.getTotalCount()).as("12 and 15").isEqualTo(2);
        audit.timings(times(), true, LOST_NANOS);
        assertThat(outage.getTotalCount()).as("and 19, which was never answered, for one").isEqualTo(3);
        assertThat(outage.getMinValue()).isGreaterThan(LOST_NANOS * 99 / 100);
    }

    @Test
    void hasNoSecondsWithoutEvents() {
        var nothing = new Audit(new Traffic(1, 1, 0), new Schedule(0, 0, 0, 0), new Publications(0), List.of(), attendance);
        assertThat(nothing.seconds(0)).isEmpty();
    }

    /** Whatever is dropped, repeated and shuffled: the ledger's counts are those of a list. */
    @Property
    void countsWhatWasDone(@ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int connections) {
        var random = new Random(seed);
        var ours = new Traffic(1, connections, 60);
        var own = new Receipts(ours, RUN, 0, 1);
        var sent = new Publications(60);
        var order = new ArrayList<Integer>();
        int dropped = 0;
        int repeated = 0;
        for (int event = 0; event < 60; event++) {
            sent.onSent(event, event);
            sent.onAcknowledged(event, event + 1, 0);
            if (random.nextInt(10) == 0) {
                dropped++;
                continue;
            }
            order.add(Math.max(0, order.size() - random.nextInt(3)), event);
            if (random.nextInt(10) == 0) {
                order.add(event);
                repeated++;
            }
        }
        int duplicates = 0;
        for (int event : order) {
            Stamp stamp = stamp(ours, event);
            duplicates += own.onDelivery(0, stamp, 0, 5, true) == Receipts.Kind.DUPLICATE ? 1 : 0;
        }
        var there = new Attendance(1);
        there.onConfirmed(0, -1);
        Audit.Losses losses = new Audit(ours, new Schedule(0, 1000, 0, 60), sent, List.of(own), there).losses(new Histogram(3), LOST_NANOS);
        assertThat(losses.silent()).isEqualTo(dropped);
        assertThat(own.skipped()).as("what is missing at the end was skipped by nothing").isLessThanOrEqualTo(dropped);
        assertThat(duplicates).isEqualTo(repeated);
    }

    /** A server that is gone takes nothing, and would be the fastest of all. */
    @Test
    void countsWhatWasDueAndNeverDoneAsLost() {
        var gone = new Publications(20);
        for (int event = 0; event < 18; event++) {
            gone.onSent(event, schedule.dueNanos(event));
            gone.onAcknowledged(event, schedule.dueNanos(event) + 1000, 0);
        }
        gone.onSent(18, schedule.dueNanos(18));
        for (int s = 0; s < 3; s++) {
            deliverAllBut(s, 18, 19);
        }
        deliver(0, 18);
        var audit = new Audit(traffic, schedule, gone, List.of(receipts), attendance);
        Audit.Times times = times();
        audit.timings(times, true, LOST_NANOS);
        assertThat(times.publish().getTotalCount()).isEqualTo(15);
        assertThat(times.publish().getCountAtValue(LOST_NANOS)).isEqualTo(2);
        assertThat(times.completion().getCountAtValue(LOST_NANOS)).isEqualTo(2);
        assertThat(times.delivery().getCountAtValue(LOST_NANOS))
                .as("two who have not the unanswered one, three who have not the unsent one")
                .isEqualTo(5);
        Audit.Times interrupted = times();
        audit.timings(interrupted, false, LOST_NANOS);
        assertThat(interrupted.publish().getTotalCount()).isEqualTo(13);
        assertThat(interrupted.delivery().getTotalCount()).isZero();
    }

    /** Who is away on purpose is owed all, but is not why an event is late. */
    @Test
    void doesNotTimeThoseWhoComeLate() {
        attendance.comesLate(2);
        deliverAllBut(0);
        deliverAllBut(1);
        for (int event = 0; event < 19; event++) {
            receipts.onDelivery(2, stamp(traffic, event), 0, schedule.dueNanos(event) + LOST_NANOS / 2, false);
        }
        assertThat(losses().silent()).isEqualTo(1);
        assertThat(delivery.getTotalCount()).isZero();
        Audit.Times times = times();
        audit().timings(times, true, LOST_NANOS);
        assertThat(times.completion().getTotalCount()).isEqualTo(15);
        assertThat(times.completion().getMaxValue()).isLessThan(10_000);
    }

    private Audit.Times times() {
        return new Audit.Times(new Histogram(3), new Histogram(3), new Histogram(3), new Histogram(3), new Histogram(3));
    }

    private Audit audit() {
        return new Audit(traffic, schedule, publications, List.of(receipts), attendance);
    }

    private Audit.Losses losses() {
        delivery.reset();
        return audit().losses(delivery, LOST_NANOS);
    }

    private void acknowledge(int event) {
        long due = schedule.dueNanos(event);
        publications.onSent(event, due);
        publications.onAcknowledged(event, due + 1000, 0);
    }

    private void deliverAllBut(int subscriber, Integer... missing) {
        for (int event = 0; event < 20; event++) {
            if (!List.of(missing).contains(event)) {
                deliver(subscriber, event);
            }
        }
    }

    private void deliver(int subscriber, int event) {
        assertThat(receipts.onDelivery(subscriber, stamp(traffic, event), 0, schedule.dueNanos(event) + 2000 + subscriber, true))
                .isEqualTo(Receipts.Kind.IN_ORDER);
    }

    private static Stamp stamp(Traffic traffic, int event) {
        byte[] bytes = new byte[Stamp.MIN_BYTES];
        Stamp.write(bytes, 0, bytes.length, RUN, traffic.flowOf(event), traffic.positionOf(event), 0);
        var stamp = new Stamp();
        assertThat(stamp.read(bytes, 0, bytes.length)).isTrue();
        return stamp;
    }
}
