package dev.hark.app.hook;

import dev.hark.app.hook.Note.Alive;
import dev.hark.app.hook.Note.Gone;
import dev.hark.app.hook.Note.Here;
import dev.hark.app.hook.Note.Over;
import dev.hark.app.hook.NoteLog.Noted;
import dev.hark.app.hook.NoteLog.Notes;
import dev.hark.app.state.LogAwayException;
import dev.hark.event.EventId;
import dev.hark.event.GapReason;
import dev.hark.fanout.PageRequest;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Notes in the log, for one hook, what has changed on this node; and that other nodes are gone which say nothing any more, such as this one
 * before it was started anew.
 *
 * <p>Each start of a node is a run with a name of its own. Confined to the thread that takes notes, but for {@link #beyond}.
 */
final class NoteTaker {
    /** How many topics may be noted as listened to on one node. */
    static final int MAX_TOPICS = 100_000;

    /** How many notes are stored at once, and how often in one step. */
    private static final int BATCH = 500;

    private static final int BATCHES = 20;

    /** How often it is noted what happened. */
    private static final Duration PERIOD = Duration.ofSeconds(1);

    /** How often it looks what other nodes note. */
    private static final Duration LOOK = Duration.ofMillis(250);

    /** How often a node says that it is still there. */
    private static final Duration BEAT = Duration.ofSeconds(5);

    /** After how long another node's silence has to be this one's doubt whether the log takes anything. */
    private static final Duration DOUBT = BEAT.multipliedBy(2);

    private final Tally tally;
    private final NoteLog log;
    private final Terms terms;
    private final LongSupplier nanoTime;

    private final OwnTopics own;
    private final OtherRuns others;

    /** Up to where the notes of others are known; null where nothing is. */
    private @Nullable EventId known;

    /** Whether all is known that was there at the start. */
    private boolean begun;

    /** Whether the log did not take the last notes. */
    private boolean away;

    private long lookedNanos;
    private long beatNanos;
    private long happenedNanos;

    /**
     * How it takes notes.
     *
     * @param run    this node's name: another one at each start
     * @param shared whether other nodes have the same log
     * @param settle how long a topic has nobody before that is noted
     * @param lease  for how long another run says nothing before it is over
     * @param most   how many topics may be noted as listened to on this node
     */
    record Terms(String run, boolean shared, Duration settle, Duration lease, int most) {
        /** For how long at least another node of the same log says nothing. */
        static final Duration LEASE = Duration.ofSeconds(20);

        /** By how much longer a node waits at most: not all say it at once. */
        private static final int MAX_LATER_MILLIS = 10_000;

        /** Those of a node that is started now. A stream that comes to this one within {@code settle}, from one that ends, is no news. */
        static Terms of(String run, boolean shared, Duration settle, RandomGenerator random) {
            Duration least = settle.compareTo(LEASE) > 0 ? settle : LEASE;
            Duration lease = shared ? least.plusMillis(random.nextInt(MAX_LATER_MILLIS)) : settle;
            return new Terms(run, shared, settle, lease, MAX_TOPICS);
        }
    }

    NoteTaker(String name, Tally tally, NoteLog log, Terms terms, LongSupplier nanoTime) {
        this.tally = tally;
        this.log = log;
        this.terms = terms;
        this.nanoTime = nanoTime;
        this.own = new OwnTopics(name, tally, terms, nanoTime);
        this.others = new OtherRuns(nanoTime);
        long now = nanoTime.getAsLong();
        this.lookedNanos = now;
        this.beatNanos = now;
        this.happenedNanos = now;
    }

    /** How often a topic was not noted because there were too many. */
    long beyond() {
        return own.beyond();
    }

    private boolean isDue(long sinceNanos, Duration period) {
        return nanoTime.getAsLong() - sinceNanos >= period.toNanos();
    }

    /** @throws LogAwayException if the log cannot be read or takes nothing now; what was to be noted is, by one of the next steps */
    void step() throws LogAwayException {
        try {
            takeStep();
        } catch (LogAwayException e) {
            hearAll();
            own.forgetWhatCameAndWent();
            throw e;
        }
    }

    private void takeStep() throws LogAwayException {
        if (!begun || (terms.shared() && isDue(lookedNanos, LOOK))) {
            readOn();
            begun = true;
            lookedNanos = nanoTime.getAsLong();
        }
        noteOwn();
        noteOthersEnds();
        if (isDue(happenedNanos, PERIOD)) {
            noteHappened();
            happenedNanos = nanoTime.getAsLong();
        }
        beat(!own.isEmpty() || !others.silentFor(DOUBT).isEmpty());
    }

    /**
     * Says that this node is still there where others have to hear it, and nothing else: its streams are being ended.
     *
     * @throws LogAwayException as {@link #step}
     */
    void beat() throws LogAwayException {
        beat(!own.isEmpty());
    }

    private void beat(boolean isWanted) throws LogAwayException {
        if (terms.shared() && isWanted && isDue(beatNanos, BEAT)) {
            append(List.of(new Alive(terms.run())));
        }
    }

    private void append(List<Note> notes) throws LogAwayException {
        long beganNanos = nanoTime.getAsLong();
        away = true;
        log.append(notes);
        away = false;
        // They say too that this node is there.
        beatNanos = nanoTime.getAsLong();
        if (isDue(beganNanos, BEAT)) {
            hearAll();
        }
    }

    /** The log was away, and may have been so for other nodes: that they have said nothing meanwhile means nothing. */
    private void hearAll() {
        if (terms.shared()) {
            others.hearAll();
        }
    }

    private void readOn() throws LogAwayException {
        EventId newest = log.newest();
        if (newest.equals(known)) {
            return;
        }
        boolean more = true;
        while (more) {
            EventId from = known;
            Notes notes = log.read(from, PageRequest.MAX_LIMIT);
            if (notes.lost() == GapReason.RESET || notes.lost() == GapReason.UNKNOWN_ID) {
                own.clear();
                others.clear();
                notes = log.read(null, PageRequest.MAX_LIMIT);
            }
            notes.notes().forEach(this::take);
            known = notes.next();
            more = known.epoch().equals(newest.epoch()) && known.sequence() < newest.sequence();
            if (more && known.equals(from)) {
                throw new LogAwayException("the notes of others cannot be read now");
            }
        }
    }

    private void take(Noted noted) {
        switch (noted.note()) {
            case Here(String run, String topic) when isOwn(run) -> own.read(topic, true);
            case Here(String run, String topic) -> others.here(run, topic);
            case Gone(String run, String topic) when isOwn(run) -> own.read(topic, false);
            case Gone(String run, String topic) -> others.gone(run, topic);
            case Alive(String run) -> others.alive(run);
            case Over(String run) -> others.over(run);
            case Note.Happened happened -> {
                // Not about who is there.
            }
        }
    }

    private boolean isOwn(String run) {
        return run.equals(terms.run());
    }

    private void noteOwn() throws LogAwayException {
        own.settle();
        if (away && !noteOwn(own.doubtful(BATCH))) {
            // Before anything else: what is in doubt must not grow as long as the log takes nothing.
            append(List.of(new Alive(terms.run())));
        }
        boolean more = true;
        for (int i = 0; i < BATCHES && more; i++) {
            List<String> topics = tally.changed(BATCH);
            try {
                noteOwn(topics);
            } catch (LogAwayException e) {
                topics.forEach(tally::lookAgain);
                throw e;
            }
            more = topics.size() == BATCH;
        }
    }

    /** @return whether there was anything to note of {@code topics} */
    private boolean noteOwn(List<String> topics) throws LogAwayException {
        List<Note> notes = own.notes(topics);
        if (notes.isEmpty()) {
            return false;
        }
        try {
            append(notes);
        } catch (LogAwayException e) {
            own.doubt(notes);
            throw e;
        }
        own.stored(notes);
        return true;
    }

    private void noteOthersEnds() throws LogAwayException {
        if (terms.shared()) {
            if (others.silentFor(terms.lease()).isEmpty()) {
                return;
            }
            // What they have said may be on its way to this node. Where it has a note of its own, it has all that stands before it.
            append(List.of(new Alive(terms.run())));
            readOn();
        }
        for (String run : others.silentFor(terms.lease())) {
            List<String> topics = others.topics(run);
            for (int from = 0; from < topics.size() && isSilent(run); from += BATCH) {
                append(topics.subList(from, Math.min(from + BATCH, topics.size())).stream()
                        .map(topic -> (Note) new Gone(run, topic))
                        .toList());
            }
            if (isSilent(run)) {
                append(List.of(new Over(run)));
                others.over(run);
            }
        }
    }

    private boolean isSilent(String run) {
        return others.isSilentFor(run, terms.lease());
    }

    private void noteHappened() throws LogAwayException {
        List<Note> happened = tally.takeHappened();
        if (happened.isEmpty()) {
            return;
        }
        try {
            append(happened);
        } catch (LogAwayException e) {
            tally.putBack(happened);
            throw e;
        }
    }
}
