package dev.hark.app.http;

import io.helidon.webserver.CloseConnectionException;

/**
 * A handler's last word where a request was admitted as a stream: Helidon lets go of the request, and {@link StreamConnection} goes on with
 * the stream, on the same thread. Confined to that thread.
 */
final class StreamHandover extends CloseConnectionException {
    private static final long serialVersionUID = 1L;

    private final transient Runnable stream;

    /** @param stream what writes the stream until it ends; throws nothing that is not a defect */
    StreamHandover(Runnable stream) {
        super("the request has become a stream");
        this.stream = stream;
    }

    Runnable stream() {
        return stream;
    }

    /** Nothing: it tells of no accident, and ten thousand of them may come in a second. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
