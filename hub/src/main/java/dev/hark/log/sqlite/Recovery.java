package dev.hark.log.sqlite;

import dev.hark.log.sqlite.HighWaterMark.Mark;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a log goes on, by what its database and its mark say.
 *
 * @param last     the highest sequence number that may have been used: the next one comes after it
 * @param newEpoch whether its history is no longer what clients know
 * @param lost     what was lost, for the operator, or null
 * @param lostEvents how many positions that were acknowledged are missing
 * @param note     what else the operator should know, or null
 */
public record Recovery(long last, boolean newEpoch, @Nullable String lost, long lostEvents, @Nullable String note) {
    private Recovery(long last, boolean newEpoch, @Nullable String note) {
        this(last, newEpoch, null, 0, note);
    }

    /** How far a log goes on above its newest event where its end is unknown: more than it can have stored since its last fsync. */
    static final long BLIND_JUMP = 1L << 32;

    private static final String UNKNOWN =
            "; whether acknowledged events are gone cannot be told, so a new epoch begins and everybody who resumes is told so";

    /**
     * What follows from the state of a database and the mark beside it.
     *
     * @param found     what the mark says; empty where it is missing or damaged
     * @param created   whether the database did not exist before
     * @param markFound whether there was a file with a mark, even a damaged one
     * @param exact     whether the mark of a log that was closed says which sequence number was the last, as it does since schema 2
     */
    public static Recovery of(LogState state, Optional<Mark> found, boolean created, boolean markFound, boolean exact) {
        if (found.isEmpty()) {
            return blind(state, created, markFound);
        }
        Mark mark = found.get();
        if (!mark.epoch().equals(state.epoch())) {
            return created
                    ? new Recovery(state.newest(), false, mark.acknowledged() == 0 ? null : "the database of the log " + mark.epoch()
                            + " is gone, and with it its events up to " + mark.acknowledged(), mark.acknowledged(), null)
                    : new Recovery(Math.max(state.newest(), mark.ceiling()) + BLIND_JUMP, true, "the mark beside it is that of the log "
                            + mark.epoch() + UNKNOWN);
        }
        long last = Math.max(state.newest(), Math.max(mark.acknowledged(), mark.ceiling()));
        if (state.newest() < mark.acknowledged()) {
            return new Recovery(last, true, "it ends at event " + state.newest() + ", but events up to " + mark.acknowledged()
                    + " were acknowledged: those between are gone", mark.acknowledged() - state.newest(), null);
        }
        if (mark.clean() && state.newest() == mark.acknowledged()) {
            return new Recovery(exact ? last : state.newest(), false, null);
        }
        return new Recovery(
                last,
                false,
                "it was not closed, or was restored; it goes on from event " + state.newest() + " with sequence numbers above " + last);
    }

    private static Recovery blind(LogState state, boolean created, boolean markFound) {
        if (created || (state.newest() == 0 && !markFound)) {
            return new Recovery(state.newest(), false, null);
        }
        // Who comes back with the id of an event that is gone must hear so, also after others were published since:
        // only a new epoch does that.
        return new Recovery(state.newest() + BLIND_JUMP, true, "the mark beside it is " + (markFound ? "damaged" : "missing") + UNKNOWN);
    }
}
