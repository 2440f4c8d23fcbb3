package dev.hark.fanout;

import dev.hark.event.CloseReason;

/** What comes of a {@link PageRequest}. */
public sealed interface PageAnswer {
    /**
     * A page, perhaps an empty one.
     *
     * @param page to be closed by whoever has let go of it
     */
    record Given(EventPage page) implements PageAnswer {}

    /**
     * None, now: it may not wait, or the hub ends before it is known where the page begins, or its client leaves and that takes long.
     *
     * @param reason draining, failed or overloaded
     * @param detail a sentence that names the limit
     */
    record Refused(CloseReason reason, String detail) implements PageAnswer {}
}
