package dev.hark.app.http.wire;

import io.helidon.webserver.CloseConnectionException;

/**
 * The end of a connection, in whatever it was: its client has gone, or has been told. Helidon lets it through and logs nothing. Carries no
 * stack trace: it tells of no accident, and thousands of them may come in a second.
 */
final class ConnectionEnd extends CloseConnectionException {
    private static final long serialVersionUID = 1L;

    ConnectionEnd(String why) {
        super(why);
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
