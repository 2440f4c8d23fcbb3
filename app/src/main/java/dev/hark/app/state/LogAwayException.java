package dev.hark.app.state;

/** The log of this node cannot be read or takes nothing now: one sentence for the operator. */
public final class LogAwayException extends Exception {
    private static final long serialVersionUID = 1L;

    public LogAwayException(String message) {
        super(message);
    }
}
