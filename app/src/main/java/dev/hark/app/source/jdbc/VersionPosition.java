package dev.hark.app.source.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/**
 * Where a source is in an outbox whose rows bear a version that grows.
 *
 * @param low  behind this version the newest portion begins
 * @param high and ends with this one
 */
record VersionPosition(long low, long high) {
    static final VersionPosition BEGIN = new VersionPosition(0, 0);

    JsonNode toJson() {
        return JsonNodeFactory.instance.objectNode().put("low", low).put("high", high);
    }

    /** @throws IllegalArgumentException if it is no position in such an outbox */
    static VersionPosition parse(JsonNode json) {
        // That of PostgreSQL has both as well, and they mean something else.
        if (!json.path("low").isIntegralNumber() || !json.path("high").isIntegralNumber() || json.has("to")) {
            throw new IllegalArgumentException("it is one of another database");
        }
        return new VersionPosition(json.path("low").asLong(), json.path("high").asLong());
    }
}
