package dev.hark.fanout;

/** How a stream ended. */
public enum StreamEnd {
    /** The client went away, or its network did. */
    CLIENT_GONE,
    /** The client's socket took nothing for longer than the write timeout, and was cut. */
    STALLED,
    /** The hub ended it and said so in {@code hark.close}. */
    CLOSED,
    /** The host is stopping and interrupted the thread. */
    INTERRUPTED,
    /** The log could not be read on for it, as {@code hark.close} said; the client comes back with its last id, and nothing is skipped. */
    UNREADABLE
}
