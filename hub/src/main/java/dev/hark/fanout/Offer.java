package dev.hark.fanout;

/** What became of an event that a lane offered to a mailbox. */
enum Offer {
    /** It waits for the subscriber. */
    ACCEPTED,
    /** It waits, and is the first for which its sleeping owner was not woken: somebody has to, later. */
    HELD,
    /** It waits with others for which its sleeping owner was not woken. */
    HELD_TOO,
    /** The subscriber has it from the log already. */
    KNOWN,
    /** The mailbox was full and was emptied: the subscriber reads on in the log. */
    SPILLED,
    /** It waits, and older events were dropped for it. */
    DISPLACED,
    /** It was dropped. */
    DROPPED,
    /** The mailbox was full and its policy ends the stream. */
    OVERFLOWED,
    /** The stream has ended; nothing is counted. */
    CLOSED
}
