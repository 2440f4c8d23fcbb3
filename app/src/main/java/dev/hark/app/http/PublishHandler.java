package dev.hark.app.http;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.hark.Hub;
import dev.hark.app.access.Grant;
import dev.hark.app.config.RequestLimits;
import dev.hark.app.listen.BodyTooSlowException;
import dev.hark.app.listen.ListenCounters;
import dev.hark.event.Draft;
import dev.hark.event.EventKind;
import dev.hark.event.Topic;
import dev.hark.log.Append;
import io.helidon.common.parameters.Parameters;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Publishing: one event in a body, or many in a batch. Answers when the log has stored them. Thread-safe.
 */
final class PublishHandler {
    private static final HeaderName TYPE = HeaderNames.create("Hark-Type");
    private static final HeaderName KEY = HeaderNames.create("Hark-Key");
    private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");
    private static final Header REPLAYED = HeaderValues.createCached("Idempotency-Replayed", "true");
    private static final Header JSON = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");
    private static final Map<String, String> SOON = Map.of("Retry-After", "1");

    private final Hub hub;
    private final Gate gate;
    private final ClientAddresses addresses;
    private final RequestLimits limits;
    private final BatchReader batches;
    private final PublishRate rate;
    private final BodyRoom room;

    PublishHandler(
            Hub hub, Gate gate, ClientAddresses addresses, RequestLimits limits, BodyRoom room, ListenCounters counters) {
        this.room = room;
        this.hub = hub;
        this.gate = gate;
        this.addresses = addresses;
        this.limits = limits;
        this.batches = new BatchReader(limits);
        this.rate = new PublishRate(counters);
    }

    /** Publishes the body as one event of {@code topic}. */
    void one(ServerRequest request, ServerResponse response, Topic topic) {
        Grant grant = gate.requirePublish(request, topic);
        String address = addresses.of(request);
        rate.take(grant, address, 1, Terms.current().publishRate());
        room.during(request, address, limits.eventBytes(), () -> storeOne(request, response, grant, topic));
    }

    private void storeOne(ServerRequest request, ServerResponse response, Grant grant, Topic topic) {
        String type = option(request, TYPE, "type");
        var draft = new Draft(
                topic,
                type == null ? Draft.DEFAULT_TYPE : type,
                option(request, KEY, "key"),
                body(request, limits.eventBytes(), "data"),
                intact("Idempotency-Key", request.headers().first(IDEMPOTENCY_KEY).orElse(null)),
                kind(request.query()));
        Append.Entry entry = store(grant, List.of(draft)).getFirst();
        if (entry.replayed()) {
            response.header(REPLAYED);
        }
        response.status(entry.replayed() ? Status.OK_200 : Status.CREATED_201).header(JSON);
        response.send(answer(entry, topic));
    }

    /** Takes back what was published to {@code topic} with the key that is given, or without any. */
    void delete(ServerRequest request, ServerResponse response, Topic topic) {
        Grant grant = gate.requirePublish(request, topic);
        if (request.content().hasEntity()) {
            throw new ProblemException(ProblemType.MALFORMED, "DELETE has no body here; ?key= says what to delete", Closing.CLOSE);
        }
        if (!hub.keepsLatest(topic)) {
            throw new ProblemException(ProblemType.INVALID_EVENT,
                    "nothing can be deleted of topic '" + topic.value() + "': the newest events stay only of topics whose rule has"
                            + " keep.latest");
        }
        rate.take(grant, addresses.of(request), 1, Terms.current().publishRate());
        String key = option(request, KEY, "key");
        Append.Entry entry = store(grant, List.of(Draft.deleted(
                topic, key, intact("Idempotency-Key", request.headers().first(IDEMPOTENCY_KEY).orElse(null))))).getFirst();
        if (entry.replayed()) {
            response.header(REPLAYED);
        }
        response.status(Status.OK_200).header(JSON);
        response.send(answer(entry, topic));
    }

    /** Publishes all the events that the body holds, or none. */
    void many(ServerRequest request, ServerResponse response) {
        boolean lines = batches.isLines(mediaType(request));
        // Before the body is read: who has no valid credential sends it for nothing.
        Grant grant = gate.identify(request);
        String address = addresses.of(request);
        room.during(request, address, limits.batchBytes(), () -> storeMany(request, response, grant, address, lines));
    }

    private void storeMany(ServerRequest request, ServerResponse response, Grant grant, String address, boolean lines) {
        byte[] body = body(request, limits.batchBytes(), "batch");
        List<Draft> drafts = lines ? batches.readLines(body) : batches.readJson(body);
        gate.requirePublish(request, grant, drafts);
        rate.take(grant, address, drafts.size(), Terms.current().publishRate());
        List<Append.Entry> entries = store(grant, drafts);
        response.status(Status.CREATED_201).header(JSON);
        response.send(answer(entries, drafts));
    }

    /** In lower case (RFC 9110, section 8.3.1). */
    private static String mediaType(ServerRequest request) {
        try {
            return request.headers().contentType().map(type -> type.mediaType().text().toLowerCase(Locale.ROOT)).orElse("none");
        } catch (RuntimeException e) { // which one, depends on what is broken
            throw new ProblemException(
                    ProblemType.UNSUPPORTED_MEDIA_TYPE, "content type is broken; application/x-ndjson and application/json are allowed");
        }
    }

