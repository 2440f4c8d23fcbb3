package dev.hark.log.replicated;

import dev.hark.log.Epochs;
import dev.hark.log.UnusableLogException;
import dev.hark.log.replicated.Journal.Appended;
import dev.hark.log.replicated.Journal.Extent;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a node goes on with a journal when it starts.
 *
 * @param extent what it held
 * @param place  the last group that is not to be given
 * @param next   the name of a history that is to be begun; null where the present one goes on
 */
record Start(Journal journal, Extent extent, Replica.Applied place, @Nullable String next) {
    private static final Duration PAUSE = Duration.ofMillis(500);

    private static final System.Logger LOGGER = System.getLogger(Start.class.getName());

    /**
     * Waits where nobody answers: servers that have just been started, or have lost one of them, choose a leader.
     *
     * @param patience for how long that may be, from the first time that nobody does
     * @param stall    for how long an append may be under way
     * @throws UnusableLogException with one sentence for the operator; the journal is closed
     */
    static Start of(
            Journal journal, Replica replica, InstantSource clock, RandomGenerator random, Duration patience, Duration stall,
            SnapshotFigures figures) {
        // What comes before the first failure may take its time: a snapshot is large.
        long failing = 0;
        String said = null;
        try {
            while (true) {
                try {
                    return once(journal, replica, clock, random, stall, figures);
                } catch (IOException e) {
                    String why = "the journal of the log cannot be read or begun: " + e.getMessage();
                    failing = said == null ? System.nanoTime() : failing;
                    if (System.nanoTime() - failing >= patience.toNanos()) {
                        throw new UnusableLogException(why, e);
                    }
                    if (!why.equals(said)) {
                        said = why;
                        LOGGER.log(System.Logger.Level.WARNING, why + "; it is tried again for up to " + patience.toSeconds() + " s");
                    }
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            journal.close();
            throw new UnusableLogException("interrupted before the log was opened", e);
        } catch (RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    private static Start once(
            Journal journal, Replica replica, InstantSource clock, RandomGenerator random, Duration stall, SnapshotFigures figures)
            throws IOException, InterruptedException {
        Extent extent = beginJournal(journal, replica, clock, random, stall);
        String next = null;
        if (replica.isHidden()) {
            // The process ended before another history had begun, and what was over is in no file.
            next = replica.hide(Replica.Over.forgotten(replica.tail().epoch(), clock.millis(), Epochs.next(random))).next();
        }
        Beginning.Found found = Beginning.find(journal, replica.applied());
        if (found.meeting() == Beginning.Meeting.SAME || found.meeting() == Beginning.Meeting.TORN) {
            // A snapshot that lies behind what is torn is taken once that is come to.
            return new Start(journal, extent, replica.applied(), next);
        }
        if (found.meeting() != Beginning.Meeting.NEW) {
            LOGGER.log(System.Logger.Level.ERROR, "the journal of the log does not go on from what this node has applied: "
                    + found.why() + "; it begins anew with what the journal holds, and everybody who resumes is told so");
        }
        if (found.meeting() == Beginning.Meeting.OTHER) {
            next = replica.hide(new Replica.Over(replica.tail().epoch(), replica.timeMillis(), Epochs.next(random))).next();
        }
        try {
            Replica.Applied place = Beginning.begin(journal, replica, false, figures);
            // What came while a snapshot was read is to be applied as well.
            return new Start(journal, journal.extent(), place, next);
        } catch (UnusableLogException e) {
            throw new UnusableLogException("the log cannot be opened: " + e.getMessage(), e);
        }
    }

    /** What the journal holds; its first history is begun where there is none. */
    private static Extent beginJournal(
            Journal journal, Replica replica, InstantSource clock, RandomGenerator random, Duration stall)
            throws IOException, InterruptedException {
        Extent extent = journal.extent();
        if (extent.last() > 0 && !(Beginning.isEmpty(extent) && replica.applied().position() == 0)) {
            return extent;
        }
        byte[] first = GroupCodec.encodeEpoch(clock.millis(), Epochs.next(random));
        String id = Beginning.firstId(Epochs.next(random) + Epochs.next(random));
        Appended appended = journal.appendAfter(extent.last(), id, first, stall);
        if (appended instanceof Appended.Refused refused) {
            throw new IOException(refused.why());
        }
        if (appended instanceof Appended.Unknown unknown) {
            throw new IOException(unknown.why());
        }
        // By this node or by another one.
        return journal.extent();
    }
}
