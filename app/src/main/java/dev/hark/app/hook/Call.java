package dev.hark.app.hook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/**
 * What is sent at once: the same bytes with the same id, however often it is tried.
 *
 * @param id    as {@code webhook-id} has it: follows from the hook and the body
 * @param first the id of the first event
 * @param count how many events it has
 * @param body  not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record Call(String id, String first, int count, byte[] body) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How many characters of a hash tell calls apart. */
    private static final int ID_LENGTH = 24;

    /**
     * That of {@code hook} with {@code events}.
     *
     * @param events at least one, each with its {@code id}
     */
    static Call of(String hook, List<ObjectNode> events) {
        String first = events.getFirst().path("id").asText();
        ObjectNode document = JSON.createObjectNode();
        ArrayNode all = document.putArray("events");
        events.forEach(all::add);
        try {
            String body = JSON.writeValueAsString(document);
            return new Call("hook_" + hash(hook + ' ' + body), first, events.size(), body.getBytes(StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text and numbers are always JSON", e);
        }
    }

    /** An event that is not complete yet. */
    static ObjectNode event(String id, String type, String time) {
        return JSON.createObjectNode().put("id", id).put("type", type).put("time", time);
    }

    /** Of which no two texts have the same. */
    static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash).substring(0, ID_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
