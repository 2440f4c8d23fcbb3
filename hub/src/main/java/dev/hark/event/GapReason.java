package dev.hark.event;

import java.util.Locale;

/** Why a subscriber was not given events; told to the client in {@code hark.gap}. */
public enum GapReason {
    /** Its mailbox was full and its overflow policy dropped events. */
    OVERFLOW,
    /** Retention removed events before it could be given them. */
    RETENTION,
    /** What the log holds there is damaged, and cannot be given. */
    DAMAGE,
    /** It resumed with an id of another epoch, or the epoch changed: the log was replaced. */
    RESET,
    /** It resumed with an id that this log never gave: malformed, beyond the newest, or none at all. */
    UNKNOWN_ID;

    /** The reason as it stands in {@code hark.gap}: {@code unknown-id}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
