package dev.hark.app.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.app.http.wire.Refusal;
import dev.hark.event.InvalidEventException;
import io.helidon.http.BadRequestException;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Refusals as {@code application/problem+json} (RFC 9457), ours and Helidon's alike, and the pages that explain them. Thread-safe.
 */
public final class Problems {
    private static final System.Logger LOGGER = System.getLogger(Problems.class.getName());
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MEDIA_TYPE = "application/problem+json";

    /** What Helidon says instead of a message that quotes the request; its log has no more either, unless it is at DEBUG. */
    private static final String WITHHELD = "Bad request, see server log for more information";

    private Problems() {}

    /** Answers every exception that a handler lets go with a problem. */
    public static void register(HttpRouting.Builder routing) {
        routing.error(ProblemException.class, (request, response, problem) -> send(request, response, problem))
                .error(InvalidEventException.class, (request, response, invalid) ->
                        send(request, response, new ProblemException(ProblemType.INVALID_EVENT, String.valueOf(invalid.getMessage()))))
                .error(BadRequestException.class, (request, response, bad) ->
                        send(request, response, new ProblemException(ProblemType.MALFORMED, String.valueOf(bad.getMessage()))))
                .error(HttpException.class, (request, response, error) -> {
                    // The answer to a conditional GET of a file (RFC 9110, section 13), which Helidon reports like an error.
                    if (error.status().code() == Status.NOT_MODIFIED_304.code()) {
                        error.headers().forEach(response.headers()::set);
                        response.status(error.status()).send();
                    } else {
                        send(request, response, fromHelidon(error, request.path().rawPath()));
                    }
                })
                // From Helidon, which reads the conditions on a file without expecting that.
                .error(DateTimeException.class, (request, response, bad) ->
                        send(request, response,
                                new ProblemException(ProblemType.MALFORMED, "a condition of the request names a time that is none")))
                // From Helidon, which looks for a route by a path that begins with three slashes as if it were a URI.
                .error(IllegalArgumentException.class, (request, response, e) -> {
                    if (e.getCause() instanceof URISyntaxException) {
                        String path = request.path().rawPath();
                        send(request, response, new ProblemException(ProblemType.NOT_FOUND, "nothing is at " + path));
                    } else {
                        sendDefect(request, response, e);
                    }
                })
                .error(RuntimeException.class, Problems::sendDefect);
    }

    private static void sendDefect(ServerRequest request, ServerResponse response, RuntimeException defect) {
        LOGGER.log(System.Logger.Level.ERROR, request.prologue().method() + " " + request.path().rawPath() + " failed", defect);
        send(request, response, new ProblemException(ProblemType.INTERNAL, "an unexpected error; the hub's log has the details"));
    }

    private static ProblemException fromHelidon(HttpException error, String path) {
        ProblemType type = switch (error.status().code()) {
            case 404 -> ProblemType.NOT_FOUND;
            case 405 -> ProblemType.METHOD_NOT_ALLOWED;
            case 412 -> ProblemType.PRECONDITION_FAILED;
            case 413 -> ProblemType.TOO_LARGE;
            case 400 -> ProblemType.MALFORMED;
            default -> throw error;
        };
        return new ProblemException(type, switch (type) {
            case NOT_FOUND -> "nothing is at " + path;
            case PRECONDITION_FAILED -> type.sentence();
            default -> String.valueOf(error.getMessage());
        });
    }

    static void send(ServerRequest request, ServerResponse response, ProblemException problem) {
        response.status(Status.create(problem.type().status()));
        response.headers().set(HeaderNames.CONTENT_TYPE, MEDIA_TYPE);
        problem.headers().forEach((name, value) -> response.headers().set(HeaderNames.create(name), value));
        sendBody(request, response, document(problem.type(), problem.detail(), problem.instance()));
    }

    /** The body, or for HEAD its length alone: a client that asked for no body takes one for the next answer. */
    private static void sendBody(ServerRequest request, ServerResponse response, byte[] body) {
        if (request.prologue().method().equals(Method.HEAD)) {
            response.headers().contentLength(body.length);
            response.send();
        } else {
            response.send(body);
        }
    }

    static byte[] document(ProblemType type, String detail) {
        return document(type, detail, "");
    }

