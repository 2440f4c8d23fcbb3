package dev.hark.log;

import org.jspecify.annotations.Nullable;

/**
 * What a rule says that the log keeps of its topics.
 *
 * @param retention how much stays readable; null where nothing is stored at all
 * @param latest    whether the newest event of each topic and key stays beyond that
 */
public record Keep(@Nullable Retention retention, boolean latest) {
    /** Nothing is stored: events are live and among the hot ones, and that is all. */
    public static final Keep NOTHING = new Keep(null, false);

    /** @throws IllegalArgumentException if nothing is stored, but the newest is to stay */
    public Keep {
        if (retention == null && latest) {
            throw new IllegalArgumentException("where nothing is stored, the newest event does not stay either");
        }
    }

    /** Within bounds alone. */
    public Keep(@Nullable Retention retention) {
        this(retention, false);
    }

    public boolean isStored() {
        return retention != null;
    }
}
