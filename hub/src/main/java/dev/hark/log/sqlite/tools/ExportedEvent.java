package dev.hark.log.sqlite.tools;

import dev.hark.event.EventId;
import dev.hark.event.EventKind;
import dev.hark.event.Topic;
import dev.hark.log.sqlite.StoredEvent;
import org.jspecify.annotations.Nullable;

/**
 * An event as it was published, and where and when it was stored.
 *
 * @param data valid UTF-8, not copied, not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // a payload that is written once and thrown away
public record ExportedEvent(
        EventId id, long timeMillis, Topic topic, String type, @Nullable String key, byte[] data, EventKind kind) {
    ExportedEvent(String epoch, StoredEvent event, Topic topic) {
        this(new EventId(epoch, event.sequence()), event.timeMillis(), topic, event.type(), event.key(), event.data(), event.kind());
    }
}
