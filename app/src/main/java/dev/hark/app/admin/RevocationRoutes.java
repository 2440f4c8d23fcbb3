package dev.hark.app.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.app.access.AccessControl;
import dev.hark.app.access.Revocation;
import dev.hark.app.access.RevocationJson;
import dev.hark.app.access.RevocationLog;
import dev.hark.app.http.AuditLog;
import dev.hark.app.http.ProblemException;
import dev.hark.app.http.ProblemType;
import dev.hark.app.http.Shown;
import dev.hark.app.http.StrictJson;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /api/revocations}: takes rights away, and says which are taken away. Thread-safe. */
public final class RevocationRoutes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> NAMES = Set.of("tokenId", "issuer", "subject", "key", "issuedBefore", "expiresAt");
    private static final String ALLOWED =
            "; {\"tokenId\"}, {\"issuer\", \"subject\"}, {\"issuer\", \"issuedBefore\"} or {\"key\"} is allowed";

    private final AccessControl access;
    private final RevocationLog log;
    private final AuditLog audit;
    private final InstantSource clock;

    public RevocationRoutes(AccessControl access, RevocationLog log, AuditLog audit, InstantSource clock) {
        this.access = access;
        this.log = log;
        this.audit = audit;
        this.clock = clock;
    }

    /** Adds them to {@code routing}. */
    public void register(HttpRouting.Builder routing) {
        routing.route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.exact("/api/revocations"),
                (request, response) -> list(response));
        routing.route(Method.predicate(Method.POST), PathMatchers.exact("/api/revocations"), this::add);
    }

    private void list(ServerResponse response) {
        ObjectNode json = JSON.createObjectNode();
        var all = json.putArray("revocations");
        access.revocations().forEach(each -> all.add(RevocationJson.document(each)));
        send(response, Status.OK_200, json);
    }

    private void add(ServerRequest request, ServerResponse response) {
        if (!access.saysWho()) {
            throw new ProblemException(ProblemType.MALFORMED, "auth says nothing of who may do what, so nothing can be taken away");
        }
        Revocation revocation = parse(body(request));
        RevocationLog.Outcome outcome;
        try {
            outcome = log.add(revocation);
        } catch (IllegalStateException e) {
            throw new ProblemException(ProblemType.BUSY, String.valueOf(e.getMessage()));
        }
        ObjectNode json = RevocationJson.document(revocation).put("ended", outcome.ended());
        audit.done("revoked " + json + " by " + request.remotePeer().host());
        switch (outcome) {
            case RevocationLog.Outcome.Stored stored -> send(response, Status.CREATED_201, json);
            case RevocationLog.Outcome.NotStored(int ended, String why) -> throw new ProblemException(ProblemType.LOG_UNAVAILABLE,
                    "it holds on this node for now, and may not be stored (" + why + "): send it again");
        }
    }

    private static JsonNode body(ServerRequest request) {
        try {
            JsonNode json = StrictJson.read(
                    request.content().hasEntity() ? request.content().inputStream().readAllBytes() : new byte[0]);
            if (!json.isObject()) {
                throw malformed("the body is no object");
            }
            return json;
        } catch (JsonProcessingException e) {
            throw malformed("the body is no JSON");
        } catch (IOException e) {
            throw new CloseConnectionException("the body cannot be read", e);
        }
    }

    private Revocation parse(JsonNode json) {
        json.fieldNames().forEachRemaining(name -> {
            if (!NAMES.contains(name)) {
                throw malformed("the body has the unknown member '" + Shown.of(name) + "'");
            }
        });
        String issuer = text(json, "issuer");
        String known = issuer == null ? null : access.issuer(issuer);
        if (issuer != null && known == null) {
            throw malformed("auth.issuers has no '" + Shown.of(issuer) + "'");
        }
        String key = text(json, "key");
        if (key != null && !access.hasKey(key)) {
            throw malformed("auth.keys has no '" + Shown.of(key) + "'");
        }
        Instant longest = clock.instant().plus(access.tokenAge()).plus(AccessControl.SKEW);
        Instant given = instant(json, "expiresAt");
        Instant most = key != null ? Instant.MAX : longest;
        Instant until = given != null && given.isBefore(most) ? given : most;
        try {
            return new Revocation(text(json, "tokenId"), known, text(json, "subject"), key, instant(json, "issuedBefore"), until);
        } catch (IllegalArgumentException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable String text(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (value.isMissingNode()) {
            return null;
        }
        if (!value.isTextual() || value.asText().isEmpty() || value.asText().length() > 1_000) {
            throw malformed(name + " is no text of 1 to 1000 characters");
        }
        return value.asText();
    }

    private static @Nullable Instant instant(JsonNode json, String name) {
        String text = text(json, name);
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeException e) {
            throw malformed(name + " is '" + Shown.of(text) + "', which is no time such as 2026-11-29T12:00:00Z");
        }
    }

    private static ProblemException malformed(String what) {
        return new ProblemException(ProblemType.MALFORMED, what + ALLOWED);
    }

    private static void send(ServerResponse response, Status status, ObjectNode json) {
        response.status(status).header(AdminRoutes.NO_STORE);
        response.headers().contentType(MediaTypes.APPLICATION_JSON);
        try {
            response.send(JSON.writeValueAsBytes(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text is always JSON", e);
        }
    }
}
