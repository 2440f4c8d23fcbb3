package dev.hark.app.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.hark.app.access.Ticket;
import dev.hark.app.listen.BodyTooSlowException;
import dev.hark.event.Filters;
import dev.hark.event.InvalidEventException;
import dev.hark.event.TopicFilter;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code POST /tickets}: a ticket for whoever has a token or a key, to be put into the address of a stream. Thread-safe. */
final class TicketHandler {
    private static final Header JSON = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json;charset=utf-8");
    private static final Header NO_STORE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");
    private static final int MAX_BYTES = 64 << 10;

    private final Gate gate;
    private final ClientAddresses addresses;
    private final BodyRoom room;

    /** @param room for bodies, which others share */
    TicketHandler(Gate gate, ClientAddresses addresses, BodyRoom room) {
        this.gate = gate;
        this.addresses = addresses;
        this.room = room;
    }

    /** Answers with a ticket for what the body names, {@code {"subscribe": [filters]}}, or without one for all that the caller may. */
    void create(ServerRequest request, ServerResponse response) {
        // Before the body is read: who has no valid credential sends it for nothing.
        gate.requireForTicket(request);
        room.during(request, addresses.of(request), MAX_BYTES, () -> answer(request, response));
    }

    private void answer(ServerRequest request, ServerResponse response) {
        Ticket ticket = gate.ticket(request, only(body(request)));
        response.status(Status.CREATED_201).header(JSON).header(NO_STORE);
        response.send(("{\"ticket\":\"" + ticket.text() + "\",\"expiresAt\":\"" + ticket.expiresAt() + "\"}\n")
                .getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] body(ServerRequest request) {
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        try {
            InputStream content = request.content().inputStream();
            byte[] bytes = content.readNBytes(MAX_BYTES + 1);
            content.close();
            if (bytes.length > MAX_BYTES) {
                throw PublishHandler.tooLarge("body", "larger", MAX_BYTES);
            }
            return bytes;
        } catch (BodyTooSlowException e) {
            throw new ProblemException(ProblemType.TOO_SLOW, String.valueOf(e.getMessage()), Closing.CLOSE);
        } catch (IOException e) {
            throw new CloseConnectionException("the body cannot be read", e);
        }
    }

    static Optional<Filters> only(byte[] body) {
        if (body.length == 0) {
            return Optional.empty();
        }
        try {
            JsonNode json = StrictJson.read(body);
            if (!json.isObject()) {
                throw malformed("is no object");
            }
            JsonNode subscribe = json.path("subscribe");
            if (json.size() != (subscribe.isMissingNode() ? 0 : 1)) {
                throw malformed("has something else than subscribe");
            }
            return subscribe.isMissingNode() ? Optional.empty() : Optional.of(Filters.of(filters(subscribe)));
        } catch (JsonProcessingException e) {
            throw malformed("is no JSON");
        } catch (InvalidEventException e) {
            throw new ProblemException(ProblemType.INVALID_FILTER, String.valueOf(e.getMessage()));
        }
    }

    private static List<TopicFilter> filters(JsonNode subscribe) {
        if (!subscribe.isArray()) {
            throw malformed("has no list of topic filters as subscribe");
        }
        var filters = new ArrayList<TopicFilter>();
        for (JsonNode each : subscribe) {
            if (!each.isTextual()) {
                throw malformed("has something else than topic filters in subscribe");
            }
            filters.add(new TopicFilter(each.asText()));
        }
        return filters;
    }

    private static ProblemException malformed(String what) {
        return new ProblemException(ProblemType.MALFORMED, "the body " + what + "; none, or {\"subscribe\": [filters]} is allowed");
    }
}
