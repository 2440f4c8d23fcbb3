package dev.hark.log.replicated;

/**
 * What the groups up to a position came to, as a number that is the same on every node which has applied the same groups by the same rules.
 *
 * @param position of the last of those groups, a multiple of {@link #EVERY}; 0 where the node has come by none since it was started
 * @param value    32 bits, over how far the log is, what it retains and what each class of topics retains
 */
public record Checksum(long position, long value) {
    /** How many groups there are from one to the next: so that nodes which are asked one after the other say the same. */
    public static final int EVERY = 64;

    /** Before the first. */
    public static final Checksum NONE = new Checksum(0, 0);
}
