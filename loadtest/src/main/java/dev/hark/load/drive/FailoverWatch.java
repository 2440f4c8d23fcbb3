package dev.hark.load.drive;

import dev.hark.load.drive.Tally.Count;
import dev.hark.load.measure.Measurements;
import dev.hark.load.measure.Metric;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Takes a node away, and watches until every stream that it had is live again elsewhere.
 *
 * <p>Confined to the run's thread.
 */
final class FailoverWatch {
    private static final long LOOK_NANOS = 1_000_000;

    private final ReaderThreads readers;
    private final Outage outage;
    private final Taking taking;
    private long endedBefore;
    private long takenNanos;
    /** When all were back; 0 while some are away, or none has ended yet. */
    private long backNanos;

    /** @throws IllegalArgumentException if the process that is to be killed is not there */
    FailoverWatch(ReaderThreads readers, Outage outage) {
        this.readers = readers;
        this.outage = outage;
        taking = new Taking(outage);
    }

    /**
     * Takes the node away and looks on for a while; longer where streams are away then.
     *
     * @param untilNanos how long: a command may take its time, and one node after another
     * @param atMostNanos how much longer, at most
     * @param isOver whether the run was ended meanwhile
     */
    void run(long untilNanos, long atMostNanos, BooleanSupplier isOver, Consumer<String> mark) {
        endedBefore = readers.sum(Count.ENDED);
        mark.accept(outage.inWords());
        takenNanos = System.nanoTime();
        readers.deliveries().forEach(each -> each.onTaken(takenNanos));
        taking.begin();
        while (!isOver.getAsBoolean() && System.nanoTime() - (backNanos == 0 ? atMostNanos : untilNanos) < 0) {
            look(mark);
            // Where nothing happens at all, there is nothing to wait for beyond measuring.
            if (readers.sum(Count.ENDED) == endedBefore && System.nanoTime() - untilNanos >= 0) {
                return;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void look(Consumer<String> mark) {
        // In this order: what resumes between the two looks has ended before.
        long resumed = readers.sum(Count.RESUMED);
        long allEnded = readers.sum(Count.ENDED);
        long ended = allEnded - endedBefore;
        boolean areBack = ended > 0 && resumed >= allEnded;
        if (areBack && backNanos == 0) {
            backNanos = System.nanoTime();
            readers.deliveries().forEach(each -> each.onBack(backNanos));
            mark.accept(String.format(Locale.ROOT, "all %,d are live again", ended));
        } else if (!areBack && backNanos != 0) {
            backNanos = 0;
            readers.deliveries().forEach(Deliveries::onAwayAgain);
        }
    }

    /** To be called when the run is over. */
    void into(Measurements measured) {
        if (takenNanos != 0) {
            measured.put(Metric.FAILOVER_STREAMS, readers.sum(Count.ENDED) - endedBefore);
        }
        if (backNanos != 0) {
            measured.put(Metric.FAILOVER_ALL, backNanos - takenNanos);
        }
    }

    Optional<String> problem() {
        return taking.problem();
    }
}
