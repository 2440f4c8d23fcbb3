package dev.hark.app.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.event.Draft;
import dev.hark.event.Topic;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A revocation as JSON: in the log, and in answers. */
public final class RevocationJson {
    /** The topic of the hub's own that they are events of. */
    static final Topic TOPIC = Topic.stored("$hark/revocations");

    private static final ObjectMapper JSON = new ObjectMapper();

    private RevocationJson() {}

    /** What a revocation says, as JSON. */
    public static ObjectNode document(Revocation revocation) {
        ObjectNode json = JSON.createObjectNode();
        put(json, "tokenId", revocation.tokenId());
        put(json, "issuer", revocation.issuer());
        put(json, "subject", revocation.subject());
        put(json, "key", revocation.key());
        put(json, "issuedBefore", revocation.issuedBefore());
        put(json, "expiresAt", revocation.until().equals(Instant.MAX) ? null : revocation.until());
        return json;
    }

    private static void put(ObjectNode json, String name, @Nullable Object value) {
        if (value != null) {
            json.put(name, value.toString());
        }
    }

    /** The key of all that the log says of {@code revocation}. */
    static String key(Revocation revocation) {
        return ApiKey.hash(revocation.id());
    }

    /** What says it in the log. */
    static Draft draft(Revocation revocation) {
        try {
            return new Draft(TOPIC, Draft.DEFAULT_TYPE, key(revocation), JSON.writeValueAsBytes(document(revocation)), null);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text is always JSON", e);
        }
    }

    /**
     * What {@code json} says, as {@link #document} writes it.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Revocation parse(JsonNode json) {
        Instant until = instant(json, "expiresAt");
        return new Revocation(text(json, "tokenId"), text(json, "issuer"), text(json, "subject"), text(json, "key"),
                instant(json, "issuedBefore"), until == null ? Instant.MAX : until);
    }

    private static @Nullable String text(JsonNode json, String name) {
        return json.path(name).isTextual() ? json.path(name).asText() : null;
    }

    private static @Nullable Instant instant(JsonNode json, String name) {
        String text = text(json, name);
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(name + " is no time", e);
        }
    }
}
