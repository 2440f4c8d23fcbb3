package dev.hark.log;

import org.jspecify.annotations.Nullable;

/**
 * What a rule says that the log keeps of its topics.
 *
 * @param retention how much stays readable; null where nothing is stored at all
 */
public record Keep(@Nullable Retention retention) {
    /** Nothing is stored: events are live and among the hot ones, and that is all. */
    public static final Keep NOTHING = new Keep(null);

    public boolean isStored() {
        return retention != null;
    }
}
