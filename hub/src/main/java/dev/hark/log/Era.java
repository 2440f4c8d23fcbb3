package dev.hark.log;

import dev.hark.event.Event;
import java.util.List;

/**
 * One history of the log as this node knows it: an epoch, what is retained of it, and its newest events in memory. Another one begins where
 * the history is no longer the same ({@link Tail#reset}).
 *
 * <p>Changed by {@link Tail} alone. Thread-safe for readers.
 */
public final class Era {
    private final String epoch;
    private final long unstored;
    private final long begun;
    private final EventRing hot;
    private final EndedTopics ended;
    private volatile State state;

    /** What a reader has to see at once. */
    private record State(Bounds bounds, Retained retained) {}

    Era(String epoch, Bounds bounds, Retained retained, TopicClasses classes, HotLimits limits, long hotAfter) {
        this.epoch = epoch;
        this.unstored = classes.unstored();
        this.ended = new EndedTopics(classes);
        this.begun = bounds.newest();
        this.state = new State(bounds, retained);
        this.hot = new EventRing(limits.events(), limits.bytes(), hotAfter);
    }

    public String epoch() {
        return epoch;
    }

    /** What is retained and acknowledged. */
    public Bounds bounds() {
        return state.bounds();
    }

    /** The position of the newest event, and that of the newest event that the engine has stored, of the same moment. */
    public Ends ends() {
        State now = state;
        return new Ends(now.bounds().newest(), now.retained().stored());
    }

    /**
     * Where the log ends.
     *
     * @param newest the position of the newest event
     * @param stored that of the newest event that the engine has stored, {@code newest} or before
     */
    public record Ends(long newest, long stored) {}

    /** The newest events, for reading: what lanes follow and what most reconnects are served from. */
    public EventRing hot() {
        return hot;
    }

    /**
     * The position up to which any of {@code classes} has lost events, for whoever reads from the engine: who resumes before it has missed
     * some.
     */
    public long lostStored(long classes) {
        long lost = state.retained().floors().highest(classes);
        return (classes & unstored) == 0 ? lost : Math.max(lost, hotLost());
    }

    /** The position up to which the class {@code number} has lost events to retention. */
    public long lost(int number) {
        return state.retained().floors().of(number);
    }

    /** The same for whoever reads what is hot: nothing of it is lost but what was there in memory before this node began. */
    public long lostHot(long classes) {
        return (classes & unstored) == 0 ? 0 : begun;
    }

    /** Whether events of {@code classes} are to be found among the hot ones alone. */
    public boolean isUnstored(long classes) {
        return (classes & unstored) != 0;
    }

    /** Whether no event of {@code classes} is to be found elsewhere. */
    boolean areUnstored(long classes) {
        return (classes & ~unstored) == 0;
    }

    /** The position after which every event of a class of which nothing is stored is hot. */
    public long hotLost() {
        return Math.max(begun, hot.bounds().floor());
    }

    /** Which topics have ended: known to whoever may know of their last events. */
    public EndedTopics ended() {
        return ended;
    }

    void commit(List<Event> events, Retained retained) {
        // Before all: who was given the last event of a topic and comes back is told that it was the last.
        ended.take(events);
        // The bounds first: who was given an event and comes back for what follows must not be told that its id is unknown.
        state = new State(
                new Bounds(retained.floor(), events.isEmpty() ? state.bounds().newest() : events.getLast().sequence()), retained);
        for (int i = 0; i < events.size(); i++) {
            hot.add(events.get(i));
        }
        ended.forgetLost(retained.floors(), hotLost());
    }

    void retain(Retained retained) {
        state = new State(new Bounds(retained.floor(), state.bounds().newest()), retained);
    }

    Retained retained() {
        return state.retained();
    }
}
