package dev.hark.app.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** {@code /health}, {@code /health/live}, {@code /health/ready} and {@code /health/publishing}: 200 or 503, and why. Thread-safe. */
public final class AdminRoutes {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** For answers that are right now and never again. */
    static final Header NO_STORE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");

    private static final Header ALLOW = HeaderValues.createCached(HeaderNames.ALLOW, "GET, HEAD, OPTIONS");

    private final Health health;
    private final Predicate<ServerRequest> mayKnowWhy;

    /** @param mayKnowWhy whether who asks is told reasons and alarms, which name addresses and disks */
    public AdminRoutes(Health health, Predicate<ServerRequest> mayKnowWhy) {
        this.health = health;
        this.mayKnowWhy = mayKnowWhy;
    }

    /** Adds them to {@code routing}. */
    public void register(HttpRouting.Builder routing) {
        route(routing, "/health", List.of(this::live, this::ready, this::publishing));
        route(routing, "/health/live", List.of(this::live));
        route(routing, "/health/ready", List.of(this::ready));
        route(routing, "/health/publishing", List.of(this::publishing));
        // Of probes that ask whether anybody is there, as HAProxy's does where nothing is configured.
        routing.route(Method.predicate(Method.OPTIONS), PathMatchers.exact("/"), (request, response) ->
                response.status(Status.NO_CONTENT_204).header(ALLOW).send());
    }

    private interface Question {
        Check ask();
    }

    private record Check(String name, boolean isUp, Map<String, String> data) {
        static Check of(String name, Optional<String> reason) {
            return new Check(name, reason.isEmpty(), reason.map(why -> Map.of("reason", why)).orElseGet(Map::of));
        }

        Map<String, Object> members(boolean withReasons) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("name", name);
            members.put("status", status(isUp));
            if (withReasons && !data.isEmpty()) {
                members.put("data", data);
            }
            return members;
        }
    }

    private static String status(boolean isUp) {
        return isUp ? "UP" : "DOWN";
    }

    private Check live() {
        return Check.of("live", health.notLive());
    }

    private Check ready() {
        Check check = Check.of("ready", health.notReady());
        List<String> alarms = health.alarms();
        if (alarms.isEmpty()) {
            return check;
        }
        Map<String, String> data = new LinkedHashMap<>(check.data());
        data.put("alarms", String.join("; ", alarms));
        return new Check(check.name(), check.isUp(), data);
    }

    private Check publishing() {
        return Check.of("publishing", health.notPublishing());
    }

    private void route(HttpRouting.Builder routing, String path, List<Question> questions) {
        routing.route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.exact(path),
                (request, response) -> answer(response, questions.stream().map(Question::ask).toList(), mayKnowWhy.test(request)));
    }

    /** To HEAD too, of which the listener lets the head alone through. */
    private static void answer(ServerResponse response, List<Check> checks, boolean withReasons) {
        boolean isUp = checks.stream().allMatch(Check::isUp);
        byte[] body = document(isUp, checks, withReasons);
        response.status(isUp ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503);
        response.header(NO_STORE);
        response.headers().contentType(MediaTypes.APPLICATION_JSON);
        response.send(body);
    }

    private static byte[] document(boolean isUp, List<Check> checks, boolean withReasons) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("status", status(isUp));
        members.put("checks", checks.stream().map(check -> check.members(withReasons)).toList());
        try {
            return JSON.writeValueAsBytes(members);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of text is always JSON", e);
        }
    }
}
