package dev.hark.log;

/** A log that cannot be opened or read: one sentence that says what is wrong and what to do, to be shown to the operator as it is. */
public class UnusableLogException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public UnusableLogException(String message) {
        super(message);
    }

    public UnusableLogException(String message, Throwable cause) {
        super(message, cause);
    }
}
