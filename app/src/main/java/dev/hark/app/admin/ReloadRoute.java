package dev.hark.app.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.http.ProblemException;
import dev.hark.app.http.ProblemType;
import dev.hark.app.reload.Outcome;
import dev.hark.app.reload.Reload;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /api/reload}: the configuration is read anew, and the answer says what has changed and what has not. Thread-safe. */
public final class ReloadRoute {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "/api/reload";

    private final Reload reload;

    public ReloadRoute(Reload reload) {
        this.reload = reload;
    }

    /** Adds it to {@code routing}. */
    public void register(HttpRouting.Builder routing) {
        routing.route(Method.predicate(Method.POST), PathMatchers.exact(PATH), this::answer)
                .any(PATH, (request, response) -> {
                    throw new ProblemException(ProblemType.METHOD_NOT_ALLOWED,
                            request.prologue().method().text() + " is not allowed here; POST is", Map.of("Allow", "POST"));
                });
    }

    private void answer(ServerRequest request, ServerResponse response) {
        switch (reload.run("POST " + PATH + " from " + request.remotePeer().host())) {
            case Outcome.Applied(List<String> applied, List<String> restart) -> {
                response.status(Status.OK_200).header(AdminRoutes.NO_STORE);
                response.headers().contentType(MediaTypes.APPLICATION_JSON);
                response.send(document(applied, restart));
            }
            case Outcome.Refused(List<String> mistakes) ->
                    throw new ProblemException(ProblemType.INVALID_CONFIGURATION, String.join("\n", mistakes));
            case Outcome.Failed() -> throw new ProblemException(ProblemType.INTERNAL, "a defect of the hub; its log has the details");
        }
    }

    private static byte[] document(List<String> applied, List<String> restart) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("applied", applied);
        members.put("restart", restart);
        try {
            return JSON.writeValueAsBytes(members);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("lists of text are always JSON", e);
        }
    }
}
