package dev.hark.app.hook;

import dev.hark.app.hook.Note.Gone;
import dev.hark.app.hook.Note.Here;
import dev.hark.app.hook.NoteTaker.Terms;
import dev.hark.app.hook.Tally.Count;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What this run listens to, as the log has it, and what is to be noted where the tally says something else. Confined to the thread that
 * takes notes, but for {@link #beyond}.
 */
final class OwnTopics {
    private static final System.Logger LOGGER = System.getLogger(OwnTopics.class.getName());

    private final String name;
    private final Tally tally;
    private final Terms terms;
    private final LongSupplier nanoTime;

    /** Those that are noted. */
    private final Set<String> noted = new HashSet<>();

    /** Those of which the log may have another note than is known here: it did not say what became of the last one. */
    private final Set<String> doubtful = new HashSet<>();

    /** Those that are listened to and not noted, for want of room. */
    private final Set<String> unnoted = new HashSet<>();

    private final Settling settling = new Settling();
    private final LongAdder beyond = new LongAdder();

    /** @param name of the hook */
    OwnTopics(String name, Tally tally, Terms terms, LongSupplier nanoTime) {
        this.name = name;
        this.tally = tally;
        this.terms = terms;
        this.nanoTime = nanoTime;
    }

    /** How often a topic was not noted because there were too many. */
    long beyond() {
        return beyond.sum();
    }

    /** Whether none is noted. */
    boolean isEmpty() {
        return noted.isEmpty();
    }

    /** The log has another history, in which nothing may be left of what was noted. */
    void clear() {
        noted.clear();
        doubtful.clear();
        tally.lookAgain();
    }

    /** The log says so. Another node may have taken this one for dead: then what it noted is not what is. */
    void read(String topic, boolean isHere) {
        if (isHere) {
            noted.add(topic);
        } else {
            noted.remove(topic);
        }
        tally.lookAgain(topic);
    }

    /** Has those looked at again that have had nobody for long enough. */
    void settle() {
        settling.due(nanoTime.getAsLong()).forEach(tally::lookAgain);
    }

    /** Of {@code most} at most the log may have another note than is known here. */
    List<String> doubtful(int most) {
        return doubtful.stream().limit(most).toList();
    }

    /** What is to be noted of {@code topics} now. */
    List<Note> notes(List<String> topics) {
        List<Note> notes = new ArrayList<>();
        int room = terms.most() - noted.size();
        for (String topic : topics) {
            Count count = tally.count(topic);
            if (count.streams() > 0 && (doubtful.contains(topic) || !noted.contains(topic))) {
                if (noted.contains(topic) || room-- > 0) {
                    notes.add(new Here(terms.run(), topic));
                } else {
                    unnoted.add(topic);
                    tellOfTooMany();
                }
            } else if (cameAndWent(topic, count)) {
                forget(topic);
            } else if (count.streams() == 0 && isSettled(count)) {
                notes.add(new Gone(terms.run(), topic));
            } else if (count.streams() == 0) {
                // Not here, where it would be in the way of what comes.
                settling.add(topic, count.emptySinceNanos() + terms.settle().toNanos());
            }
        }
        return notes;
    }

    private boolean isSettled(Count count) {
        return nanoTime.getAsLong() - count.emptySinceNanos() >= terms.settle().toNanos();
    }

    /** Before anybody looked. */
    private boolean cameAndWent(String topic, Count count) {
        return count.streams() == 0 && !doubtful.contains(topic) && !noted.contains(topic);
    }

    private void forget(String topic) {
        unnoted.remove(topic);
        tally.forget(topic);
    }

    /** Lets go of all that came and went, however many: for these no note is needed, so nothing need wait for the log. */
    void forgetWhatCameAndWent() {
        for (String topic : tally.changed(Integer.MAX_VALUE)) {
            if (cameAndWent(topic, tally.count(topic))) {
                forget(topic);
            } else {
                tally.lookAgain(topic);
            }
        }
    }

    /** They may be stored nevertheless, or be stored yet. */
    void doubt(List<Note> notes) {
        doubtful.addAll(topics(notes));
    }

    void stored(List<Note> notes) {
        doubtful.removeAll(topics(notes));
        for (Note note : notes) {
            if (note instanceof Here(String run, String topic)) {
                noted.add(topic);
                unnoted.remove(topic);
            } else if (note instanceof Gone(String run, String topic)) {
                noted.remove(topic);
                tally.forget(topic);
            }
        }
        if (noted.size() < terms.most()) {
            unnoted.stream().limit(terms.most() - noted.size()).forEach(tally::lookAgain);
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
}
