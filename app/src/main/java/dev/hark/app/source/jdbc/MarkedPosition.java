package dev.hark.app.source.jdbc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * Where a source is in an outbox that says by itself which of its rows are read: those of the newest portion, about which it may not say so
 * yet.
 *
 * @param ids   of that portion, growing
 * @param until when the newest of them was made, as the database writes it; a row that has such an id and was made later is another one
 */
record MarkedPosition(SequencedSet<Long> ids, String until) {
    static final MarkedPosition BEGIN = new MarkedPosition(new LinkedHashSet<>(), "");

    /** Ids that follow each other are written as their first and their last. */
    JsonNode toJson() {
        List<String> ranges = new ArrayList<>();
        long first = 0;
        long last = 0;
        boolean isOpen = false;
        for (long id : ids) {
            if (isOpen && id == last + 1) {
                last = id;
                continue;
            }
            if (isOpen) {
                ranges.add(range(first, last));
            }
            first = id;
            last = id;
            isOpen = true;
        }
        if (isOpen) {
            ranges.add(range(first, last));
        }
        return JsonNodeFactory.instance.objectNode().put("ids", String.join(",", ranges)).put("until", until);
    }

    private static String range(long first, long last) {
        return first == last ? Long.toString(first) : first + ":" + last;
    }

    /** @throws IllegalArgumentException if it is no position in such an outbox */
    static MarkedPosition parse(JsonNode json) {
        if (!json.path("ids").isTextual() || !json.path("until").isTextual()) {
            throw new IllegalArgumentException("it is one of another database");
        }
        SequencedSet<Long> ids = new LinkedHashSet<>();
        for (String range : json.path("ids").asText().split(",", -1)) {
            if (range.isEmpty()) {
                continue;
            }
            String[] ends = range.split(":", 2);
            long last = Long.parseLong(ends[ends.length - 1]);
            for (long id = Long.parseLong(ends[0]); id <= last; id++) {
                ids.add(id);
            }
        }
        return new MarkedPosition(ids, json.path("until").asText());
    }
}
