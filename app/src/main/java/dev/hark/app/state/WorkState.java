package dev.hark.app.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How far a source is, or a hook: an event of the log, stored together with those that it is about. Immutable.
 *
 * @param nonce     what no other state has, and nobody knows before it is stored
 * @param node      which node runs it; empty where none does
 * @param position  up to where everything is published; null at the beginning
 * @param passed    ids of what was passed over in the last portion
 * @param published how many events it has published in all
 * @param refused   how many items it has passed over in all
 * @param refusals  the newest of them, the newest last, {@value #MAX_REFUSALS} at most
 */
public record WorkState(
        String nonce,
        String node,
        @Nullable JsonNode position,
        List<String> passed,
        long published,
        long refused,
        List<Refusal> refusals) {
    static final int MAX_REFUSALS = 10;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What was passed over, and why. */
    public record Refusal(String id, String reason) {}

    public WorkState {
        passed = List.copyOf(passed);
        refusals = List.copyOf(refusals);
    }

    /** That of one of which nothing is known. */
    public static WorkState first(String nonce, String node) {
        return new WorkState(nonce, node, null, List.of(), 0, 0, List.of());
    }

    /** The same place, run by {@code node}. */
    public WorkState by(String node, String nonce) {
        return new WorkState(nonce, node, position, passed, published, refused, refusals);
    }

    /** The same place, of which {@code position} knows more. */
    public WorkState at(JsonNode position, String nonce) {
        return new WorkState(nonce, node, position, passed, published, refused, refusals);
    }

    /** That behind a portion. */
    public WorkState after(JsonNode position, long events, List<Refusal> refusedNow, String nonce) {
        List<Refusal> all = Stream.concat(refusals.stream(), refusedNow.stream()).toList();
        return new WorkState(
                nonce, node, position, refusedNow.stream().map(Refusal::id).toList(), published + events, refused + refusedNow.size(),
                all.subList(Math.max(0, all.size() - MAX_REFUSALS), all.size()));
    }

    byte[] toJson() {
        ObjectNode json = JSON.createObjectNode().put("nonce", nonce).put("node", node);
        if (position != null) {
            json.set("position", position);
        }
        json.put("published", published).put("refused", refused);
        ArrayNode ids = json.putArray("passed");
        passed.forEach(ids::add);
        ArrayNode last = json.putArray("refusals");
        refusals.forEach(each -> last.addObject().put("id", each.id()).put("reason", each.reason()));
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text and numbers are always JSON", e);
        }
    }

    /** What {@link #toJson} wrote. */
    static WorkState parse(JsonNode json) {
        List<String> passed = new ArrayList<>();
        json.path("passed").forEach(id -> passed.add(id.asText()));
        List<Refusal> refusals = new ArrayList<>();
        json.path("refusals").forEach(each -> refusals.add(new Refusal(each.path("id").asText(), each.path("reason").asText())));
        return new WorkState(
                json.path("nonce").asText(), json.path("node").asText(), json.get("position"), passed,
                json.path("published").asLong(), json.path("refused").asLong(), refusals);
    }
}
