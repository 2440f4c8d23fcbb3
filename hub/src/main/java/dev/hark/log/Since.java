package dev.hark.log;

/**
 * A point in time as a position.
 *
 * @param position the events stored since then come after it
 * @param lost     the classes of which retention has removed some of them, a set as of {@link TopicClasses}
 */
public record Since(long position, long lost) {
    /** Where there is one class. */
    public Since(long position, boolean incomplete) {
        this(position, incomplete ? TopicClasses.DEFAULT_ONLY : 0);
    }
}
