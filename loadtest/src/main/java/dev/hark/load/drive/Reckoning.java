package dev.hark.load.drive;

import dev.hark.load.drive.Tally.Count;
import dev.hark.load.ledger.Attendance;
import dev.hark.load.ledger.Audit;
import dev.hark.load.ledger.DueSecond;
import dev.hark.load.ledger.Publications;
import dev.hark.load.ledger.Publications.Fate;
import dev.hark.load.ledger.Schedule;
import dev.hark.load.ledger.Traffic;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import dev.hark.load.measure.Timing;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a run's threads left behind, turned into measurements when they have ended.
 *
 * <p>Confined to the run's thread.
 */
final class Reckoning {
    private final FanoutPlan plan;
    private final Traffic traffic;
    private final ReaderThreads readers;
    private final PublishLoop publisher;
    private final Publications publications;
    private final Attendance attendance;

    Reckoning(
            FanoutPlan plan, Traffic traffic, ReaderThreads readers, PublishLoop publisher,
            Publications publications, Attendance attendance) {
        this.plan = plan;
        this.traffic = traffic;
        this.readers = readers;
        this.publisher = publisher;
        this.publications = publications;
        this.attendance = attendance;
    }

    /**
     * What the audit found beside numbers.
     *
     * @param lossExample one silent loss in words, or null
     * @param seconds by the second in which events were due
     */
    record Findings(@Nullable String lossExample, List<DueSecond> seconds) {}

    /** Adds timings and counts. */
    Findings into(Measurements measured, Schedule schedule, long startedNanos, boolean isComplete) {
        Histogram delivery = histogram();
        Histogram connect = histogram();
        Histogram resume = histogram();
        Histogram during = histogram();
        Histogram after = histogram();
        for (Deliveries each : readers.deliveries()) {
            delivery.add(each.delivery());
            connect.add(each.connect());
            resume.add(each.resume());
        }
        // Never less than what somebody waited for in the end: to lose an event must not be better than to be late with it.
        long lost = Math.clamp(Math.max(plan.phases().drain().toNanos(), delivery.getMaxValue()), 0, Deliveries.MAX_NANOS);
        var audit = new Audit(traffic, schedule, publications, readers.receipts(), attendance, readers.deliveries().getFirst()::ofOutage);
        Audit.Losses losses = audit.losses(delivery, lost);
        Histogram slip = histogram();
        Histogram publish = histogram();
        Histogram completion = histogram();
        Histogram spread = histogram();
        audit.timings(new Audit.Times(slip, publish, completion, spread, delivery), isComplete, lost);
        for (Deliveries each : readers.deliveries()) {
            during.add(each.during());
            after.add(each.after());
        }
        measured.put(Timing.DELIVERY, delivery);
        Histogram slowest = histogram();
        readers.addSlowest(slowest);
        measured.put(Timing.SLOWEST, slowest);
        measured.put(Timing.COMPLETION, completion);
        measured.put(Timing.SPREAD, spread);
        measured.put(Timing.PUBLISH, publish);
        measured.put(Timing.SLIP, slip);
        measured.put(Timing.CONNECT, connect);
        measured.put(Timing.RESUME, resume);
        measured.put(Timing.DELIVERY_DURING, during);
        measured.put(Timing.DELIVERY_AFTER, after);
        measured.put(Timing.LATENESS, publisher.lateness());
        putStreams(measured);
        if (isComplete) {
            measured.put(Metric.STREAMS_AWAY, readers.sum(Count.AWAY));
        }
        putEvents(measured, losses);
        return new Findings(losses.example(), audit.seconds(startedNanos));
    }

    private static Histogram histogram() {
        return new Histogram(Deliveries.MAX_NANOS, 3);
    }

    private void putStreams(Measurements measured) {
        measured.put(Metric.STREAMS_ASKED, plan.streams().subscribers());
        measured.put(Metric.STREAMS_CONFIRMED, readers.sum(Count.CONFIRMED));
        measured.put(Metric.STREAMS_FAILED, plan.streams().subscribers() - readers.sum(Count.CONFIRMED));
        measured.put(Metric.STREAMS_ENDED, readers.sum(Count.ENDED));
        measured.put(Metric.STREAMS_DROPPED, readers.sum(Count.DROPPED));
        measured.put(Metric.STREAMS_RESUMED, readers.sum(Count.RESUMED));
        measured.put(Metric.GAPS, readers.sum(Count.GAPS));
        measured.put(Metric.CLOSE_NOTICES, readers.sum(Count.CLOSE_NOTICES));
        measured.put(Metric.THREADS_ENDED, readers.sum(Count.THREADS_ENDED) + publisher.tally().get(Count.THREADS_ENDED));
        measured.put(Metric.FULL_READS, readers.sum(Count.FULL_READS));
    }

    private void putEvents(Measurements measured, Audit.Losses losses) {
        measured.put(Metric.PUBLISHED, publisher.tally().get(Count.SENT));
        if (plan.publish().retries()) {
            measured.put(Metric.PUBLISH_ERRORS, publisher.tally().get(Count.PUBLISH_ERRORS));
            measured.put(Metric.PUBLISH_RETRIES, publisher.tally().get(Count.RETRIED));
        }
        measured.put(Metric.ACKNOWLEDGED, publications.count(Fate.ACKNOWLEDGED, traffic));
        measured.put(Metric.REFUSED, publications.count(Fate.REFUSED, traffic));
        measured.put(Metric.UNANSWERED, publications.count(Fate.SENT, traffic));
        measured.put(Metric.UNSENT, publications.count(Fate.UNSENT, traffic));
        measured.put(Metric.DELIVERED, readers.sum(Count.DELIVERED));
        measured.put(Metric.OWED, losses.owed());
        measured.put(Metric.SILENT_LOSS, losses.silent());
        measured.put(Metric.DECLARED_LOSS, losses.declared());
        measured.put(Metric.AMBIGUOUS, losses.ambiguous());
        measured.put(Metric.DUPLICATES, readers.sum(Count.DUPLICATE));
        measured.put(Metric.DISORDER, readers.sum(Count.DISORDER));
        measured.put(Metric.CORRUPT, readers.sum(Count.CORRUPT));
        measured.put(Metric.WRONG_RECIPIENT, readers.sum(Count.WRONG_RECIPIENT));
        measured.put(Metric.WRONG_ID, losses.wrongIds());
        measured.put(Metric.FOREIGN, readers.sum(Count.FOREIGN));
    }
}
