package dev.hark.app.source;

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
     * @param reason a sentence
     */
    record Refused(String id, String reason) implements Item {}
}
