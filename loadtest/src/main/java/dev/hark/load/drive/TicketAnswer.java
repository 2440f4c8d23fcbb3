package dev.hark.load.drive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hark.load.wire.HttpListener;
import dev.hark.load.wire.HttpResponseDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.Optional;

/** The answer to a stream's request for a ticket. Confined to its reader thread. */
final class TicketAnswer implements HttpListener {
    private static final int MAX_BYTES = 16 << 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ByteArrayOutputStream body = new ByteArrayOutputStream(128);
    private boolean complete;

    @Override
    public void onHead(HttpResponseDecoder response) throws StatusException {
        if (!response.isSuccess()) {
            throw new StatusException(Failure.ofStatus(response.status()), "the request for a ticket: status " + response.status());
        }
    }

    @Override
    public void onBody(byte[] bytes, int from, int to) throws ProtocolException {
        if (body.size() + to - from > MAX_BYTES) {
            throw new ProtocolException("the answer to the request for a ticket is longer than " + MAX_BYTES + " bytes");
        }
        body.write(bytes, from, to - from);
    }

    @Override
    public void onEnd() {
        complete = true;
    }

    /** The ticket, once the answer is complete. */
    Optional<String> ticket() throws IOException {
        if (!complete) {
            return Optional.empty();
        }
        String ticket = text();
        if (ticket.isEmpty()) {
            // Not what it is: it may hold one all the same.
            throw new ProtocolException("the answer to the request for a ticket has none");
        }
        return Optional.of(ticket);
    }

    private String text() throws IOException {
        try {
            return JSON.readTree(body.toByteArray()).path("ticket").asText();
        } catch (JsonProcessingException e) {
            return "";
        }
    }
}
