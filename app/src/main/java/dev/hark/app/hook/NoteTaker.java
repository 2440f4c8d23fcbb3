package dev.hark.app.hook;

import dev.hark.app.hook.Note.Alive;
import dev.hark.app.hook.Note.Gone;
import dev.hark.app.hook.Note.Here;
import dev.hark.app.hook.Note.Over;
import dev.hark.app.hook.NoteLog.Noted;
import dev.hark.app.hook.NoteLog.Notes;
import dev.hark.app.hook.Tally.Count;
import dev.hark.app.state.LogAwayException;
import dev.hark.event.EventId;
import dev.hark.event.GapReason;
import dev.hark.fanout.PageRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
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
    private static final System.Logger LOGGER = System.getLogger(NoteTaker.class.getName());

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

    private final String name;
    private final Tally tally;
    private final NoteLog log;
    private final Terms terms;
    private final LongSupplier nanoTime;

    /** Which topics this run listens to, as the log has it. */
    private final Set<String> own = new HashSet<>();

    /** Topics of this run of which the log may have another note than is known here: it did not say what became of the last one. */
    private final Set<String> doubtful = new HashSet<>();

    /** Topics that are listened to and not noted, for want of room. */
    private final Set<String> unnoted = new HashSet<>();

    private final Settling settling = new Settling();

    private final OtherRuns others;

    /** Up to where the notes of others are known; null where nothing is. */
    private @Nullable EventId known;

    /** Whether all is known that was there at the start. */
    private boolean begun;

    private long lookedNanos;
    private long beatNanos;
    private long happenedNanos;
    private final LongAdder beyond = new LongAdder();

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
        this.name = name;
        this.tally = tally;
        this.log = log;
        this.terms = terms;
        this.nanoTime = nanoTime;
        this.others = new OtherRuns(nanoTime);
        long now = nanoTime.getAsLong();
        this.lookedNanos = now;
        this.beatNanos = now;
        this.happenedNanos = now;
    }

    /** How often a topic was not noted because there were too many. */
    long beyond() {
        return beyond.sum();
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
        log.append(notes);
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
                // Another history, in which nothing may be left of what was noted.
                own.clear();
                doubtful.clear();
                others.clear();
                tally.lookAgain();
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
            case Here(String run, String topic) when isOwn(run) -> {
                own.add(topic);
                tally.lookAgain(topic);
            }
            case Here(String run, String topic) -> others.here(run, topic);
            case Gone(String run, String topic) when isOwn(run) -> {
                // Another node may have taken this one for dead: then what it noted is not what is.
                own.remove(topic);
                tally.lookAgain(topic);
            }
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
        settling.due(nanoTime.getAsLong()).forEach(tally::lookAgain);
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

    private void noteOwn(List<String> topics) throws LogAwayException {
        List<Note> notes = new ArrayList<>();
        int room = terms.most() - own.size();
        for (String topic : topics) {
            Count count = tally.count(topic);
            boolean doubted = doubtful.contains(topic);
            if (count.streams() > 0 && (doubted || !own.contains(topic))) {
                if (own.contains(topic) || room-- > 0) {
                    notes.add(new Here(terms.run(), topic));
                } else {
                    unnoted.add(topic);
                    tellOfTooMany();
                }
            } else if (count.streams() == 0 && !doubted && !own.contains(topic)) {
                // It came and went before anybody looked.
                unnoted.remove(topic);
                tally.forget(topic);
            } else if (count.streams() == 0 && isDue(count.emptySinceNanos(), terms.settle())) {
                notes.add(new Gone(terms.run(), topic));
            } else if (count.streams() == 0) {
                // Not here, where it would be in the way of what comes.
                settling.add(topic, count.emptySinceNanos() + terms.settle().toNanos());
            }
        }
        if (notes.isEmpty()) {
            return;
        }
        try {
            append(notes);
        } catch (LogAwayException e) {
            // They may be stored nevertheless, or be stored yet.
            doubtful.addAll(topics(notes));
            throw e;
        }
        doubtful.removeAll(topics(notes));
        for (Note note : notes) {
            if (note instanceof Here(String run, String topic)) {
                own.add(topic);
                unnoted.remove(topic);
            } else if (note instanceof Gone(String run, String topic)) {
                own.remove(topic);
                tally.forget(topic);
            }
        }
        if (own.size() < terms.most()) {
            unnoted.stream().limit(terms.most() - own.size()).forEach(tally::lookAgain);
        }
    }

    private static List<String> topics(List<Note> notes) {
        return notes.stream().map(Letters::topic).toList();
    }

    private void tellOfTooMany() {
        if (beyond.sum() == 0) {
            LOGGER.log(System.Logger.Level.WARNING, "more than " + terms.most() + " topics of the hook '" + name
                    + "' are listened to on this node: of some it is not told");
        }
        beyond.increment();
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
