package dev.hark.app.hook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.event.Topic;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;

/**
 * What one node notes for a hook, as an event of the log. Of {@link Here} and {@link Alive} the newest stays as long as it is true, because
 * {@link Gone} and {@link Over} take it back. Saying one again changes nothing.
 */
sealed interface Note {
    /** The topic, or the filter, of which a note is about something that has none. */
    String NO_TOPIC = "";

    ObjectMapper JSON = new ObjectMapper();

    /** The node {@code run} has a stream that asks for {@code topic}. */
    record Here(String run, String topic) implements Note {}

    /** It has none any more. */
    record Gone(String run, String topic) implements Note {}

    /** The node {@code run} is still there. */
    record Alive(String run) implements Note {}

    /** It is not any more, and all that was there with it is gone. */
    record Over(String run) implements Note {}

    /**
     * Something happened {@code count} times.
     *
     * @param topic  {@value #NO_TOPIC} for all that are too many to be named
     * @param status of HTTP; 0 for a gap
     */
    record Happened(What what, String topic, String reason, int status, long count) implements Note {}

    /** What may happen more than once. */
    enum What {
        GAP,
        REFUSED
    }

    /** As an event of {@code notes}. */
    default Draft draft(Topic notes) {
        ObjectNode document = JSON.createObjectNode();
        return switch (this) {
            case Here(String run, String topic) -> plain(notes, key(run, topic), document.put("is", "here").put("run", run)
                    .put("topic", topic));
            case Gone(String run, String topic) -> takenBack(notes, key(run, topic), document.put("is", "gone").put("run", run)
                    .put("topic", topic));
            case Alive(String run) -> plain(notes, key(run, NO_TOPIC), document.put("is", "alive").put("run", run));
            case Over(String run) -> takenBack(notes, key(run, NO_TOPIC), document.put("is", "over").put("run", run));
            case Happened(What what, String topic, String reason, int status, long count) -> new Draft(notes, Draft.DEFAULT_TYPE, null,
                    bytes(document.put("is", what == What.GAP ? "gap" : "refused").put("topic", topic).put("reason", reason)
                            .put("status", status).put("count", count)), null);
        };
    }

    private static Draft plain(Topic notes, String key, ObjectNode document) {
        return new Draft(notes, Draft.DEFAULT_TYPE, key, bytes(document), null);
    }

    private static Draft takenBack(Topic notes, String key, ObjectNode document) {
        return new Draft(notes, Draft.DELETED_TYPE, key, bytes(document), null, EventKind.DELETED);
    }

    private static byte[] bytes(ObjectNode document) {
        try {
            return JSON.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text and numbers are always JSON", e);
        }
    }

    /** A topic may be longer than a key. */
    private static String key(String run, String topic) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest((run + ' ' + topic).getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** What {@link #draft} wrote; empty for what another version may have written. */
    static Optional<Note> parse(JsonNode data) {
        String run = data.path("run").asText();
        String topic = data.path("topic").asText();
        return switch (data.path("is").asText()) {
            case "here" -> Optional.of(new Here(run, topic));
            case "gone" -> Optional.of(new Gone(run, topic));
            case "alive" -> Optional.of(new Alive(run));
            case "over" -> Optional.of(new Over(run));
            case "gap" -> Optional.of(happened(What.GAP, data));
            case "refused" -> Optional.of(happened(What.REFUSED, data));
            default -> Optional.empty();
        };
    }

    private static Note happened(What what, JsonNode data) {
        return new Happened(what, data.path("topic").asText(), data.path("reason").asText(), data.path("status").asInt(),
                data.path("count").asLong());
    }
}
