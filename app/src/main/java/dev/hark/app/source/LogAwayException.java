package dev.hark.app.source;

/** The log of this node cannot be read or takes nothing now: one sentence for the operator. */
final class LogAwayException extends Exception {
    private static final long serialVersionUID = 1L;

    LogAwayException(String message) {
        super(message);
    }
}
