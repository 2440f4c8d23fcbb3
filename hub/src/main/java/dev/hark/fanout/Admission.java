package dev.hark.fanout;

import dev.hark.event.CloseReason;
import dev.hark.event.Frame;

/** Whether a stream may open. */
public sealed interface Admission {
    /**
     * It may: the thread that asked is to run {@code subscriber}.
     *
     * @param subscriber the stream
     */
    record Admitted(Subscriber subscriber) implements Admission {}

    /** It need not: its client has the last event of the one topic that it asks for, which has ended. */
    record Ended() implements Admission {}

    /**
     * It may not, now.
     *
     * @param reason  draining, overloaded or unreadable
     * @param closing what tells a client so inside a stream
     * @param detail  a sentence that names the limit, for whoever can be told more
     */
    record Refused(CloseReason reason, Frame closing, String detail) implements Admission {}
}
