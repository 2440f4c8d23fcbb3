package dev.hark.log.sqlite.tools;

import dev.hark.event.EventId;

/** Where an export begins. */
public sealed interface ExportStart {
    /** With the oldest event. */
    record Oldest() implements ExportStart {}

    /** After the event {@code id}. */
    record After(EventId id) implements ExportStart {}

    /** With the first event that was stored at {@code timeMillis} or later. */
    record Time(long timeMillis) implements ExportStart {}
}
