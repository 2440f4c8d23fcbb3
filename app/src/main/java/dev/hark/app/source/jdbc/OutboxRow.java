package dev.hark.app.source.jdbc;

import dev.hark.app.source.Item;
import dev.hark.event.Draft;
import dev.hark.event.InvalidEventException;
import dev.hark.event.Topic;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One row of an outbox, as it stands there. Null is what the database calls so. */
record OutboxRow(long id, @Nullable String topic, @Nullable String type, @Nullable String key, @Nullable String data) {
    /** Characters of names that are read: some more than are allowed, so that who has more is told so. */
    static final int MAX_NAME = 600;

    /** The event that it is, or why it is none. */
    Item toItem(int maxBytes) {
        String name = Long.toString(id);
        if (topic == null) {
            return new Item.Refused(name, "topic is null");
        }
        if (data == null) {
            return new Item.Refused(name, "data is null");
        }
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > maxBytes) {
            return tooLarge(id, bytes.length, maxBytes);
        }
        try {
            // An empty one is what some databases and tools make of none.
            return new Item.Accepted(name, new Draft(
                    new Topic(topic), type == null || type.isEmpty() ? Draft.DEFAULT_TYPE : type, key == null || key.isEmpty() ? null : key,
                    bytes, null));
        } catch (InvalidEventException e) {
            return new Item.Refused(name, String.valueOf(e.getMessage()));
        }
    }

    static Item.Refused tooLarge(long id, long bytes, int maxBytes) {
        return new Item.Refused(Long.toString(id), "data is " + bytes + " bytes; the limit is " + maxBytes + " bytes (limits.event-bytes)");
    }
}
