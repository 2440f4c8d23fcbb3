package dev.hark.fanout;

import dev.hark.event.Event;
import dev.hark.event.EventId;
import dev.hark.event.EventKind;
import dev.hark.event.Filters;
import dev.hark.event.GapReason;
import dev.hark.log.EndedTopics;
import dev.hark.log.Era;
import dev.hark.log.Page;
import org.jspecify.annotations.Nullable;

/**
 * How far a stream's client has come: the id that it goes on after, and what it has been told.
 *
 * <p>Confined to the stream's thread.
 */
final class Progress {
    private static final long NOTHING = -1;

    private final Filters filters;
    private final Surroundings shared;

    /** Whether it begins with a snapshot, and begins so again where it has missed something. */
    private final boolean current;

    private String epoch;
    private long position;

    /** Up to where it was given the snapshot at its position, as in {@link EventId}. */
    private long within = EventId.WHOLE;

    /** Up to where it need not be told that retention has removed something. */
    private long told;

    /** Whether it was told that a snapshot may not be whole. */
    private boolean toldOfEvicted;

    /** The last position that it was given an id of. */
    private long announced = NOTHING;

    /** With which id it has to come back if it ends before it is told what has changed; null where it knows all. */
    private @Nullable EventId untold;

    /** Whether it has the last event of the one topic that it asked for, or was told that it misses it. */
    private boolean ended;

    /** @param epoch of the history that its start will be found in */
    Progress(Subscription subscription, Surroundings shared, String epoch) {
        this.filters = subscription.filters();
        this.current = subscription.start().wantsSnapshots();
        this.shared = shared;
        this.epoch = epoch;
    }

    // ---- where it begins

    void begin(Opening opening) {
        position = opening.position();
        told = opening.told();
        within = opening.within();
        toldOfEvicted = opening.gap() == GapReason.RETENTION;
        if (within == 0) {
            shared.counters().snapshots.increment();
        }
    }

    /** Begins anew, or goes over to another history. Until {@link #announce} it comes back as one that has not been told of it. */
    void begin(Era era) {
        untold = last();
        epoch = era.epoch();
        if (current) {
            begin(Opening.snapshot(filters, era, shared));
        } else {
            position = era.bounds().floor();
            told = era.lostStored(shared.log().tail().classes().touchedBy(filters));
            within = EventId.WHOLE;
        }
    }

    // ---- where it is

    String epoch() {
        return epoch;
    }

    long position() {
        return position;
    }

    /** After which it goes on. */
    EventId id() {
        return id(position);
    }

    EventId id(long sequence) {
        return new EventId(epoch, sequence, within);
    }

    /** The last id that it was given. */
    EventId announced() {
        return id(announced);
    }

    /** Whether its start is known, so that there is an id to give. */
    boolean hasBegun() {
        return announced != NOTHING;
    }

    /** Whether an id would tell it something new. */
    boolean isAhead() {
        return hasBegun() && position > announced;
    }

    boolean hasEnded() {
        return ended;
    }

    boolean isWithinSnapshot() {
        return within != EventId.WHOLE;
    }

    /** Whether something of the snapshot is left. */
    boolean lacksOfSnapshot() {
        return within < position;
    }

    /** Whether it knows that retention has removed what stands up to {@code sequence}. */
    boolean knowsOf(long sequence) {
        return sequence <= told;
    }

    /** Whether it has to be told of what retention has removed up to {@code lost}. */
    boolean misses(long lost) {
        return lost > position && !knowsOf(lost);
    }

    /** Whether something is lost that a new snapshot makes up for, deletions too, given what {@code page} has and retention has removed. */
    boolean needsSnapshot(Page page, long lost) {
        boolean missed = page.from() > position ? !page.damaged() && !knowsOf(Math.max(page.from(), lost)) : misses(lost);
        return missed && current && Opening.isAllKept(shared.log().tail().classes().touchedBy(filters), shared.log());
    }

    /** Whether it still has to be told that the snapshot that it has may not be whole. */
    boolean misses() {
        return !toldOfEvicted && Opening.evicted(shared.log().tail().classes().touchedBy(filters), shared.log());
    }

    // ---- how it goes on

    /** It was given {@code last}, and what comes before. */
    void deliver(Event last) {
        if (isWithinSnapshot()) {
            within = last.sequence();
            return;
        }
        position = last.sequence();
        announced = position;
        ended = last.kind() == EventKind.END && filters.areOneTopic();
    }

    /** It was given an id of its position. */
    void announce() {
        announce(position);
    }

    /** It was given an id of {@code sequence}. */
    void announce(long sequence) {
        announced = sequence;
        untold = null;
    }

    /** Nothing for it stands up to {@code through}. */
    void pass(long through) {
        position = Math.max(position, through);
    }

    /** What stands up to {@code through} is lost to it, an end too. */
    void skip(long through) {
        ended = filters.areOneTopic() && skips(endOfTopic(), through);
        pass(through);
    }

    private boolean skips(long end, long through) {
        return end != EndedTopics.OPEN && end > position && end <= through;
    }

    /** It knows what retention has removed up to {@code lost}. */
    void tell(long lost) {
        told = Math.max(told, lost);
    }

    /** It has what the snapshot holds up to {@code through}. */
    void passWithin(long through) {
        within = through;
    }

    /** It has all of the snapshot. Until {@link #isToldOfSnapshot} it comes back as one that has not been told so. */
    void finishSnapshot() {
        untold = id();
        within = EventId.WHOLE;
        long end = filters.areOneTopic() ? endOfTopic() : EndedTopics.OPEN;
        ended = end != EndedTopics.OPEN && end <= position;
    }

    /** It was told that it has all of the snapshot, and whether that is whole. */
    void isToldOfSnapshot() {
        untold = null;
    }

    /** The history of the snapshot is over. */
    void abandonSnapshot() {
        within = EventId.WHOLE;
    }

    /** Where the one topic that it asked for has ended and goes on to be so. */
    private long endOfTopic() {
        Era era = shared.log().tail().era();
        return era.epoch().equals(epoch) ? era.ended().of(filters.asList().getFirst().value()) : EndedTopics.OPEN;
    }

    /** The id that a stream's last word bears; null where there is none. */
    @Nullable EventId last() {
        return untold != null ? untold : hasBegun() ? id() : null;
    }
}