    private List<Append.Entry> store(Grant grant, List<Draft> drafts) {
        return switch (hub.publish(Gate.owned(drafts, grant.caller()))) {
            case Append.Stored(List<Append.Entry> entries) -> entries;
            case Append.KeyReused(int index) -> throw new ProblemException(
                    ProblemType.KEY_REUSED,
                    subject(drafts, index) + " was used before, for an event with another topic, type, key or data");
            case Append.KeyInFlight(int index) -> throw new ProblemException(
                    ProblemType.KEY_IN_FLIGHT, subject(drafts, index) + " is that of an event that is being stored right now", SOON);
            case Append.TooLarge(long bytes, long limit) -> throw new ProblemException(
                    ProblemType.TOO_LARGE,
                    "what was sent takes " + bytes + " bytes in the log, which can store " + limit + " bytes at once");
            case Append.Unknown(String why) -> throw new ProblemException(ProblemType.OUTCOME_UNKNOWN, why + "; " + retry(drafts), SOON);
            case Append.Unavailable(String why) -> throw new ProblemException(ProblemType.LOG_UNAVAILABLE, why, SOON);
        };
    }

    private static String retry(List<Draft> drafts) {
        return drafts.stream().allMatch(draft -> draft.idempotencyKey() != null)
                ? "what was sent may be stored or not. Send it again with the same idempotency key: it is stored once"
                : "what was sent may be stored or not. With an Idempotency-Key a retry would be safe; without one it may be stored twice";
    }

    private static String subject(List<Draft> drafts, int index) {
        String key = "idempotency key '" + drafts.get(index).idempotencyKey() + "'";
        return drafts.size() == 1 ? key : key + " of entry " + index;
    }

    private static @Nullable String option(ServerRequest request, HeaderName header, String parameter) {
        return intact(parameter, request.headers().first(header)
                .or(() -> QueryNames.values(request.query(), parameter).stream().findFirst()).orElse(null));
    }

    /** Whether the event is the last of its topic, as {@code ?end=true} says. */
    private static EventKind kind(Parameters query) {
        List<String> end = QueryNames.values(query, "end");
        if (end.isEmpty()) {
            return EventKind.PLAIN;
        }
        return switch (end.size() == 1 ? end.getFirst() : "given " + end.size() + " times") {
            case "true" -> EventKind.END;
            case "false" -> EventKind.PLAIN;
            case String other -> throw new ProblemException(ProblemType.INVALID_EVENT,
                    "end is '" + Shown.of(other) + "'; true and false are allowed, once");
        };
    }

    private static @Nullable String intact(String subject, @Nullable String value) {
        if (value != null) {
            RawPath.requireIntact(subject, value);
        }
        return value;
    }

    private static byte[] body(ServerRequest request, int maxBytes, String subject) {
        long announced = request.headers().contentLength().orElse(-1);
        if (announced > maxBytes) {
            throw tooLarge(subject, announced + " bytes", maxBytes);
        }
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        // As much room as is needed, where that is known: 16 KiB for each small event would keep the collector busy.
        byte[] bytes = read(request, announced < 0 ? maxBytes + 1 : (int) announced);
        if (bytes.length > maxBytes) {
            throw tooLarge(subject, "larger", maxBytes);
        }
        return bytes;
    }

    /** The first {@code wanted} bytes of the body at most, of which the connection has seen that it is well-formed, and not too large. */
    private static byte[] read(ServerRequest request, int wanted) {
        try {
            // Not closed after a failure: that would read on to the end of the body, which then is nowhere.
            InputStream content = request.content().inputStream();
            byte[] bytes = content.readNBytes(wanted);
            content.close();
            return bytes;
        } catch (BodyTooSlowException e) {
            throw new ProblemException(ProblemType.TOO_SLOW, String.valueOf(e.getMessage()), Closing.CLOSE);
        } catch (IOException e) {
            throw new CloseConnectionException("the body cannot be read", e);
        }
    }

    static ProblemException tooLarge(String subject, String size, int maxBytes) {
        return new ProblemException(ProblemType.TOO_LARGE, subject + " is " + size + "; the limit is " + maxBytes + " bytes");
    }

    private byte[] answer(Append.Entry entry, Topic topic) {
        var json = new StringBuilder(128).append("{\"id\":\"").append(entry.id()).append("\",\"topic\":\"");
        JsonStringEncoder.getInstance().quoteAsString(topic.value(), json);
        json.append("\",\"durability\":\"").append(hub.durability(topic));
        json.append("\",\"subscribers\":").append(hub.subscribers(topic)).append("}\n");
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The durability of a batch is that of the event that is kept least. */
    private byte[] answer(List<Append.Entry> entries, List<Draft> drafts) {
        var json = new StringBuilder(32 + 32 * entries.size()).append("{\"events\":[");
        for (int i = 0; i < entries.size(); i++) {
            json.append(i == 0 ? "" : ",").append("{\"id\":\"").append(entries.get(i).id()).append('"');
            json.append(entries.get(i).replayed() ? ",\"replayed\":true}" : "}");
        }
        json.append("],\"durability\":\"").append(durability(drafts)).append("\"}\n");
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private String durability(List<Draft> drafts) {
        String usual = hub.durability();
        return drafts.stream().map(draft -> hub.durability(draft.topic())).filter(each -> !each.equals(usual)).findAny().orElse(usual);
    }
}
