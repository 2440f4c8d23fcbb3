package dev.hark.load.drive;

import java.net.ProtocolException;

/** The server answered with something else than was asked for. */
final class StatusException extends ProtocolException {
    private static final long serialVersionUID = 1;

    final Failure failure;

    StatusException(Failure failure, String message) {
        super(message);
        this.failure = failure;
    }
}
