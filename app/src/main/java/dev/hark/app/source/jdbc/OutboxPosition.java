package dev.hark.app.source.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * Where a source is in an outbox: within a window, which are the rows that {@code to} sees and {@code from} does not, in the order of
 * their ids.
 *
 * @param from  everything that it sees was published before this window; null where that is nothing
 * @param to    what this window sees
 * @param next  from where the next window begins: {@code to}, but for numbers of transactions that left nothing in the table. A database
 *              that comes back after a crash may give those again
 * @param low   the last page begins behind this id
 * @param high  and ends with this one
 * @param max   the largest id of the window
 * @param rows  how many rows the window has; -1 where that is not known, because they are many
 * @param whole whether the last page ended the window
 */
record OutboxPosition(@Nullable Snapshot from, Snapshot to, Snapshot next, long low, long high, long max, long rows, boolean whole) {
    /** How many rows more are known to wait, at least. */
    private static final long MANY = 1;

    /** The same window, with a page up to {@code last}. */
    OutboxPosition page(long last, boolean isLast) {
        return new OutboxPosition(from, to, next, high, last, max, rows, isLast);
    }

    long waiting(long passed) {
        return whole ? 0 : rows < 0 ? MANY : Math.max(0, rows - passed);
    }

    JsonNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (from != null) {
            json.put("from", from.text());
        }
        return json.put("to", to.text()).put("next", next.text())
                .put("low", low).put("high", high).put("max", max).put("rows", rows).put("whole", whole);
    }

    /** @throws IllegalArgumentException if it is no position in an outbox */
    static OutboxPosition parse(JsonNode json) {
        return new OutboxPosition(
                json.path("from").isMissingNode() ? null : Snapshot.parse(json.path("from").asText()),
                Snapshot.parse(json.path("to").asText()),
                Snapshot.parse(json.path("next").asText()),
                json.path("low").asLong(), json.path("high").asLong(), json.path("max").asLong(), json.path("rows").asLong(),
                json.path("whole").asBoolean());
    }
}
