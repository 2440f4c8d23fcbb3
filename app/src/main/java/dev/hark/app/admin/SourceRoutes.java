package dev.hark.app.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.source.SourceStatus;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.function.Supplier;

/** {@code /api/sources}: how each source of this node is, and what it passed over. Thread-safe. */
public final class SourceRoutes {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Supplier<List<SourceStatus>> sources;

    public SourceRoutes(Supplier<List<SourceStatus>> sources) {
        this.sources = sources;
    }

    /** Adds it to {@code routing}. */
    public void register(HttpRouting.Builder routing) {
        routing.route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.exact("/api/sources"), (request, response) -> list(response));
    }

    private void list(ServerResponse response) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode all = json.putArray("sources");
        sources.get().forEach(each -> put(all.addObject(), each));
        response.status(Status.OK_200).header(AdminRoutes.NO_STORE);
        response.headers().contentType(MediaTypes.APPLICATION_JSON);
        try {
            response.send(JSON.writeValueAsBytes(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text and numbers are always JSON", e);
        }
    }

    private static void put(ObjectNode json, SourceStatus source) {
        json.put("name", source.name()).put("kind", source.kind()).put("address", source.address()).put("state", source.state().label());
        if (!source.trouble().isEmpty()) {
            json.put("trouble", source.trouble());
        }
        json.put("behindSeconds", source.behind().toMillis() / 1000.0).put("waiting", source.waiting());
        json.put("published", source.inAll().published()).put("refused", source.inAll().refused());
        ArrayNode last = json.putArray("lastRefused");
        source.inAll().last().forEach(each -> last.addObject().put("id", each.id()).put("reason", each.reason()));
    }
}
