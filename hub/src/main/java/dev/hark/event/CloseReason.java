package dev.hark.event;

import java.util.Locale;

/** Why the server ended a stream on purpose; told to the client in {@code hark.close}. */
public enum CloseReason {
    /** The node is going away; the client should come back, to another one or to this one restarted. */
    DRAINING,
    /** The right to read the stream ended with its token. */
    TOKEN_EXPIRED,
    /** The right to read the stream was taken back. */
    REVOKED,
    /** The subscriber's mailbox overflowed under {@code overflow: disconnect}. */
    SLOW,
    /** An operator closed the stream. */
    KICKED,
    /** The hub holds as many streams as it may. */
    OVERLOADED,
    /** What the stream needs from the log cannot be read. */
    UNREADABLE,
    /** A part of the node died, and the node is about to end; the client should come back. */
    FAILED,
    /** The topic ended, and the client has its last event. One that comes back all the same is answered 204. */
    ENDED;

    /** The reason as it stands in {@code hark.close}: {@code token-expired}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