    private static byte[] document(ProblemType type, String detail, String instance) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", "/problems/" + type.slug());
        members.put("title", type.title());
        members.put("status", type.status());
        members.put("detail", detail);
        if (!instance.isEmpty()) {
            members.put("instance", "urn:hark:refusal:" + instance);
        }
        try {
            return JSON.writeValueAsBytes(members);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of text is always JSON", e);
        }
    }

    /** What is answered to a request that was refused before Helidon saw it. */
    static byte[] document(Refusal refusal) {
        ProblemType type = switch (refusal.reason()) {
            case MALFORMED -> ProblemType.MALFORMED;
            case TOO_LARGE -> ProblemType.TOO_LARGE;
            case TARGET_TOO_LONG -> ProblemType.TARGET_TOO_LONG;
            case UNSUPPORTED_CODING -> ProblemType.UNSUPPORTED_CODING;
            case EXPECTATION_FAILED -> ProblemType.EXPECTATION_FAILED;
            case HEAD_TOO_LARGE -> ProblemType.HEAD_TOO_LARGE;
            case NOT_IMPLEMENTED -> ProblemType.NOT_IMPLEMENTED;
            case VERSION_NOT_SUPPORTED -> ProblemType.VERSION_NOT_SUPPORTED;
        };
        return document(type, refusal.detail());
    }

    /**
     * What Helidon refuses before any handler sees it: a broken request line, too long a header, too large a body.
     *
     * @param maxBodyBytes what the listener takes
     * @param early        what such an answer bears beside its document
     */
    static DirectHandlers direct(long maxBodyBytes, EarlyRefusals early) {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (DirectHandler.EventType event : DirectHandler.EventType.values()) {
            handlers.addHandler(event, (request, type, status, headers, message) -> {
                early.complete(request.headers(), headers);
                return refuse(type, status, headers, message, maxBodyBytes);
            });
        }
        return handlers.build();
    }

    private static DirectHandler.TransportResponse refuse(
            DirectHandler.EventType event, Status status, ServerResponseHeaders headers, @Nullable String message, long maxBodyBytes) {
        ProblemType type = switch (event) {
            case INTERNAL_ERROR -> ProblemType.INTERNAL;
            case HTTP_VERSION_NOT_SUPPORTED, FORBIDDEN -> ProblemType.MALFORMED;
            // A body that is too large is a bad request to Helidon, but for its status.
            case BAD_REQUEST, PAYLOAD_TOO_LARGE, OTHER -> byStatus(status);
        };
        headers.set(HeaderNames.CONTENT_TYPE, MEDIA_TYPE);
        return DirectHandler.TransportResponse.builder()
                .status(Status.create(type.status()))
                .headers(headers)
                .entity(document(type, detail(type, message, maxBodyBytes)))
                .keepAlive(event.keepAlive())
                .build();
    }

    private static String detail(ProblemType type, @Nullable String message, long maxBodyBytes) {
        if (type == ProblemType.TOO_LARGE) {
            return "the body is larger than " + maxBodyBytes + " bytes, which is the limit for all bodies";
        }
        if (message == null || message.isEmpty() || message.equals(WITHHELD)) {
            return type == ProblemType.MALFORMED ? "the request line or a header is not valid HTTP/1.1" : type.sentence();
        }
        return type == ProblemType.INTERNAL ? type.sentence() : message;
    }

    private static ProblemType byStatus(Status status) {
        return switch (status.code()) {
            case 404 -> ProblemType.NOT_FOUND;
            case 405 -> ProblemType.METHOD_NOT_ALLOWED;
            case 413 -> ProblemType.TOO_LARGE;
            default -> status.code() < 500 ? ProblemType.MALFORMED : ProblemType.INTERNAL;
        };
    }

    /** The page at {@code /problems/<slug>}. */
    static void explain(ServerRequest request, ServerResponse response, String slug) {
        ProblemType type = ProblemType.bySlug(slug)
                .orElseThrow(() -> new ProblemException(ProblemType.NOT_FOUND, "there is no problem type '" + Shown.of(slug) + "'"));
        response.headers().set(HeaderNames.CONTENT_TYPE, "text/plain;charset=utf-8");
        sendBody(request, response,
                (type.status() + " " + type.title() + "\n\n" + type.sentence() + '\n').getBytes(StandardCharsets.UTF_8));
    }
}
