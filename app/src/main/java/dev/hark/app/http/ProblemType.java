package dev.hark.app.http;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The kinds of refusal, each of which {@code /problems/<slug>} explains (RFC 9457, section 3.1.1). */
public enum ProblemType {
    MALFORMED(400, "Malformed request",
            "Something in the request breaks a rule of its form; the detail says what, with the value and the limit."),
    INVALID_EVENT(400, "Invalid event", "A topic, type, key or payload breaks a rule; the detail names the rule. Nothing was stored."),
    INVALID_FILTER(400, "Invalid subscription",
            "A topic filter, the place to start from, the format or what a page may have breaks a rule; the detail names it."),
    UNAUTHENTICATED(401, "Who are you?",
            "A token or a key is needed here, as Authorization: Bearer; or the one that was sent is not valid, or not any more."),
    FORBIDDEN(403, "Not allowed",
            "The credential that was sent does not let its bearer do this; the detail names the topic or filter. Nothing was done."),
    NOT_FOUND(404, "Not found",
            "Nothing is at this path. Publish with POST /topics/{topic}, subscribe with GET /topics/{filter} or GET /events?topic=…"),
    METHOD_NOT_ALLOWED(405, "Method not allowed", "The path is right and the method is not; the Allow header lists those that are."),
    FOREIGN_ORIGIN(403, "Foreign origin",
            "A page of another origin may not do this. cors.origins in the configuration lists the origins whose pages may."),
    TOO_SLOW(408, "Body too slow",
            "The body did not arrive as fast as it must: 10 KiB, or its end, within each server.arrival-timeout. Nothing was stored."),
    KEY_IN_FLIGHT(409, "Idempotency key in flight",
            "An event with this idempotency key is being stored right now. Try again; the answer will be its id."),
    INVALID_CONFIGURATION(409, "Invalid configuration",
            "The configuration, or a file that it names, cannot be used as it is now; the detail says why, as `hark check-config` does."
                    + " The hub goes on as before."),
    PRECONDITION_FAILED(412, "Precondition failed", "The file is not, or no longer, as the request's condition has it."),
    TOO_LARGE(413, "Too large", "The payload or batch is larger than the limits section of the configuration allows. Nothing was stored."),
    TARGET_TOO_LONG(414, "Target too long", "The request line is longer than any subscription needs; the detail names the limit."),
    UNSUPPORTED_CODING(415, "Unsupported content coding",
            "Bodies are taken as they are, and not compressed: send them without a Content-Encoding. Nothing was stored."),
    UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type", "POST /events takes application/x-ndjson and application/json."),
    MISDIRECTED(421, "Misdirected request",
            "The request asks for a host that this hub is not. server.hosts in the configuration lists the names that lead to it."),
    EXPECTATION_FAILED(417, "Expectation failed", "Of what a request may expect, only 100-continue is known here."),
    KEY_REUSED(422, "Idempotency key reused",
            "This idempotency key was used for an event with another topic, type, key or payload. Nothing was stored."),
    RATE_LIMITED(429, "Too many events",
            "This address, subject or key publishes more events per second than it may; Retry-After says when to go on."),
    TOO_MANY_STREAMS(429, "Too many streams",
            "This address holds as many streams as limits.subscribers-per-ip allows, or this subject or key as many as"
                    + " limits.subscribers-per-subject does."),
    HEAD_TOO_LARGE(431, "Header fields too large",
            "The header or trailer fields of the request, cookies among them, are larger than the limit that the detail names."),
    NOT_IMPLEMENTED(501, "Not implemented",
            "The method or the transfer coding is not known here. Methods are case-sensitive: POST publishes, post does not."),
    VERSION_NOT_SUPPORTED(505, "HTTP version not supported",
            "HTTP/1.1 is spoken here, and understood from clients of HTTP/1.0. HTTP/2 and HTTP/3 are a proxy's job."),
    OVERLOADED(503, "No room for a stream",
            "The hub holds as many streams, and pages that wait, as limits.subscribers allows, or is draining."
                    + " Retry-After says when to try again."),
    ACCESS_UNDECIDED(503, "Access undecided",
            "Who sent this cannot be found out now, such as where the keys of a token's issuer cannot be fetched. Try again."),
    LOG_UNAVAILABLE(503, "Log unavailable",
            "The event log takes no events now, or cannot be read. Nothing was stored; Retry-After says when to try again."),
    OUTCOME_UNKNOWN(503, "Outcome unknown",
            "The event log did not say in time, or failed half-way: what was sent may be stored or not."
                    + " The same idempotency key makes a retry safe."),
    BUSY(503, "No room for a body",
            "So many bodies are being received at once that they would not fit into memory."
                    + " Nothing was stored; Retry-After says when to try again."),
    INTERNAL(500, "Internal error", "A defect of the hub. Its log has the details.");

    private final int status;
    private final String title;
    private final String sentence;

    ProblemType(int status, String title, String sentence) {
        this.status = status;
        this.title = title;
        this.sentence = sentence;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    /** What it means and what to do, in a sentence or two. */
    public String sentence() {
        return sentence;
    }

    /** The last segment of the type's URI: {@code key-reused}. */
    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The type whose {@link #slug} this is. */
    public static Optional<ProblemType> bySlug(String slug) {
        return Arrays.stream(values()).filter(type -> type.slug().equals(slug)).findFirst();
    }
}
