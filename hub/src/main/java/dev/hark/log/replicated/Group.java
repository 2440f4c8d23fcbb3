package dev.hark.log.replicated;

import dev.hark.log.DraftBatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node appends to the journal at once.
 *
 * @param kind       what it does
 * @param timeMillis by the clock of the node that appends it
 * @param epoch      the name of the history that begins with it; null unless that is its kind
 * @param batches    what is published with it, in order; none unless that is its kind
 */
public record Group(Kind kind, long timeMillis, @Nullable String epoch, List<DraftBatch> batches) {
    /** How many positions of the log each position of the journal has: so many events are gathered in a group at most. */
    public static final int POSITIONS = 1_024;

    /** What a group does. */
    public enum Kind {
        /** It publishes batches. */
        EVENTS,
        /** It says how late it is, so that every node removes the same at the same place; and it proves that the journal works. */
        TIME,
        /** It begins a history: the log goes on with what it retains, under another name. */
        EPOCH
    }

    public Group {
        batches = List.copyOf(batches);
    }

    static Group ofEvents(long timeMillis, List<DraftBatch> batches) {
        return new Group(Kind.EVENTS, timeMillis, null, batches);
    }

    static Group ofTime(long timeMillis) {
        return new Group(Kind.TIME, timeMillis, null, List.of());
    }

    static Group ofEpoch(long timeMillis, String epoch) {
        return new Group(Kind.EPOCH, timeMillis, epoch, List.of());
    }

    /**
     * The position in the log of the first event of a group; the others follow. A batch that is larger than a group's share is stored whole
     * all the same, and the next groups come behind it.
     *
     * @param position where the group stands in the journal
     * @param last     the position in the log of the last event before
     */
    public static long firstSequence(long position, long last) {
        return Math.max(Math.multiplyExact(position, POSITIONS), last + 1);
    }
}
