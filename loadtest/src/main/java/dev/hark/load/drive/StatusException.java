package dev.hark.load.drive;

import dev.hark.load.wire.HttpResponseDecoder;
import java.net.ProtocolException;

/** The server answered with something else than was asked for. */
final class StatusException extends ProtocolException {
    private static final long serialVersionUID = 1;

    final Failure failure;

    StatusException(Failure failure, String message) {
        super(message);
        this.failure = failure;
    }

    /** @throws StatusException if {@code response} is no event stream */
    static void requireStream(HttpResponseDecoder response) throws StatusException {
        if (response.status() != 200 || !response.contentType().equals("text/event-stream")) {
            throw new StatusException(Failure.ofStatus(response.status()), "status " + response.status() + " " + response.contentType());
        }
    }
}
