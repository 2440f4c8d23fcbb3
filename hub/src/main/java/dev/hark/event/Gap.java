package dev.hark.event;

import org.jspecify.annotations.Nullable;

/**
 * Events that a client is not given, as it is told in {@code hark.gap} and in a page.
 *
 * @param after     the last id that it had, or null
 * @param resumedAt the position after which it goes on
 * @param dropped   how many they are; null where that is not known
 */
public record Gap(GapReason reason, @Nullable EventId after, EventId resumedAt, @Nullable Long dropped) {
    /** One of which nobody knows how many events are in it. */
    public Gap(GapReason reason, @Nullable EventId after, EventId resumedAt) {
        this(reason, after, resumedAt, null);
    }

    /** The same, which goes on until later. */
    public Gap until(EventId later) {
        return new Gap(reason, after, later, dropped);
    }

    /** As a client is told. */
    public String json() {
        String lastId = after == null ? "null" : '"' + after.toString() + '"';
        return "{\"reason\":\"" + reason.wireName() + "\",\"after\":" + lastId + ",\"resumedAt\":\"" + resumedAt + "\",\"dropped\":"
                + dropped + '}';
    }
}
