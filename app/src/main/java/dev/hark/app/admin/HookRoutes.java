package dev.hark.app.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.hook.HookStatus;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.function.Supplier;

/** {@code /api/hooks}: how each hook of this node is, and what it gave up. Thread-safe. */
public final class HookRoutes {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Supplier<List<HookStatus>> hooks;

    public HookRoutes(Supplier<List<HookStatus>> hooks) {
        this.hooks = hooks;
    }

    /** Adds it to {@code routing}. */
    public void register(HttpRouting.Builder routing) {
        routing.route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.exact("/api/hooks"), (request, response) -> list(response));
    }

    private void list(ServerResponse response) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode all = json.putArray("hooks");
        hooks.get().forEach(each -> put(all.addObject(), each));
        response.status(Status.OK_200).header(AdminRoutes.NO_STORE);
        response.headers().contentType(MediaTypes.APPLICATION_JSON);
        try {
            response.send(JSON.writeValueAsBytes(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text and numbers are always JSON", e);
        }
    }

    private static void put(ObjectNode json, HookStatus hook) {
        json.put("name", hook.name()).put("address", hook.address()).put("state", hook.state().label());
        if (!hook.trouble().isEmpty()) {
            json.put("trouble", hook.trouble()).put("failedCalls", hook.failed());
        }
        json.put("behindSeconds", hook.behind().toMillis() / 1000.0).put("topics", hook.topics());
        json.put("told", hook.all().told()).put("dead", hook.all().dead());
        ArrayNode last = json.putArray("lastDead");
        hook.all().last().forEach(each -> last.addObject().put("from", each.id()).put("reason", each.reason()));
    }
}
