package dev.hark.app.listen;

/** Too little of a request's body arrived in its time. What comes of it later is nobody's: the connection is to be closed. */
public final class BodyTooSlowException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message names value and limit; shown to the caller */
    BodyTooSlowException(String message) {
        super(message, null, false, false);
    }
}
