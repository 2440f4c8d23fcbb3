package dev.hark.app.hook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.event.EventId;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far a hook is in its notes: the position of its {@link dev.hark.app.state.WorkState}.
 *
 * @param id   up to where all is told, or given up
 * @param anew why it has to begin anew there, before it goes on; null where it has not to
 */
record Place(EventId id, @Nullable Anew anew) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Why what was told before is void: {@code hook.reset} says so, and what is listened to follows it. */
    enum Anew {
        /** Nothing was told before. */
        NEW("new"),
        /** Something was given up. */
        UNDELIVERED("undelivered"),
        /** What was still to be told is no longer retained. */
        RETENTION("retention"),
        /** The log has another history. */
        HISTORY("history");

        private final String reason;

        Anew(String reason) {
            this.reason = reason;
        }

        /** As whoever is called is told. */
        String reason() {
            return reason;
        }
    }

    /** The same place with nothing to be begun. */
    Place begun() {
        return new Place(id, null);
    }

    JsonNode toJson() {
        ObjectNode json = JSON.createObjectNode().put("id", id.toString());
        return anew == null ? json : json.put("anew", anew.reason());
    }

    /** What {@link #toJson} made; empty for anything else. */
    static Optional<Place> parse(@Nullable JsonNode json) {
        if (json == null) {
            return Optional.empty();
        }
        String reason = json.path("anew").asText();
        Anew anew = Arrays.stream(Anew.values()).filter(each -> each.reason().equals(reason)).findFirst().orElse(null);
        return EventId.parse(json.path("id").asText()).map(id -> new Place(id, anew));
    }
}
