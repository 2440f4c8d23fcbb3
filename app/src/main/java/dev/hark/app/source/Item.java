package dev.hark.app.source;

import dev.hark.app.state.OneLine;
import dev.hark.event.Draft;

/** One thing that was read: an event, or what cannot become one. */
public sealed interface Item {
    /** What its upstream knows it by. */
    String id();

    /** It is an event. */
    record Accepted(String id, Draft draft) implements Item {}

    /**
     * It can never be one, and is passed over.
     *
     * @param reason a sentence; here in one line, and {@value OneLine#SHORT} characters at most
     */
    record Refused(String id, String reason) implements Item {
        // It often repeats what somebody else wrote, however much that is, and goes to the log, into states and into headers.
        public Refused {
            reason = OneLine.of(reason, OneLine.SHORT);
        }
    }
}
