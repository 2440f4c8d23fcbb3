package dev.hark.event;

/**
 * A publisher's or subscriber's mistake: the message names the subject, the value and the limit, and may be shown to the caller as it is.
 */
public final class InvalidEventException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public InvalidEventException(String message) {
        super(message);
    }
}
