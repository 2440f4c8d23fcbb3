package dev.hark.fanout;

/** How a stream ended. */
public enum StreamEnd {
    /** The client went away, or its network did. */
    CLIENT_GONE,
    /** The client's socket took nothing for longer than the write timeout, and was cut. */
    STALLED,
    /** The hub ended it and said so in {@code hark.close}. */
    CLOSED,
    /** The hub ended it with nothing more of any event, and its socket did not take a word in time either. */
    CUT,
    /** The host is stopping and interrupted the thread. */
    INTERRUPTED,
    /** The log could not be read on for it, as {@code hark.close} said; the client comes back with its last id, and nothing is skipped. */
    UNREADABLE;

    /** Whether the client was told in {@code hark.close}, which it gets however slowly it reads. */
    boolean isTold() {
        return this == CLOSED || this == UNREADABLE;
    }
}
